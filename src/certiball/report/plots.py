"""The curve of certified accuracy as a matplotlib figure, for papers. Only this file needs it."""

import io
from collections.abc import Sequence
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from certiball.atomic import write_atomically
from certiball.errors import InputError
from certiball.report.curves import clean_accuracy, curve
from certiball.report.measure import alike, counts, radius_name
from certiball.report.palette import LIGHT
from certiball.report.study import Study

FORMATS = ("png", "pdf", "svg")
LINES = ("-", (0, (6, 2)), (0, (1.5, 2)), (0, (7, 2, 1.5, 2)), (0, (4, 1.5)), (0, (1, 2.5)))


def curve_figure(studies: Sequence[Study], *, inches: tuple[float, float] = (5.5, 3.4)) -> Figure:
    """Certified accuracy against the radius with 95 % bands, one curve per study.

    Dots are at radii that votes stopped for: nothing was asked between them.

    Args:
        studies: at least one.
        inches: width and height.

    Raises:
        InputError: if there is no study, or their radii are in several norms or units.
    """
    if not studies:
        raise InputError("a figure needs at least 1 study, not 0")
    if len(alike(studies)) > 1:
        raise InputError(
            "radii in several norms or units have no axis in common: draw those of one at a time"
        )
    figure = Figure(figsize=inches, layout="constrained")
    axes = figure.add_subplot()
    for series, study in enumerate(studies):
        _draw(axes, study, series)
    axes.set_xlim(left=0)
    axes.set_ylim(0, 1)
    axes.set_xlabel(radius_name(studies))
    if counts(studies):
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("certified accuracy")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25, linewidth=0.6)
    axes.legend(frameon=False)
    return figure


def write_figure(path: Path, studies: Sequence[Study]) -> None:
    """Write the figure as PNG, PDF or SVG, as the file's name says.

    Raises:
        InputError: as `curve_figure`, or if the name ends in something else.
        StoreError: if the file cannot be written.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise InputError(f"{path}: a figure's name must end in .png, .pdf or .svg")
    content = io.BytesIO()
    # Fonts that journals accept, and text that stays text.
    with rc_context({"pdf.fonttype": 42, "svg.fonttype": "none"}):
        curve_figure(studies).savefig(content, format=kind, dpi=300, facecolor="white")
    write_atomically(path, content.getvalue())


def _draw(axes: Axes, study: Study, series: int) -> None:
    steps = curve(study)
    style = LINES[(series + series // len(LIGHT)) % len(LINES)]
    tint = LIGHT[series % len(LIGHT)]
    # "pre": the value at a radius holds back to the radius before, as the curve is defined.
    radii = [*steps.radii, steps.radii[-1]]
    # Where nobody asked further a curve ends, and does not fall.
    end = steps.shares[-1].value if steps.radii[-1] == study.limit else 0.0
    values = [*(share.value for share in steps.shares), end]
    name = study.title
    if study.unfinished:
        name += f" ({study.size} of {study.planned} inputs)"
    axes.step(radii, values, where="pre", color=tint, linestyle=style, linewidth=1.6, label=name)
    low, high = ([getattr(share, name) for share in steps.shares] for name in ("low", "high"))
    axes.fill_between(steps.radii, low, high, step="pre", color=tint, alpha=0.14, linewidth=0)
    if study.targets:  # known there only
        axes.plot(steps.radii[1:], values[1:-1], "o", color=tint, markersize=4)
    clean = clean_accuracy(study)
    if clean is not None:
        axes.plot([0], [clean.value], marker="D", color=tint, markersize=5, clip_on=False)
