"""Certificates for all rotations or scalings of an image, from certificates of a few of them.

Such warps do not add up, so noise on their parameter proves nothing. Instead the interval of the
parameter is covered with points, and the Gaussian L2 certificate of each point's image has to
reach over the images in between (arXiv 2002.12398, whose bound is replaced by a proven one:
`transforms.warp`). All points are certified at α/points, so that together they are false with
probability at most α.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from certiball.balls import Norm
from certiball.certificate import Certificate, Result
from certiball.certification.judge import largest_radius
from certiball.certification.plan import FixedSamples, Plan
from certiball.certification.question import Question
from certiball.certification.smooth import certify
from certiball.claim import Claim, Rule
from certiball.classifiers.backend import backend
from certiball.laws.images import image_shape
from certiball.numbers import as_float
from certiball.shapes import Array, Batch
from certiball.smoothed import Inputs, Smoothed, encode
from certiball.spaces import Grid, Space
from certiball.statistics.multiplicity import shared_level
from certiball.statistics.rounding import format_down, format_up, fraction_up, root_up
from certiball.theorems import ball_of
from certiball.transforms.cover import Cover, cover
from certiball.transforms.warp import FLOATS, Warp


@dataclass(frozen=True, kw_only=True)
class WarpCertificate:
    """The smoothed classifier gives `label` to the image under every warp of the interval.

    On a grid that is about warped images rounded to the grid; in the reals about exact ones.

    Args:
        label: the class.
        warp: which warps, in words.
        points: how many of them were certified.
        gap: M, the largest bound on the distance from a warped image to the nearest point's.
        least: the smallest certified radius of a point.
        alpha: how often, at most, this may be false.
        votes: of the base classifier, for all points together.
        space: where images live, before they are warped and after.
    """

    label: int
    warp: str
    points: int
    gap: float
    least: float
    alpha: float
    votes: int
    space: Space

    def __str__(self) -> str:
        exactly = "in exact arithmetic"
        if isinstance(self.space, Grid):
            exactly = f"each image rounded to whole steps of {self.space.step}"
        return (
            f"class {self.label} under all {self.warp}, {exactly}: {self.points} images "
            f"certified, at least to {format_down(self.least)}, and none in between further than "
            f"{format_up(self.gap)} from one; false with probability at most {self.alpha} "
            f"({self.votes} votes)"
        )


@dataclass(frozen=True, kw_only=True)
class WarpAbstention:
    """Nothing is claimed about an image, and why.

    Args:
        warp: which warps, in words.
        points: how many were looked at.
        gap: M, as in `WarpCertificate`.
        reason: a sentence.
        votes: of the base classifier; 0 where none could have helped.
    """

    warp: str
    points: int
    gap: float
    reason: str
    votes: int

    def __str__(self) -> str:
        return f"abstains: {self.reason}"


WarpResult: TypeAlias = WarpCertificate | WarpAbstention


def certify_warp(
    g: Smoothed,
    images: Inputs,
    warp: Warp,
    *,
    points: int = 41,
    plan: Plan = FixedSamples(),
    alpha: float = 1e-3,
) -> list[WarpResult]:
    """Certify each image under every rotation, or every scaling, of an interval.

    It costs `points` certificates for each image. More points lie nearer together, so that smaller
    radii suffice, at a smaller α each.

    Args:
        g: a classifier smoothed by noise with a radius in L2, such as `Gaussian`.
        images: [n, H, W] or [n, C, H, W], of the space of g.
        warp: `Rotations(degrees=10.0)`, `Scalings(low=0.9, high=1.1)`, or another `Warp`.
        points: how many warped images are certified for each.
        plan: how many samples each of those takes.
        alpha: how often, at most, what is said of one image may be false.

    Returns:
        One `WarpCertificate` or `WarpAbstention` for each image, in order.

    Raises:
        InputError: for what are no images of the space, noise without a radius in L2, or points
            that are no positive number.

    Example:
        >>> import numpy as np
        >>> from certiball import FixedSamples, FunctionClassifier, Gaussian, Grid
        >>> from certiball.transforms.rotation import Rotations
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.3, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.5), space=Grid.uint8())
        >>> spot = np.full((1, 4, 4), 255, dtype=np.uint8)
        >>> plan = FixedSamples(n0=20, n=1000)
        >>> [result] = certify_warp(g, spot, Rotations(degrees=5.0), points=11, plan=plan)
        >>> result.label, round(result.gap, 2)
        (1, 0.04)
    """
    inputs = encode(g.space, images)
    image_shape(g.law, inputs.shape[1:])
    alpha = as_float("alpha", alpha)
    norm, strict = ball_of(g.law, Norm.L2)
    claim = Claim(
        law=g.law,
        norm=norm,
        strict=strict,
        rule=Rule.ONE_SIDED,
        alpha=shared_level(alpha, max(1, points)),
        space=g.space,
        bound=plan.bound,
        backend=backend(g.classifier),
    )
    most = largest_radius(Question(claim=claim, dimension=inputs[0].size), plan)
    found: list[WarpResult] = []
    for image in inputs:
        covered = cover(_values(g.space, image), warp, points, lambda x: _kept(g.space, x))
        gaps = [gap + _rounding(g.space, image.size) for gap in covered.gaps]
        if max(gaps) >= most:
            found.append(_hopeless(warp, gaps, most))
            continue
        results = certify(g, _encoded(g.space, covered), plan=plan, alpha=claim.alpha, norm=Norm.L2)
        found.append(_judged(warp, gaps, results, alpha, g.space))
    return found


def _values(space: Space, image: Array) -> Tensor:
    """What the image is, exactly enough: levels times the step, in float64."""
    exact = torch.from_numpy(image.astype(np.float64))
    return exact * float(space.step) if isinstance(space, Grid) else exact


def _kept(space: Space, images: Tensor) -> Tensor:
    """Warped images as they are certified: on the grid, or in float32."""
    if isinstance(space, Grid):
        return torch.from_numpy(space.round(images.numpy()).astype(np.float64)) * float(space.step)
    return images.float().double()


def _encoded(space: Space, covered: Cover) -> Batch:
    images = covered.images.numpy()
    return space.round(images) if isinstance(space, Grid) else images.astype(np.float32)


def _rounding(space: Space, dimension: int) -> float:
    """How far rounding a warped image to the grid may move it, in L2."""
    if not isinstance(space, Grid):
        return 0.0
    return fraction_up(root_up(dimension) * space.step / 2 * (1 + Fraction(FLOATS)))


def _hopeless(warp: Warp, gaps: list[float], most: float) -> WarpAbstention:
    return WarpAbstention(
        warp=str(warp),
        points=len(gaps),
        gap=max(gaps),
        reason=(
            f"images between the points are up to {format_up(max(gaps))} from the nearest, and "
            f"unanimous votes certify no more than {format_down(most)}: take more points, more "
            "samples, more noise or a smaller interval"
        ),
        votes=0,
    )


def _judged(
    warp: Warp, gaps: list[float], results: list[Result], alpha: float, space: Space
) -> WarpResult:
    votes = sum(each.selection.total + each.estimation.total for each in results)
    label = results[len(results) // 2].label
    pairs = list(zip(gaps, results, strict=True))
    held = sum(
        isinstance(each, Certificate) and each.label == label and each.radius > gap
        for gap, each in pairs
    )
    if held == len(pairs):
        least = min(each.radius for each in results if isinstance(each, Certificate))
        return WarpCertificate(
            label=label,
            warp=str(warp),
            points=len(pairs),
            gap=max(gaps),
            least=least,
            alpha=alpha,
            votes=votes,
            space=space,
        )
    others = sorted({each.label for each in results} - {label})
    reason = (
        f"of {len(pairs)} images under {warp}, {held} are certified for class {label} as far as "
        f"the next one; {_named(others)}"
    )
    return WarpAbstention(
        warp=str(warp), points=len(pairs), gap=max(gaps), reason=reason, votes=votes
    )


def _named(others: list[int]) -> str:
    if others:
        return f"class {', '.join(map(str, others))} was the likeliest elsewhere"
    return "the others' radii are too small"
