"""Votes at a point, and what they say against "the certified class is the likeliest there"."""

from fractions import Fraction

import numpy as np

from certiball.attacks.judging.fresh import Voting, fresh, micro_decisions
from certiball.certificate import Certificate
from certiball.certification.question import Question
from certiball.shapes import Array
from certiball.statistics.binomial import top_two_p_value
from certiball.statistics.rounding import fraction_up
from certiball.votes import Votes

LEVEL = 1e-6  # how often, at most, chance alone makes a contradiction of a point
VOTES = 10_000  # at each point
APART = 2**32  # the number of the first question here: others judged the point before


def drawn(oracle: Voting, point: Array, number: int, seed: int, *, times: int = 1) -> Votes:
    """Fresh votes at a point, which nothing has been chosen by.

    Args:
        oracle: whose.
        point: encoded [...].
        number: of the input, which noise is addressed by.
        seed: of the noise.
        times: 1, or another number for votes of that many times as many and of other noise.
    """
    draws = micro_decisions(fresh(oracle, seed), times * VOTES, point.size)
    first = np.array([times * APART])
    counts = draws.ask(point[None], np.array([number]), first)[0].sum(axis=0)
    return Votes(counts=tuple(int(count) for count in counts))


def denial(votes: Votes, certificate: Certificate, dimension: int) -> tuple[float, int]:
    """The p-value of "no class is likelier than A", rounded up, and the class that speaks against.

    An exact sign test of each other class c against A: of the votes for either, those for c are
    Binomial(m, ½) at most. The smallest counts, times the number of classes besides A
    (Bonferroni). Where noise on a grid is not quite the noise that was meant, the total
    variation of all votes together is added.

    Args:
        votes: at the point, of a number fixed beforehand.
        certificate: which says A.
        dimension: numbers of an input.
    """
    label = certificate.label
    slack = Question(claim=certificate.claim, dimension=dimension).slack
    rival = max((c for c in range(len(votes.counts)) if c != label), key=votes.counts.__getitem__)
    own, other = votes.counts[label], votes.counts[rival]
    if other <= own:
        return 1.0, rival
    one_sided = Fraction(top_two_p_value(other, own)) / 2
    exact = one_sided * (len(votes.counts) - 1) + slack * votes.total
    return min(1.0, fraction_up(exact)), rival
