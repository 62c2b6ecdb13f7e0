"""Certificates about whole-image transformations: few are false, and tempting versions are."""

import math

import numpy as np
import pytest
import torch
from scipy import special

import certiball as cb
from certiball.certification.question import Question, radius_of
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.translation import Translation
from certiball.statistics.binomial import lower_bound
from certiball.theorems.bounds import Bounds
from certiball.transforms.blur import blur
from certiball.transforms.translation import translation
from guarantees import transformations
from guarantees.transformations import CASES, claim_of


@pytest.mark.parametrize("p", [0.5, 0.69, 0.84])
@pytest.mark.parametrize("name", CASES)
def test_simulated(name, p):
    transformations.simulated_coverage(name, p)


@pytest.mark.parametrize("name", CASES)
def test_through_the_samplers_a_certificate_ends_where_the_class_does(name):
    transformations.a_certificate_ends_where_the_class_does(name)


def test_brightness_beside_contrast():
    transformations.brightness_is_certified_beside_contrast()


@pytest.mark.parametrize(
    ("probability", "space"),
    [pytest.param(0.69, cb.Grid.uint8(), marks=pytest.mark.slow), (0.84, cb.Reals())],
)
def test_through_real_brightness(probability, space):
    transformations.coverage_through_real_brightness(probability, space)


# Tempting versions, each of which certifies what is false.


def test_reflected_borders_certify_eleven_pixels_and_fail_at_one():
    """Class 1 for the reflected shifts of x₀ alone (mathematics.md A2)."""
    sigma, n = 3.0, 100_000
    x0 = torch.from_numpy(np.random.default_rng(4).random((1, 12, 12)))
    reach = range(-40, 41)
    lattice = {a: special.ndtr((a + 0.5) / sigma) - special.ndtr((a - 0.5) / sigma) for a in reach}

    def share_of(image, border):
        """P(a shift of the image by the noise is some shift of x₀), by enumeration."""
        down, right = (
            torch.tensor([pair[axis] for pair in ((a, b) for a in reach for b in reach)])
            for axis in (0, 1)
        )
        weights = np.array([lattice[a] * lattice[b] for a in reach for b in reach])
        seen = translation(x0.expand(len(down), 12, 12), down, right, border)
        orbit = {each.numpy().tobytes() for each in seen}
        tried = translation(image.expand(len(down), 12, 12), down, right, border)
        hits = np.array([each.numpy().tobytes() in orbit for each in tried])
        return float(weights @ hits)

    claim = claim_of(Translation(sigma=sigma), alpha=1e-3)
    p_lower = lower_bound(n, n, 1e-3)
    radius = radius_of(Question(claim=claim, dimension=144), Bounds(p_lower=p_lower))
    assert radius == pytest.approx(11.43, abs=0.01)
    none, one = torch.tensor([0]), torch.tensor([1])
    kept = {
        border: [share_of(translation(x0, none, by, border), border) for by in (none, one)]
        for border in ("circular", "reflect")
    }
    assert kept["circular"] == pytest.approx([1, 1], abs=1e-9)
    assert kept["reflect"] == pytest.approx([1, 0.1324], abs=1e-3)  # yet "certified" to 11.4


def sampled_blur(images, amount):
    """What image libraries do: a Gaussian curve sampled at whole pixels, mirrored edges."""
    place = torch.arange(-20, 21, dtype=torch.float64)
    kernels = torch.exp(-(place**2) / (2 * amount.clamp(min=1e-9)[:, None]))
    kernels = kernels / kernels.sum(1, keepdim=True)
    padded = torch.nn.functional.pad(images[None], (20, 20))[0]
    return torch.stack(
        [(padded.unfold(1, 41, 1)[i] * kernels[i]).sum(-1) for i in range(len(images))]
    )


def test_sampled_kernels_certify_four_square_pixels_and_fail_at_a_tenth():
    """Class 1 for what one blur makes of a point: c₂/c₀ = (c₁/c₀)⁴ for sampled kernels."""
    point = torch.zeros(1, 61, dtype=torch.float64)
    point[0, 30] = 1
    drawn = torch.from_numpy(np.random.default_rng(1).exponential(1.0, 1000))

    def share_of(line):
        seen = sampled_blur(line.expand(1000, 61), drawn)
        middle, next_, second = seen[:, 30], seen[:, 31], seen[:, 32]
        return float(((second / middle - (next_ / middle) ** 4).abs() < 1e-9).double().mean())

    claim = claim_of(ExponentialBlur(scale=1.0), alpha=1e-3)
    p_lower = lower_bound(1000, 1000, 1e-3)
    assert radius_of(Question(claim=claim, dimension=61), Bounds(p_lower=p_lower)) > 4
    tenth = torch.tensor([0.1], dtype=torch.float64)
    blurred = sampled_blur(point, tenth)
    assert share_of(point) == 1
    assert share_of(blurred) < 0.05
    off = sampled_blur(blurred, tenth) - sampled_blur(point, 2 * tenth)
    assert float(off.abs().max()) == pytest.approx(0.115, abs=5e-4)

    def heat(line, by):
        return blur(line[:, None], by)[:, 0]

    off = heat(heat(point, tenth), tenth) - heat(point, 2 * tenth)
    assert float(off.abs().max()) < 1e-14


def test_the_standard_deviation_as_a_parameter_certifies_what_is_false():
    """Noise on a blur's σ: class 0 for σ from 3 to 3.68, and 1 elsewhere."""
    low, high = 3.0, 3.68
    p = 1 - (math.exp(-low) - math.exp(-high))
    claim = claim_of(ExponentialBlur(scale=1.0))
    radius = radius_of(Question(claim=claim, dimension=4), Bounds(p_lower=p))
    assert radius > low  # as though a blur by 3 made σ + 3
    # In truth it makes √(σ² + 9), which lies there for every σ up to 2.13.
    after = math.exp(-math.sqrt(high**2 - low**2))
    assert after < 0.13
    # With the variance as the parameter class 1 keeps one half at that distance.
    assert 1 - (1 - math.exp(-(high - low))) > 0.5


@pytest.mark.parametrize(("contrast", "left"), [(0.2, 0.487), (0.5, 0.469), (2.0, 0.48)])
def test_contrast_before_brightness_certifies_what_is_false(contrast, left):
    """Noise eᴷx + B: a brightness b arrives as eᴷb. Class 1 where B ≤ σ Φ⁻¹(p)."""
    law, p = ContrastBrightness(contrast=contrast, brightness=0.2), 0.99
    claim = claim_of(law)
    radius = radius_of(Question(claim=claim, dimension=4), Bounds(p_lower=p))
    edge = 0.2 * special.ndtri(p)
    k = np.linspace(-8, 8, 20_001) * contrast
    weights = np.exp(-((k / contrast) ** 2) / 2)
    weights /= weights.sum()
    kept = [
        float(weights @ special.ndtr((edge - factor * radius) / 0.2))
        for factor in (np.exp(k), np.ones_like(k))
    ]
    assert kept[0] < left
    assert kept[1] == pytest.approx(0.5, abs=1e-9)
