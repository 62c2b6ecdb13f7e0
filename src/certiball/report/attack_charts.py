"""What is proven and what is broken, as SVG texts: accuracies, and the gap of each input.

Below, in the colour of certificates, nothing can change the class; above, in the colour of
attacks, something was found that does. What lies between is unknown.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from certiball.report.attacked import Ends, attacked_curve, attacked_part, ends
from certiball.report.axes import Frame
from certiball.report.charts import Size, radius_marks, share_rules, steps_path
from certiball.report.curves import Curve, curve
from certiball.report.measure import counts, radius_name
from certiball.report.study import Study
from certiball.report.texts import number
from certiball.statistics.rounding import format_down, format_up
from certiball.statistics.steps import ticks

CERTIFIED, ATTACKED = "fill:var(--first, #1d5fc4)", "fill:var(--second, #d9822b)"
MOST_TIMES = 8.0  # a distance so many times the largest radius would hide the radii
PIXELS = 5.0  # that an input's column takes at least


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Distances along an axis, or their square roots where they are of very different sizes.

    Args:
        high: the largest value shown.
        root: whether the axis is of square roots.
        whole: whether values are whole numbers.
    """

    high: float
    root: bool
    whole: bool

    def at(self, value: float) -> float:
        """Where a value is on the frame's axis; beyond the largest, at its end."""
        shown = min(value, self.high)
        return math.sqrt(shown) if self.root else shown

    def marks(self, most: int) -> dict[float, float]:
        """Round values and their places."""
        if not self.root:
            return {mark: mark for mark in ticks(self.high, most, whole=self.whole)}
        kept = [0.0]
        power = math.floor(math.log10(self.high)) - 3
        for mark in (factor * 10.0**p for p in range(power, power + 4) for factor in (1, 2, 5)):
            apart = self.at(mark) - self.at(kept[-1])
            if mark <= self.high and apart >= self.at(self.high) / most:
                kept.append(mark)
        return {mark: self.at(mark) for mark in kept}


def scale_of(study: Study) -> Scale:
    """The axis on which both radii and distances of a study can be seen."""
    known = ends(study)
    radius = max(each.radius for each in known)
    reached = [each.distance for each in known if each.distance < math.inf]
    high = max([radius, *reached]) or study.largest or 1.0
    return Scale(high=1.06 * high, root=high > MOST_TIMES * radius > 0, whole=counts([study]))


def accuracies_chart(study: Study, size: Size) -> str:
    """Clean accuracy as a dashed line, attacked above, certified below, against the radius.

    Args:
        study: with attacks.
        size: WIDE or NARROW.

    Returns:
        One <svg> element.
    """
    scale = scale_of(study)
    frame = _frame(size, scale.at(scale.high), 1.0)
    certified, attacked = curve(attacked_part(study)), attacked_curve(study)
    lower = steps_path(certified.shares[0].value, _points(certified, scale, 0.0), frame)
    last = attacked.shares[-1].value
    upper = steps_path(attacked.shares[0].value, _points(attacked, scale, last), frame)
    bottom, right = frame.y(0.0), frame.width - frame.right
    closed = f"H{right}V{bottom:.1f}H{frame.left}Z"
    clean = attacked.shares[0].value
    parts = [
        *share_rules(frame, size, "accuracy"),
        *radius_marks(frame, size, scale.marks(size.x_ticks), _axis(study, scale)),
        f'<path d="{upper}{closed}" fill="currentColor" fill-opacity=".07"/>',
        f'<path d="{lower}{closed}" style="{CERTIFIED}" fill-opacity=".2"/>',
        f'<path d="M{frame.left} {frame.y(clean):.1f}H{right}" stroke="currentColor" '
        'stroke-opacity=".7" stroke-width="1.6" stroke-dasharray="6 4"/>',
        _stroke(f"{upper}H{right}", ATTACKED, "attacked"),
        _stroke(f"{lower}H{right}", CERTIFIED, "certified"),
    ]
    return _svg(size, f"Clean, attacked and certified accuracy: {study.title}", parts)


def gaps_chart(study: Study, size: Size) -> str:
    """One column for each input: certified from below, attacked from above, in between unknown.

    Columns are in the order of certified radii. Where there are more inputs than a screen has
    room for, every k-th is shown.

    Args:
        study: with attacks.
        size: WIDE or NARROW.

    Returns:
        One <svg> element.
    """
    scale, known = scale_of(study), sorted(ends(study), key=lambda e: (e.radius, e.distance))
    shown = columns(known, size)
    frame = _frame(size, float(len(shown)), scale.at(scale.high))
    parts = _distance_rules(frame, size, scale, _axis(study, scale))
    for place, each in enumerate(shown):
        parts += _column(frame, place, each, scale)
    few = len(shown) < len(known)
    name = f"{number(len(shown))} of {number(len(known))} inputs" if few else "inputs"
    middle = frame.left + (frame.width - frame.left - frame.right) / 2
    parts.append(
        f'<text x="{middle:.1f}" y="{frame.height - 6}" text-anchor="middle">'
        f"{name}, by certified radius</text>"
    )
    return _svg(size, f"Certified radius and attacked distance of each input: {study.title}", parts)


def columns(known: Sequence[Ends], size: Size) -> list[Ends]:
    """As many inputs as there is room for, evenly from the first to the last."""
    most = int(size.width / PIXELS)
    if len(known) <= most:
        return list(known)
    return [known[round(i * (len(known) - 1) / (most - 1))] for i in range(most)]


def _frame(size: Size, x_high: float, y_high: float) -> Frame:
    return Frame(
        width=size.width,
        height=size.height,
        left=round(size.font * 3.3),
        right=round(size.font * 0.9),
        top=round(size.font * 1.8),
        bottom=round(size.font * 3.4),
        x_high=x_high,
        y_high=y_high,
    )


def _axis(study: Study, scale: Scale) -> str:
    name = radius_name([study]).replace("radius", "distance")
    return f"{name}, root scale" if scale.root else name


def _points(steps: Curve, scale: Scale, last: float) -> list[tuple[float, float]]:
    """Each radius where the curve may fall, on the axis, and its level just above."""
    levels = [*(share.value for share in steps.shares[1:]), last]
    return [(scale.at(r), level) for r, level in zip(steps.radii, levels, strict=True)]


def _stroke(path: str, style: str, title: str) -> str:
    return (
        f'<path d="{path}" fill="none" style="{style.replace("fill", "stroke")}" '
        f'stroke-width="2.4" stroke-linejoin="round"><title>{title}</title></path>'
    )


def _distance_rules(frame: Frame, size: Size, scale: Scale, name: str) -> list[str]:
    parts = [f'<text x="0" y="{size.font}">{name}</text>']
    for mark, place in scale.marks(5).items():
        y = frame.y(place)
        parts.append(
            f'<path d="M{frame.left} {y:.1f}H{frame.width - frame.right}" stroke="currentColor" '
            f'stroke-opacity="{0.14 if mark else 0.55}"/>'
            f'<text x="{frame.left - 7}" y="{y + size.font * 0.35:.1f}" text-anchor="end" '
            f'fill-opacity=".75">{mark:g}</text>'
        )
    return parts


def _column(frame: Frame, place: int, each: Ends, scale: Scale) -> list[str]:
    """The two ends of an input; the title says them, the radius down and the distance up."""
    x = frame.x(float(place))
    width = frame.x(place + 1.0) - x
    room = min(width * 0.18, 3.0)
    bottom, top = frame.y(0.0), frame.y(frame.y_high)
    radius, distance = frame.y(scale.at(each.radius)), frame.y(scale.at(each.distance))
    found = each.distance < math.inf
    title = escape(
        f"input {each.index}: certified below {format_down(each.radius)}, "
        + (f"adversarial at {format_up(each.distance)}" if found else "nothing verified above")
    )
    bars = [(radius, bottom, CERTIFIED, ".85")] if each.radius else []
    bars += [(top, distance, ATTACKED, ".75")] if found else []
    boxes = "".join(
        f'<rect x="{x + room:.1f}" y="{y:.1f}" width="{width - 2 * room:.1f}" '
        f'height="{foot - y:.1f}" style="{style}" fill-opacity="{opacity}"/>'
        for y, foot, style, opacity in bars
    )
    ground = (
        f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{bottom - top:.1f}" '
        'fill="none" pointer-events="all"/>'
    )
    return [f"<g><title>{title}</title>{ground}{boxes}</g>"]


def _svg(size: Size, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {size.width} {size.height}" role="img" aria-label="{escape(label)}" '
        f'font-size="{size.font}" fill="currentColor" style="font-variant-numeric:tabular-nums">'
        + "".join(parts)
        + "</svg>"
    )
