"""Adversarial at level P_a: what a call of g with n votes must do, and what that takes.

A point is adversarial at level P_a if P[g_{σ,n}(x_a) ≠ c] ≥ P_a (Maho, Furon and Le Merrer,
equation (4)). For two classes that is a condition on π0, the probability that one micro-decision
is c, and it depends on who gets a tie. With more classes π0 ≤ threshold is necessary for it (with
a tie for the adversary) and not sufficient: `judgement` proves a level there.
"""

import math
from enum import Enum
from fractions import Fraction

from scipy import special

from certiball.balls import Norm
from certiball.certificate import Certificate
from certiball.claim import Rule
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.numbers import as_float, as_whole
from certiball.statistics.binomial import LARGEST, SMALLEST, lower_bound, tail_error
from certiball.statistics.normal import quantile_down
from certiball.statistics.rounding import down, fraction_down

ROUNDING = 2.0**-52  # of a product and of a sum, each


class Tie(Enum):
    """Who gets the vote when half of an even number are for c; odd numbers have no ties."""

    PAPER = "paper"  # one more micro-decision: what equation (5) has, as if n were n + 1
    CLASS = "class"  # c, which then needs only half of the votes to be kept
    COIN = "coin"  # a fair coin
    ADVERSARY = "adversary"  # the other class


def deployed_tie(label: int, rival: int | None = None) -> Tie:
    """Who gets a tie where the lowest class wins it, as in every oracle here.

    Args:
        label: c, the class to leave.
        rival: the other class; None for whatever other, of two classes or of more.

    Returns:
        `CLASS` where no other class can win a tie with c, else `ADVERSARY`.

    Example:
        >>> deployed_tie(0).value, deployed_tie(1).value, deployed_tie(1, rival=4).value
        ('class', 'adversary', 'class')
    """
    first = label == 0 if rival is None else label < rival
    return Tie.CLASS if first else Tie.ADVERSARY


def level_of(q: float, n: int, tie: Tie = Tie.PAPER) -> float:
    """P[g ≠ c] where each of n micro-decisions is wrong with probability q: I_q(a, b), down.

    For two classes, or for n = 1, where q is the probability of any other class. It grows with q,
    so a lower bound on q gives one on the level.

    Args:
        q: 1 − π0.
        n: votes of one call.
        tie: who gets a tie.

    Raises:
        InputError: unless 0 ≤ q ≤ 1 and 1 ≤ n ≤ 10⁹.

    Example:
        >>> round(level_of(1 - 0.37787, 10, Tie.CLASS), 3)  # the paper's threshold for P_a = .8
        0.687
    """
    if not 0 <= q <= 1:
        raise InputError(f"q must be a probability, not {q}")
    a, b = _parameters(n, tie)
    if q in (0.0, 1.0):
        return q
    level = float(special.betainc(float(a), float(b), q))
    return max(0.0, down(level, relative=tail_error(a, a + b - 1, level)))


def pi0_threshold(n: int, P_a: float, tie: Tie = Tie.PAPER) -> float:
    """The largest π0 at which g ≠ c with probability P_a, for two classes (equation (5)), down.

    It is 1 − I⁻¹_{P_a}(a, b): a wrong votes of a + b − 1 decide. The paper's a = b = 1 + ⌊n/2⌋ is
    exact for odd n. For even n it is that of a tie broken by one more micro-decision; with other
    tie rules (a, b) is (n/2 + 1, n/2) for c, (n/2, n/2) for a coin, (n/2, n/2 + 1) for the
    adversary. The paper adds that the threshold is below ½: at P_a = ½ it is not.

    Args:
        n: votes of one call.
        P_a: the level, above 0 and below 1.
        tie: who gets a tie.

    Raises:
        InputError: unless 1 ≤ n ≤ 10⁹ and 0 < P_a < 1.

    Example:
        >>> round(pi0_threshold(10, 0.8), 5), round(pi0_threshold(10, 0.8, Tie.CLASS), 5)
        (0.37787, 0.32683)
    """
    a, b = _parameters(n, tie)
    # 1 − I⁻¹_P(a, b) = I⁻¹_{1−P}(b, a), which is a lower Clopper–Pearson bound by its definition.
    return lower_bound(b, a + b - 1, fraction_down(1 - Fraction(_level(P_a))))


def distortion_lower_bound(
    R: Certificate | float,
    sigma: float,
    n: int,
    P_a: float,
    tie: Tie = Tie.ADVERSARY,
    slack: Fraction = Fraction(0),
) -> float:
    """How far a point adversarial at level P_a is, at least (equation (6)): R + σΦ⁻¹(I⁻¹), down.

    It holds for any number of classes, in L2 under Gaussian noise. |Φ⁻¹(q)| is 1/σ-Lipschitz in
    the input, is −R/σ at most at x and Φ⁻¹(I⁻¹) at least at the point.

    Args:
        R: a one-sided certificate of x, or the radius of one: R = σΦ⁻¹(p̲) for a lower bound p̲ on
            the probability of c, negative where p̲ < ½. A two-class radius will not do: at
            p_c = .4 and p_B = .1 it is .5 σ, and x itself is adversarial at n = 1, P_a = .5.
        sigma: of the noise, in the units of the inputs.
        n: votes of one call.
        P_a: the level, above 0 and below 1.
        tie: who gets a tie. Unless the deployed rule is known, only `ADVERSARY` is safe: at even
            n the paper's form may exceed the true distance.
        slack: total variation between the drawn noise and Gaussian noise, `law.slack(step, d)` on
            a grid; 0 for noise that is exactly normal.

    Raises:
        InputError: for a certificate that is not one-sided, of Gaussian noise of that σ in L2; and
            for numbers out of range.

    Example:
        >>> round(distortion_lower_bound(0.3, sigma=0.25, n=10, P_a=0.5), 4)
        0.2697
    """
    sigma = Gaussian(sigma=sigma).sigma
    radius = _one_sided(R, sigma)
    a, b = _parameters(n, tie)
    q = fraction_down(Fraction(lower_bound(a, a + b - 1, _level(P_a))) - slack)
    further = sigma * quantile_down(q)
    if not math.isfinite(further):
        return -math.inf
    further = down(further, relative=ROUNDING)
    return down(radius + further, relative=ROUNDING)


def _one_sided(radius: Certificate | float, sigma: float) -> float:
    """The radius, if it is what the equation is about."""
    if not isinstance(radius, Certificate):
        number = as_float("R", radius)
        if not math.isfinite(number):
            raise InputError(f"R must be finite, not {number}: σΦ⁻¹(p̲) for a lower bound p̲ < 1")
        return number
    claim = radius.claim
    if claim.rule is not Rule.ONE_SIDED:
        raise InputError(
            f"R must be a one-sided radius, not one by the {claim.rule.value} rule, for which the "
            "bound is false: certify with rule=Rule.ONE_SIDED"
        )
    if claim.law != Gaussian(sigma=sigma) or claim.norm is not Norm.L2:
        raise InputError(
            f"the bound is for radii in L2 under Gaussian(sigma={sigma!r}), and this certificate "
            f"is in {claim.norm} under {claim.law}"
        )
    return radius.radius


def _parameters(n: int, tie: Tie) -> tuple[int, int]:
    """Wrong votes a that outvote c, of a + b − 1 that decide."""
    if not 1 <= as_whole("n", n) <= LARGEST - 1:
        raise InputError(f"n must be from 1 to {LARGEST - 1}, not {n}")
    half = n // 2
    if n % 2 or tie is Tie.PAPER:
        return half + 1, half + 1
    return {
        Tie.CLASS: (half + 1, half),
        Tie.COIN: (half, half),  # a coin is as good as leaving one of the votes out
        Tie.ADVERSARY: (half, half + 1),
    }[tie]


def _level(P_a: float) -> float:
    level = as_float("P_a", P_a)
    if not SMALLEST <= level <= 1 - SMALLEST:
        raise InputError(
            f"P_a must be above 0 and below 1, not {level}: no number of calls shows certainty"
        )
    return level
