import math
import time
from fractions import Fraction
from itertools import product

import pytest

from certiball.laws.discrete import Discrete
from certiball.statistics.rounding import fraction_up
from certiball.theorems import discrete_l0
from certiball.theorems.bounds import Bounds
from certiball.theorems.discrete_l0 import needed, radius
from guarantees import l0

DIGITS = Discrete(keep=0.2, levels=256)


@pytest.mark.parametrize(
    ("keep", "levels", "changed", "dimension"),
    [
        (0.5, 2 + 1, 1, 1),
        (0.75, 2, 2, 3),
        (0.75, 2, 4, 4),
        (0.4, 3, 3, 3),
        (0.4, 3, 2, 4),  # a coordinate that does not differ makes no difference
        (0.9, 5, 3, 3),
        (0.3, 4, 4, 4),
        (0.2, 16, 2, 2),
    ],
)
def test_exactly_the_worst_case_of_all_outcomes(keep, levels, changed, dimension):
    law = Discrete(keep=keep, levels=levels)
    for share in (Fraction(1, 2), Fraction(1, 7), Fraction(99, 100), Fraction(0), Fraction(1)):
        assert needed(law, changed, share) == l0.worst_case(law, changed, dimension, share)


def test_every_classifier_of_three_coordinates():
    l0.every_discrete_classifier(radius)


def test_every_classifier_of_three_classes():
    l0.every_discrete_classifier_of_three_classes(radius)


def test_at_the_boundary_nothing_is_proven():
    l0.discrete_boundary(radius)


def test_power_is_its_own_mirror():
    """What a class of probability p keeps at least is what one of 1 − p gains at most."""
    for r, p in product((1, 3, 8), (Fraction(1, 3), Fraction(4, 5))):
        kept = 1 - needed(DIGITS, r, 1 - p)
        assert needed(DIGITS, r, kept) == p


def test_more_changes_need_more():
    for law in (DIGITS, Discrete(keep=0.8, levels=2), Discrete(keep=0.35, levels=3)):
        rising = [needed(law, r, Fraction(1, 2)) for r in range(12)]
        assert rising[0] == Fraction(1, 2)
        assert rising == sorted(rising)
        assert rising[-1] < 1


def test_radius_is_the_last_number_whose_threshold_is_passed():
    for r in range(1, 8):
        least = fraction_up(needed(DIGITS, r, Fraction(1, 2)))
        assert radius(DIGITS, Bounds(p_lower=math.nextafter(least, 1)), dimension=784) >= r
        assert radius(DIGITS, Bounds(p_lower=math.nextafter(least, 0)), dimension=784) < r


@pytest.mark.parametrize(("p", "q"), [(0.5, None), (0.2, None), (0.3, 0.3), (0.3, 1.0), (0.0, 0.0)])
def test_nothing_is_proven_at_or_below_one_half(p, q):
    assert radius(DIGITS, Bounds(p_lower=p, p_upper=q), dimension=784) == 0.0


def test_two_class_is_never_below_one_sided_at_the_same_bound():
    for p, q in product((0.51, 0.7, 0.99), (0.001, 0.3, 1.0)):
        both = radius(DIGITS, Bounds(p_lower=p, p_upper=q), dimension=784)
        assert both >= radius(DIGITS, Bounds(p_lower=p), dimension=784)
    assert radius(DIGITS, Bounds(p_lower=0.45, p_upper=0.01), dimension=784) == 1.0


def test_slack_is_paid_at_both_ends():
    l0.discrete_slack(radius)


def test_no_more_than_all_coordinates():
    law = Discrete(keep=0.55, levels=2)
    assert radius(law, Bounds(p_lower=0.999), dimension=7) == 7.0
    assert radius(law, Bounds(p_lower=0.9999999), dimension=10**6) == discrete_l0.MOST


def test_tables_of_8_bit_images_are_fast():
    law = Discrete(keep=0.1, levels=256)
    start = time.process_time()
    assert radius(law, Bounds(p_lower=0.999999), law.slack(Fraction(1, 255), 784), 784) == 36.0
    assert time.process_time() - start < 1


def test_laws_of_which_little_is_left_are_no_trap():
    """A stranger's record may name any law; nothing of the input is left at 1/levels."""
    start = time.process_time()
    for levels in (2, 2**16):
        law = Discrete(keep=math.nextafter(1 / levels, 1), levels=levels)
        assert radius(law, Bounds(p_lower=0.501), dimension=10**6) == discrete_l0.MOST
        assert radius(law, Bounds(p_lower=0.501, p_upper=0.1), dimension=10**6) == discrete_l0.MOST
    assert time.process_time() - start < 5


# ρ_r⁻¹(½) for r = 1, 2, … as the authors of arXiv 1906.04948 published them with their code:
# first for 256 levels, then for two.
PUBLISHED = {
    (0.1, 256): (0.59647058823529411765, 0.68295363321799307959, 0.76055123631182576837),
    (0.2, 256): (
        0.69686274509803921569,
        0.85373533256439830835,
        0.97898829668830238747,
        0.99493645881485561183,
        0.99619020439204454170,
        0.99744272681434420339,
        0.99864514829441225005,
        0.99976849778447424675,
    ),
    (0.8, 2): (0.875, 0.96875, 0.9921875, 0.99275, 0.9969875, 0.999006875, 0.99970371875),
}


@pytest.mark.parametrize("law", PUBLISHED)
def test_published_thresholds(law):
    keep, levels = law
    for r, published in enumerate(PUBLISHED[law], 1):
        found = needed(Discrete(keep=keep, levels=levels), r, Fraction(1, 2))
        assert abs(found - Fraction(published)) < Fraction(1, 10**15)
