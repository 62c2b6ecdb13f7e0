"""Pictures of noise laws and their radius curves, drawn from the code: one SVG for each law.

    python docs/pictures/laws.py [NAME …]     # of certiball.laws.names; by default all below

A new law needs a line in EXAMPLES. The left panel shows the law itself, by its own sampler; the
others the radius by the lower bound on the top class's probability, one for each norm that has a
theorem. Where something is added, the dashed line is Gaussian noise of the same standard deviation,
if that has a theorem in the norm.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from digit import digit
from plane import plane

from certiball.balls import Norm
from certiball.laws import Law
from certiball.laws.ablation import Ablation
from certiball.laws.discrete import Discrete
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.pareto import Pareto
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.splitting import Splitting
from certiball.laws.uniform import Uniform
from certiball.laws.uniform_ball import UniformBall
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals, Space
from certiball.theorems import TABLE
from certiball.theorems.bounds import Bounds

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT = 250, 200  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 30, 34
INK, LINE, FAINT = "#888", "#3f7fbf", "#999"
STREAM = Stream(key=2024, phase=Phase.ESTIMATION, input=0, chunk=0)
LIKELIEST = 0.999  # the largest bound that is shown


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A plotting area; data from (x_low, 0) to (x_high, y_high)."""

    title: str
    x_low: float
    x_high: float
    y_high: float
    parts: list[str] = field(default_factory=list)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a point."""
        across = (x - self.x_low) / (self.x_high - self.x_low)
        up = y / self.y_high
        return (
            LEFT + across * (WIDTH - LEFT - RIGHT),
            HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
        )

    def line(self, xs: np.ndarray, ys: np.ndarray, colour: str, dashes: str = "") -> None:
        """A curve."""
        places = [self.at(x, y) for x, y in zip(xs, ys, strict=True)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" '
            f'stroke-width="1.8"{dashed}/>'
        )

    def svg(self) -> str:
        """The panel with its frame, its title and its ticks."""
        x0, y0 = self.at(self.x_low, 0)
        x1, y1 = self.at(self.x_high, self.y_high)
        parts = [
            f'<path d="M{x0} {y1}V{y0}H{x1}" fill="none" stroke="{INK}"/>',
            _text(WIDTH / 2, 18, self.title, "middle", 13),
        ]
        for x in (self.x_low, (self.x_low + self.x_high) / 2, self.x_high):
            parts.append(_text(self.at(x, 0)[0], HEIGHT - BOTTOM + 16, f"{x:.3g}", "middle"))
        for y in (0, self.y_high / 2, self.y_high):
            parts.append(_text(LEFT - 6, self.at(0, y)[1] + 4, f"{y:.2g}", "end"))
        return "".join(parts + self.parts)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A law as it is shown.

    Args:
        law: with parameters.
        shape: of the inputs.
        draw: of the example, the panel on the left as SVG.
        space: where inputs live.
    """

    law: Law
    shape: tuple[int, ...]
    draw: Callable[["Example"], str]
    space: Space = field(default_factory=lambda: Reals(low=0.0, high=1.0))


def density(example: Example) -> str:
    """What is added to one number: a histogram of many draws."""
    deviation = example.law.deviation(1)
    span = 3 * (deviation if deviation is not None and math.isfinite(deviation) else 1.0)
    sampler = sampler_for(example.law, example.space, (1,))
    noise = sampler.noisy(np.zeros(1, np.float32), STREAM, 400_000)[:, 0]
    edges = np.linspace(-span, span, 65)
    heights = np.histogram(noise, edges)[0] / noise.size / (edges[1] - edges[0])
    panel = Panel(title="density", x_low=-span, x_high=span, y_high=_round(float(heights.max())))
    panel.line(np.repeat(edges, 2)[1:-1], np.repeat(heights, 2), LINE)
    return panel.svg()


def radii(example: Example, norm: Norm) -> str:
    """The radius by the bound, in one norm."""
    dimension, law = math.prod(example.shape), example.law
    bounds = np.linspace(0.5, LIKELIEST, 150)
    curve = _curve(law, norm, bounds, dimension)
    deviation = law.deviation(dimension)
    other = None
    if deviation is not None and math.isfinite(deviation) and not isinstance(law, Gaussian):
        reference = Gaussian(sigma=deviation)
        other = _curve(reference, norm, bounds, dimension) if (Gaussian, norm) in TABLE else None
    highest = max(curve.max(), other.max() if other is not None else 0.0)
    title = f"radius in {norm} by p̲, d = {dimension}"
    panel = Panel(title=title, x_low=0.5, x_high=1.0, y_high=_round(float(highest)))
    if other is not None:
        panel.line(bounds, other, FAINT, "4 3")
    panel.line(bounds, curve, LINE)
    return panel.svg()


def _curve(law: Law, norm: Norm, bounds: np.ndarray, dimension: int) -> np.ndarray:
    radius = TABLE[type(law), norm].radius
    return np.array([radius(law, Bounds(p_lower=float(p)), Fraction(0), dimension) for p in bounds])


def _round(highest: float) -> float:
    """The next number of two digits whose half has two as well."""
    unit = 10.0 ** math.floor(math.log10(highest)) / 5
    return math.ceil(highest / unit) * unit


def _text(x: float, y: float, words: str, anchor: str, size: int = 11) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{INK}">{words}</text>'
    )


def picture(example: Example) -> str:
    """All panels of a law beside each other."""
    norms = [norm for kind, norm in TABLE if kind is type(example.law)]
    panels = [example.draw(example), *(radii(example, norm) for norm in norms)]
    placed = "".join(
        f'<g transform="translate({i * WIDTH},20)">{panel}</g>' for i, panel in enumerate(panels)
    )
    width = WIDTH * len(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 20}" '
        f'width="{width}" height="{HEIGHT + 20}" font-family="sans-serif" role="img">'
        f"<title>{example.law}</title>{_text(width / 2, 16, str(example.law), 'middle', 14)}"
        f"{placed}</svg>\n"
    )


MNIST = (28, 28)
EXAMPLES: dict[str, Example] = {
    "gaussian": Example(law=Gaussian(sigma=0.25), shape=MNIST, draw=density),
    "uniform": Example(law=Uniform(scale=0.43), shape=MNIST, draw=density),
    "laplace": Example(law=Laplace(scale=0.18), shape=MNIST, draw=density),
    "pareto": Example(law=Pareto(scale=0.25, tail=3.0), shape=MNIST, draw=density),
    "exponential-power": Example(
        law=ExponentialPower(scale=0.4, power=4.0), shape=MNIST, draw=density
    ),
    "uniform-ball": Example(law=UniformBall(scale=7.0), shape=MNIST, draw=plane),
    "spherical-exponential": Example(
        law=SphericalExponential(scale=0.009), shape=MNIST, draw=plane
    ),
    "max-exponential": Example(law=MaxExponential(scale=0.00055), shape=MNIST, draw=plane),
    "splitting": Example(
        law=Splitting(scale=Fraction(1, 2)), shape=MNIST, draw=digit, space=Grid.uint8()
    ),
    "ablation": Example(law=Ablation(keep=45, pixels=784), shape=MNIST, draw=digit),
    "discrete": Example(
        law=Discrete(keep=0.2, levels=256), shape=MNIST, draw=digit, space=Grid.uint8()
    ),
}


if __name__ == "__main__":
    for name in sys.argv[1:] or EXAMPLES:
        (HERE / f"{name}.svg").write_text(picture(EXAMPLES[name]), encoding="utf-8")
