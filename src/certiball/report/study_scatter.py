"""Figure 5 of the study: mean distance against accuracy, a panel for each attack and level."""

import math
from collections.abc import Iterable, Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from certiball.report.palette import LIGHT
from certiball.study.claims import ADAPTIVE
from certiball.study.table import Results, Row

MARKS = ("o", "s", "^", "D", "v", "P")  # by n
INK = "#1a1c20"
ORDER = ("HSJA", ADAPTIVE, "SurFree", "RayS")
PANEL = (2.35, 2.5)  # inches
MARK, STAR = 7.0, 11.0  # points; a star looks smaller


def distortion_figure(results: Results) -> Figure:
    """Hollow as the attack claims it, full as fresh noise confirms it, joined by a line.

    Args:
        results: of a study; rows of another space are left out.
    """
    rows = [row for row in results.rows if row.space == results.space]
    attacks = sorted({row.attack for row in rows}, key=ORDER.index)
    known = sorted({row.level for row in rows if row.level is not None})
    levels: list[float | None] = [*known] or [None]
    groups = _groups(rows)
    votes = sorted({row.defence.n for row in rows if row.defence.n is not None})
    figure = Figure(
        figsize=(PANEL[0] * len(attacks), PANEL[1] * len(levels) + 0.7), layout="constrained"
    )
    panels = figure.subplots(len(levels), len(attacks), squeeze=False, sharex=True, sharey=True)
    for across, level in zip(panels, levels, strict=True):
        for axes, attack in zip(across, attacks, strict=True):
            for row in _shown(rows, attack, level):
                _point(axes, row, groups, votes)
            _dress(axes, attack if level == levels[0] else "")
        said = "" if level is None else f"\nP_a = {level:g}"
        across[0].set_ylabel(f"mean L2 distance{said}", fontsize=8)
    panels[0][0].set_ylim(bottom=0)
    figure.supxlabel("clean accuracy", fontsize=8)
    figure.legend(
        handles=_keys(groups, votes),
        loc="outside upper center",
        ncols=5,
        frameon=False,
        fontsize=8,
    )
    return figure


def _shown(rows: Sequence[Row], attack: str, level: float | None) -> Iterator[Row]:
    """The rows of a panel; beside the adaptive HSJA, the published one where there is no noise."""
    for row in rows:
        bare = "HSJA" if attack == ADAPTIVE else attack
        if row.attack == (attack if row.defence.smoothed else bare) and row.level in (None, level):
            yield row


def _groups(rows: Sequence[Row]) -> dict[str, str]:
    """A colour for each network and σ, in the order of the table."""
    names = dict.fromkeys(row.defence.without_votes for row in rows)
    return {name: (INK, *LIGHT)[place % (len(LIGHT) + 1)] for place, name in enumerate(names)}


def _point(axes: Axes, row: Row, groups: dict[str, str], votes: Sequence[int]) -> None:
    tint = groups[row.defence.without_votes]
    n = row.defence.n
    mark = "*" if n is None else MARKS[votes.index(n) % len(MARKS)]
    size = STAR if n is None else MARK
    claimed, verified = row.mean_claimed, row.mean_verified
    if math.isfinite(claimed) and math.isfinite(verified):
        axes.plot(
            [row.accuracy] * 2, [claimed, verified], "-", color=tint, linewidth=0.9, alpha=0.6
        )
    for height, face in ((verified, tint), (claimed, "white")):
        axes.plot(
            [row.accuracy],
            [height],
            linestyle="",
            marker=mark,
            markersize=size,
            markerfacecolor=face,
            markeredgecolor=tint,
        )


def _dress(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=8)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, linewidth=0.6)


def _keys(groups: dict[str, str], votes: Iterable[int]) -> list[Line2D]:
    found = [
        Line2D([], [], color=tint, marker="s", linestyle="", markersize=MARK, label=name)
        for name, tint in groups.items()
    ]
    found += [_key("*", STAR, INK, "without noise")]
    found += [
        _key(MARKS[place % len(MARKS)], MARK, INK, f"n = {n}") for place, n in enumerate(votes)
    ]
    return [*found, _key("o", MARK, "white", "claimed"), _key("o", MARK, INK, "verified")]


def _key(mark: str, size: float, face: str, label: str) -> Line2D:
    return Line2D(
        [],
        [],
        marker=mark,
        linestyle="",
        markersize=size,
        markerfacecolor=face,
        markeredgecolor=INK,
        label=label,
    )
