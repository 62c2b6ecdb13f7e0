"""Certified accuracy against the radius, as an SVG text that a page can hold. No scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from certiball.report.axes import Frame
from certiball.report.curves import Curve, clean_accuracy, curve
from certiball.report.labels import place_labels
from certiball.report.measure import counts, radius_name
from certiball.report.palette import colour, dash
from certiball.report.study import Study
from certiball.report.texts import percent, plain
from certiball.statistics.steps import ticks


@dataclass(frozen=True, kw_only=True)
class Size:
    """Pixels and text of one rendering. A phone gets its own: shrunk text cannot be read."""

    width: int
    height: int
    font: int
    x_ticks: int
    names: int  # of so many curves at most; there is a legend for more


WIDE = Size(width=920, height=440, font=14, x_ticks=10, names=6)
NARROW = Size(width=360, height=330, font=12, x_ticks=5, names=3)


def curve_chart(studies: Sequence[Study], size: Size = WIDE, first: int = 0) -> str:
    """Curves of several studies with 95 % bands, base clean accuracy and the reachable radius.

    Bands are for each radius by itself. A diamond on the axis is the base classifier's clean
    accuracy; a triangle under the axis is the largest radius that the claim can certify; a dot is
    at a radius that votes stopped for, between which nothing was asked.

    Args:
        studies: one curve each, in this order of colours.
        size: WIDE or NARROW.
        first: the place of the first of them among all studies of a page, for its colour.

    Returns:
        One <svg> element. Titles are escaped.
    """
    curves = [curve(study) for study in studies]
    reach = [steps.radii[-1] for steps in curves] + [study.largest or 0.0 for study in studies]
    frame = Frame(
        width=size.width,
        height=size.height,
        left=round(size.font * 3.3),
        right=round(size.font * 0.9),
        top=round(size.font * 1.8),
        bottom=round(size.font * 3.4),
        x_high=max(reach) * 1.04 or 1.0,
        y_high=1.0,
    )
    marks = ticks(frame.x_high, size.x_ticks, whole=counts(studies))
    parts = [
        *share_rules(frame, size, "certified accuracy"),
        *radius_marks(frame, size, {mark: mark for mark in marks}, radius_name(studies)),
    ]
    parts += [_band(steps, frame, series) for series, steps in enumerate(curves, first)]
    for series, (study, steps) in enumerate(zip(studies, curves, strict=True), first):
        parts.append(_line(study, steps, frame, series))
        parts += _dots(study, steps, frame, series)
        parts += _marks(study, frame, series, size.font)
    if 1 < len(studies) <= size.names:
        parts += _names(studies, curves, frame, size.font, first)
    names = ", ".join(study.title for study in studies)
    label = escape(f"Certified accuracy against radius: {names}")
    return (
        f'<svg viewBox="0 0 {size.width} {size.height}" role="img" aria-label="{label}" '
        f'font-size="{size.font}" fill="currentColor" style="font-variant-numeric:tabular-nums">'
        + "".join(parts)
        + "</svg>"
    )


def share_rules(frame: Frame, size: Size, name: str) -> list[str]:
    """Lines across for shares from 0 to 1, and what they are shares of."""
    parts = [f'<text x="0" y="{size.font}">{name}</text>']
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = frame.y(share)
        strength = 0.55 if share == 0 else 0.14
        parts.append(
            f'<path d="M{frame.left} {y:.1f}H{frame.width - frame.right}" stroke="currentColor" '
            f'stroke-opacity="{strength}"/>'
            f'<text x="{frame.left - 7}" y="{y + size.font * 0.35:.1f}" text-anchor="end" '
            f'fill-opacity=".75">{share:.0%}</text>'
        )
    return parts


def radius_marks(frame: Frame, size: Size, marks: Mapping[float, float], name: str) -> list[str]:
    """Marks under the axis.

    Args:
        frame: the plotting area.
        size: of the rendering.
        marks: what a mark says, and where on the frame's axis it is.
        name: of the axis.
    """
    bottom, parts = frame.y(0.0), []
    for radius, place in marks.items():
        x = frame.x(place)
        parts.append(
            f'<path d="M{x:.1f} {bottom:.1f}v5" stroke="currentColor" stroke-opacity=".55"/>'
            f'<text x="{x:.1f}" y="{bottom + size.font + 8:.1f}" text-anchor="middle" '
            f'fill-opacity=".75">{radius:g}</text>'
        )
    right = frame.width - frame.right
    parts.append(f'<text x="{right}" y="{frame.height - 5}" text-anchor="end">{name}</text>')
    return parts


def _kept(steps: Curve, frame: Frame) -> list[int]:
    """The steps that a screen can tell apart: half a pixel or more from the one before."""
    kept = [0]
    for place, radius in enumerate(steps.radii):
        if frame.x(radius) - frame.x(steps.radii[kept[-1]]) >= 0.5:
            kept.append(place)
    return kept if kept[-1] == len(steps.radii) - 1 else [*kept, len(steps.radii) - 1]


def _band(steps: Curve, frame: Frame, series: int) -> str:
    kept = _kept(steps, frame)
    high = [(steps.radii[i], _after(steps, i, "high")) for i in kept]
    low = [(steps.radii[i], _after(steps, i, "low")) for i in kept]
    there = steps_path(steps.shares[0].high, high, frame)
    # Back along the lower edge: up to the level before each step, then to the left.
    levels = [steps.shares[0].low, *(level for _, level in low)]
    back = f"V{frame.y(levels[-1]):.1f}"
    for (radius, _), level in zip(reversed(low), reversed(levels[:-1]), strict=True):
        back += f"H{frame.x(radius):.1f}V{frame.y(level):.1f}"
    return f'<path d="{there}{back}Z" style="fill:{colour(series)}" fill-opacity=".13"/>'


def _line(study: Study, steps: Curve, frame: Frame, series: int) -> str:
    points = [(steps.radii[i], _after(steps, i, "value")) for i in _kept(steps, frame)]
    if points[-1][0] != study.limit:  # there nobody asked further: it ends, and does not fall
        points[-1] = (points[-1][0], 0.0)
    return (
        f'<path d="{steps_path(steps.shares[0].value, points, frame)}" fill="none" '
        f'style="stroke:{colour(series)}" stroke-width="2.2" stroke-linejoin="round" '
        f'stroke-dasharray="{dash(series)}"><title>{escape(study.title)}</title></path>'
    )


def _after(steps: Curve, place: int, name: str) -> float:
    """A share's value, low or high just above the radius of a step."""
    value: float = getattr(steps.shares[min(place + 1, len(steps.shares) - 1)], name)
    return value


def steps_path(start: float, points: Sequence[tuple[float, float]], frame: Frame) -> str:
    """A line from 0 in steps: to the right as far as each point, then to its level."""
    path = f"M{frame.x(0.0):.1f} {frame.y(start):.1f}"
    for radius, level in points:
        path += f"H{frame.x(radius):.1f}V{frame.y(level):.1f}"
    return path


def _dots(study: Study, steps: Curve, frame: Frame, series: int) -> list[str]:
    """One at each radius that votes stopped for: nothing was asked between them."""
    parts: list[str] = []
    if not study.targets:
        return parts
    for radius, share in zip(steps.radii[1:], steps.shares[1:], strict=True):
        title = escape(f"{study.title}: {percent(share)} at radius {plain(radius)}")
        x, y = frame.x(radius), frame.y(share.value)
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" style="fill:{colour(series)}">'
            f"<title>{title}</title></circle>"
        )
    return parts


def _marks(study: Study, frame: Frame, series: int, font: int) -> list[str]:
    parts = []
    fill = f'style="fill:{colour(series)}"'
    clean = clean_accuracy(study)
    if clean is not None:
        x, y, r = frame.x(0.0), frame.y(clean.value), font * 0.42
        title = escape(f"{study.title}: base classifier on clean inputs, {percent(clean)}")
        parts.append(
            f'<path d="M{x:.1f} {y - r:.1f}l{r:.1f} {r:.1f}l{-r:.1f} {r:.1f}l{-r:.1f} {-r:.1f}Z" '
            f"{fill}><title>{title}</title></path>"
        )
    if study.largest:
        x, y, r = frame.x(study.largest), frame.y(0.0) + 1, font * 0.4
        title = escape(f"{study.title}: largest radius that this claim can certify")
        parts.append(
            f'<path d="M{x:.1f} {y:.1f}l{r:.1f} {1.6 * r:.1f}h{-2 * r:.1f}Z" '
            f"{fill}><title>{title}</title></path>"
        )
    return parts


def _names(
    studies: Sequence[Study], curves: list[Curve], frame: Frame, font: int, first: int
) -> list[str]:
    texts = [study.title for study in studies]
    parts = []
    for place, spot in enumerate(place_labels(texts, curves, frame, font)):
        if spot is not None:
            parts.append(
                f'<text x="{spot[0]:.1f}" y="{spot[1]:.1f}" font-weight="600" '
                f'style="fill:{colour(first + place)}">{escape(texts[place])}</text>'
            )
    return parts
