"""What votes say of the radius: what it is now, what it could become, and what it cannot be."""

import math
from dataclasses import replace
from functools import lru_cache

from certiball.certification.question import Question, radius_from, radius_of
from certiball.claim import Rule
from certiball.statistics.binomial import SMALLEST
from certiball.statistics.mixture import mixture_lower_bound, mixture_upper_bound
from certiball.theorems.bounds import Bounds
from certiball.votes import Votes

KEPT = 256  # answers; each has the counts of all classes


@lru_cache(maxsize=KEPT)
def radius_now(question: Question, votes: Votes, label: int) -> float:
    """The radius that would be reported if no more votes came: what every decision is about."""
    return radius_from(question, votes, label)


@lru_cache(maxsize=KEPT)
def radius_at_best(question: Question, votes: Votes, label: int, most: int) -> float:
    """The radius if all votes still to come, up to the most, were for the class."""
    counts = list(votes.counts)
    counts[label] += most - votes.total
    return radius_now(question, replace(votes, counts=tuple(counts)), label)


@lru_cache(maxsize=KEPT)
def radius_above(question: Question, votes: Votes, label: int, beta: float) -> float:
    """What the radius could be at most, were the probabilities known; wrong with probability ≤ β.

    It is the theorem's radius at an upper bound for the class and, with two classes, a lower
    bound for another: the class's at β/2, each of the C − 1 others' at β/(2 (C − 1)), for which
    of them is the likeliest is not known. Such bounds serve to stop; α is not touched by them.
    """
    top, total = votes.counts[label], votes.total
    one_sided = question.claim.rule is Rule.ONE_SIDED
    level = beta if one_sided else beta / 2
    high = mixture_upper_bound(top, total, level) if level >= SMALLEST else 1.0
    if high == 1:
        return math.inf
    if one_sided:
        return radius_of(question, Bounds(p_lower=high))
    others = [count for other, count in enumerate(votes.counts) if other != label]
    level = beta / (2 * len(others))
    # At a level that is not examined nothing is known of the others, which is always true.
    low = mixture_lower_bound(max(others), total, level) if level >= SMALLEST else 0.0
    return radius_of(question, Bounds(p_lower=high, p_upper=low))
