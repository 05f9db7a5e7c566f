"""Tables of what tools/compare measured besides pairs that talk on one core."""

from compare_figures import markdown, median, number, ratio, spread, total_cpu
from compare_verdicts import allowed_matches, frames_a_match

MILLION = 1_000_000


def part_tables(results):
    parts = []
    if results.get("idle"):
        parts += ["### Idle sessions", idle(results["idle"]), slopes(results["idle"])]
    for part in results.get("match", []):
        title = f"### Matches, {part['connections']:,} connections"
        parts += [title, matches(part), allowance(part, results["size"])]
    if "cores" in results:
        part = results["cores"]
        title = f"### Two cores, {part['connections']} connections × 1, open loop at {part['rate']:,} lines a second"
        parts += [title, two_cores(part), about_cores(part)]
    return parts


def idle(part):
    rows = []
    for size in part:
        runs = size["runs"]
        figures = (median(runs, "memory"), median(runs, "slab"))
        rows.append([number(size["connections"]), *(number(figure) for figure in figures), spread(runs, "memory")])
    return markdown(["joined sessions", "user bytes each", "kernel bytes each (both ends)", "± user"], rows)


def slopes(part):
    """What one more session takes, and a million: a straight line through all."""
    said = []
    for title, figure in ("user", "memory"), ("kernel, both ends", "slab"):
        points = [(size["connections"], median(size["runs"], figure)) for size in part]
        line = straight([(sessions, sessions * each) for sessions, each in points if each is not None])
        if line:
            slope, start = line
            gigabytes = (start + slope * MILLION) / 1e9
            said.append(f"{title}: {number(slope)} bytes for each more, so {gigabytes:.2f} GB for a million")
    return "Growth of the server's resident memory and of the system's slab. " + "; ".join(said) + "."


def straight(points):
    """Slope and start of the line of least squares; None for less than two points."""
    if len(points) < 2:
        return None
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    slope = sum((a - x) * (b - y) for a, b in points) / sum((a - x) ** 2 for a, _ in points)
    return slope, y - slope * x


def matches(part):
    rows = []
    for loop, runs in ("closed", part["closed"]), (f"open at {part['rate']:,}", part.get("open", [])):
        figures = [median(runs, "matches"), median(runs, "match_cpu")]
        times = [median(runs, figure) for figure in ("match_p50", "match_p99")]
        busy = median(runs, "busy")
        rows.append(
            [
                loop,
                number(figures[0]),
                spread(runs, "matches"),
                *(number(time and time / 1e3, 2) for time in times),
                number(figures[1]),
                "—" if busy is None else f"{busy:.0%}",
            ]
        )
    head = ["loop", "matches a second", "±", "p50 ms", "p99 ms", "server CPU ns a match", "generator busy"]
    return markdown(head, rows)


def allowance(part, size):
    frames = frames_a_match(part)
    each = {way: sum(count for kind, count in frames.items() if kind.startswith(way)) for way in ("in ", "out ")}
    kinds = ", ".join(f"{kind} {count:.2f}" for kind, count in frames.items())
    lines, allowed = median(part["ring"], "lines"), allowed_matches(part)
    return (
        "What the bare ring allows: a line that it relays comes in and goes out. "
        f"A match takes {each['in ']:.2f} lines in and {each['out ']:.2f} out by the server's own count ({kinds}), "
        f"which is as much as {sum(each.values()) / 2:.2f} relayed lines. "
        f"At {number(lines)} lines of {size} bytes a second with as many connections, one under way each, "
        f"that is {number(allowed)} matches a second; if each line in or out counted as much as a relayed one, "
        "half of that. `rematch_pause` is 0, or so few users would run out of partners."
    )


def two_cores(part):
    base = total_cpu(part["runs"].get("one core", []))
    rows = []
    for name, runs in part["runs"].items():
        across, busy = median(runs, "across"), median(runs, "busy")
        rows.append(
            [
                name,
                "—" if across is None else f"{across:.1%}",
                number(total_cpu(runs)),
                number(median(runs, "user")),
                number(median(runs, "system")),
                number(ratio(total_cpu(runs), base), 2),
                number(median(runs, "p99")),
                "—" if busy is None else f"{busy:.0%}",
            ]
        )
    head = ["server", "lines across", "CPU ns a line", "user", "system", "of one core's", "p99 µs", "generator busy"]
    return markdown(head, rows)


def about_cores(part):
    text = (
        "A line between two cores is one note on the lane between them, and while pairs only talk there are no others: "
        "the share across is notes by lines, from the server's metrics. "
        "Pairs are placed by where their connections come from."
    )
    if part["shared"]:
        text += (
            " **There are two processors only: with two cores the server shares one of them with the generator,** "
            "with one core it has its own. What that costs is in these figures, "
            "and how busy the generator was says only what it got."
        )
    return text
