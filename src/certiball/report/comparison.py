"""Laws side by side as a matplotlib figure: a panel for each norm, a bar for each law."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from certiball.atomic import write_atomically
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.report.palette import LIGHT
from certiball.report.plots import FORMATS


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What a law certifies for the right class.

    Args:
        law: its text.
        arithmetic: 'lattice' or 'float'.
        right: how many inputs have a certificate for their true class.
        radii: for each norm the radius of each input, 0 where none is proven or the class is wrong.
    """

    law: str
    arithmetic: str
    right: int
    radii: dict[Norm, tuple[float, ...]]

    def mean(self, norm: Norm) -> float | None:
        """The average certified radius; None in norms that no theorem gives the law."""
        radii = self.radii.get(norm)
        return None if not radii else sum(radii) / len(radii)


def norms_of(scored: Sequence[Scored]) -> tuple[Norm, ...]:
    """The norms in which any of the laws has a radius, in the order of the norms."""
    return tuple(norm for norm in Norm if any(norm in each.radii for each in scored))


def comparison_figure(scored: Sequence[Scored], *, inches: float = 6.5) -> Figure:
    """Average certified radii, one panel for each norm, with the radius of each input as a dot.

    Args:
        scored: at least one law.
        inches: width.

    Raises:
        InputError: if there is no law with a radius in any norm.
    """
    norms = norms_of(scored)
    if not norms:
        raise InputError("a figure needs at least 1 law with a theorem, and there is none")
    height = 0.9 + len(norms) * (0.35 + 0.24 * len(scored))
    figure = Figure(figsize=(inches, height), layout="constrained")
    panels = figure.subplots(len(norms), squeeze=False)[:, 0]
    for axes, norm in zip(panels, norms, strict=True):
        _draw(axes, norm, scored)
    figure.supxlabel("certified radius: bars are averages, dots are inputs", fontsize=9)
    return figure


def write_comparison(path: Path, scored: Sequence[Scored]) -> None:
    """Write the figure as PNG, PDF or SVG, as the file's name says.

    Raises:
        InputError: if the name ends in something else, or there is nothing to draw.
        StoreError: if the file cannot be written.
    """
    check_format(path)
    content = io.BytesIO()
    with rc_context({"pdf.fonttype": 42, "svg.fonttype": "none"}):
        figure = comparison_figure(scored)
        kind = path.suffix.lower().removeprefix(".")
        figure.savefig(content, format=kind, dpi=300, facecolor="white")  # on dark pages too
    write_atomically(path, content.getvalue())


def check_format(path: Path) -> None:
    """Refuse names that no figure can be written to.

    Raises:
        InputError: if the name ends in anything but .png, .pdf or .svg.
    """
    if path.suffix.lower().removeprefix(".") not in FORMATS:
        raise InputError(f"{path}: a figure's name must end in .png, .pdf or .svg")


def _draw(axes: Axes, norm: Norm, scored: Sequence[Scored]) -> None:
    places = [place for place, each in enumerate(scored) if norm in each.radii]
    for place in places:
        radii = scored[place].radii[norm]
        axes.barh(place, scored[place].mean(norm) or 0.0, height=0.62, color=LIGHT[0], alpha=0.45)
        axes.plot(radii, [place] * len(radii), "o", color=LIGHT[0], markersize=2.5, alpha=0.7)
    axes.set_yticks(range(len(scored)), [each.law for each in scored], fontsize=8)
    for place in set(range(len(scored))) - set(places):
        axes.text(0, place, " no theorem", va="center", fontsize=7, color=LIGHT[5])
    axes.set_ylim(len(scored) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_title(str(norm), loc="left", fontsize=9)
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
