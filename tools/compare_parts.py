"""What tools/compare measures besides pairs that talk on one core: memory of
idle sessions, matches, and two cores. Each returns what compare.json keeps."""

import contextlib
import resource
import socket
import struct
import time
from pathlib import Path

from compare_bench import Load, family, grown, metrics
from compare_figures import median
from compare_systems import pairline, relay

IDLE = [5_000, 10_000, 19_000]
MATCH = [100, 1_000]
# Connections of the part about two cores.
TALKERS = 100
# Of one core's peak, as where rates are compared with others'. Far below it
# cores sleep between lines, and what is compared is waking up.
UNHURRIED = 0.5
# Descriptors of a process that are no connections.
OTHER_DESCRIPTORS = 300


def idle(bench, target):
    """Memory of sessions that joined and stay."""
    room = resource.getrlimit(resource.RLIMIT_NOFILE)[0] - OTHER_DESCRIPTORS
    sizes = [connections for connections in IDLE if connections <= room]
    loads = [Load(pairline(target), "idle", connections) for connections in sizes]
    found = bench.rounds(loads)
    return [{"connections": size, "runs": runs} for size, runs in zip(sizes, found, strict=True)]


def matches(bench, target, relays):
    """Matches beside the bare ring's lines, then their times at half the rate."""
    ours = pairline(target, settings=["rematch_pause=0s"])
    parts = []
    for connections in MATCH:
        closed = Load(ours, "match", connections, observe=frames_a_match)
        ring, found = bench.rounds([Load(relay(relays, "ring"), "relay", connections), closed])
        part = {"connections": connections, "ring": ring, "closed": found}
        parts.append(part)
        part["rate"] = int((median(found, "matches") or 0) / 2)
        if part["rate"]:
            (part["open"],) = bench.rounds([Load(ours, "match", connections, rate=part["rate"])])
    return parts


def frames_a_match(samples, connections):
    """How many lines of which kind a match takes, by the server's own count."""
    met = "pairline_matches_total"
    # Each pair meets once before it begins.
    counted = grown(samples, connections, lambda sample: family(sample, met) - connections / 2)
    each = {}
    for key, count in counted.items():
        if key.startswith("pairline_frames_total") and count:
            _, kind, _, direction, _ = key.split('"')
            each[f"{direction} {kind}"] = round(count / family(counted, met), 3)
    return {"frames": each}


def two_cores(bench, target, shared, rate):
    """CPU a line at one fixed rate: on one core, and on two with the pairs as
    they fall, each on a core, and each across."""
    one = pairline(target, "one core")
    talk = {"scenario": "relay", "connections": TALKERS}
    if not rate:
        (peak,) = bench.rounds([Load(one, **talk)], rounds=1)
        rate = int((median(peak, "lines") or 0) * UNHURRIED)
    part = {"connections": TALKERS, "rate": rate, "shared": shared, "runs": {}}
    if not rate:
        return part
    loads = [
        Load(one, **talk, rate=rate, observe=across_share),
        Load(pairline(target, "two cores", 2), **talk, rate=rate, observe=across_share),
    ]
    for name, across in ("two cores, no pair across", False), ("two cores, all pairs across", True):
        placed = placing(TALKERS, across)
        loads.append(Load(pairline(target, name, 2), **talk, rate=rate, prepare=placed, observe=across_share))
    found = bench.rounds(loads)
    part["runs"] = {load.system.name: runs for load, runs in zip(loads, found, strict=True)}
    return part


def across_share(samples, connections):
    """The share of lines that went from core to core: each is one note."""

    def talking(sample):
        return family(sample, "pairline_frames_total", 'type="talking"', 'direction="in"')

    counted = grown(samples, connections, talking)
    return {"across": family(counted, "pairline_lane_notes_total") / talking(counted)}


# Where on loopback connections are tried from.
SOURCE = "127.0.3.1"


def placing(connections, across):
    """Makes a run come from ports of which it is known what core they lead to.

    The kernel chooses among the listening sockets of a server's cores by a hash
    of both addresses, the same each time for as long as the server runs.
    """

    def prepare(server, directory):
        ports = arrange(ports_by_core(server, connections), connections, across)
        path = Path(directory, "sources")
        path.write_text("".join(f"{SOURCE}:{port}\n" for port in ports))
        # Slow enough that each finds its partner before the next ones come.
        return ["--sources", str(path), "--ramp", "200"]

    return prepare


def arrange(ports, connections, across):
    """Neighbours are partners; pairs take turns in where they begin."""
    cores = [iter(found) for found in ports]
    chosen = []
    for pair in range(connections // 2):
        first = pair % 2
        second = 1 - first if across else first
        chosen += [next(cores[first]), next(cores[second])]
    return chosen


def ports_by_core(server, connections):
    """Connects until each of two cores has been met half as often, and once
    more for an odd number of pairs."""
    enough = connections // 2 + 1
    found, opened = ([], []), 0
    with contextlib.ExitStack() as links:
        while min(map(len, found)) < enough:
            if opened > 20 * connections:
                raise ValueError("connections do not spread over the cores")
            link = links.enter_context(socket.socket())
            # Closed without a trace, so that the port can be used again.
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            link.bind((SOURCE, 0))
            host, port = server.chat.rsplit(":", 1)
            link.connect((host, int(port)))
            opened += 1
            sessions = wait_for_sessions(server, opened)
            core = 0 if sessions[0] > len(found[0]) else 1
            found[core].append(link.getsockname()[1])
    wait_for_sessions(server, 0)
    return found


def wait_for_sessions(server, expected):
    """Sessions of each of two cores, when there are so many in all."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        sample = metrics(server)
        sessions = [family(sample, "pairline_sessions", f'core="{core}"') for core in range(2)]
        if sum(sessions) == expected:
            return sessions
    raise ValueError(f"the server has not {expected} sessions but {sessions}")
