"""Bounds on the probabilities of all classes that hold together.

Sums of classes need them: of one bound for each of c classes, every one at level α/c, none fails
except with probability α, by Bonferroni's inequality, whatever the dependence of the counts. That
α is for all of them. The bound of `others_upper_bound` is sharper, but of the largest class alone.
"""

from certiball.errors import InputError
from certiball.statistics.binomial import lower_bound, upper_bound
from certiball.statistics.multiplicity import shared_level
from certiball.votes import Design, Votes


def simultaneous_bounds(votes: Votes, label: int, alpha: float) -> tuple[float, tuple[float, ...]]:
    """A lower bound on one class and an upper bound on every other one (Clopper–Pearson at α/c).

    Args:
        votes: of a number fixed beforehand.
        label: the class, fixed independently of these votes.
        alpha: how often, at most, any of the bounds may fail.

    Returns:
        p̲ of the class, rounded down, and p̄ of each other class in order, rounded up.

    Raises:
        InputError: if the votes stopped by a rule, there is no such class, or α/c is below 10⁻¹⁵.

    Example:
        >>> low, others = simultaneous_bounds(Votes(counts=(60, 30, 10)), 0, 0.003)
        >>> round(low, 4), [round(p, 4) for p in others]
        (0.441, [0.4566, 0.2247])
    """
    if votes.design is not Design.FIXED:
        raise InputError(
            "these votes stopped by a rule, and Clopper–Pearson holds only for a number fixed "
            "beforehand: draw a fixed number"
        )
    if not 0 <= label < len(votes.counts):
        raise InputError(f"class {label} is none of 0…{len(votes.counts) - 1}")
    level = shared_level(alpha, len(votes.counts))
    found: dict[int, float] = {}  # many classes have the same count
    for count in set(votes.counts):
        found[count] = upper_bound(count, votes.total, level)
    others = tuple(found[count] for other, count in enumerate(votes.counts) if other != label)
    return lower_bound(votes.counts[label], votes.total, level), others
