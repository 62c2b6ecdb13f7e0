"""Whether fresh votes agree with those of a record, at a stated rate of false alarms.

Three tests, which share a level. T1, *contradiction*: the fresh votes refute the bound that the
record claims. T2, *same votes?*: the stored and the fresh votes of one input have one probability,
by the exact conditional law of a 2 × 2 table. T3, *pooled*: likewise for the sums over all inputs,
by the exact convolution. T2 and T3 are for a number of votes that was fixed beforehand. Votes that
stopped by a rule stopped because they were many or few: a two-sample test calls every fortieth
honest input different at level .01, so such votes are tested by T1 alone.

The inputs must be chosen without a look at their stored votes, and the fresh votes be independent
of them. A T1 alarm at one input is evidence and no proof: a share α of claims may honestly be
false.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from certiball.errors import InputError
from certiball.shapes import Array
from certiball.statistics.binomial import tail_error
from certiball.statistics.rounding import up
from certiball.votes import Design

MOST_FRESH = 10**6  # votes of one input: the laws are held as arrays
LARGEST_STORED = 10**9
LAW_ERROR = 2.0**-36  # relative, of a tail of `_law`; tests compare it with exact fractions
NOTHING = 1e-20  # a share of the likeliest value's weight that is left out of convolutions
OUTSIDE = 1e-15  # probability that the window of a convolution may miss
SPECTRUM_ERROR = 1e-13  # of each Fourier coefficient of one law
VARIATION = 2.0**-40  # total variation between a law of `_law` and the exact one


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The votes of one input, in the record and fresh.

    Args:
        stored: votes for the claimed class among `n` in the record.
        n: stored votes in all.
        fresh: votes for that class among `m` fresh ones.
        m: fresh votes in all, a number fixed beforehand.
        p_lower: the claimed lower bound on the class's probability.
        p_upper: the claimed upper bound on every other class's; None for the one-sided rule.
        others: the most fresh votes of another class.
        classes: how many classes there are.

    Raises:
        InputError: for counts that cannot be.
    """

    stored: int
    n: int
    fresh: int
    m: int
    p_lower: float
    p_upper: float | None = None
    others: int = 0
    classes: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.m <= MOST_FRESH or not 1 <= self.n <= LARGEST_STORED:
            raise InputError(
                f"fresh votes must be from 1 to {MOST_FRESH} and stored ones from 1 to "
                f"{LARGEST_STORED}, not {self.m} and {self.n}"
            )
        if not (0 <= self.stored <= self.n and 0 <= self.fresh <= self.m):
            raise InputError(
                f"{self.stored} of {self.n} stored and {self.fresh} of {self.m} fresh votes "
                "cannot be: a class has from 0 to all votes"
            )
        if not 0 <= self.others <= self.m - self.fresh:
            raise InputError(f"another class cannot have {self.others} of {self.m} fresh votes")


@dataclass(frozen=True, kw_only=True)
class Levels:
    """How the rate of false alarms is shared; 0 for a test that is not made."""

    contradiction: float
    same: float
    pooled: float


@dataclass(frozen=True, kw_only=True)
class Consistency:
    """What the tests say.

    Args:
        levels: of the three tests, over all inputs.
        contradiction: T1's p-value of each input, rounded up.
        same: T2's, two-sided; empty where votes stopped by a rule.
        pooled: T3's, two-sided; None likewise.
    """

    levels: Levels
    contradiction: tuple[float, ...]
    same: tuple[float, ...]
    pooled: float | None

    @property
    def contradicted(self) -> list[int]:
        """The places of the inputs at which T1 raises an alarm."""
        return _alarms(self.contradiction, self.levels.contradiction)

    @property
    def different(self) -> list[int]:
        """The places of the inputs at which T2 raises an alarm."""
        return _alarms(self.same, self.levels.same)

    @property
    def shifted(self) -> bool:
        """Whether T3 raises an alarm."""
        return self.pooled is not None and self.pooled <= self.levels.pooled

    @property
    def alarm(self) -> bool:
        """Whether any test raises one."""
        return bool(self.contradicted or self.different or self.shifted)


def consistency(compared: Sequence[Compared], *, level: float, design: Design) -> Consistency:
    """Test whether fresh votes agree with a record.

    Args:
        compared: the inputs, chosen without a look at their stored votes.
        level: the rate of false alarms: over all tests and inputs an alarm has at most this
            probability if the record is honest and the claims of these inputs are true.
        design: how the number of stored votes came about.

    Raises:
        InputError: without inputs, or for a level that is none.

    Example:
        >>> honest = Compared(stored=990, n=1000, fresh=988, m=1000, p_lower=0.976)
        >>> raised = Compared(stored=999, n=1000, fresh=960, m=1000, p_lower=0.990)
        >>> consistency([honest], level=0.001, design=Design.FIXED).alarm
        False
        >>> consistency([honest, raised], level=0.001, design=Design.FIXED).contradicted
        [1]
    """
    if not compared:
        raise InputError("there is nothing to compare: give at least one input")
    levels = split_level(level, design)
    fixed = design is Design.FIXED
    return Consistency(
        levels=levels,
        contradiction=tuple(contradiction_p_value(each) for each in compared),
        same=tuple(same_votes_p_value(each) for each in compared) if fixed else (),
        pooled=pooled_p_value(compared) if fixed else None,
    )


def split_level(level: float, design: Design) -> Levels:
    """A third for each test, or all for T1 where it alone holds.

    Example:
        >>> split_level(0.003, Design.STOPPED)
        Levels(contradiction=0.003, same=0.0, pooled=0.0)
    """
    if not 1e-9 <= level < 1:
        raise InputError(
            f"the rate of false alarms must be from 1e-9 to 1, not {level}; .001 is usual"
        )
    if design is not Design.FIXED:
        return Levels(contradiction=level, same=0.0, pooled=0.0)
    return Levels(contradiction=level / 3, same=level / 3, pooled=level / 3)


def contradiction_p_value(compared: Compared) -> float:
    """T1: how likely so few votes, or so many of another class, are if the claim is true.

    P(Bin(m, p̲) ≤ k′), and for a two-class claim (C − 1) P(Bin(m, p̄) ≥ the most of another
    class): the smaller of the two, doubled. Valid however the stored votes came about.
    """
    m, fresh = compared.m, compared.fresh
    fewer = 1.0 if fresh == m else float(special.betaincc(fresh + 1.0, m - fresh, compared.p_lower))
    fewer = min(1.0, up(fewer, relative=tail_error(fresh, m, fewer)))
    if compared.p_upper is None:
        return fewer
    others = compared.others
    more = (
        1.0 if others == 0 else float(special.betainc(others, m - others + 1.0, compared.p_upper))
    )
    more = (compared.classes - 1) * up(more, relative=tail_error(others, m, more))
    return min(1.0, 2 * min(fewer, more))


def same_votes_p_value(compared: Compared, *, two_sided: bool = True) -> float:
    """T2: how likely a split so uneven of the class's votes is, if one law gave them all.

    P(H ≥ k) for H hypergeometric, k of the k + k′ votes among the n stored of n + m; two-sided
    twice the smaller tail. Only for stored votes whose number was fixed beforehand.
    """
    first, law = _law(compared)
    return _tails(law, compared.fresh - first, two_sided, absolute=0.0)


def pooled_p_value(compared: Sequence[Compared], *, two_sided: bool = True) -> float:
    """T3: likewise for the sum over inputs, by the exact convolution of their laws.

    The convolution is done by Fourier transforms in a window that holds all but 10⁻¹⁵ of the sum
    (Bernstein's inequality: a hypergeometric number is a sum of independent indicators, Vatutin
    and Mikhailov 1982); what rounding and the window may hide is added to the p-value.
    """
    laws = [_law(each) for each in compared]
    means = [first + float(np.arange(len(law)) @ law) for first, law in laws]
    half = len(laws) + _half_window(math.fsum(_variance(law) for _, law in laws))
    size = 2 ** math.ceil(math.log2(2 * half + 2))
    spectrum = np.ones(size // 2 + 1, dtype=complex)
    offset = 0
    for (first, law), mean in zip(laws, means, strict=True):
        values = first + np.arange(len(law)) - round(mean)
        kept = law > NOTHING * law.max()
        spectrum *= np.fft.rfft(np.bincount(values[kept] % size, law[kept], minlength=size))
        offset += round(mean)
    wrapped = np.clip(np.fft.irfft(spectrum, size), 0.0, None)
    law = np.roll(wrapped, size // 2)  # place i is the sum offset + i − size / 2
    place = sum(one.fresh for one in compared) - offset + size // 2
    each = SPECTRUM_ERROR * math.sqrt(size) + VARIATION + MOST_FRESH * NOTHING
    hidden = OUTSIDE + len(laws) * each
    return _tails(law, min(max(place, 0), size - 1), two_sided, absolute=hidden)


def _alarms(p_values: Sequence[float], level: float) -> list[int]:
    return [place for place, p in enumerate(p_values) if p <= level / len(p_values)]


def _law(compared: Compared) -> tuple[int, Array]:
    """The law of the fresh count given the sum of both: its first value, and probabilities.

    By ratios of neighbours, outwards from the likeliest: no factorial and no cancellation.
    """
    n, m = compared.n, compared.m
    both = compared.stored + compared.fresh
    first, last = max(0, both - n), min(m, both)
    mode = min(max((m + 1) * (both + 1) // (n + m + 2), first), last)
    x = np.arange(first, last, dtype=float)
    ratios = (both - x) * (m - x) / ((x + 1) * (n - both + x + 1))
    above = np.cumprod(ratios[mode - first :])
    below = np.cumprod(1 / ratios[: mode - first][::-1])[::-1]
    weights = np.concatenate([below, [1.0], above])
    return first, weights / weights.sum()


def _variance(law: Array) -> float:
    values = np.arange(len(law))
    return float((values - values @ law) ** 2 @ law)


def _half_window(variance: float) -> int:
    """How far from its mean a sum of independent indicators may be, but with P ≤ OUTSIDE."""
    exponent = math.log(2 / OUTSIDE)
    return math.ceil(exponent / 3 + math.sqrt((exponent / 3) ** 2 + 2 * variance * exponent)) + 1


def _tails(law: Array, place: int, two_sided: bool, *, absolute: float) -> float:
    """P(fresh ≤ what was found), or twice the smaller tail; never below the exact one."""
    few = float(law[: place + 1].sum())
    tail = 2 * min(few, float(law[place:].sum())) if two_sided else few
    return min(1.0, up(tail, relative=LAW_ERROR) + 2 * absolute)
