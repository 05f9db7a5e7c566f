"""Soaks a real server on two cores: users who come, talk and vanish, readers
that read nothing and senders of rubbish, all at once for a long time.

Fails unless every check of the generator held, whatever went wrong was provoked,
memory stayed flat and nothing is left when everybody has gone. Only the standard
library is needed; `tools/soak sockets` is the way in.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import linear_regression, mean

sys.dont_write_bytecode = True
from compare_bench import family, metrics, say  # noqa: E402
from compare_systems import pairline, running  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
# So that who is never seen again is forgotten before memory is measured.
SETTINGS = ["rematch_pause=0s", "max_remembered=2000"]
# A slope that no leak of a connection's could hide in: at a hundred and more
# connections a second it is less than 40 bytes of each.
FLAT = 250_000
# Who provokes these may not read them.
UNHEARD = {"slow_consumer", "replaced"}
# What is 0 when nobody is there.
OF_SOMEBODY = [f"pairline_{what}" for what in ("sessions", "joined", "waiting", "talks", "outbox_bytes")]


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    add = parser.add_argument
    add("--minutes", type=float, default=10, help="how long (%(default)s)")
    add("--pairs", type=int, default=200, help="pairs of users (%(default)s)")
    add("--rate", type=int, default=4000, help="things that they do a second (%(default)s)")
    add("--slow", type=int, default=8, help="readers that read little or nothing (%(default)s)")
    add("--rubbish", type=int, default=8, help="senders of rubbish (%(default)s)")
    add("--seed", type=int, default=1, help="of the generator (%(default)s)")
    add("--program", type=absolute, help="this server and generator, instead of building them")
    add("--generator", type=absolute, help="another generator")
    return parser.parse_args()


def absolute(path):
    return Path(path).resolve()


def main():
    asked = options()
    program = asked.program or build()
    wrong = []
    with tempfile.TemporaryDirectory(prefix="soak-") as directory, open(f"{directory}/log", "w+") as log:
        system = pairline(program.parent, cores=2, settings=SETTINGS)
        with running(system, directory, os.sched_getaffinity(0), log) as server:
            soak = Soak(asked, asked.generator or program, server, Path(directory))
            try:
                wrong += soak.mix()
            except OSError as error:
                wrong.append(f"the server: {error}")
        log.seek(0)
        wrong += [f"the server logged {line.strip()}" for line in log if is_trouble(line)]
    for what in wrong:
        print(f"WRONG: {what}")
    print("the soak FAILED" if wrong else "the soak passed: every check held")
    return 1 if wrong else 0


def build():
    say("building")
    subprocess.run(["cargo", "build", "--release", "--locked", "--manifest-path", ROOT / "Cargo.toml"], check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "pairline"


class Soak:
    """What is done to one server, and what was found wrong with it."""

    def __init__(self, asked, generator, server, directory):
        self.asked, self.generator, self.server, self.directory = asked, generator, server, directory
        self.seed = asked.seed
        self.descriptors = descriptors(server.pid)

    def mix(self):
        asked = self.asked
        seconds = asked.minutes * 60
        say(f"mix for {asked.minutes:g} minutes")
        with sampling(self.server.pid) as samples:
            report = self.load(
                "mix",
                *("--pairs", asked.pairs, "--rate", asked.rate, "--duration", f"{seconds:.0f}s"),
                *("--slow", asked.slow, "--rubbish", asked.rubbish),
            )
        print(told(report))
        unruly = report.get("unruly") or {}
        print(f"  provoked: {', '.join(f'{slug} {count}' for slug, count in report['provoked'].items()) or 'nothing'}")
        print(f"  unruly: {unruly}")
        return [
            *complaints(report),
            *flatness(steady(samples, seconds)),
            *unprovoked(metrics(self.server), set(report["provoked"])),
            *self.left_over(),
        ]

    def load(self, scenario, *flags):
        # Names of an earlier run may have words waiting for them.
        self.seed += 1
        result = self.directory / "result.json"
        result.unlink(missing_ok=True)
        words = [self.generator, "load", scenario, "--chat", self.server.chat, "--pid", self.server.pid]
        words += ["--seed", self.seed, "--warmup", "2s", "--json", result, *flags]
        with open(self.directory / "load.log", "w+") as log:
            code = subprocess.run([str(word) for word in words], stdout=log, stderr=log).returncode
            if not result.exists():
                log.seek(0)
                raise OSError(f"the generator wrote no result and ended with {code}:\n{log.read()}")
        return json.loads(result.read_text())

    def left_over(self):
        """Of whoever has gone nothing stays, soon."""
        until = time.monotonic() + 10
        while True:
            now = metrics(self.server)
            left = {name: family(now, name) for name in OF_SOMEBODY if family(now, name)}
            if (more := descriptors(self.server.pid) - self.descriptors) > 0:
                left["descriptors"] = more
            if not left:
                return []
            if time.monotonic() > until:
                return [f"everybody has gone, but there are still {left}"]
            time.sleep(0.2)


class sampling:
    """Resident memory each second, while something else goes on."""

    def __init__(self, pid):
        self.samples, self.over = [], threading.Event()
        self.thread = threading.Thread(target=self.sample, args=(pid,))

    def sample(self, pid):
        begun = time.monotonic()
        while not self.over.wait(1):
            try:
                self.samples.append((time.monotonic() - begun, resident(pid)))
            except OSError:
                return

    def __enter__(self):
        self.thread.start()
        return self.samples

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def steady(samples, seconds):
    """Those after a warm-up: a quarter of the time, two minutes at most."""
    return [(at, size) for at, size in samples if min(seconds / 4, 120) <= at <= seconds]


def flatness(samples):
    """Prints the slope, and complains if it is one."""
    if len(samples) < 10:
        return [f"{len(samples)} samples of its memory are too few"]
    times, sizes = zip(*samples, strict=True)
    slope = linear_regression(times, sizes).slope * 60
    print(
        f"  memory: {mean(sizes) / 1e6:.1f} MB, {min(sizes) / 1e6:.1f} to {max(sizes) / 1e6:.1f}; slope "
        f"{slope / 1e3:+.1f} kB a minute by least squares over {len(samples)} samples in {times[-1] - times[0]:.0f} s"
    )
    return [f"memory grows by {slope / 1e3:.0f} kB a minute"] if slope > FLAT else []


def complaints(report):
    if report["passed"]:
        return []
    return report["failures"] or ["the generator did not pass, and says not why"]


def unprovoked(counted, provoked):
    """Errors that the server counted and nobody who misbehaves can have caused."""
    wrong = []
    for key, count in counted.items():
        if count and key.startswith("pairline_errors_total{"):
            slug = key.split('"')[1]
            if slug not in provoked | UNHEARD:
                wrong.append(f"{count:.0f} errors {slug} that nobody provoked")
    if overflows := family(counted, "pairline_cq_overflow_total"):
        wrong.append(f"the completion queue overflowed {overflows:.0f} times")
    return wrong


def is_trouble(line):
    """A line of the server's log that is no mere information."""
    try:
        return json.loads(line).get("level") in ("WARN", "ERROR")
    except ValueError:
        return bool(line.strip())


def told(report):
    return (
        f"{report['scenario']}: {report['lines']} lines, {report['matches']} talks begun in "
        f"{report['measured_seconds']:.0f} s; p99 {(report.get('latency') or {}).get('p99_us')} µs"
    )


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text().split("\n"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise OSError("the process is gone")


if __name__ == "__main__":
    # So that Ctrl-C and SIGTERM stop the server too.
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))
    sys.exit(main())
