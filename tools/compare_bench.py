"""One run of the generator against one system at a time, and what it found."""

import contextlib
import http.client
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from compare_figures import number
from compare_systems import System, pinning, running

# Where the generator's JSON says what.
KEYS = {
    "passed": "passed",
    "failures": "failures",
    "lines": "lines_per_second",
    "p50": "latency/p50_us",
    "p99": "latency/p99_us",
    "p999": "latency/p99_9_us",
    "matches": "matches_per_second",
    "match_p50": "match_time/p50_us",
    "match_p99": "match_time/p99_us",
    "overdue": "overdue_at_end",
    "user": "server/cpu_user_ns_per_line",
    "system": "server/cpu_system_ns_per_line",
    "match_cpu": "server/cpu_ns_per_match",
    "memory": "server/memory_bytes_per_session",
    "slab": "server/slab_bytes_per_session",
    "busy": "generator/busy_share",
    "saturated": "generator/saturated",
}


@dataclass(frozen=True)
class Load:
    """What the generator is to do to a system."""

    system: System
    scenario: str
    connections: int
    window: int = 1
    rate: int = 0  # 0: closed loop
    # (running, directory) -> more flags, found out before it begins.
    prepare: object = None
    # Metrics of the server over time -> more figures.
    observe: object = None

    @property
    def title(self):
        rate = f"@{self.rate}" if self.rate else ""
        return f"{self.scenario} {self.connections}x{self.window}{rate}"


class Bench:
    """Runs systems under load, one at a time."""

    def __init__(self, asked, generator, out, cores):
        self.asked = asked
        self.generator = generator
        # What each system may use, by how many cores it has.
        self.cores = cores
        self.log = out / "log"
        self.log.mkdir(exist_ok=True)
        self.failed = 0

    def rounds(self, loads, rounds=None):
        """The figures of all runs, in the order of `loads`."""
        found = [[] for _ in loads]
        for turn in range(rounds or self.asked.rounds):
            # Nobody always comes after the same one.
            first = turn % max(len(loads), 1)
            for at in [*range(first, len(loads)), *range(first)]:
                found[at].append(self.run(loads[at], turn))
        return found

    def run(self, load, turn):
        title = f"{load.title} round {turn + 1} {load.system.name}"
        path = self.log / title.replace(" ", "-")
        began = Others()
        with tempfile.TemporaryDirectory(prefix="compare-") as directory, open(f"{path}.log", "w") as log:
            try:
                with running(load.system, directory, self.cores[load.system.cores], log) as server:
                    figures = self.drive(load, server, directory, Path(f"{path}.json"), log)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                figures = {"passed": False, "failures": [str(error)]}
        figures["others"] = began.share()
        if figures["passed"]:
            say(f"{title}: {told(figures)}")
        else:
            self.failed += 1
            loudly(f"{title} FAILED: {'; '.join(figures['failures'] or ['see the log'])}")
        return figures

    def drive(self, load, server, directory, result, log):
        asked = self.asked
        result.unlink(missing_ok=True)
        words = [str(self.generator), "load", load.scenario, "--chat", server.chat, "--peer", load.system.dialect]
        words += ["--pairs", str(load.connections // 2), "--window", str(load.window)]
        words += ["--size", str(asked.size), "--pid", str(server.pid), "--core", str(asked.load_core)]
        words += ["--duration", f"{asked.seconds * 1000:.0f}ms", "--warmup", f"{asked.warmup * 1000:.0f}ms"]
        words += ["--rate", str(load.rate)] if load.rate else []
        words += ["--json", str(result)]
        words += load.prepare(server, directory) if load.prepare else []
        with watching(server, load.observe, asked.seconds / 5) as samples:
            done = subprocess.run(
                words,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                timeout=asked.seconds + asked.warmup + 120,
                preexec_fn=pinning({asked.load_core}),
            )
        figures = read_figures(result)
        figures["passed"] = figures["passed"] is True and done.returncode == 0
        if load.observe and figures["passed"]:
            figures |= load.observe(samples, load.connections)
        return figures


class Others:
    """What runs on the machine besides, from now on. Interrupts are among it
    where the kernel does not charge them to whom they interrupt."""

    def __init__(self):
        self.then = time.monotonic()
        self.before = self.used()

    def share(self):
        """Processors that they have used; our own have ended."""
        return round((self.used() - self.before) / (time.monotonic() - self.then), 2)

    @staticmethod
    def used():
        user, nice, system, _idle, _waiting, irq, softirq, steal = machine_ticks()
        seconds = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
        spent = [resource.getrusage(whose) for whose in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
        return seconds - sum(one.ru_utime + one.ru_stime for one in spent)


def machine_ticks():
    line = Path("/proc/stat").read_text().split("\n")[0]
    return [int(word) for word in line.split()[1:9]]


def read_figures(path):
    if not path.exists():
        raise ValueError("the generator wrote no result")
    report = json.loads(path.read_text())
    return {name: at(report, key) for name, key in KEYS.items()}


def at(value, key):
    for part in key.split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def told(figures):
    if figures["matches"]:
        return f"{number(figures['matches'])} matches a second, p99 {number(figures['match_p99'])} µs"
    if figures["lines"]:
        return f"{number(figures['lines'])} lines a second, p99 {number(figures['p99'])} µs"
    return f"{number(figures['memory'])} bytes a session, {number(figures['slab'])} in the kernel"


# The server's own metrics.


@contextlib.contextmanager
def watching(server, wanted, every):
    """Metrics, again and again while something else goes on."""
    samples, over = [], threading.Event()

    def watch():
        while not over.wait(max(every, 0.1)):
            with contextlib.suppress(OSError, http.client.HTTPException):
                samples.append(metrics(server))

    watcher = threading.Thread(target=watch)
    if wanted:
        watcher.start()
    try:
        yield samples
    finally:
        over.set()
        if wanted:
            watcher.join()


def metrics(server):
    """What the server counts, by name and labels."""
    with contextlib.closing(http.client.HTTPConnection(server.http, timeout=5)) as link:
        link.request("GET", "/metrics")
        return read_metrics(link.getresponse().read().decode())


def read_metrics(text):
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    return {key: float(value) for key, value in (line.rsplit(" ", 1) for line in lines)}


def family(sample, name, *labels):
    """All of one name with these labels, added up."""
    mine = [key for key in sample if key.split("{")[0] == name and all(label in key for label in labels)]
    return sum(sample[key] for key in mine)


def grown(samples, connections, steady):
    """What was counted while all were there: the growth of each metric.

    `steady` counts what happens only after everybody has come.
    """

    def under_way(sample):
        return family(sample, "pairline_sessions") == connections and steady(sample) > 0

    going = [sample for sample in samples if under_way(sample)]
    if len(going) < 2 or steady(going[0]) == steady(going[-1]):
        raise ValueError("the metrics were not read while it went on: a longer --seconds is needed")
    first, last = going[0], going[-1]
    return {key: value - first.get(key, 0) for key, value in last.items()}


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def loudly(text):
    say(f"\n*** {text} ***\n")
