"""Anisotropic noise with the ellipse and the ball that it certifies, and their radii by the bound.

python docs/pictures/tailored.py
"""

from fractions import Fraction
from pathlib import Path

import numpy as np

from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.gaussian import Gaussian
from certiball.samplers import sampler_for
from certiball.spaces import Reals
from certiball.theorems import gaussian_l2
from certiball.theorems.anisotropic_gaussian_l2 import ellipsoid, radius
from certiball.theorems.bounds import Bounds
from laws import HEIGHT, INK, LIKELIEST, LINE, STREAM, WIDTH, Panel

LAW = AnisotropicGaussian(deviations=(1.3, 0.5))
SAME = Gaussian(sigma=LAW.deviation(2))
AT = Bounds(p_lower=0.9)
BALL = "#4f9a5a"
SIDE, LEFT, TOP, REACH = 156, 52, 26, 3.0  # of the plane, in pixels; in units of the noise


def plane() -> str:
    """Draws around an input, and what is certified there."""
    points = sampler_for(LAW, Reals(), (2,)).noisy(np.zeros(2, np.float32), STREAM, 500)
    inside = points[np.abs(points).max(1) < REACH]
    dots = "".join(
        f'<circle cx="{_at(x):.1f}" cy="{TOP + _at(y) - LEFT:.1f}" r="1.1"/>'
        for x, y in inside.tolist()
    )
    found = ellipsoid(LAW, AT, Fraction(0), 2)
    assert found is not None
    shapes = "".join(
        f'<ellipse cx="{_at(0)}" cy="{TOP + SIDE / 2}" rx="{a * SIDE / 2 / REACH:.1f}" '
        f'ry="{b * SIDE / 2 / REACH:.1f}" fill="none" stroke="{colour}" stroke-width="1.8"'
        f"{dashes}/>"
        for a, b, colour, dashes in (
            (*(found.scale * axis for axis in found.axes), LINE, ""),
            (found.inner_radius, found.inner_radius, BALL, ""),
            (*2 * (gaussian_l2.radius(SAME, AT),), INK, ' stroke-dasharray="5 3"'),
        )
    )
    frame = f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none"'
    words = f'<text x="{LEFT + SIDE / 2}" y="18" text-anchor="middle" font-size="13"'
    return (
        f'<g fill="{INK}" fill-opacity=".55">{dots}</g>{shapes}{frame} stroke="{INK}"/>'
        f'{words} fill="{INK}">certified at p̲ = .9</text>'
    )


def _at(x: float) -> float:
    return LEFT + (x / REACH + 1) / 2 * SIDE


def curves() -> str:
    """Radii by the bound: of the ball, of a ball as large as the ellipse, of isotropic noise."""
    plot = Panel(title="L2 radius by p̲", x_low=0.5, x_high=1.0, y_high=3.2)
    bounds = np.linspace(0.501, LIKELIEST, 200)
    found = [Bounds(p_lower=float(p)) for p in bounds]
    ball = [radius(LAW, each) for each in found]
    whole = [ellipsoid(LAW, each, Fraction(0), 2) for each in found]
    proxy = [each.proxy_radius if each else 0.0 for each in whole]
    same = [gaussian_l2.radius(SAME, each) for each in found]
    rows = (
        ("ball inside", ball, BALL, ""),
        ("ball of its volume", proxy, LINE, ""),
        ("isotropic noise", same, INK, "5 3"),
    )
    for row, (name, values, colour, dashes) in enumerate(rows):
        plot.line(bounds, np.array(values), colour, dashes)
        height = 3.0 - 0.32 * row
        plot.line(np.array([0.53, 0.59]), np.array([height, height]), colour, dashes)
        x, y = plot.at(0.61, height)
        plot.parts.append(
            f'<text x="{x:.1f}" y="{y + 4:.1f}" font-size="11" fill="{INK}">{name}</text>'
        )
    return plot.svg()


def picture() -> str:
    """Both panels."""
    placed = "".join(
        f'<g transform="translate({i * WIDTH},0)">{each}</g>'
        for i, each in enumerate((plane(), curves()))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" '
        f'width="{2 * WIDTH}" height="{HEIGHT}" font-family="sans-serif" role="img">'
        f"<title>Anisotropic noise and what it certifies</title>{placed}</svg>\n"
    )


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(picture(), encoding="utf-8")
