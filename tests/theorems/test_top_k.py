from fractions import Fraction

import mpmath
import numpy as np
import pytest

from certiball import Gaussian
from certiball.errors import InputError
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds
from certiball.theorems.top_k import radius
from guarantees import outputs


def random_bounds(generator, classes):
    probabilities = generator.dirichlet(np.full(classes, generator.uniform(0.3, 2)))
    label = int(generator.choice(np.argsort(probabilities)[-3:]))
    gap = generator.uniform(0, 0.02)
    others = [min(1.0, float(p + gap)) for c, p in enumerate(probabilities) if c != label]
    return max(0.0, float(probabilities[label] - gap)), others


def enough(r, sigma, p_lower, others, t, k, tau):
    """Whether any t of k rivals have less than t times the class at distance r, in 50 digits."""
    total = mpmath.fsum(mpmath.mpf(p) for p in sorted(others)[-k:][:t])
    total = min(total, 1 - mpmath.mpf(p_lower)) + tau
    x = mpmath.mpf(r) / mpmath.mpf(sigma)

    def moved(p, by):
        if not 0 < p < 1:
            return mpmath.mpf(p >= 1)
        return mpmath.ncdf(mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1) + by)

    return t * (moved(mpmath.mpf(p_lower) - tau, -x) - tau) - moved(total, x) - tau


@pytest.mark.parametrize("slack", [Fraction(0), Fraction(1, 10**12), Fraction(1, 1000)])
def test_the_inequality_holds_at_the_radius_and_no_further(slack):
    generator = np.random.default_rng(4)
    tau = mpmath.mpf(slack.numerator) / slack.denominator
    proven = 0
    for _ in range(40):
        classes = int(generator.integers(3, 9))
        k = int(generator.integers(2, classes))
        p_lower, others = random_bounds(generator, classes)
        sigma = float(generator.uniform(0.1, 2))
        r = radius(Gaussian(sigma=sigma), p_lower, others, k, slack)
        given = (sigma, p_lower, others)
        with mpmath.workdps(50):
            if r > 0:
                proven += 1
                assert max(enough(r, *given, t, k, tau) for t in range(1, k + 1)) >= 0
            beyond = r * (1 + 1e-12) + 1e-13 * sigma
            assert max(enough(beyond, *given, t, k, tau) for t in range(1, k + 1)) <= 0
    assert proven > 20


def test_for_one_class_it_is_the_two_class_rule():
    generator = np.random.default_rng(5)
    law = Gaussian(sigma=0.5)
    for _ in range(100):
        p_lower, others = random_bounds(generator, 5)
        two = gaussian_l2.radius(law, Bounds(p_lower=p_lower, p_upper=max(others)))
        assert radius(law, p_lower, others, 1) == pytest.approx(two, rel=1e-12, abs=1e-15)
        slack = Fraction(1, 10**6)
        two = gaussian_l2.radius(law, Bounds(p_lower=p_lower, p_upper=max(others)), slack)
        assert radius(law, p_lower, others, 1, slack) >= two * (1 - 1e-12)  # it bounds the loss


def test_more_places_never_make_it_smaller():
    generator = np.random.default_rng(6)
    law = Gaussian(sigma=0.5)
    for _ in range(10):
        p_lower, others = random_bounds(generator, 7)
        found = [radius(law, p_lower, others, k) for k in range(1, 7)]
        assert found == sorted(found)


def test_slack_only_takes_away():
    law, others = Gaussian(sigma=0.5), [0.3, 0.2, 0.1]
    free = radius(law, 0.4, others, 2)
    assert radius(law, 0.4, others, 2, Fraction(1, 1000)) < free
    assert radius(law, 0.4, others, 2, Fraction(1, 10**13)) <= free
    assert radius(law, 0.4, others, 2, Fraction(1, 2)) == 0.0


def test_a_class_that_several_may_overtake_has_no_radius():
    law = Gaussian(sigma=0.5)
    assert radius(law, 0.1, [0.3, 0.3, 0.3], 2) == 0.0
    assert radius(law, 0.1, [0.3, 0.3, 0.3], 3) == 0.0
    assert radius(law, 0.1, [0.4, 0.4, 0.05], 3) > 0.0  # two may, the third may not
    assert radius(law, 0.0, [0.0, 0.0], 1) == 0.0


def test_refuses_k_that_says_nothing():
    with pytest.raises(InputError, match="k must be from 1 to 2, fewer than there are classes"):
        radius(Gaussian(sigma=1.0), 0.5, [0.3, 0.2], 3)
    with pytest.raises(InputError, match="k must be from 1"):
        radius(Gaussian(sigma=1.0), 0.5, [0.3, 0.2], 0)
    with pytest.raises(InputError, match="must be from 0 to 1"):
        radius(Gaussian(sigma=1.0), 0.5, [1.3, 0.2], 1)


def test_brute_force_in_one_dimension():
    outputs.top_k_by_brute_force(cases=120)


@pytest.mark.slow
def test_brute_force_in_one_dimension_in_full():
    outputs.top_k_by_brute_force(cases=4000)
