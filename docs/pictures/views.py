"""Pictures of laws whose views are all asked, drawn from the code: views, and radii by votes.

    python docs/pictures/views.py

On the left an image with a patch painted on it, and two of its views, by the law's own sampler:
one that sees nothing of the patch, and one that does. On the right the certified radius by the
votes for the class, where all other votes are for one other class.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from certiball.balls import Norm
from certiball.datasets.digits import digits
from certiball.laws.bands import Bands
from certiball.laws.blocks import Blocks
from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.laws.enumerated import EnumeratedLaw
from certiball.report.pictures import data_uri
from certiball.samplers import sampler_for
from certiball.shapes import Array
from certiball.spaces import Grid
from certiball.theorems import count_theorem
from laws import HEIGHT, INK, STREAM, WIDTH, Panel

HERE = Path(__file__).resolve().parent
GRID = Grid.uint8()
PATCH, UNSEEN = (214, 120, 60), (130, 170, 210)
COLOURS = ("#3f7fbf", "#8a6fc0", "#4fa08a")
SIZE = 88  # of an image, in the picture's pixels


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What is drawn of a law.

    Args:
        laws: with growing parameters, on inputs of the same shape; the first is shown.
        norm: of the radii.
        views: two of the first law's.
        label: of the axis.
    """

    laws: Sequence[EnumeratedLaw]
    norm: Norm
    views: tuple[int, int]
    label: str


PICTURES = {
    "bands": Picture(
        laws=[Bands(width=s, columns=28) for s in (4, 2, 8)],
        norm=Norm.PATCH,
        views=(2, 13),
        label="side of the patch",
    ),
    "blocks": Picture(
        laws=[Blocks(side=s, rows=28, columns=28) for s in (9, 5, 12)],
        norm=Norm.PATCH,
        views=(2 * 28 + 9, 12 * 28 + 13),
        label="side of the patch",
    ),
    "deterministic-splitting": Picture(
        laws=[
            DeterministicSplitting(scale=Fraction(q, 510), step=Fraction(1, 255))
            for q in (255, 510, 1020)
        ],
        norm=Norm.L1,
        views=(40, 170),
        label="L1 radius",
    ),
}


def image(patch: bool) -> Array:
    """A digit of 28 × 28 levels, with a patch of 5 × 5 if asked for."""
    levels = np.pad(np.kron(digits("test").inputs[2, 0], np.ones((3, 3))), 2)
    levels = np.rint(levels * 255 / 256).astype(np.int64)
    if patch:
        levels[13:18, 15:20] = 255 - levels[13:18, 15:20]
    return levels


def seen(law: EnumeratedLaw, levels: Array, number: int) -> tuple[Array, Array]:
    """One view as grey values from 0 to 1, and which of its pixels are not seen."""
    stream = replace(STREAM, first=number)
    row = sampler_for(law, GRID, levels.shape).noisy(levels.reshape(-1), stream, 1)
    channels = row.reshape(-1, *levels.shape)
    return channels[0], (channels == 0).all(0) & (len(channels) > 1)


def tile(grey: Array, left: float, words: str, marks: dict[tuple[int, int, int], Array]) -> str:
    """An image with coloured pixels, and words below."""
    pixels = np.repeat(np.clip(255 * grey, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    for colour, where in marks.items():
        pixels[where] = colour
    place = f'x="{left}" y="44" width="{SIZE}" height="{SIZE}"'
    return (
        f'<image {place} style="image-rendering:pixelated" href="{data_uri(pixels)}"/>'
        f'<rect {place} fill="none" stroke="{INK}"/>'
        f'<text x="{left + SIZE / 2}" y="150" text-anchor="middle" font-size="11" '
        f'fill="{INK}">{words}</text>'
    )


def tiles(picture: Picture) -> str:
    """The image and its views."""
    law, painted = picture.laws[0], picture.norm is Norm.PATCH
    levels = image(patch=painted)
    changed = image(patch=False) != levels
    shown = [tile(levels / 255, 8, "patched" if painted else "an input", {PATCH: changed})]
    for place, number in enumerate(picture.views, start=1):
        grey, hidden = seen(law, levels, number)
        reached = changed & ~hidden
        words = "reached" if reached.any() else "not reached"
        marks = {UNSEEN: hidden, PATCH: reached}
        text = words if painted else f"view {number}"
        shown.append(tile(grey, 8 + place * (SIZE + 12), text, marks))
    return "".join(shown)


def radii(picture: Picture) -> str:
    """The radius by the share of votes for the class, one line for each law."""
    curves = []
    for law in picture.laws:
        radius = count_theorem(law, picture.norm).radius
        votes = np.arange((law.views + 2) // 2, law.views + 1)
        found = [radius(law, (law.views - k, k), 1) for k in votes.tolist()]
        curves.append((votes / law.views, np.array(found)))
    highest = max(curve.max() for _, curve in curves)
    panel = Panel(
        title=f"{picture.label} by share of votes",
        x_low=0.5,
        x_high=1.0,
        y_high=float(np.ceil(highest)) if highest > 2 else float(highest),
    )
    for (shares, found), colour, law in zip(curves, COLOURS, picture.laws, strict=True):
        if picture.norm is Norm.PATCH:  # whole numbers
            shares, found = np.repeat(shares, 2)[1:], np.repeat(found, 2)[:-1]
        panel.line(shares, found, colour)
        x, y = panel.at(1.0, float(found[-1]))
        panel.parts.append(
            f'<text x="{x + 4}" y="{y + 4}" font-size="11" fill="{colour}">{_parameter(law)}</text>'
        )
    return panel.svg()


def _parameter(law: EnumeratedLaw) -> str:
    if isinstance(law, Bands):
        return f"s = {law.width}"
    if isinstance(law, Blocks):
        return f"s = {law.side}"
    return f"λ = {getattr(law, 'scale', '')}"


def svg(picture: Picture) -> str:
    """Everything side by side."""
    left = 8 + 3 * (SIZE + 12)
    width, height = left + WIDTH + 40, HEIGHT + 20  # and the names of lines
    law = picture.laws[0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" role="img">'
        f'<title>{law}</title><text x="{width / 2}" y="16" text-anchor="middle" font-size="14" '
        f'fill="{INK}">{law}</text>{tiles(picture)}'
        f'<g transform="translate({left},20)">{radii(picture)}</g></svg>\n'
    )


if __name__ == "__main__":
    for name, picture in PICTURES.items():
        (HERE / f"{name}.svg").write_text(svg(picture), encoding="utf-8")
