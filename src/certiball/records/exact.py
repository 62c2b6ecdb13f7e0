"""What a record of a run says in which every view was asked: no estimate, no α, no randomness."""

from typing import Any

from certiball.balls import Norm
from certiball.certification.meaning import VIEWS_ARITHMETIC
from certiball.claim import Claim, is_usual
from certiball.runs.spec import RunSpec
from certiball.spaces import Grid
from certiball.theorems import count_theorem

BOUND = "none: every view of an input was asked once, and the votes themselves are compared"


def exact_formula(claim: Claim) -> str:
    """The claim in symbols."""
    if claim.norm is Norm.PATCH:
        reach = "x′ that differs from x only inside of a square of radius × radius pixels"
    else:
        where = f" in ({claim.space.step})·Zᵈ" if isinstance(claim.space, Grid) else ""
        reach = f"x′ = x + δ, δ{where}, ‖δ‖ ≤ radius in {claim.norm}"
    return (
        f"g(x′) = predicted for every {reach}; g(x) = the class of most f(v), v every view of x "
        f"under {claim.law}, the lowest of several"
    )


def exact_sentence(claim: Claim, summary: dict[str, Any], views: int) -> str:
    """The claim in a sentence, which begins with how many inputs it is about."""
    certified, right = summary["certified"], summary["certifiedRight"]
    where = f" on the grid of step {claim.space.step}" if isinstance(claim.space, Grid) else ""
    reach = f"whose {claim.norm} distance from x is at most the number in the column radius"
    if claim.norm is Norm.PATCH:
        reach = (
            "that differs from x only inside of one square, anywhere, whose side in pixels is at "
            "most the number in the column radius"
        )
    run = "" if is_usual(claim.backend) else f", run by {claim.backend},"
    return (
        f"{certified} of {summary['inputs']} inputs {'has' if certified == 1 else 'have'} a "
        f"certificate, {right} for the right class. For each input x of the table that is "
        "certified, the smoothed classifier g answers the class in the column predicted for every "
        f"perturbed input{where} {reach}. g answers the class that the base classifier{run} gives "
        f"for most of the {views} views of an input under {claim.law}, the lowest of several. "
        "Every view was asked: no probability is estimated, and there is no error rate."
    )


def exact_method(spec: RunSpec) -> dict[str, Any]:
    """The theorem, the arithmetic, and the four words of ISO/IEC 24029-2 for a verifier."""
    claim = spec.claim
    proven = count_theorem(claim.law, claim.norm)
    return {
        "family": "derandomized smoothing: every view is asked",
        "theorem": {"source": proven.source, "radius": proven.formula},
        "verifier": {
            "complete": False,
            "deterministic": True,
            "access": "closed-box",
            "arithmetic": "computer",
        },
        "bound": {"name": claim.bound.value, "source": BOUND},
        "rounding": "lower bounds and radii down, upper bounds up",
        "noise": VIEWS_ARITHMETIC,
        "slack": "none",
        "generator": "none",
    }


def exact_statistics(spec: RunSpec) -> dict[str, Any]:
    """How many votes; no α went anywhere."""
    return {
        "plan": str(spec.plan),
        "votesStop": False,
        "n0": 0,
        "most": spec.plan.most,
        "alpha": 0.0,
        "alphaIs": "none: every view was asked, so no certificate is false by chance",
        "alphaSplit": {"lower": 0.0, "upper": None},
        "slack": "0",
        "separation": "the votes of all views choose the class and prove it: nothing is estimated",
    }
