"""Pictures of transformations: a digit under each, and what can be certified. One SVG for each.

    python docs/pictures/transforms.py [NAME …]     # by default all below

Images are made by the functions of `certiball.transforms`, curves by the theorems and by the cover
of an interval.
"""

import math
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from digit import digits
from torch import Tensor

from certiball.balls import Norm
from certiball.laws import Law
from certiball.laws.brightness import Brightness
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.folded_normal_blur import FoldedNormalBlur
from certiball.laws.translation import Translation
from certiball.laws.uniform_blur import UniformBlur
from certiball.report.pictures import data_uri
from certiball.theorems import theorem
from certiball.theorems.bounds import Bounds
from certiball.theorems.contrast_brightness_parameter import brightness_at
from certiball.transforms.blur import blur
from certiball.transforms.brightness import brightness
from certiball.transforms.contrast_brightness import contrast_brightness
from certiball.transforms.cover import cover
from certiball.transforms.rotation import Rotations, rotation
from certiball.transforms.scaling import Scalings, scaling
from certiball.transforms.translation import translation
from certiball.transforms.warp import Warp

HERE = Path(__file__).resolve().parent
SIDE, GAP, TOP = 88, 8, 26  # of an image, in the picture's pixels
INK = "#888"
LINES = ("#3f7fbf", "#c07030", "#4f9f5f")
PANEL, HEIGHT, LEFT = 264, 150, 40  # of the plot at the right
LIKELIEST = 0.999
Point = tuple[float, float]
Strip = list[tuple[str, Tensor]]
Curves = dict[str, list[Point]]


def image() -> Tensor:
    """A digit of 8 × 8 pixels as one of 28 × 28, values in [0, 1]."""
    small = digits("test").inputs[2, 0] / 256
    return torch.from_numpy(np.pad(np.kron(small, np.ones((3, 3))), 2))[None]


def strip(
    act: Callable[..., Tensor], values: Sequence[tuple[str, tuple[float, ...]]], whole: bool = False
) -> Strip:
    """The digit under a transformation, by captions and parameters."""
    kind = torch.int64 if whole else torch.float64
    return [
        (said, act(image(), *(torch.tensor([v], dtype=kind) for v in vs))[0]) for said, vs in values
    ]


def radii(laws: dict[str, Law]) -> Curves:
    """Radii in the parameter by the bound on the class's probability."""
    chances = np.linspace(0.5, LIKELIEST, 200)
    return {
        name: [
            (p, theorem(law, Norm.PARAMETER).radius(law, Bounds(p_lower=p), Fraction(0), 1))
            for p in map(float, chances)
        ]
        for name, law in laws.items()
    }


def gaps(warps: dict[str, Warp]) -> Curves:
    """The cover's M by the number of points, on a logarithmic axis."""
    counts = [3, 4, 6, 9, 14, 21, 31, 45, 61]
    return {
        name: [(math.log10(n), cover(image(), warp, n, lambda x: x).gap) for n in counts]
        for name, warp in warps.items()
    }


def contrast() -> Curves:
    law = ContrastBrightness(contrast=0.3, brightness=0.2)
    changes = [float(k) for k in np.linspace(-0.6, 0.6, 241)]
    return {
        name: [(k, brightness_at(law, p, k)) for k in changes]
        for name, p in (("p̲ = 0.999", 0.999), ("0.95", 0.95), ("0.8", 0.8))
    }


def drawn(title: str, pictures: Strip, curves: Curves, axes: tuple[str, str, list[float]]) -> str:
    """A strip, and to the right of it the curves if there are any."""
    width = GAP + len(pictures) * (SIDE + GAP) + (PANEL if curves else 0)
    parts = [_words(GAP, 16, title, "start")]
    for place, (said, shown) in enumerate(pictures):
        left = GAP + place * (SIDE + GAP)
        grey = np.repeat(np.clip(255 * shown.numpy().round(9), 0, 255)[..., None], 3, axis=2)
        parts.append(
            f'<image x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}" '
            f'style="image-rendering:pixelated" href="{data_uri(grey.astype(np.uint8))}"/>'
            f'<path d="M{left},{TOP}h{SIDE}v{SIDE}h-{SIDE}z" fill="none" stroke="{INK}"/>'
        )
        parts.append(_words(left + SIDE / 2, TOP + SIDE + 16, said))
    if curves:
        parts += _plot(curves, axes, width - PANEL)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" '
        f'width="{width}" height="{HEIGHT}" font-family="sans-serif" role="img">'
        f"<title>{title}</title>{''.join(parts)}</svg>\n"
    )


def _plot(curves: Curves, axes: tuple[str, str, list[float]], start: float) -> list[str]:
    below, above, ticks = axes
    every = [point for line in curves.values() for point in line]
    (low, high), most = (
        (min(x for x, _ in every), max(x for x, _ in every)),
        max(y for _, y in every),
    )
    left, right, bottom = start + LEFT, start + PANEL - 26, TOP + SIDE

    def at(x: float, y: float) -> Point:
        across = left + (x - low) / (high - low) * (right - left)
        return across, bottom - min(y / most, 1) * (bottom - TOP)

    logarithmic = below.startswith("points")
    parts = [
        f'<path d="M{left},{TOP}V{bottom}H{right}" fill="none" stroke="{INK}"/>',
        _words((left + right) / 2, HEIGHT - 6, below),
        _words(left, 16, above, "start"),
        _words(left - 4, TOP + 4, f"{most:.3g}", "end"),
        _words(left - 4, bottom + 4, "0", "end"),
    ]
    parts += [
        _words(at(math.log10(x) if logarithmic else x, 0)[0], bottom + 16, f"{x:g}") for x in ticks
    ]
    for number, (name, line) in enumerate(curves.items()):
        path = "L".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in line))
        parts.append(f'<path d="M{path}" fill="none" stroke="{LINES[number]}" stroke-width="1.5"/>')
        if len(curves) > 1:
            where = (right, "end") if logarithmic else (left + 6, "start")
            parts.append(_words(where[0], TOP + 8 + 14 * number, name, where[1], LINES[number]))
    return parts


def _words(x: float, y: float, said: str, anchor: str = "middle", ink: str = INK) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {place} font-size="11" fill="{ink}">{said}</text>'


BOUND = "p̲, lower bound on the class"
SHIFT = (4, 7)


def pictures() -> dict[str, Callable[[], str]]:
    """What is drawn, by name."""
    chances = [0.5, 0.75, 0.999]
    return {
        "brightness": lambda: drawn(
            "x + b, brightness",
            strip(brightness, [(f"b = {b:g}", (b,)) for b in (-0.4, -0.2, 0.0, 0.2, 0.4)]),
            radii({"": Brightness(sigma=0.2)}),
            (BOUND, "|b| certified, sigma=0.2", chances),
        ),
        "contrast-brightness": lambda: drawn(
            "eᵏ(x + b), contrast and brightness",
            strip(
                contrast_brightness,
                [
                    (f"k = {k:g}, b = {b:g}", (k, b))
                    for k, b in ((-0.6, 0.0), (-0.6, 0.3), (0.0, 0.0), (0.3, -0.2), (0.3, 0.2))
                ],
            ),
            contrast(),
            (
                "k, change of contrast",
                "|b| certified (spreads 0.3, 0.2)",
                [-0.5, 0.0, 0.5],
            ),
        ),
        "blur": lambda: drawn(
            "Gaussian blur by its variance, in square pixels",
            strip(blur, [(f"a = {a:g}", (a,)) for a in (0.0, 0.5, 1.0, 3.0, 10.0)]),
            radii(
                {
                    "exponential": ExponentialBlur(scale=1.0),
                    "folded normal": FoldedNormalBlur(sigma=math.sqrt(math.pi / 2)),
                    "uniform": UniformBlur(scale=2.0),
                }
            ),
            (BOUND, "a certified, noise of mean 1", chances),
        ),
        "translation": lambda: drawn(
            "Rolls by whole pixels",
            strip(
                translation,
                [
                    (f"{d} down, {r} right", (d, r))
                    for d, r in ((0, 0), (0, 3), (4, 7), (12, 0), (-9, -9))
                ],
                whole=True,
            ),
            radii({"": Translation(sigma=2.0)}),
            (BOUND, "√(dx² + dy²) certified, sigma=2", chances),
        ),
        "borders": lambda: drawn(
            f"A shift by {SHIFT[0]} down and {SHIFT[1]} right",
            [
                (border, translation(image(), *(torch.tensor([s]) for s in SHIFT), border)[0])
                for border in ("circular", "black", "reflect")
            ],
            {},
            ("", "", []),
        ),
        "rotation": lambda: drawn(
            "Rotations, bilinear, black around",
            strip(rotation, [(f"{a:g}°", (a,)) for a in (-30.0, -10.0, 0.0, 10.0, 30.0)]),
            gaps({f"±{d:g}°": Rotations(degrees=d) for d in (30.0, 10.0, 3.0)}),
            ("points that are certified", "M, the L2 radius they need", [3, 10, 30, 60]),
        ),
        "scaling": lambda: drawn(
            "Scalings, bilinear, black around",
            strip(scaling, [(f"× {s:g}", (s,)) for s in (0.6, 0.9, 1.0, 1.1, 1.5)]),
            gaps(
                {
                    f"{low:g} to {high:g}": Scalings(low=low, high=high)
                    for low, high in ((0.7, 1.4), (0.9, 1.1), (0.97, 1.03))
                }
            ),
            ("points that are certified", "M, the L2 radius they need", [3, 10, 30, 60]),
        ),
    }


if __name__ == "__main__":
    known = pictures()
    for name in sys.argv[1:] or known:
        (HERE / f"{name}.svg").write_text(known[name](), encoding="utf-8")
