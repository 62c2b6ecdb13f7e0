"""A point inside a certified radius where another class is likelier: which of the two is wrong?

A certificate says that the class A is the likeliest at every point of its ball. A point that is
adversarial there by some other standard contradicts nothing: with few votes g often answers
another class where A is the likeliest, a level's threshold may lie above ½, and a two-class
certificate holds where A has less than half of the votes. What is looked for is the opposite of
the claim, p_c > p_A for some c ≠ A, at level 10⁻⁶. It happens honestly with probability α + 10⁻⁶
per input at most: then a certificate was false, as one in 1/α may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certiball.attacks.judging.diagnosis import Cause, Diagnosis, diagnosed
from certiball.attacks.judging.evidence import LEVEL, denial, drawn
from certiball.attacks.judging.fresh import Voting
from certiball.attacks.judging.verify import Verified
from certiball.attacks.oracle import Oracle, SmoothedOracle
from certiball.attacks.units import length_between
from certiball.balls import Norm
from certiball.certificate import Certificate, Result
from certiball.certification.plan import Plan
from certiball.certification.smooth import draw_seed
from certiball.claim import Bound
from certiball.errors import ContradictionError, InputError
from certiball.shapes import Array, Batch
from certiball.smoothed import Inputs, Smoothed, encode, encode_nearest
from certiball.statistics.rounding import significant_up
from certiball.votes import Votes


@dataclass(frozen=True, kw_only=True, eq=False)
class Contradiction:
    """A certificate, a point that contradicts it, and which of them is wrong.

    Args:
        number: of the input.
        certificate: of it.
        point: encoded [...].
        distance: from the input in the certificate's norm, rounded up.
        rival: the class that is likelier there.
        votes: fresh votes at the point, by the attacked oracle.
        p_value: of "no class is likelier than the certified one", rounded up.
        diagnosis: what is wrong.
    """

    number: int
    certificate: Certificate
    point: Array
    distance: float
    rival: int
    votes: Votes
    p_value: float
    diagnosis: Diagnosis

    @property
    def cause(self) -> Cause:
        """What is wrong."""
        return self.diagnosis.cause

    def __str__(self) -> str:
        label = self.certificate.label
        return (
            f"input {self.number} is certified as class {label} up to {self.certificate.radius:g}, "
            f"and at {self.distance:g} class {self.rival} is likelier "
            f"({self.votes.counts[self.rival]} votes to {self.votes.counts[label]} of "
            f"{self.votes.total}, p ≤ {significant_up(self.p_value)}): {self.diagnosis}"
        )


def check_contradictions(  # noqa: PLR0913 (the parts of one question, each named)
    oracle: Oracle,
    g: Smoothed,
    inputs: Inputs,
    results: Sequence[Result],
    verified: Verified,
    *,
    plan: Plan,
    seed: int | None = None,
) -> None:
    """Stop where a verified point contradicts a certificate, and say what is wrong.

    Args:
        oracle: what was attacked.
        g: what was certified.
        inputs: clean inputs [n, ...].
        results: of each, what was certified.
        verified: of each, the nearest verified point of an attack.
        plan: of the certificates, by which an input is certified once more.
        seed: of the votes; None for some that nobody chose.

    Raises:
        ContradictionError: naming the first and its cause.
        InputError: as `contradictions`.
    """
    found = contradictions(oracle, g, inputs, results, verified, plan=plan, seed=seed)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise ContradictionError(f"{found[0]}{more}")


def contradictions(  # noqa: PLR0913 (as above)
    oracle: Oracle,
    g: Smoothed,
    inputs: Inputs,
    results: Sequence[Result],
    verified: Verified,
    *,
    plan: Plan,
    seed: int | None = None,
) -> list[Contradiction]:
    """All contradictions, with their causes; the arguments are those of `check_contradictions`.

    Each verified point that a certificate covers gets votes of its own, and they alone are tested.
    A certificate in the parameter of a transformation covers no perturbation of pixels.

    Raises:
        InputError: if results or points are not one for each input, or a certificate is of another
            law or space than g, or of views that are listed and not drawn.
    """
    clean = encode(g.space, inputs)
    points = encode_nearest(g.space, verified.points)
    _check(g, clean, points, results)
    inside = [
        (number, result)
        for number, result in enumerate(results)
        if isinstance(result, Certificate)
        and result.claim.norm is not Norm.PARAMETER
        and np.isfinite(verified.distance[number])
        and result.covers(clean[number], points[number])
    ]
    seed = draw_seed(seed).seed
    asked = oracle if isinstance(oracle, Voting) else SmoothedOracle(g, n=1)
    found = []
    for number, certificate in inside:
        x, point = clean[number], points[number]
        votes = drawn(asked, point, number, seed)
        p_value, rival = denial(votes, certificate, x.size)
        if p_value > LEVEL:
            continue
        found.append(
            Contradiction(
                number=number,
                certificate=certificate,
                point=point,
                distance=length_between(g.space, x, point, certificate.claim.norm),
                rival=rival,
                votes=votes,
                p_value=p_value,
                diagnosis=diagnosed(g, plan, certificate, x, point, seed),
            )
        )
    return found


def _check(g: Smoothed, clean: Batch, points: Batch, results: Sequence[Result]) -> None:
    """Refuse what does not belong together."""
    if not len(clean) == len(points) == len(results) or clean.shape != points.shape:
        raise InputError(
            f"{len(clean)} inputs, {len(results)} results and points of shape {points.shape} do "
            "not belong together: give one of each"
        )
    for result in results:
        if (result.claim.law, result.claim.space) != (g.law, g.space):
            raise InputError(
                f"a certificate under {result.claim.law} on {result.claim.space} says nothing of "
                f"{g.law} on {g.space}: give the smoothed classifier that was certified"
            )
        if result.claim.bound is Bound.EXACT:
            raise InputError(
                f"under {result.claim.law} all views vote, so a point is asked once and for all: "
                "certify it, and compare the classes"
            )
