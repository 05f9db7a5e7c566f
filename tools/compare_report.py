"""What tools/compare writes: tables in Markdown and a plot in SVG.

`results` is what compare.json holds. A figure is the median over the rounds
that passed; what failed says so and has none.
"""

import json

from compare_figures import LIMIT, markdown, median, number, ratio, spread, total_cpu
from compare_parts_report import part_tables
from compare_verdicts import judge
from compare_verdicts import table as verdict_table

FIGURES = ["lines", "p50", "p99", "p999", "user", "system", "memory", "busy"]


def write_report(results, out):
    out.mkdir(parents=True, exist_ok=True)
    if results.get("marks"):
        results["verdicts"] = judge(results)
    (out / "compare.json").write_text(json.dumps(results, indent=1) + "\n")
    (out / "compare.md").write_text(tables(results))
    if results["shapes"]:
        (out / "compare.svg").write_text(plot(results))


def tables(results):
    about = results["machine"]
    parts = [
        f"Made by `{results['command']}` on {about['date']}, commit {about['commit']}: {about['cpu']}, "
        f"Linux {about['kernel']}, loopback, {about['congestion']}. Lines of {results['size']} bytes; what is measured "
        f"on one core, the generator on another; medians of {results['rounds']} rounds of {results['seconds']:g} s "
        "in which the systems alternate. CPU is the measured system's, memory its resident growth a connection, "
        "± half the distance between the best and the worst round."
    ]
    if about["peers"]:
        parts.append(" · ".join(f"{name}: {version}" for name, version in about["peers"].items()))
    parts += [f"**{name} was not measured: {why}.**" for name, why in results["skipped"].items()]
    if results.get("verdicts"):
        parts.append(verdict_table(results["verdicts"], results["rounds"]))
    for shape in results["shapes"]:
        title = f"### {shape['connections']:,} connections × {shape['window']}"
        parts += [title, table(shape["closed"], against_limit(shape["closed"]))]
        if "open" in shape:
            against = against_best_peer(shape["open"], results["systems"])
            parts += [f"{title}, open loop at {shape['rate']:,} lines a second", table(shape["open"], against)]
    return "\n\n".join(parts + part_tables(results)) + "\n"


def against_limit(found):
    limit = median(found.get(LIMIT, []), "lines")
    return f"of {LIMIT}", "lines", limit


def against_best_peer(found, kinds):
    peers = [median(runs, "p99") for name, runs in found.items() if kinds[name] == "peer"]
    return "p99 of best peer's", "p99", min((p99 for p99 in peers if p99), default=None)


def table(found, against):
    """The fastest first. The ratio is of one figure `against` a given one."""
    title, compared, base = against
    head = ["system", "lines a second", "±", title, "p50 µs", "p99 µs", "p99.9 µs"]
    head += ["CPU ns a line", "user", "system", "memory B", "generator busy"]
    rows = []
    for name in sorted(found, key=lambda name: -(median(found[name], "lines") or 0)):
        runs = found[name]
        figure = {key: median(runs, key) for key in FIGURES}
        rows.append(
            [
                label(name, runs),
                number(figure["lines"]),
                spread(runs, "lines"),
                number(ratio(figure[compared], base), 2),
                *(number(figure[key], 1 if (figure[key] or 100) < 100 else 0) for key in ("p50", "p99", "p999")),
                number(total_cpu(runs)),
                number(figure["user"]),
                number(figure["system"]),
                number(figure["memory"]),
                "—" if figure["busy"] is None else f"{figure['busy']:.0%}",
            ]
        )
    return markdown(head, rows)


def label(name, runs):
    failed = sum(not run["passed"] for run in runs)
    notes = [f"{failed} of {len(runs)} FAILED"] if failed else []
    if any(run.get("saturated") for run in runs):
        notes.append("generator full")
    shown = f"**{name}**" if name == "pairline" else name
    return f"{shown} ({', '.join(notes)})" if notes else shown


# The plot: a row of three charts for each shape.

COLOURS = {"ours": "#0b6e4f", "relay": "#6c8ebf", "peer": "#d98c3f"}
ROW, GAP, LABEL, CHART, TOP = 18, 58, 120, 250, 64


def plot(results):
    kinds = results["systems"]
    order = list(COLOURS)
    names = sorted(kinds, key=lambda name: order.index(kinds[name]))
    charts = [
        ("lines a second (longer is better)", lambda f: [f["lines"]]),
        ("p99, µs (shorter is better)", lambda f: [f["p99"]]),
        ("CPU, ns a line, user and system (shorter is better)", lambda f: [f["user"], f["system"]]),
    ]
    about = f"{results['machine']['cpu']}, Linux {results['machine']['kernel']}, {results['machine']['date']}; "
    about += f"medians of {results['rounds']} rounds, {results['size']} bytes a line"
    width = LABEL + len(charts) * (CHART + 30) + 10
    height = TOP + len(results["shapes"]) * (len(names) * ROW + GAP)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="11" fill="#222">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        text(12, 26, "One core, lines from each connection to its partner", 'font-size="17" font-weight="600"'),
        text(12, 44, about, 'fill="#666"'),
    ]
    y = TOP
    for shape in results["shapes"]:
        title = f"{shape['connections']:,} connections × {shape['window']}"
        out.append(text(12, y + 14, title, 'font-size="13" font-weight="600"'))
        figures = {name: {key: median(shape["closed"].get(name, []), key) for key in FIGURES} for name in names}
        for column, (label, pick) in enumerate(charts):
            x = LABEL + column * (CHART + 30)
            out.append(text(x, y + 30, label, 'fill="#666"'))
            bars = {name: pick(figures[name]) for name in names}
            out += chart(x, y + 36, bars, kinds)
        for row, name in enumerate(names):
            weight = ' font-weight="600"' if name == "pairline" else ""
            out.append(text(LABEL - 8, y + 36 + row * ROW + 13, name, f'text-anchor="end"{weight}'))
        y += len(names) * ROW + GAP
    return "\n".join([*out, "</svg>"]) + "\n"


def chart(x, y, bars, kinds):
    sums = {name: None if None in parts else sum(parts) for name, parts in bars.items()}
    most = max((value for value in sums.values() if value), default=1)
    room = CHART - 50
    out = []
    for row, (name, parts) in enumerate(bars.items()):
        top = y + row * ROW
        if sums[name] is None:
            out.append(text(x, top + 13, "—", 'fill="#999"'))
            continue
        left = x
        for part, value in enumerate(parts):
            wide = value / most * room
            # Of two parts the second one is paler.
            pale = ' fill-opacity="0.55"' if part else ""
            place = f'x="{left:.1f}" y="{top + 3}" width="{wide:.1f}" height="{ROW - 5}"'
            out.append(f'<rect {place} fill="{COLOURS[kinds[name]]}"{pale}/>')
            left += wide
        out.append(text(f"{left + 4:.1f}", top + 13, short(sums[name])))
    return out


def short(value):
    if value >= 1e6:
        return f"{value / 1e6:.3g} M"
    if value >= 1e4:
        return f"{value / 1e3:.3g} k"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def text(x, y, words, more=""):
    safe = str(words).replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x}" y="{y}" {more}>{safe}</text>'
