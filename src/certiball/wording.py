"""What a claim is about, in words: kinds of change, units, and how sure it is."""

from certiball.balls import Norm
from certiball.claim import Bound, Claim
from certiball.laws import Law
from certiball.laws.ablation import Ablation
from certiball.laws.transformation import Transformation
from certiball.spaces import Grid
from certiball.statistics.rounding import format_down

SOME = 64  # numbers of an input: there are laws that are not for few


def extent(claim: Claim, radius: float) -> str:
    """A claim's ball of a radius in words that say no more than it.

    Such as "every perturbation of L2 norm below 0.5974", and of counts "every change of at most 3
    pixels".
    """
    return reach(claim, format_down(radius, 0 if claim.norm.counts else 4))


def reach(claim: Claim, amount: str) -> str:
    """The same of a radius as it is written: R, or digits that claim no more than it."""
    limit = "below" if claim.strict else "at most"
    if claim.norm is Norm.PATCH:
        return f"every change inside a square of {limit} {amount} × {amount} pixels, anywhere"
    if isinstance(claim.law, Transformation):
        return claim.law.change(f"{limit} {amount}")
    if claim.norm is not Norm.L0:
        return f"every perturbation of {claim.norm} norm {limit} {amount}"
    unit = unit_of(claim)
    return f"every change of {limit} {amount} {unit[:-1] if amount == '1' else unit}"


def unit_of(claim: Claim) -> str:
    """What a claim's radii are measured in: the norm, what is counted, or a parameter's unit."""
    if claim.norm is Norm.PARAMETER and isinstance(claim.law, Transformation):
        return claim.law.unit
    if claim.norm is not Norm.L0:
        return str(claim.norm)
    return "pixels" if isinstance(claim.law, Ablation) else "numbers"


def level_means(claim: Claim) -> str:
    """How sure a claim is, in a few words: its level and rule, or that it is exact.

    Example:
        >>> from certiball import Gaussian, Reals
        >>> from certiball.claim import Rule
        >>> law = Gaussian(sigma=0.25)
        >>> claim = Claim(law=law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=Reals())
        >>> level_means(claim)
        'α = 0.001, one-sided'
    """
    if claim.bound is Bound.EXACT:
        return "exact: every view is asked, no α"
    return f"α = {claim.alpha}, {claim.rule.value}"


def where(claim: Claim) -> str:
    """Where a perturbed input lies; the proof for views of a part is the same everywhere."""
    if isinstance(claim.space, Grid):
        return " on the same grid"
    return "" if claim.bound is Bound.EXACT else " in exact arithmetic"


def in_floats(law: Law) -> str:
    """What was done in floating point, where inputs live on no grid.

    Example:
        >>> from certiball import Gaussian
        >>> in_floats(Gaussian(sigma=0.25))
        'the noise was added'
    """
    if isinstance(law, Transformation):
        return "the images were transformed"
    added = law.deviation(SOME) is not None
    return "the noise was added" if added else "what the model sees was computed"
