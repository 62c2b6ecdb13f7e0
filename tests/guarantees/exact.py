"""The statistics once more in ball arithmetic (FLINT's arb): every comparison here is proven.

An `arb` is a midpoint and a radius that hold the exact number, so `a <= b` is True only where it
is true of every number in both. Where neither it nor its contrary is, more bits are taken.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

import flint
import numpy as np
from flint import arb

BITS = (64, 128, 256, 512, 1024, 2048)


def at_most(left: Callable[[], arb], right: Callable[[], arb]) -> bool:
    """Whether one quantity is at most another, proven either way."""
    for bits in BITS:
        with flint.ctx.workprec(bits):
            a, b = left(), right()
            if a <= b:
                return True
            if a > b:
                return False
    raise AssertionError(f"{BITS[-1]} bits do not tell {left()} from {right()}")


def exactly(value: float | Fraction) -> arb:
    """A rational as tightly as the precision allows; a float, being dyadic, exactly."""
    whole = Fraction(value)
    return arb(whole.numerator) / whole.denominator


def tail_from(k: int, n: int, p: float | Fraction) -> arb:
    """P(Bin(n, p) ≥ k)."""
    if k <= 0:
        return arb(1)
    return exactly(p).beta_lower(k, n - k + 1, regularized=True) if k <= n else arb(0)


def tail_to(k: int, n: int, p: float | Fraction) -> arb:
    """P(Bin(n, p) ≤ k), without a difference from 1."""
    return tail_from(n - k, n, 1 - Fraction(p))


def log_mixture(k: int, n: int, q: float | Fraction) -> arb:
    """Log M^q by its definition: two integrals over (q, 1], each an incomplete beta function."""
    half, other = exactly(Fraction(1, 2)), exactly(1 - Fraction(q))
    posterior = other.beta_lower(n - k + half, k + half)
    prior = 2 * other.sqrt().asin()
    return posterior.log() - prior.log() - k * exactly(q).log() - (n - k) * other.log()


def normal(x: float | Fraction | arb) -> arb:
    """Φ(x)."""
    exact = x if isinstance(x, arb) else exactly(x)
    return (-exact / arb(2).sqrt()).erfc() / 2


def normal_quantile(p: Fraction) -> arb:
    """Φ⁻¹(p), for 0 < p < 1."""
    return -arb(2).sqrt() * (2 * exactly(p)).erfcinv()


def cases(seed: int, number: int, largest: int = 10**6) -> Iterator[tuple[int, int, float]]:
    """Random (k, n, α): n and α over all sizes, k at the ends and in between."""
    generator = np.random.default_rng(seed)
    for _ in range(number):
        n = int(10 ** generator.uniform(0, np.log10(largest)))
        share = generator.choice([generator.uniform(), generator.beta(0.3, 0.3)])
        few = int(min(n, generator.geometric(0.2) - 1))
        k = int(generator.choice([round(n * share), few, n - few]))
        yield k, n, float(10 ** generator.uniform(-15, np.log10(0.49)))
