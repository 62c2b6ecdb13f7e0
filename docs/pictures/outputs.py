"""Pictures of docs/outputs.md: a certified map, an interval that grows, radii of the top k.

python docs/pictures/outputs.py [NAME …]     # by default all below
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

import certiball as cb
from certiball.certification.median import samples_of
from certiball.certification.places import support
from certiball.certification.question import radius_of
from certiball.certification.setting import Setting, sampled_question
from certiball.claim import Draw
from certiball.classifiers import Classifier
from certiball.execution import Execution
from certiball.report.pictures import data_uri
from certiball.samplers.streams import Phase, Stream
from certiball.smoothed import encode
from certiball.statistics.holm import above_p_values, rejected
from certiball.statistics.order import lower_index, upper_index
from certiball.statistics.rounding import format_down
from certiball.theorems import top_k
from certiball.theorems.bounds import Bounds
from certiball.theorems.percentile import shifted

HERE = Path(__file__).resolve().parent
INK = "#888"
CLASSES = ("#35507a", "#3f9f8f", "#e0a030")
LINES = ("#3f7fbf", "#c07030", "#4f9f5f")
LAW, GRID = cb.Gaussian(sigma=0.5), cb.Grid.uint8()
SIDE, GAP, TOP = 144, 12, 26  # of a map, in the picture's pixels
PIXELS, TAU, ALPHA = 48, 0.75, 1e-3
LEFT, WIDTH, HEIGHT = 44, 330, 216  # of a plot
Points = Sequence[tuple[float, float]]


def scene() -> np.ndarray:
    """Dark ground, a grey square and a bright disc, 48 × 48 levels."""
    y, x = np.mgrid[:PIXELS, :PIXELS]
    levels = np.full((PIXELS, PIXELS), 20)
    levels[8:32, 5:27] = 128
    levels[np.hypot(x - 32, y - 30) < 12] = 235
    return levels.astype(np.uint8)


class Shades(nn.Module):
    """Scores of dark, grey and bright for each pixel, by the mean of its neighbourhood."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores [batch, 3, H, W] of images [batch, H, W]."""
        near = nn.functional.avg_pool2d(x[:, None], 5, stride=1, padding=2, count_include_pad=False)
        return -(near - torch.tensor([0.1, 0.5, 0.9])[:, None, None]).abs()


def asked_of(model: Classifier, images: np.ndarray) -> Setting:
    """What `certify_…` fixes, but for the key: a picture is the same on every machine."""
    g = cb.Smoothed(model, LAW, space=GRID)
    return Setting(
        g=g,
        inputs=encode(GRID, images),
        question=sampled_question(g, images, ALPHA, cb.Rule.ONE_SIDED),
        execution=Execution(batch=128, threads=1),
        draw=Draw(seed=7, chosen=True),
        key=7,
    )


def segmentation() -> str:
    """The scene, one noisy view of it, and what is certified."""
    asked = asked_of(cb.TorchClassifier(Shades(), num_classes=3), scene()[None])
    votes = support(asked, 0, cb.FixedSamples(n0=100, n=1000), (PIXELS, PIXELS))
    certified = rejected(above_p_values(votes.counts, votes.n, TAU), ALPHA)
    radius = radius_of(asked.question, Bounds(p_lower=TAU))
    stream = Stream(key=7, phase=Phase.ESTIMATION, input=0, chunk=0)
    view = asked.g.sampler(scene().shape).noisy(asked.inputs[0].reshape(-1), stream, 1)
    noisy = np.clip(np.rint(view.reshape(PIXELS, PIXELS) * 255), 0, 255).astype(np.uint8)
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in CLASSES], np.uint8)
    share = f"{100 * certified.mean():.0f} % certified to {format_down(radius, 3)}"
    panels = [
        _map(0, "image", data_uri(scene())),
        _map(1, "one noisy view", data_uri(noisy)),
        _map(2, share, data_uri(colours[votes.labels])) + _hatched(2, ~certified),
    ]
    words = ("dark", "grey", "bright", "abstains")
    keys = "".join(
        f'<rect x="{GAP + 84 * i}" y="{TOP + SIDE + 12}" width="12" height="12" '
        f'fill="{(*CLASSES, "url(#h)")[i]}" stroke="{INK}" stroke-width=".5"/>'
        f"{_text(GAP + 84 * i + 18, TOP + SIDE + 22, word, 'start')}"
        for i, word in enumerate(words)
    )
    hatch = (
        '<defs><pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<rect width="4" height="4" fill="#aaa"/><path d="M0 4 4 0" stroke="#555"/>'
        "</pattern></defs>"
    )
    return _svg(3 * (SIDE + GAP) + GAP, TOP + SIDE + 34, hatch + "".join(panels) + keys)


def median() -> str:
    """The interval of the brightness inside of the disc, at growing distances."""
    asked = asked_of(
        cb.Regressor(lambda x: x[:, 6:10, 6:10].mean((1, 2))), scene()[None, 22:38, 24:40]
    )
    curves: dict[str, Points] = {}
    for n in (400, 10_000):
        values = np.sort(samples_of(asked, 0, n, 1)[:, 0])
        upper, lower = [], []
        for eps in np.linspace(0, 1, 41).tolist():
            low, high = shifted(LAW, 0.5, eps, asked.question.slack)
            lower.append((eps, float(values[lower_index(n, low, ALPHA / 2) - 1])))
            upper.append((eps, float(values[upper_index(n, high, ALPHA / 2) - 1])))
        few = n == 400
        curves |= {f"n = {n:,}" if few else "1": upper, "2" if few else f"n = {n:,}": lower}
    return _plot(curves, "distance ε in L2", "median of the disc's brightness", (0.4, 1.6))


def ranks() -> str:
    """Radii of the top k for rivals that share what is left as 4 : 3 : 2 : 1."""
    shares = np.array([4, 3, 2, 1]) / 10
    curves = {}
    for k in (1, 2, 3):
        points = np.linspace(0.02, 0.98, 49)
        radii = [top_k.radius(LAW, float(p), (shares * (1 - p)).tolist(), k) for p in points]
        curves[f"k = {k}"] = list(zip(points.tolist(), radii, strict=True))
    return _plot(curves, "lower bound on the class", "certified radius", (0, 1.6))


def _map(column: int, title: str, uri: str) -> str:
    left = GAP + column * (SIDE + GAP)
    return (
        f"{_text(left + SIDE / 2, 18, title)}"
        f'<image x="{left}" y="{TOP}" width="{SIDE}" height="{SIDE}" href="{uri}" '
        f'style="image-rendering:pixelated"/>'
    )


def _hatched(column: int, where: np.ndarray) -> str:
    left, side = GAP + column * (SIDE + GAP), SIDE // PIXELS
    cells = "".join(
        f"M{left + side * x} {TOP + side * y}h{side}v{side}h-{side}z"
        for y, x in np.argwhere(where).tolist()
    )
    return f'<path d="{cells}" fill="url(#h)"/>'


def _plot(curves: dict[str, Points], across: str, up: str, span: tuple[float, float]) -> str:
    """Curves over 0 … 1, their names at the right."""
    low, high = span

    def place(x: float, y: float) -> str:
        return f"{LEFT + WIDTH * x:.1f},{TOP + HEIGHT * (high - y) / (high - low):.1f}"

    parts = []
    for i in range(5):
        y, x = low + (high - low) * i / 4, i / 4
        at = TOP + HEIGHT * (1 - i / 4)
        parts.append(
            f'<path d="M{LEFT} {at:.1f}h{WIDTH}" stroke="{INK}" stroke-opacity=".3"/>'
            f"{_text(LEFT - 6, at + 4, f'{y:.3g}', 'end')}"
            f"{_text(LEFT + WIDTH * x, TOP + HEIGHT + 16, f'{x:g}')}"
        )
    for i, (name, points) in enumerate(curves.items()):
        colour = LINES[i if len(curves) == 3 else i // 2]
        joined = " ".join(place(x, y) for x, y in points)
        parts.append(
            f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        if name.strip("0123456789"):
            x, y = map(float, place(*points[-1]).split(","))
            parts.append(_text(LEFT + WIDTH + 8, y + 4, name, "start", colour))
    parts.append(_text(LEFT + WIDTH / 2, TOP + HEIGHT + 34, across))
    parts.append(_text(LEFT, 16, up, "start"))
    return _svg(LEFT + WIDTH + 130, TOP + HEIGHT + 42, "".join(parts))


def _text(x: float, y: float, words: str, anchor: str = "middle", colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def _svg(width: float, height: float, content: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="sans-serif" font-size="12">'
        f"{content}</svg>\n"
    )


def pictures() -> dict[str, Callable[[], str]]:
    """What makes each picture, by its name."""
    return {"segmentation": segmentation, "median": median, "top-k": ranks}


if __name__ == "__main__":
    for name in sys.argv[1:] or pictures():
        (HERE / f"{name}.svg").write_text(pictures()[name](), encoding="utf-8")
