"""What becomes of the figures of several runs, and how they are shown."""

import statistics

# What the others are compared with.
LIMIT = "ring"


def median(runs, figure):
    """Over the runs that passed; None if there is none."""
    found = [run[figure] for run in runs if run["passed"] and run.get(figure) is not None]
    return statistics.median(found) if found else None


def total_cpu(runs):
    """User and system, nanoseconds a line."""
    parts = median(runs, "user"), median(runs, "system")
    return None if None in parts else sum(parts)


def ratio(value, base):
    return value / base if value is not None and base else None


def number(value, digits=0):
    return "—" if value is None else f"{value:,.{digits}f}"


def spread(runs, figure):
    """Half the distance between the best and the worst round, of the middle."""
    found = [run[figure] for run in runs if run["passed"] and run.get(figure)]
    return f"{(max(found) - min(found)) / 2 / statistics.median(found):.0%}" if len(found) > 1 else "—"


def markdown(head, rows, words=(0,)):
    """A table; all but the columns of words are set to the right."""
    rule = ["---" if column in words else "---:" for column in range(len(head))]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *rows])
