import csv
import time
from fractions import Fraction
from itertools import product
from math import comb

import pytest

from certiball.laws.ablation import Ablation
from certiball.theorems.ablation_l0 import loss, radius
from certiball.theorems.bounds import Bounds
from guarantees import l0

MNIST = Ablation(keep=45, pixels=784)


def test_reference(shared):
    with (shared / "reference/randomized_ablation.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 18
    for row in rows:
        d, k, r = (int(row[name]) for name in "dkr")
        exact = 1 - Fraction(comb(d - r, k), comb(d, k))
        assert abs(exact - Fraction(row["delta"])) < Fraction(1, 10**24)
        assert loss(Ablation(keep=k, pixels=d), r) == exact


@pytest.mark.parametrize(("p", "r"), [(0.9, 8.0), (0.999, 11.0), (0.5, 0.0), (1.0, 11.0)])
def test_ceilings_of_handwritten_digits(p, r):
    assert radius(MNIST, Bounds(p_lower=p)) == r
    assert radius(MNIST, Bounds(p_lower=p), MNIST.slack(None, 784), 784) == r


def test_loss_is_the_share_of_choices_that_meet_changed_pixels():
    l0.losses_are_those_of_all_choices(loss)


def test_every_classifier_of_three_pixels():
    l0.every_ablation_classifier(radius)


def test_random_classifiers_of_four_pixels_and_three_classes():
    l0.random_ablation_classifiers(radius)


def test_at_the_boundary_nothing_is_proven():
    l0.ablation_boundary(radius)


def test_two_class_is_never_below_one_sided_at_the_same_bound():
    for p, q in product((0.51, 0.7, 0.99), (0.001, 0.3, 1.0)):
        assert radius(MNIST, Bounds(p_lower=p, p_upper=q)) >= radius(MNIST, Bounds(p_lower=p))
    assert radius(MNIST, Bounds(p_lower=0.4, p_upper=0.2)) == 1.0
    assert radius(MNIST, Bounds(p_lower=0.4, p_upper=0.4)) == 0.0
    assert radius(MNIST, Bounds(p_lower=0.2, p_upper=0.9)) == 0.0


def test_slack_is_paid_at_both_ends():
    l0.ablation_slack(radius)


def test_all_pixels_kept_certify_nothing():
    assert radius(Ablation(keep=9, pixels=9), Bounds(p_lower=1.0)) == 0.0


def test_large_images():
    law = Ablation(keep=2000, pixels=150_528)
    r = int(radius(law, Bounds(p_lower=0.99)))
    around = [1 - Fraction(comb(150_528 - n, 2000), comb(150_528, 2000)) for n in (r, r + 1)]
    assert around[0] < Fraction(0.99) - Fraction(1, 2) <= around[1]


def test_no_radius_reaches_the_end_of_the_numbers_that_are_looked_at():
    for pixels in range(1, 40):
        for keep in range(1, pixels + 1):
            law = Ablation(keep=keep, pixels=pixels)
            assert loss(law, pixels // keep) >= Fraction(1, 2)
            assert radius(law, Bounds(p_lower=1.0)) < pixels // keep


def test_the_largest_laws_are_no_trap():
    """A stranger's record may name any law."""
    start = time.process_time()
    for keep in (1, 4000, 2**23, 2**24):
        for p_upper in (None, 0.0):
            law = Ablation(keep=keep, pixels=2**24)
            radius(law, Bounds(p_lower=0.9, p_upper=p_upper), law.slack(None, 2**24), 2**24)
    assert time.process_time() - start < 5
