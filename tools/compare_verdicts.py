"""Which marks are met: each with what it wants and what was found.

`results` is what compare.json holds. A mark whose figures are missing is open,
never met.
"""

from compare_figures import LIMIT, markdown, median, number, ratio, total_cpu
from compare_systems import CHECKED, RELAYS

PEERS = ["nats", "redis", "mosquitto"]
# Of the bare ring's lines a second, and of each peer's; at other shapes the first.
OF_RING = {(100, 16): 0.8}
OF_PEERS = {(100, 16): 2.0}
USER_NANOS = {(100, 16): 150}
LATE = 1.15
IDLE_SESSIONS, IDLE_BYTES = 19_000, 512
OF_MATCHES, MATCH_MILLIS = 0.8, 5
TWO_CORES = 1.2
# Of a processor: more than this, used by others, is noted.
QUIET = 0.1


def judge(results):
    """All marks that these results are about, in their order."""
    verdicts = []
    for shape in results["shapes"]:
        verdicts += pairs(shape)
    if "idle" in results:
        verdicts.append(idle(results["idle"]))
    for part in results.get("match", []):
        verdicts += matches(part)
    if "cores" in results:
        verdicts.append(two_cores(results["cores"]))
    return verdicts


def pairs(shape):
    key = shape["connections"], shape["window"]
    title = f"{key[0]:,} × {key[1]}"
    closed = shape["closed"]
    ours, ring = closed.get("pairline", []), closed.get(LIMIT, [])
    lines = median(ours, "lines")
    found = ratio(lines, median(ring, "lines"))
    yield at_least(f"{title}: lines a second, of the bare ring's", OF_RING.get(key, 0.9), found, ours + ring)
    best, runs = best_peer(closed, "lines", max)
    name = f"{title}: lines a second, of the best peer's"
    yield at_least(name, OF_PEERS.get(key, 1.0), ratio(lines, best), ours + runs)
    if key in USER_NANOS:
        yield below(f"{title}: server's user CPU a line, ns", USER_NANOS[key], median(ours, "user"), ours)
        checked = [closed.get(name + CHECKED, []) for name in RELAYS]
        found = ratio(total_cpu(ours), best_of(map(total_cpu, checked), min))
        name = f"{title}: CPU a line, of the cheapest relay's that validates"
        yield at_most(name, 1.0, found, sum(checked, ours))
    if "open" in shape:
        ours = shape["open"].get("pairline", [])
        best, runs = best_peer(shape["open"], "p99", min)
        late = ratio(median(ours, "p99"), best)
        name = f"{title}, open loop at {shape['rate']:,} a second: p99, of the best peer's"
        yield at_most(name, LATE, late, ours + runs)


def best_peer(found, figure, best):
    runs = [found.get(name, []) for name in PEERS]
    return best_of((median(each, figure) for each in runs), best), sum(runs, [])


def best_of(figures, best):
    """Only if all have been measured: the best might be among the others."""
    known = list(figures)
    return None if None in known else best(known)


def idle(part):
    full = [runs["runs"] for runs in part if runs["connections"] == IDLE_SESSIONS]
    runs = full[0] if full else []
    name = f"{IDLE_SESSIONS:,} idle sessions: user memory of each, bytes"
    return below(name, IDLE_BYTES, median(runs, "memory"), runs)


def matches(part):
    title = f"match, {part['connections']:,} connections"
    found = ratio(median(part["closed"], "matches"), allowed_matches(part))
    name = f"{title}: matches a second, of what the bare ring allows"
    said = at_least(name, OF_MATCHES, found, part["closed"] + part["ring"])
    if found:
        said["notes"].append(f"{found * 2:.2f} if a line in or out counted as much as a relayed one")
    yield said
    runs = part.get("open", [])
    p99 = median(runs, "match_p99")
    name = f"{title}, {part['rate']:,} a second: p99 of the time to match, ms"
    yield below(name, MATCH_MILLIS, p99 and p99 / 1e3, runs)


def allowed_matches(part):
    """The ring's lines a second, each one in and one out, by half of the lines
    that a match takes in and out."""
    frames = frames_a_match(part)
    return ratio(median(part["ring"], "lines"), sum(frames.values()) / 2)


def frames_a_match(part):
    """The median of each kind of line over the rounds."""
    counted = [{"passed": True, **run["frames"]} for run in part["closed"] if run.get("frames")]
    kinds = sorted({kind for run in counted for kind in run} - {"passed"})
    return {kind: median(counted, kind) for kind in kinds}


def two_cores(part):
    one, two = (part["runs"].get(name, []) for name in ("one core", "two cores"))
    name = f"two cores, open loop at {part['rate']:,} lines a second: CPU a line, of one core's"
    said = at_most(name, TWO_CORES, ratio(total_cpu(two), total_cpu(one)), one + two)
    across = ratio(total_cpu(part["runs"].get("two cores, all pairs across", [])), total_cpu(one))
    if across:
        said["notes"].append(f"{across:.2f} with all pairs across")
    return said


def at_least(mark, wanted, found, runs):
    return verdict(mark, f"at least {wanted:g}", found, found is not None and found >= wanted, runs)


def at_most(mark, wanted, found, runs):
    return verdict(mark, f"at most {wanted:g}", found, found is not None and found <= wanted, runs)


def below(mark, wanted, found, runs):
    return verdict(mark, f"below {wanted:g}", found, found is not None and found < wanted, runs)


def verdict(mark, wanted, found, met, runs):
    """`runs` are those that it rests on: what is odd about them is noted."""
    failed = sum(not run["passed"] for run in runs)
    full = sum(bool(run.get("saturated")) for run in runs)
    late = sum(bool(run.get("overdue")) for run in runs)
    disturbed = sum(run.get("others", 0) > QUIET for run in runs)
    odd = {"failed": failed, "filled the generator": full, "left something due undone": late}
    odd["were not alone on the machine"] = disturbed
    notes = [f"{count} of {len(runs)} runs {what}" for what, count in odd.items() if count]
    met = met if found is not None else None
    return {"mark": mark, "wanted": wanted, "found": found, "met": met, "notes": notes}


HEAD = ["mark", "wanted", "found", "verdict", "note"]


def table(verdicts, rounds):
    words = {True: "met", False: "**NOT MET**", None: "**not measured**"}
    rows = []
    for one in verdicts:
        digits = 0 if (one["found"] or 0) >= 100 else 2
        found, notes = number(one["found"], digits), "; ".join(one["notes"])
        rows.append([one["mark"], one["wanted"], found, words[one["met"]], notes])
    met = sum(one["met"] is True for one in verdicts)
    summary = f"{met} of {len(verdicts)} marks are met."
    if rounds < 5:
        summary += f" They want medians of at least 5 rounds; these are of {rounds}."
    return f"### Marks\n\n{summary}\n\n" + markdown(HEAD, rows, words=(0, 3, 4))
