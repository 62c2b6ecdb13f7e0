"""Statements about other outputs than one class are false at most α often, at the boundary."""

import pytest

from guarantees import outputs


def test_bounds_on_all_classes_hold_together():
    outputs.bounds_hold_together()


@pytest.mark.parametrize(
    ("probabilities", "k"),
    [
        ((0.5, 0.5), 1),
        ((0.25, 0.5, 0.25), 2),
        pytest.param((0.4, 0.35, 0.25), 2, marks=pytest.mark.slow),
    ],
)
def test_few_classes_leave_the_top_within_their_radius(probabilities, k):
    outputs.top_k_coverage(probabilities, k)


@pytest.mark.parametrize("p", [0.5, 0.69, 0.16])
def test_few_percentiles_leave_their_interval(p):
    outputs.percentile_coverage(p)


@pytest.mark.parametrize(("at_the_boundary", "certain"), [(2, 3), (1, 40), (40, 10)])
def test_few_maps_have_any_false_pixel(at_the_boundary, certain):
    outputs.joint_level_of_places(at_the_boundary, certain)


def test_intervals_through_real_noise():
    outputs.intervals_through_real_noise()


def test_pixels_through_real_noise():
    outputs.pixels_through_real_noise()


def test_a_class_is_in_the_top_as_far_as_it_is_said():
    outputs.ranks_hold_to_the_true_distance()


def test_heads_keep_their_classes_as_far_as_it_is_said():
    outputs.heads_hold_to_their_distances()


def test_places_are_chosen_by_other_samples():
    outputs.places_are_chosen_by_other_samples()


@pytest.mark.slow
def test_through_real_noise_in_full():
    outputs.intervals_through_real_noise(inputs=1500)
    outputs.pixels_through_real_noise(inputs=400)
