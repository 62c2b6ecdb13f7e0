"""The tight radius beside two older proofs for the same noise, drawn from the code.

python docs/pictures/baselines.py
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.theorems import gaussian_l2, laplace_l1, pixeldp, renyi
from certiball.theorems.bounds import Bounds
from laws import HEIGHT, INK, LIKELIEST, LINE, WIDTH, Panel

LOOKS = {"tight": (LINE, ""), "Rényi": ("#c07030", "6 3"), "PixelDP": ("#4f9a5a", "2 3")}
GAUSSIAN, LAPLACE = Gaussian(sigma=1.0), Laplace(scale=1.0)
L2: dict[str, Callable[[Bounds], float]] = {
    "tight": lambda bounds: gaussian_l2.radius(GAUSSIAN, bounds),
    "Rényi": lambda bounds: renyi.gaussian_l2(GAUSSIAN, bounds),
    "PixelDP": lambda bounds: pixeldp.gaussian_l2(GAUSSIAN, bounds),
}
L1: dict[str, Callable[[Bounds], float]] = {
    "tight": lambda bounds: laplace_l1.radius(LAPLACE, bounds),
    "PixelDP": lambda bounds: pixeldp.laplace_l1(LAPLACE, bounds),
}


def panel(title: str, radii: dict[str, Callable[[Bounds], float]], highest: float) -> str:
    """The radii of several proofs by the same bound, with their names."""
    plot = Panel(title=title, x_low=0.5, x_high=1.0, y_high=highest)
    bounds = np.linspace(0.5, LIKELIEST, 200)
    for row, (name, radius) in enumerate(radii.items()):
        colour, dashes = LOOKS[name]
        values = np.array([radius(Bounds(p_lower=float(p))) for p in bounds])
        plot.line(bounds, values, colour, dashes)
        height = highest * (0.93 - 0.1 * row)
        plot.line(np.array([0.53, 0.59]), np.array([height, height]), colour, dashes)
        x, y = plot.at(0.61, height)
        plot.parts.append(
            f'<text x="{x:.1f}" y="{y + 4:.1f}" font-size="11" fill="{INK}">{name}</text>'
        )
    return plot.svg()


def picture() -> str:
    """Gaussian noise in L2 beside Laplace noise in L1, both of scale 1."""
    panels = (
        panel("L2 radius by p̲, Gaussian, σ = 1", L2, 3.2),
        panel("L1 radius by p̲, Laplace, λ = 1", L1, 6.4),
    )
    placed = "".join(
        f'<g transform="translate({i * WIDTH},0)">{each}</g>' for i, each in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" '
        f'width="{2 * WIDTH}" height="{HEIGHT}" font-family="sans-serif" role="img">'
        f"<title>Certified radii by three proofs</title>{placed}</svg>\n"
    )


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(picture(), encoding="utf-8")
