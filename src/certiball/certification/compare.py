"""Several laws side by side: what each certifies of a few inputs, in every norm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from certiball.balls import Ball, Norm, comparable, radius_in
from certiball.certificate import Certificate, Result
from certiball.certification.plan import FixedSamples
from certiball.certification.question import Question, radius_from
from certiball.certification.smooth import certify
from certiball.claim import Bound
from certiball.classifiers import Classifier
from certiball.errors import CertiballError
from certiball.laws import GridLaw, Law
from certiball.laws.enumerated import EnumeratedLaw
from certiball.shapes import Batch
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals, Space
from certiball.theorems import COUNTS, TABLE


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What one law certifies of each input.

    Args:
        law: the noise.
        space: where it was added: the grid, or the reals for laws that have no version on it.
        labels: the class of each input under the noise; None for one that could not be certified.
        radii: for each norm the radius of each input, rounded down, 0 where none is proven.
        refused: why the law could not be used for this model and these inputs; empty elsewhere.
    """

    law: Law
    space: Space
    labels: tuple[int | None, ...] = ()
    radii: Mapping[Norm, tuple[float, ...]]
    refused: str = ""


def compare_noise(
    classifier: Classifier,
    images: Batch,
    space: Space,
    laws: Sequence[Law],
    *,
    plan: FixedSamples = FixedSamples(n=1000),
    alpha: float = 1e-3,
) -> list[Compared]:
    """Certify the same inputs under each law with as many samples, each by votes of its own.

    A comparison and no certificate: whoever takes the best of several laws for an input takes the
    best of several statements, each of which may be false with probability α, and each is about
    another smoothed classifier.

    Args:
        classifier: the base classifier.
        images: inputs [n, ...] of the space: levels, or floats that lie on its grid.
        space: where inputs live.
        laws: the noise to compare.
        plan: how many samples.
        alpha: of each radius.

    Returns:
        One `Compared` for each law, in order. A law that does not fit the model or the inputs is
        among them and says why.

    Example:
        >>> import numpy as np
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> from certiball.laws.uniform import Uniform
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> white = np.full((1, 2, 2), 255, dtype=np.uint8)
        >>> laws = (Gaussian(sigma=0.25), Uniform(scale=0.43))
        >>> first, second = compare_noise(bright, white, Grid.uint8(), laws)
        >>> first.radii[Norm.L2][0] > second.radii[Norm.L2][0]
        True
    """
    return [_compared(classifier, images, space, law, plan, alpha) for law in laws]


def _compared(
    classifier: Classifier,
    images: Batch,
    space: Space,
    law: Law,
    plan: FixedSamples,
    alpha: float,
) -> Compared:
    home, inputs = _home(law, space, images)
    g = Smoothed(classifier, law, home)
    try:
        if isinstance(law, EnumeratedLaw):  # all its views are asked, at no error rate
            results = certify(g, inputs)
        else:
            results = certify(g, inputs, plan=plan, alpha=alpha)
    except CertiballError as error:
        return Compared(law=law, space=home, radii={}, refused=str(error))
    dimension = inputs[0].size
    radii = [_radii(result, dimension) for result in results]
    return Compared(
        law=law,
        space=home,
        labels=tuple(r.label if isinstance(r, Certificate) else None for r in results),
        radii={norm: tuple(each.get(norm, 0.0) for each in radii) for norm in reachable(law)},
    )


def _home(law: Law, space: Space, images: Batch) -> tuple[Space, Batch]:
    """The grid for laws that have a version on it; for other additive laws its ends as reals."""
    additive = law.deviation(images[0].size) is not None
    if not isinstance(space, Grid) or isinstance(law, GridLaw) or not additive:
        return space, images
    low, high = space.bounds
    return Reals(low=low, high=high), space.values(space.levels(images))


def reachable(law: Law) -> tuple[Norm, ...]:
    """The norms in which a theorem, or one and a conversion, gives a radius for a law.

    Example:
        >>> from certiball.laws.gaussian import Gaussian
        >>> [norm.value for norm in reachable(Gaussian(sigma=1.0))]
        ['l1', 'l2', 'linf']
    """
    own = [norm for kind, norm in (*TABLE, *COUNTS) if kind is type(law)]
    return tuple(norm for norm in Norm if any(comparable(ours, norm) for ours in own))


def _radii(result: Result, dimension: int) -> dict[Norm, float]:
    """The best radius in each norm by the same votes: of its theorems, and of conversions."""
    best: dict[Norm, float] = {}
    for ball in _balls(result, dimension):
        for norm in Norm:
            if comparable(ball.norm, norm):
                found = radius_in(ball, norm, dimension)
                best[norm] = max(best.get(norm, 0.0), found)
    return best


def _balls(result: Result, dimension: int) -> list[Ball]:
    if result.claim.bound is Bound.EXACT:
        return [result.ball] if isinstance(result, Certificate) else []
    balls = []
    for (kind, norm), theorem in TABLE.items():
        if kind is type(result.claim.law):
            claim = replace(result.claim, norm=norm, strict=theorem.strict)
            question = Question(claim=claim, dimension=dimension)
            radius = radius_from(question, result.estimation, result.label)
            if radius > 0:
                balls.append(Ball(norm=norm, radius=radius, strict=theorem.strict))
    return balls
