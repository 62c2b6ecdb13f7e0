"""Bars as SVG texts: the histogram of radii, and the votes of one input."""

from bisect import bisect_right
from html import escape

from certiball.report.axes import Frame
from certiball.report.measure import counts, radius_name
from certiball.report.palette import colour
from certiball.report.study import Study
from certiball.statistics.steps import nice_step, ticks
from certiball.votes import Votes

FONT = 12
MOST_BINS = 14


def bin_counts(study: Study) -> tuple[float, list[int], list[int]]:
    """Width of a bin of radii, and the certified inputs in each: right ones, wrong ones.

    A bin holds its lower end. Abstentions are in no bin.
    """
    certified = [entry for entry in study.entries if entry.predicted is not None]
    high = max((entry.radius for entry in certified), default=0.0) or 1.0
    step = nice_step(high, MOST_BINS, whole=counts([study]))
    edges = [edge for i in range(MOST_BINS + 2) if (edge := i * step) <= high]
    right, wrong = [0] * len(edges), [0] * len(edges)
    for entry in certified:
        bins = right if entry.correct else wrong
        bins[bisect_right(edges, entry.radius) - 1] += 1
    return step, right, wrong


def radius_histogram(study: Study, series: int = 0) -> str:
    """How many inputs have which radius: right (filled), wrong (outlined), no certificate (grey).

    Args:
        study: the inputs.
        series: whose colour is used.

    Returns:
        One <svg> element of 360 × 210.
    """
    step, right, wrong = bin_counts(study)
    none = study.size - sum(right) - sum(wrong)
    tallest = max(none, *(a + b for a, b in zip(right, wrong, strict=True)))
    # One slot for the abstentions and one empty stand left of the first bin.
    slots = len(right) + 2
    frame = Frame(
        width=360, height=210, left=36, right=8, top=12, bottom=42,
        x_high=float(slots), y_high=tallest * 1.1,
    )  # fmt: skip
    parts = _rules(frame, tallest)
    if none:
        parts.append(_bar(frame, 0, (0, none), "fill:var(--rest, #b4b8bf)", "no certificate"))
    for place, (a, b) in enumerate(zip(right, wrong, strict=True)):
        where = f"radius {place * step:g} to {(place + 1) * step:g}"
        style = f"fill:{colour(series)}"
        parts.append(_bar(frame, place + 2, (0, a), style, f"{where}: right"))
        outline = f"fill:{colour(series)};fill-opacity:.16;stroke:{colour(series)}"
        parts.append(_bar(frame, place + 2, (a, b), outline, f"{where}: wrong class"))
    marks = ticks(len(right) * step, 5, whole=counts([study]))
    parts += _radius_ticks(frame, step, marks, radius_name([study]))
    label = escape(f"Histogram of certified radii: {study.title}")
    return (
        f'<svg viewBox="0 0 360 210" role="img" aria-label="{label}" font-size="{FONT}" '
        'fill="currentColor" style="font-variant-numeric:tabular-nums">' + "".join(parts) + "</svg>"
    )


def votes_bar(votes: Votes) -> str:
    """The share of the class with most votes, of the next, and of all others, as one bar.

    A class with any vote at all is wide enough to be seen.
    """
    top = votes.counts[votes.winner]
    second = votes.counts[votes.runner_up]
    shares = (top, second, votes.total - top - second)
    widths = [max(1.2, 100 * count / max(votes.total, 1)) if count else 0.0 for count in shares]
    scale = 100 / (sum(widths) or 1)
    parts, x = [], 0.0
    for name, width in zip(("first", "second", "rest"), widths, strict=True):
        if width:
            shown = max(width * scale - 0.5, 0.5)
            parts.append(f'<rect class="{name}" x="{x:.2f}" width="{shown:.2f}" height="6"/>')
            x += width * scale
    return (
        '<svg class="votes" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        + "".join(parts)
        + "</svg>"
    )


def _rules(frame: Frame, tallest: int) -> list[str]:
    parts = []
    for count in ticks(float(tallest), 4):
        if count == round(count):
            y = frame.y(count)
            parts.append(
                f'<path d="M{frame.left} {y:.1f}H{frame.width - frame.right}" '
                f'stroke="currentColor" stroke-opacity="{0.14 if count else 0.55}"/>'
                f'<text x="{frame.left - 6}" y="{y + 4:.1f}" text-anchor="end" '
                f'fill-opacity=".75">{count:g}</text>'
            )
    return parts


def _bar(frame: Frame, slot: int, span: tuple[int, int], style: str, title: str) -> str:
    base, count = span
    if not count:
        return ""
    x = frame.x(float(slot)) + 1
    y, foot = frame.y(float(base + count)), frame.y(float(base))
    width, height = frame.x(slot + 1.0) - x - 1, foot - y
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'style="{style}"><title>{escape(title)}: {count}</title></rect>'
    )


def _radius_ticks(frame: Frame, step: float, marks: tuple[float, ...], name: str) -> list[str]:
    y = frame.y(0.0) + FONT + 4
    parts = [f'<text x="{frame.x(0.5):.1f}" y="{y:.1f}" text-anchor="middle">none</text>']
    for radius in marks:
        x = frame.x(2 + radius / step)
        anchor = "end" if x > frame.width - 20 else "middle"
        parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" '
            f'fill-opacity=".75">{radius:g}</text>'
        )
    parts.append(
        f'<text x="{frame.width - frame.right}" y="{frame.height - 5}" text-anchor="end">'
        f"certified {name}</text>"
        f'<text x="{frame.left}" y="{frame.height - 5}">inputs</text>'
    )
    return parts
