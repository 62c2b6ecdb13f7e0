"""How fast a Laplace law's probabilities grow along a diagonal, exactly, in every dimension.

Along δ = (±1, …, ±1) the logarithm of the density changes at the rate W/λ, W the sum of d random
signs: W = d − 2k with probability m_k = C(d, k)/2^d. Events of probability p grow at most at the
rate Φ(p) = (largest mean of W over a share p)/λ: levels of W are taken from the highest down. With
P_k the mass above the k-th level and S_k that of Σ m_j (d − 2j) above it, Φ(p) = S_k + (p − P_k)w
on the level of w = d − 2k, and

    G(1 − a) = ∫_a^½ dp/Φ(p) = Σ over levels from a on of (1/w) ln(Φ(end)/Φ(start)).

Sums of the binomial law end in closed form: S_k = k·m_k and S_{k+1} = (d − k)·m_k. A whole level
thus gives (1/w) ln((d − k)/k) = (2/w) artanh(w/d), free of binomials, and only the level of a needs
P and S. These are computed in integers to a hundred bits and more, and rounded up and down.

A level that begins a little elsewhere does no harm: Φ is concave, so the line of either level lies
above it, and 1/Φ is then taken too small by less than the rounding that is applied.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from certiball.errors import InputError
from certiball.statistics.rounding import down, fraction_down, fraction_up, up
from certiball.theorems.growth import Growth

BITS = 192  # of the largest mass; those that round to 0 hold less than 2^−150 in all
DEEPEST = 56  # levels below 2^−56 are left out: 1 − p̲ is no smaller float but for p̲ = 1
LARGEST = 10**8  # of dimensions; there are about 8√d levels, and all are computed
ERROR = 2.0**-50  # of math.log1p, math.log, math.atanh and a few operations, relatively


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Levels of W from the highest that is needed to the one that ends at ½; lists by level.

    Args:
        w: the level, at scale 1 the slope of Φ.
        start: P_k, rounded down or up.
        end: P_{k+1}, likewise.
        fast: S_{k+1}, Φ at the end, rounded the other way.
        slow: S_k, Φ at the start, to nearest.
        rest: G at the end of the level, rounded as P is.
    """

    w: list[float]
    start: list[float]
    end: list[float]
    fast: list[float]
    slow: list[float]
    rest: list[float]


@lru_cache(maxsize=16)
def growth(dimension: int) -> Growth:
    """Bounds on G of Laplace noise of scale 1 in L∞.

    Args:
        dimension: d.

    Raises:
        InputError: for more than 10⁸ dimensions.

    Example:
        >>> round(growth(1).lower(0.25), 6)  # ln 2, as in L1
        0.693147
    """
    if dimension > LARGEST:
        raise InputError(
            f"Laplace noise in L∞ is computed for up to {LARGEST} numbers per input, not "
            f"{dimension}: certify in L1, where the dimension does not enter"
        )
    below, above = _levels(dimension)
    return Growth(
        lower=lambda a: down(_integral(max(a, below.start[0]), below), relative=ERROR),
        upper=lambda a: (
            up(_integral(a, above), relative=ERROR) if a >= above.start[0] else math.inf
        ),
        fastest=below.fast[-1],
    )


def _integral(a: float, levels: Levels) -> float:
    """G(1 − a): what is left of the level that a lies in, and the levels after it."""
    k = max(0, bisect_right(levels.start, a) - 1)
    w, fast = levels.w[k], levels.fast[k]
    left = (levels.end[k] - a) / fast
    if left * w < 0.5:
        part = -math.log1p(-left * w) / w if w else left
    else:
        part = math.log(fast / (levels.slow[k] + (a - levels.start[k]) * w)) / w
    return part + levels.rest[k]


def _levels(dimension: int) -> tuple[Levels, Levels]:
    """All levels that are needed, for bounds on G from below and from above."""
    masses, doubt = _masses(dimension)
    total = 2 * sum(masses) - (0 if dimension % 2 else masses[0])
    above, kept = sum(masses), []  # k, its mass and that above it, from the middle outwards
    for i, mass in enumerate(masses):
        above -= mass
        kept.append((dimension // 2 - i, mass, above))
        if above << DEEPEST < total:
            break
    kept.reverse()
    starts = [_enclosed(above, 1, doubt, total) for _, _, above in kept]
    speeds = [_enclosed(mass, dimension - k, doubt, total) for k, mass, _ in kept]
    slow = [float(Fraction(k * mass, total)) for k, mass, _ in kept]
    w = [float(dimension - 2 * k) for k, _, _ in kept]
    rest = _rest(dimension, w)
    below, beyond = (
        Levels(w=w, start=start, end=[*start[1:], 0.5], fast=fast, slow=slow, rest=rest)
        for start, fast in (
            ([low for low, _ in starts], [high for _, high in speeds]),
            ([high for _, high in starts], [low for low, _ in speeds]),
        )
    )
    return below, beyond


def _enclosed(mass: int, times: int, doubt: int, total: int) -> tuple[float, float]:
    """A multiple of a mass, as a share of the total, rounded down and up."""
    low, high = Fraction(times * mass, total + doubt), Fraction(times * (mass + doubt), total)
    return fraction_down(low), fraction_up(high)


def _masses(dimension: int) -> tuple[list[int], int]:
    """Binomial masses from the middle outwards, in units of 2^−192 of it, and how far off.

    Each is rounded down and its ratio to the next is at most 1, so the n-th is off by at most n,
    and what is left out, at most d masses below n + 1, by no more than d(n + 1).
    """
    k, mass = dimension // 2, 1 << BITS
    masses = []
    while mass:
        masses.append(mass)
        mass = mass * k // (dimension - k + 1)
        k -= 1
    return masses, 2 * (len(masses) + 1) * (len(masses) + dimension)


def _rest(dimension: int, w: list[float]) -> list[float]:
    """G at the end of each level: whole levels, from the middle outwards."""
    rest, total = [], Fraction(0)
    for level in reversed(w):
        rest.append(float(total))
        if level < dimension:  # the highest is infinite, and the last of the list
            whole = 2 * math.atanh(level / dimension) / level if level else 1 / dimension
            total += Fraction(whole)
    return rest[::-1]
