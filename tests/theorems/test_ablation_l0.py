import csv
from fractions import Fraction
from itertools import combinations, product
from math import comb

import numpy as np
import pytest

from certiball.laws.ablation import Ablation
from certiball.theorems import ablation_l0
from certiball.theorems.ablation_l0 import radius
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
        losses = ablation_l0._losses(k, d)
        if r < len(losses):  # beyond one half no probability is above it
            assert losses[r] == exact
        else:
            assert losses[-1] >= Fraction(1, 2)


@pytest.mark.parametrize(("p", "r"), [(0.9, 8.0), (0.999, 11.0), (0.5, 0.0), (1.0, 11.0)])
def test_ceilings_of_handwritten_digits(p, r):
    assert radius(MNIST, Bounds(p_lower=p)) == r
    assert radius(MNIST, Bounds(p_lower=p), MNIST.slack(None, 784), 784) == r


def test_loss_is_the_share_of_choices_that_meet_changed_pixels():
    l0.losses_are_those_of_all_choices(ablation_l0._losses)


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
    loss = [1 - Fraction(comb(150_528 - n, 2000), comb(150_528, 2000)) for n in (r, r + 1)]
    assert loss[0] < Fraction(0.99) - Fraction(1, 2) <= loss[1]


def test_choices_are_enumerated_alike():
    """`l0` counts views by itself; that it does so rightly is seen by hand for one case."""
    views = list(combinations(range(4), 2))
    assert len(views) == comb(4, 2)
    assert sum(0 in view for view in views) / len(views) == 0.5
    assert float(ablation_l0._losses(2, 4)[1]) == np.float64(0.5)
