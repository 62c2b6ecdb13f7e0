"""At most a share α of certificates is false, where that is hardest: at the boundary."""

import pytest

from certiball import Rule
from guarantees import checks


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
@pytest.mark.parametrize("n", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "probabilities", [(0.5, 0.5), (0.69, 0.31), (0.84, 0.16), (0.45, 0.45, 0.1)]
)
def test_simulated(probabilities, n, rule):
    checks.simulated_coverage(probabilities, rule, n=n)


def test_through_real_noise():
    checks.sampled_coverage(0.84)


@pytest.mark.slow
@pytest.mark.parametrize("probability", [0.5, 0.69, 0.84])
def test_through_real_noise_in_full(probability):
    checks.sampled_coverage(probability, inputs=20_000)


@pytest.mark.parametrize(("n0", "n"), [(1, 20), (12, 24), (25, 40)])
def test_two_classes_at_one_half_exactly(n0, n):
    checks.exact_selection_error(n0, n)


@pytest.mark.parametrize("n", [1, 7, 30, 100])
def test_bounds_by_enumeration(n):
    checks.enumerated_coverage(n)
