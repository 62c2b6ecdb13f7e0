"""What certificates without an error rate say: those of laws whose views are all asked."""

from certiball.balls import Norm
from certiball.claim import Bound, Claim
from certiball.report.texts import number
from certiball.spaces import Grid
from certiball.statistics.rounding import format_up

NOT_DRAWN = "none: every view was asked"  # where a page tells seeds and levels


def is_exact(claim: Claim | None) -> bool:
    """Whether every view was asked, and nothing is left to chance."""
    return claim is not None and claim.bound is Bound.EXACT


def said_exactly(claim: Claim, views: int | None, largest: float | None) -> list[tuple[str, str]]:
    """What each certificate says: points in a few words, each with the sentences that it means.

    Args:
        claim: with the exact bound.
        views: how many there are.
        largest: the radius that no input can exceed.
    """
    every = "all views" if views is None else f"all {number(views)} views"
    return [
        ("One input at a time.", _one(claim)),
        (
            "The smoothed classifier, not the base one.",
            f"It speaks of the classifier that asks {every} of an input under {claim.law} and "
            "answers the class of most, the lowest of several with as many. The base classifier "
            "alone, asked for the whole input, has no certificate.",
        ),
        (
            "No error rate.",
            f"Every view was asked, so these are the votes themselves and no estimate: "
            f"{every} of each input, once. No α is spent, no random number was needed, and all "
            "certificates of the table are true at once. They rest on the base classifier alone: "
            "that it answers a view by itself, and is deployed as it was asked.",
        ),
        ("Arithmetic that cannot betray it.", _arithmetic(claim)),
        *_largest(claim, largest),
    ]


def _one(claim: Claim) -> str:
    if claim.norm is Norm.PATCH:
        return (
            "A certificate with radius R says: whatever is painted over the pixels of one square "
            "of R × R, anywhere in this image, the smoothed classifier answers the same class. R "
            "itself is included."
        )
    return (
        "A certificate with radius R says: for every perturbation δ of this input with ‖δ‖ ≤ R in "
        f"the {claim.norm} norm, the smoothed classifier answers the same class. R itself is "
        "included."
    )


def _arithmetic(claim: Claim) -> str:
    text = (
        "What the model sees of an input is a function of what the view shows, to the last bit: "
        "nothing of the rest can be read from it, not even from the bits of its floats."
    )
    if isinstance(claim.space, Grid):
        text += (
            f" Perturbed inputs lie on {claim.space}, inside or outside of its range; others are "
            "rounded to it before they are classified."
        )
    return text


def _largest(claim: Claim, largest: float | None) -> list[tuple[str, str]]:
    if largest is None:
        return []
    digits = 0 if claim.norm is Norm.PATCH else 4
    return [
        (
            f"No radius above {format_up(largest, digits)}.",
            "Even if all views agree, more does not follow: a larger change can reach half "
            "of them. Curves end there because views end, not because robustness does.",
        )
    ]
