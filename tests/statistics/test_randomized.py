import math
from fractions import Fraction

import pytest

from certiball.errors import InputError
from certiball.statistics.binomial import lower_bound, upper_bound
from certiball.statistics.randomized import randomized_lower_bound, randomized_upper_bound

WORST, BEST = 2**64 - 1, 0
MIDDLE = 3 * 2**62  # W a little above ¾


def exact_tail(k, n, p, share):
    """P(B > k) + W P(B = k) in rationals."""
    p = Fraction(p)
    terms = [math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1)]
    return sum(terms[1:]) + share * terms[0]


@pytest.mark.parametrize("alpha", [0.05, 0.001, 1e-12])
@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_the_split_tail_is_at_most_alpha_at_the_bound_and_more_behind_it(n, alpha):
    level = Fraction(alpha)
    for word in (BEST, 2**63, MIDDLE, WORST):
        share = max(Fraction(1, 2), Fraction(word + 1, 2**64))
        for k in range(1, n + 1):
            low = randomized_lower_bound(k, n, alpha, word=word)
            assert exact_tail(k, n, low, share) <= level
            assert exact_tail(k, n, min(1.0, low * (1 + 1e-9)), share) > level
            high = randomized_upper_bound(n - k, n, alpha, word=word)
            assert exact_tail(k, n, 1 - Fraction(high), share) <= level
            assert high <= 1 - low + 1e-9


def test_the_worst_word_gives_the_classical_bound():
    for k in (0, 1, 17, 99, 100):
        assert randomized_lower_bound(k, 100, 0.01, word=WORST) == lower_bound(k, 100, 0.01)
        assert randomized_upper_bound(k, 100, 0.01, word=WORST) == upper_bound(k, 100, 0.01)


def test_no_word_gives_more_than_twice_the_level():
    for n, k in [(10, 5), (100, 99), (1000, 1000), (10_000, 9000), (10**9, 9 * 10**8)]:
        for word in (BEST, MIDDLE, WORST):
            low = randomized_lower_bound(k, n, 0.001, word=word)
            assert lower_bound(k, n, 0.001) <= low <= lower_bound(k, n, 0.002) * (1 + 1e-12)
            high = randomized_upper_bound(n - k, n, 0.001, word=word)
            assert upper_bound(n - k, n, 0.002) * (1 - 1e-9) <= high
            assert high <= upper_bound(n - k, n, 0.001)


def test_bounds_grow_with_successes_and_level_and_fall_with_the_word():
    words = [BEST, 2**63, MIDDLE, WORST]
    for word in words:
        lows = [randomized_lower_bound(k, 60, 0.01, word=word) for k in range(61)]
        assert lows == sorted(lows)
        levels = [randomized_lower_bound(50, 60, a, word=word) for a in (1e-9, 0.001, 0.05, 0.4)]
        assert levels == sorted(levels)
    falling = [randomized_lower_bound(50, 60, 0.01, word=word) for word in words]
    assert falling == sorted(falling, reverse=True)
    rising = [randomized_upper_bound(50, 60, 0.01, word=word) for word in words]
    assert rising == sorted(rising)


def test_no_and_all_successes():
    assert randomized_lower_bound(0, 50, 0.01, word=BEST) == 0.0
    assert randomized_upper_bound(50, 50, 0.01, word=BEST) == 1.0
    exact = (0.01 / 0.5) ** (1 / 50)
    assert randomized_lower_bound(50, 50, 0.01, word=BEST) == pytest.approx(exact, rel=1e-12)


def test_bad_input():
    for bound in (randomized_lower_bound, randomized_upper_bound):
        with pytest.raises(InputError, match="random word must be from 0 to 2⁶⁴ − 1, not -1"):
            bound(5, 10, 0.1, word=-1)
        with pytest.raises(InputError, match="must be below 0.5, not 0.5"):
            bound(5, 10, 0.5, word=1)
        with pytest.raises(InputError, match="successes must be from 0 to 10, not 11"):
            bound(11, 10, 0.1, word=1)
