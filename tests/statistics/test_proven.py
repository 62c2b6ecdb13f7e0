"""Every bound, quantile and radius against ball arithmetic: proven to be safe, and to be tight."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from certiball.laws.gaussian import Gaussian
from certiball.statistics import binomial
from certiball.statistics.binomial import lower_bound, top_two_p_value, upper_bound
from certiball.statistics.mixture import mixture_lower_bound, mixture_upper_bound
from certiball.statistics.normal import density_down, quantile_down, quantile_up
from certiball.statistics.randomized import randomized_lower_bound, randomized_upper_bound
from certiball.theorems.bounds import Bounds
from certiball.theorems.gaussian_l2 import radius

pytest.importorskip("flint", reason="ball arithmetic is in the dev extra: python-flint")
from guarantees import exact

TIGHT = Fraction(1, 10**11)  # relatively: how far beyond a bound nothing would be proven any more
LOOSE = Fraction(1, 10**8)  # the same at levels that nobody uses, where SciPy's tails are worse
SIZES = [200, pytest.param(5000, marks=pytest.mark.slow)]
FEWER = [200, pytest.param(1000, marks=pytest.mark.slow)]


def beyond(bound: float, sign: int, level: Fraction) -> Fraction:
    """A little further up (sign 1) or down (−1) than the bound."""
    return min(
        Fraction(bound) * (1 + sign * (TIGHT if level < Fraction(1, 8) else LOOSE)), Fraction(1)
    )


@pytest.mark.parametrize("number", SIZES)
def test_clopper_pearson(number: int) -> None:
    for k, n, alpha in exact.cases(10, number):
        level, low, high = Fraction(alpha), lower_bound(k, n, alpha), upper_bound(k, n, alpha)
        assert (low == 0.0) == (k == 0)
        assert (high == 1.0) or k < n
        assert k == 0 or proven(exact.tail_from, k, n, low, level)
        assert k == n or proven(exact.tail_to, k, n, high, level)
        assert k == 0 or not proven(exact.tail_from, k, n, beyond(low, 1, level), level)
        assert k == n or not proven(exact.tail_to, k, n, beyond(high, -1, level), level)


def proven(tail, k: int, n: int, p: float | Fraction, level: Fraction) -> bool:
    """Whether the tail at p is at most the level."""
    return exact.at_most(lambda: tail(k, n, p), lambda: exact.exactly(level))


def test_scipys_own_inverse_would_not_pass() -> None:
    # What the check is for: without the last step down, bounds are above the exact ones.
    unsafe = 0
    for k, n, alpha in exact.cases(10, 200):
        naive = float(special.betaincinv(k, n - k + 1, alpha)) if k else 0.0
        unsafe += not (k == 0 or proven(exact.tail_from, k, n, naive, Fraction(alpha)))
    assert unsafe > 30


@pytest.mark.parametrize("number", FEWER)
@pytest.mark.parametrize("largest", [10**6, binomial.LARGEST])
def test_scipys_tails_err_by_less_than_is_allowed_for(number: int, largest: int) -> None:
    generator, counts = np.random.default_rng(16), exact.cases(16, number, largest)
    for k, n, alpha in counts:
        # Up to 1 − α where the tail reaches over the middle: there 1 − p matters.
        level = float(generator.choice([alpha, generator.uniform(), 1 - alpha]))
        if k == 0:
            continue
        # A third in reserve: these are a sample.
        error = Fraction(binomial.tail_error(k, n, level)) * Fraction(2, 3)
        p = float(special.betaincinv(k, n - k + 1, level))
        value = Fraction(float(special.betainc(k, n - k + 1, p)))
        assert proven(exact.tail_from, k, n, p, value * (1 + error))
        assert not proven(exact.tail_from, k, n, p, value * (1 - error))
        p = float(special.betainccinv(k, n - k + 1, level))
        value = Fraction(float(special.betaincc(k, n - k + 1, p)))
        assert p == 1 or proven(exact.tail_to, k - 1, n, p, value * (1 + error))
        assert p == 1 or not proven(exact.tail_to, k - 1, n, p, value * (1 - error))


@pytest.mark.parametrize("number", [200, pytest.param(2000, marks=pytest.mark.slow)])
def test_randomized_clopper_pearson(number: int) -> None:
    generator = np.random.default_rng(11)
    for k, n, alpha in exact.cases(11, number):
        word = int(generator.integers(2**64, dtype=np.uint64, endpoint=False))
        word = (0, word, word, 2**64 - 1)[generator.integers(4)]
        share = max(Fraction(1, 2), Fraction(word + 1, 2**64))

        def above(k: int, n: int, p: float | Fraction, share: Fraction = share) -> exact.arb:
            """P(B > k) + W P(B = k)."""
            part = exact.exactly(share)
            return part * exact.tail_from(k, n, p) + (1 - part) * exact.tail_from(k + 1, n, p)

        def below(k: int, n: int, p: float | Fraction, share: Fraction = share) -> exact.arb:
            part = exact.exactly(share)
            return part * exact.tail_to(k, n, p) + (1 - part) * exact.tail_to(k - 1, n, p)

        level = Fraction(alpha)
        low = randomized_lower_bound(k, n, alpha, word=word)
        high = randomized_upper_bound(k, n, alpha, word=word)
        assert k == 0 or proven(above, k, n, low, level)
        assert k == n or proven(below, k, n, high, level)
        assert k == 0 or not proven(above, k, n, beyond(low, 1, level), level)
        assert k == n or not proven(below, k, n, beyond(high, -1, level), level)


@pytest.mark.parametrize("number", [100, pytest.param(2000, marks=pytest.mark.slow)])
def test_mixture(number: int) -> None:
    for k, n, alpha in exact.cases(12, number):
        low, high = mixture_lower_bound(k, n, alpha), mixture_upper_bound(k, n, alpha)
        for successes, bound, gap in ((k, Fraction(low), 0), (n - k, 1 - Fraction(high), 2.0**-52)):
            # Safe: M is at least 1/α there. Tight: log M is but a hair more.
            assert bound == 0 or reaches(successes, n, bound, alpha)
            above = min(bound + Fraction(gap), 1 - Fraction(1, 2**60))
            assert bound == 0 or not reaches(successes, n, above, alpha, spare=3e-8)
        assert low > 0 or k == 0


def reaches(k: int, n: int, q: Fraction, alpha: float, spare: float = 0.0) -> bool:
    """Whether log M^q − spare ≥ log 1/α."""
    return exact.at_most(
        lambda: exact.exactly(spare) - exact.exactly(alpha).log(),
        lambda: exact.log_mixture(k, n, q),
    )


def probabilities(generator: np.random.Generator) -> float:
    """From the deepest tail to the last float below 1, and around one half."""
    power = 10.0 ** generator.uniform(-300, -0.31)
    near = 10.0 ** generator.uniform(-16, -0.31)
    return float(generator.choice([power, near, 1 - near, 0.5 - near / 2, 0.5 + near / 2]))


@pytest.mark.parametrize("number", SIZES)
def test_normal_quantiles(number: int) -> None:
    generator = np.random.default_rng(13)
    for _ in range(number):
        p = probabilities(generator)
        if not 0 < p < 1:
            continue
        low, high = quantile_down(p), quantile_up(p)
        assert exact.at_most(lambda x=low: exact.normal(x), lambda p=p: exact.exactly(p))
        assert exact.at_most(lambda p=p: exact.exactly(p), lambda x=high: exact.normal(x))
        assert high - low <= 1e-13 * max(abs(low), abs(high))


@pytest.mark.parametrize("number", [70, pytest.param(1670, marks=pytest.mark.slow)])  # of three
@pytest.mark.parametrize("slack", [Fraction(0), Fraction(3072 * 4746, 2**64), Fraction(1, 10**6)])
def test_radius(number: int, slack: Fraction) -> None:
    generator = np.random.default_rng(14)
    for _ in range(number):
        sigma = float(10 ** generator.uniform(-3, 3))
        low = 1 - float(10 ** generator.uniform(-15, -0.02))
        high = float(generator.choice([generator.uniform() ** 4, 1 - low, low]))
        law = Gaussian(sigma=sigma)
        one = radius(law, Bounds(p_lower=low), slack)
        two = radius(law, Bounds(p_lower=low, p_upper=high), slack)
        assert two >= one or slack
        for bound, upper in ((one, None), (two, high)):
            assert bound == 0 or holds_at(sigma, low, upper, slack, Fraction(bound))
            # Tight: what arithmetic and slack take is known, and beyond it nothing holds.
            spent = Fraction(sigma * lost(low, upper, slack))
            assert not holds_at(sigma, low, upper, slack, Fraction(bound) + spent)


def lost(low: float, upper: float | None, slack: Fraction) -> float:
    """What a radius may fall short by, in units of σ."""
    far = max(abs(quantile_down(low)), abs(quantile_down(min(upper or 0.5, 1 - low)) or 0.0))
    return 1e-12 * (1 + far) + 6 * float(slack) / density_down(far + 1e-6 + 0.1 * (slack > 0))


def holds_at(
    sigma: float, low: float, upper: float | None, slack: Fraction, distance: Fraction
) -> bool:
    """Whether the class stays on top of what runs at a distance, in the worst case, by the proof.

    Ideal probabilities are within the slack of the sampled ones; the worst half-spaces give the
    ideal ones at the distance, and those are within the slack of the sampled ones again.
    """
    first = Fraction(low) - slack
    if first <= 0:
        return False
    rest = None if upper is None else min(Fraction(upper), 1 - Fraction(low)) + slack
    if rest is not None and rest >= 1:
        return False

    def top() -> exact.arb:
        moved = exact.exactly(distance / Fraction(sigma))
        stays = exact.normal(exact.normal_quantile(first) - moved)
        if rest is None:
            return stays
        return stays - (exact.normal(exact.normal_quantile(rest) + moved) if rest > 0 else 0)

    needed = Fraction(1, 2) + slack if rest is None else 2 * slack
    return exact.at_most(lambda: exact.exactly(needed), top)


@pytest.mark.parametrize("number", FEWER)
def test_p_values(number: int) -> None:
    generator = np.random.default_rng(15)
    for _ in range(number):
        n = int(10 ** generator.uniform(0, 6))
        first = min(n, int(n / 2 + abs(generator.normal()) * 3 * math.sqrt(n) + 1))
        value = Fraction(top_two_p_value(first, n - first))
        assert value == 1 or proven(exact.tail_from, first, n, 0.5, value / 2)
        assert not proven(exact.tail_from, first, n, 0.5, value / 2 * (1 - 10 * TIGHT))
