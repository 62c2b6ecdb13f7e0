"""What fresh answers of g prove about a point: a lower bound on how often it is adversarial.

Which rule, how many votes and which level α are fixed before the first of them is drawn. Taking
the better of two rules afterwards would err at the sum of both their levels.
"""

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

import numpy as np
from scipy import special

from certiball.attacks.criterion import Criterion
from certiball.attacks.judging.level import Tie, deployed_tie, level_of
from certiball.errors import InfeasibleError, InputError
from certiball.numbers import as_float, as_whole
from certiball.shapes import Array
from certiball.statistics.binomial import (
    SMALLEST,
    check_alpha,
    lower_bound,
    tail_error,
    upper_bound,
)
from certiball.statistics.holm import fewest_votes
from certiball.statistics.rounding import down, fraction_up

MOST_VOTES = 2**20  # of one call whose classes are more than two: its law is summed up
MOST_CALLED = 2**24  # votes of all calls of one judgement


class Judging(Enum):
    """What is taken for adversarial at level P_a."""

    LEVEL = "level"  # equation (4), proved from micro-decisions
    CALLS = "calls"  # equation (4), proved from the answers of whole calls
    MAHO = "maho"  # the protocol's shortcut: ⌈nP_a⌉ wrong votes in one call; it proves no level


@dataclass(frozen=True, kw_only=True)
class Level:
    """How points are judged, fixed before anything is drawn.

    Args:
        P_a: the level that is asked for, above 0 and below 1.
        judging: which rule.
        votes: micro-decisions of one judgement. `CALLS` draws as many calls as have so many
            votes, or twice as many as could prove the level if all were adversarial; `MAHO`
            draws one call.
        alpha: how often, at most, what is said of one input may be false, all of it together.

    Raises:
        InputError: for numbers out of range.

    Example:
        >>> print(Level(P_a=0.8))
        level 0.8 by rule level, 1000 votes, α = 0.001
    """

    P_a: float = 0.5
    judging: Judging = Judging.LEVEL
    votes: int = 1000
    alpha: float = 0.001

    def __post_init__(self) -> None:
        object.__setattr__(self, "judging", Judging(self.judging))
        for name in ("P_a", "alpha"):
            object.__setattr__(self, name, as_float(name, getattr(self, name)))
        check_alpha(self.alpha)
        if not SMALLEST <= self.P_a <= 1 - SMALLEST:
            raise InputError(
                f"P_a must be above 0 and below 1, not {self.P_a}: no votes show certainty"
            )
        if not 1 <= as_whole("votes", self.votes) <= MOST_VOTES:
            raise InputError(f"votes must be from 1 to {MOST_VOTES}, not {self.votes}")

    def calls(self, n: int, alpha: float) -> int:
        """Calls of g with n votes that one judgement by `CALLS` takes.

        Raises:
            InfeasibleError: if that are too many.
        """
        calls = max(-(-self.votes // n), 2 * fewest_votes(self.P_a, alpha))
        if calls * n > MOST_CALLED:
            raise InfeasibleError(
                f"level {self.P_a} takes {calls} calls of {n} votes to prove, at each of several "
                "points: ask for a lower level, or prove it by micro-decisions (rule LEVEL)"
            )
        return calls

    def __str__(self) -> str:
        return (
            f"level {self.P_a} by rule {self.judging.value}, {self.votes} votes, α = {self.alpha}"
        )


def proven_level(
    counts: Array, label: int, n: int, alpha: float, rival: int | None = None
) -> float:
    """A lower bound on P[g_{σ,n} ≠ c] from micro-decisions, at level α.

    For two classes, or n = 1, it is that of the wrong votes' Clopper–Pearson bound q_L: level P_a
    is proven exactly where q_L ≥ 1 − threshold. For more classes q says little, and it is
    P(n_rival > n_c) at a lower bound on the rival's probability and an upper one on c's, at α/2
    each. A tie goes to the lower class.

    Args:
        counts: micro-decisions for each class [classes], as many as was fixed beforehand.
        label: c.
        n: votes of one call of g.
        alpha: how often, at most, the bound may be above the truth.
        rival: another class, chosen without these counts; needed for more than two classes.

    Raises:
        InputError: if there are more than two classes, more than one vote in a call and no rival.

    Example:
        >>> round(proven_level(np.array([300, 700]), 0, n=10, alpha=0.001), 2)
        0.76
    """
    total, own = int(counts.sum()), int(counts[label])
    if len(counts) == 2 or n == 1:
        return level_of(lower_bound(total - own, total, alpha), n, deployed_tie(label))
    if rival is None or rival == label:
        raise InputError(
            f"with {len(counts)} classes a level is proven against a rival that other votes chose, "
            f"not {rival}: draw some for the choice"
        )
    other = lower_bound(int(counts[rival]), total, alpha / 2)
    rest = fraction_up(1 - Fraction(other))  # together all other classes have no more
    own_upper = min(rest, upper_bound(own, total, alpha / 2))
    return outvoted(other, own_upper, n, deployed_tie(label, rival))


def outvoted(other: float, own: float, n: int, tie: Tie) -> float:
    """P(one class has more of n votes than another), down; with `ADVERSARY` also as many.

    It grows with the one's probability and falls with the other's: each vote adds 1, 0 or −1 to
    the difference, and both changes move it stochastically.

    Args:
        other: the probability of the class that should have more.
        own: that of the class that should have fewer.
        n: votes.
        tie: whether as many are enough: `ADVERSARY` or `CLASS`.

    Raises:
        InputError: if the probabilities are none, or n is not from 1 to 2²⁰.

    Example:
        >>> round(outvoted(0.5, 0.5, 10, Tie.CLASS), 4)  # (1 − P(5 of 10)) / 2
        0.377
    """
    if not (0 <= other <= 1 and 0 <= own <= 1 and other + own <= 1 + 2.0**-50):
        raise InputError(f"{other} and {own} are no probabilities of two classes")
    if not 1 <= n <= MOST_VOTES:
        raise InputError(f"n must be from 1 to {MOST_VOTES}, not {n}")
    both = min(1.0, other + own)
    if both == 0:
        return 0.0
    m = np.arange(n + 1, dtype=np.float64)  # votes for either
    needed = np.floor(m / 2) + 1 if tie is Tie.CLASS else np.maximum(np.ceil(m / 2), 0)
    wins = special.betainc(np.maximum(needed, 1), m - needed + 1, min(1.0, other / both))
    wins = np.where(needed > m, 0.0, np.where(needed == 0, 1.0, wins))
    log_weights = special.xlogy(m, both) + special.xlog1py(n - m, -both)
    size = float(special.gammaln(n + 1.0))
    log_weights += size - special.gammaln(m + 1) - special.gammaln(n - m + 1)
    total = float((np.exp(log_weights) * wins).sum())
    # Logarithms of that size are off by some of their last places, and so are the weights.
    error = 2.0**-40 + 2.0**-49 * size + tail_error(max(1, n // 2), n, 0.5)
    return min(1.0, max(0.0, down(total, relative=error)))


def called_level(adversarial: int, calls: int, alpha: float) -> float:
    """A lower bound on P[g ≠ c] from the answers of whole calls, for any criterion, at level α."""
    return lower_bound(adversarial, calls, alpha)


def votes_needed(n: int, P_a: float) -> int:
    """The wrong votes of one call that pass by the protocol's shortcut: ⌈nP_a⌉.

    It is not equation (4), for it asks for q ≈ P_a whatever n: at n = 100 and P_a = .8 a point
    that meets (5) passes with probability 6·10⁻⁸, and one that passes every other time is
    adversarial with probability 1. At P_a = ½ and even n it counts ties as adversarial.

    Example:
        >>> votes_needed(100, 0.8), votes_needed(10, 0.7)
        (80, 7)
    """
    # As the decimal number that was meant: the float .7 lies below it, and others above.
    return math.ceil(n * Fraction(repr(float(P_a))))


def wrong_votes(criterion: Criterion, place: int, counts: Array) -> int:
    """How many of the votes [questions, classes] are for classes that meet the criterion."""
    classes = np.arange(counts.shape[-1])
    wrong = criterion.met(classes, np.full(len(classes), place))
    return int(counts[:, wrong].sum())


def check_provable(level: Level, classes: int, n: int, alpha: float) -> None:
    """Refuse votes so few that unanimous ones would not prove the level.

    Args:
        level: what is asked for, by micro-decisions.
        classes: of the model.
        n: votes of one call.
        alpha: of the last judgement that may be made.

    Raises:
        InfeasibleError: with a number that could.
    """

    def proves(votes: int) -> bool:
        counts = np.zeros(classes, dtype=np.int64)
        counts[1] = votes  # a tie goes to the lower class, so 0 is the hardest to leave
        return proven_level(counts, 0, n, alpha, rival=1) >= level.P_a

    if proves(level.votes):
        return
    enough = next((2**i for i in range(21) if proves(2**i)), None)
    remedy = f"take {enough}" if enough else "ask for a lower level"
    raise InfeasibleError(
        f"{level.votes} votes cannot prove level {level.P_a} at α = {alpha:.2g} even if all are "
        f"adversarial; {remedy}"
    )
