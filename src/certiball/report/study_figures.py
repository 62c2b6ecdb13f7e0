"""The five figures of the study of attacks, for papers and for its page."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure

from certiball.atomic import write_atomically
from certiball.report.from_run import study_of_run
from certiball.report.palette import LIGHT
from certiball.report.plots import FORMATS, LINES, curve_figure
from certiball.report.study_scatter import distortion_figure
from certiball.runs.read import read_run
from certiball.study.conduct import Study
from certiball.study.crossing import Crossing
from certiball.study.endpoints import Endpoints
from certiball.study.figures import NO_NOISE
from certiball.study.slices import Slice

INCHES = (5.5, 3.4)
BINS = 41
LETTERS = 8  # points, of every figure of the study
INK = "#1a1c20"


def study_figures(study: Study) -> dict[str, Figure]:
    """The five figures by name, in their order."""
    sigma = study.plan.sigmas[0]
    return {
        "crossing": crossing_figure(study.crossings, sigma),
        "map": map_figure(study.map, len(study.classes)),
        "endpoints": endpoints_figure(study.endpoints, sigma),
        "certified": certified_figure(study),
        "distortion": distortion_figure(study.results),
    }


def write_figures(folder: Path, figures: dict[str, Figure], kinds: Sequence[str]) -> None:
    """Write each figure in each format, as NAME.svg and so on.

    Raises:
        StoreError: if a file cannot be written.
    """
    dates: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    for name, figure in figures.items():
        for kind in kinds:
            assert kind in FORMATS
            content = io.BytesIO()
            # Fonts that journals accept, text that stays text, and the same bytes again.
            with rc_context(
                {"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "certiball"}
            ):
                figure.savefig(
                    content, format=kind, dpi=200, facecolor="white", metadata=dates.get(kind)
                )
            write_atomically(folder / f"{name}.{kind}", content.getvalue())


def crossing_figure(lines: Sequence[Crossing], sigma: float) -> Figure:
    """Figure 1: how often g is wrong, by the place on the way; shaded: 95 % intervals."""
    figure, axes = _one()
    for series, line in enumerate(lines):
        places = np.array(line.places)
        low, high = np.array(line.bounds).T
        tint = LIGHT[series % len(LIGHT)]
        axes.fill_between(places, low, high, color=tint, alpha=0.14, linewidth=0)
        style = LINES[series % len(LINES)]
        axes.plot(places, line.shares, color=tint, linestyle=style, label=f"n = {line.n}")
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.axhline(0.5, color=INK, linewidth=0.5, alpha=0.4)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel("L2 distance past the boundary of f")
    axes.set_ylabel("P[g answers another class]")
    _dress(axes)
    _legend(axes, f"σ = {sigma:g}")
    return figure


def map_figure(made: Slice, classes: int) -> Figure:
    """Figure 2: labels of a plane through an image, without noise and under it."""
    titles = list(made.maps)
    columns = min(4, len(titles))
    rows = -(-len(titles) // columns)
    figure = Figure(figsize=(1.9 * columns, 2.15 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    colours = _class_colours(classes)
    for axes, title in zip(panels, titles, strict=False):
        axes.imshow(
            made.maps[title],
            origin="lower",
            cmap=colours,
            vmin=-0.5,
            vmax=classes - 0.5,
            extent=(-made.half, made.half, -made.half, made.half),
            interpolation="nearest",
        )
        axes.plot([0], [0], marker="+", color="white", markersize=9, markeredgewidth=2.6)
        axes.plot([0], [0], marker="+", color=INK, markersize=8, markeredgewidth=1.1)
        axes.set_title("f, no noise" if title == NO_NOISE else f"g, {title}", fontsize=LETTERS)
        axes.tick_params(labelsize=LETTERS)
    for axes in panels[len(titles) :]:
        axes.set_visible(False)
    return figure


def endpoints_figure(ends: Sequence[Endpoints], sigma: float) -> Figure:
    """Figure 3: where noisy bisections end, as densities."""
    figure, axes = _one()
    every = np.concatenate([each.places for each in ends])
    low, high = np.quantile(every, [0.005, 0.995])
    edges = np.linspace(low - 0.02 * (high - low), high + 0.02 * (high - low), BINS)
    for series, each in enumerate(ends):
        density, _ = np.histogram(each.places, bins=edges, density=True)
        tint = LIGHT[series % len(LIGHT)]
        mean = f"{each.mean:.2g}".replace("-", "\u2212")
        label = f"n = {each.n}: mean {mean}, deviation {each.deviation:.2g}"
        style = LINES[series % len(LINES)]
        axes.stairs(density, edges, color=tint, linestyle=style, linewidth=1.4, label=label)
        axes.stairs(density, edges, color=tint, fill=True, alpha=0.10)
    axes.axvline(0, ymax=0.7, color=INK, linewidth=0.8)
    axes.set_ylim(0, 1.4 * axes.dataLim.y1)  # room for the legend
    axes.set_xlabel("end of the bisection: L2 distance past the boundary of f")
    axes.set_ylabel("density")
    _dress(axes)
    _legend(axes, f"σ = {sigma:g}")
    return figure


def certified_figure(study: Study) -> Figure:
    """Figure 4: certified accuracy by the radius, of each network and σ."""
    figure = curve_figure(
        [study_of_run(read_run(folder), title=title) for title, folder in study.runs.items()],
        inches=INCHES,
    )
    _dress(figure.axes[0])
    figure.axes[0].legend(frameon=False, fontsize=LETTERS)
    return figure


def _one() -> tuple[Figure, Axes]:
    figure = Figure(figsize=INCHES, layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.25, linewidth=0.6)
    return figure, axes


def _dress(axes: Axes) -> None:
    axes.tick_params(labelsize=LETTERS)
    axes.xaxis.label.set_fontsize(LETTERS)
    axes.yaxis.label.set_fontsize(LETTERS)


def _legend(axes: Axes, title: str) -> None:
    axes.legend(
        frameon=False,
        fontsize=LETTERS,
        title=title,
        title_fontsize=LETTERS,
        alignment="left",
        loc="best",
    )


def _class_colours(classes: int) -> ListedColormap:
    """A colour for each class: the six of the palette, then paler, then darker, and so on."""
    shades = (0.0, 0.55, -0.45, 0.78)
    colours = []
    for number in range(classes):
        shade = shades[(number // len(LIGHT)) % len(shades)]
        goal = np.ones(3) if shade > 0 else np.zeros(3)
        colour = np.array(to_rgb(LIGHT[number % len(LIGHT)]))
        colours.append(tuple(colour + abs(shade) * (goal - colour)))
    return ListedColormap(colours)
