"""Mistakes about transformations, put into the code one at a time: each must be caught."""

import pytest
import torch

import certiball as cb
from certiball import samplers
from certiball.certification import warps as certifying
from certiball.samplers import parameters, translation
from certiball.theorems import (
    exponential_blur_parameter,
    folded_normal_blur_parameter,
    gaussian_l2,
)
from certiball.transforms import cover, warp
from guarantees import drifting, transformations, warps


def caught(check, *arguments):
    with pytest.raises(AssertionError):
        check(*arguments)


@pytest.fixture(autouse=True)
def _samplers_are_built_anew():
    samplers._sampler_for.cache_clear()
    yield
    samplers._sampler_for.cache_clear()


@pytest.mark.parametrize("name", ["brightness", "contrast-brightness", "translation"])
def test_a_radius_a_little_too_large(monkeypatch, name):
    right = gaussian_l2._scaled
    monkeypatch.setattr(gaussian_l2, "_scaled", lambda sigma, margin: right(1.2 * sigma, margin))
    caught(transformations.simulated_coverage, name, 0.84)


def test_a_folded_normal_taken_for_a_normal(monkeypatch):
    monkeypatch.setattr(
        folded_normal_blur_parameter, "quantile_up", lambda p: -1.0 if p < 0.5 else 0.0
    )
    caught(transformations.simulated_coverage, "folded-normal-blur", 0.69)


def test_an_exponential_of_twice_the_mean(monkeypatch):
    monkeypatch.setattr(exponential_blur_parameter, "down", lambda value, relative: 2 * value)
    caught(transformations.simulated_coverage, "exponential-blur", 0.84)


def test_contrast_before_brightness(monkeypatch):
    """The sampler's order, which the theorem rests on."""
    right = parameters.contrast_brightness
    transformations.brightness_is_certified_beside_contrast()
    samplers._sampler_for.cache_clear()
    monkeypatch.setattr(  # eᵏx + b
        parameters, "contrast_brightness", lambda x, k, b: right(x, k, (-k).exp() * b)
    )
    caught(transformations.brightness_is_certified_beside_contrast)


def test_standard_deviations_that_are_added(monkeypatch):
    right = parameters.blur
    monkeypatch.setattr(parameters, "blur", lambda images, a: right(images, a**2))
    caught(transformations.a_certificate_ends_where_the_class_does, "exponential-blur")


def test_shifts_on_one_axis_only_are_twice_as_long(monkeypatch):
    right = translation._roll
    monkeypatch.setattr(translation, "_roll", lambda x, d, r, place: right(x, d, 2 * r % 41, place))
    caught(transformations.a_certificate_ends_where_the_class_does, "translation")


def test_brightness_by_more_than_was_drawn(monkeypatch):
    right = parameters.brightness
    monkeypatch.setattr(parameters, "brightness", lambda images, b: right(images, b / 2))
    caught(transformations.a_certificate_ends_where_the_class_does, "brightness")


@pytest.mark.parametrize("name", ["checks", "signs"])
def test_half_of_the_drift(monkeypatch, name):
    monkeypatch.setattr(torch.Tensor, "square", lambda x: x * x / 16)
    caught(drifting.no_image_drifts_further_than_is_said, name, drifting.WARPS[0], 0.001)


@pytest.mark.parametrize(("name", "which"), [("corner", 0), ("white", 1)])
def test_the_steepness_of_one_cell_alone(monkeypatch, name, which):
    right = warp._largest_around
    monkeypatch.setattr(warp, "_largest_around", lambda *given: right(*given[:3], 0 * given[3]))
    caught(drifting.no_image_drifts_further_than_is_said, name, drifting.WARPS[which], 0.2)


def test_gaps_that_are_forgotten(monkeypatch):
    monkeypatch.setattr(certifying, "_judged", _without_gaps(certifying._judged))
    caught(warps.a_certificate_of_half_a_gap_would_be_false)


def _without_gaps(right):
    return lambda warp, gaps, *rest: right(warp, [0.0] * len(gaps), *rest)


def test_gaps_at_the_points_that_are_looked_at_alone(monkeypatch):
    monkeypatch.setattr(cover, "FINE", 1)
    monkeypatch.setattr(cover, "drift", lambda image, warp, parameters, change: 0.0)
    for which in warps.WARPS:
        caught(warps.certified_only_where_every_warp_has_the_class, which, cb.Reals())


def test_rounding_to_the_grid_that_is_forgotten(monkeypatch):
    monkeypatch.setattr(certifying, "_rounding", lambda space, dimension: 0.0)
    caught(warps.gaps_allow_for_rounding)


def test_alpha_for_each_point(monkeypatch):
    right = certifying.certify
    monkeypatch.setattr(
        certifying, "certify", lambda g, x, alpha, **named: right(g, x, alpha=7 * alpha, **named)
    )
    caught(warps.alpha_is_split_among_the_points)
