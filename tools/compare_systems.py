"""What tools/compare measures, and how each of it is started and stopped."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

CHECKED = " + check"
RELAYS = ["ring", "epoll", "tokio", "tokio-uring"]


@dataclass(frozen=True)
class System:
    """Something to measure: how it is started and how it is spoken to."""

    name: str
    kind: str  # ours, relay or peer
    dialect: str  # the generator's --peer
    command: object  # (port, directory) -> words; port is None for those that say `ready`
    package: str = ""
    version: tuple = ()
    cores: int = 1


def pairline(target, name="pairline", cores=1, settings=()):
    program = str(target / "pairline")
    serve = [program, "serve", "--chat", "127.0.0.1:0", "--http", "127.0.0.1:0", "--cores", str(cores)]
    # All limits are on but the one that would be what is measured.
    for setting in "max_rate=0", *settings:
        serve += ["--set", setting]
    serve += ["--data"]
    return System(name, "ours", "pairline", lambda _, directory: [*serve, f"{directory}/data"], cores=cores)


def relay(target, name, flags=()):
    command = [str(target / name), "--listen", "127.0.0.1:0", *flags]
    shown = name + CHECKED if flags else name
    return System(shown, "relay", "bare", lambda _port, _directory: command)


def nats(port, _directory):
    return ["nats-server", "--addr", "127.0.0.1", "--port", str(port)]


def redis(port, directory):
    keys = {
        "bind": "127.0.0.1",
        "port": port,
        # The generator has more than one address.
        "protected-mode": "no",
        "dir": directory,
        "save": "",
        "appendonly": "no",
        "maxclients": 15000,
        "tcp-backlog": 4096,
    }
    return ["redis-server", *(word for key, value in keys.items() for word in (f"--{key}", str(value)))]


def mosquitto(port, directory):
    lines = [
        f"listener {port} 127.0.0.1",
        "allow_anonymous true",
        "set_tcp_nodelay true",
        # It would drop lines otherwise.
        "max_queued_messages 0",
        "persistence false",
        "sys_interval 0",
        "connection_messages false",
        "log_type error",
    ]
    if os.geteuid() == 0:
        lines.append("user root")
    path = Path(directory, "mosquitto.conf")
    path.write_text("\n".join(lines) + "\n")
    return ["mosquitto", "-c", str(path)]


PEERS = [
    System("nats", "peer", "nats", nats, "nats-server", ("nats-server", "--version")),
    System("redis", "peer", "redis", redis, "redis-server", ("redis-server", "--version")),
    System("mosquitto", "peer", "mqtt", mosquitto, "mosquitto", ("mosquitto", "-h")),
]


def known(target, relays):
    """All that can be measured side by side."""
    checked = [relay(relays, name, ["--validate"]) for name in RELAYS]
    return [pairline(target), *(relay(relays, name) for name in RELAYS), *checked, *PEERS]


@dataclass(frozen=True)
class Running:
    pid: int
    chat: str
    http: str = ""


@contextlib.contextmanager
def running(system, directory, cores, log):
    """Its addresses and process, while it runs on these cores."""
    port = free_port() if system.package else None
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PAIRLINE_")}
    process = subprocess.Popen(
        system.command(port, directory),
        stdin=subprocess.DEVNULL,
        stdout=log if port else subprocess.PIPE,
        stderr=log,
        cwd=directory,
        env=clean,
        preexec_fn=pinning(cores),
    )
    try:
        yield wait_for_port(port, process) if port else wait_for_ready(process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def pinning(cores):
    return lambda: os.sched_setaffinity(0, cores)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_for_port(port, process):
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return Running(process.pid, f"127.0.0.1:{port}")
        time.sleep(0.05)
    raise OSError("it does not listen")


def wait_for_ready(process):
    """Reads `ready chat=IP:PORT …`: a connection to try would get a partner."""
    readable, _, _ = select.select([process.stdout], [], [], 20)
    line = process.stdout.readline().decode() if readable else ""
    said = dict(word.split("=", 1) for word in line.split() if "=" in word)
    if "chat" not in said:
        raise OSError("it did not say `ready`")
    return Running(process.pid, said["chat"], said.get("http", ""))
