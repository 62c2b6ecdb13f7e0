"""A stored run, read as if a class among the k likeliest had been claimed: another claim."""

from dataclasses import replace

from certiball.balls import Norm
from certiball.certification.top_k import WHAT, TopK, top_k_result
from certiball.claim import Bound, Rule
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.runs.read import Results
from certiball.votes import Votes


def read_top_k(results: Results, k: int, *, true_class: bool) -> tuple[TopK | None, ...]:
    """What the votes of a run prove of the k likeliest classes.

    The run's claim was another one. Whoever chooses k after the votes were there may have been led
    by them, so this is exploratory: a claim is fixed before, by `certify_top_k`.

    Args:
        results: of a run under Gaussian noise in L2, of a fixed number of votes.
        k: how many classes count as the top.
        true_class: certify each input's true class, and not the one that was selected.

    Returns:
        For each input a certificate or the reason why there is none; None where there are no votes.

    Raises:
        InputError: for a run of another kind, or a k that says nothing.
    """
    claim, classes = results.spec.question.claim, results.spec.model.classes
    if not isinstance(claim.law, Gaussian):
        raise InputError(
            f"{WHAT} are proven for Gaussian noise in L2 alone, and this run's is {claim.law}: "
            "another run, with --sigma, can be read so"
        )
    if claim.norm is not Norm.L2:
        raise InputError(f"{WHAT} are proven in L2, and this run is about {claim.norm}")
    if not 1 <= k < classes:
        raise InputError(
            f"--k must be from 1 to {classes - 1}, fewer than there are classes, not {k}"
        )
    other = replace(claim, rule=Rule.TWO_CLASS, bound=Bound.CLOPPER_PEARSON)
    question = replace(results.spec.question, claim=other)
    found: list[TopK | None] = []
    for outcome in results.outcomes:
        result = outcome.result
        if result is None:
            found.append(None)
            continue
        votes: tuple[Votes, Votes] = (result.selection, result.estimation)
        label = outcome.item.label if true_class else None
        found.append(top_k_result(question, result.draw, k, votes, label))
    return tuple(found)
