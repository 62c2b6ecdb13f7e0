"""Radii in a transformation's parameter: references, exact values, the worst classifier."""

import csv
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy import special

import certiball as cb
from certiball.balls import Norm
from certiball.certificate import Certificate
from certiball.claim import Claim, Draw, Rule
from certiball.errors import InputError
from certiball.laws.brightness import Brightness
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.folded_normal_blur import FoldedNormalBlur
from certiball.laws.translation import Translation
from certiball.laws.uniform_blur import UniformBlur
from certiball.theorems import theorem
from certiball.theorems.bounds import Bounds
from certiball.theorems.contrast_brightness_parameter import brightness_at, covers

mp = mpmath.mp
LAWS = [
    Brightness(sigma=0.3),
    ContrastBrightness(contrast=0.4, brightness=0.3),
    ExponentialBlur(scale=1.7),
    FoldedNormalBlur(sigma=1.7),
    UniformBlur(scale=1.7),
    Translation(sigma=1.7),
]


def radius(law, p_lower, p_upper=None, slack=Fraction(0)):
    bounds = Bounds(p_lower=p_lower, p_upper=p_upper)
    return theorem(law, Norm.PARAMETER).radius(law, bounds, slack, 64)


def quantile(p):
    return mp.sqrt(2) * mp.erfinv(2 * p - 1)


def exact(law, p, other=None):
    """The radius in many digits, by the formula of the theorem, from floats taken exactly."""
    p = mp.mpf(p)
    if isinstance(law, ExponentialBlur):
        wrong = 2 * (1 - p) if other is None else 1 - p + mp.mpf(other)
        return -mp.mpf(law.scale) * mp.log(wrong)
    if isinstance(law, UniformBlur):
        other = 1 - p if other is None else mp.mpf(other)
        return mp.mpf(law.scale) * (p - other) / 2
    if isinstance(law, FoldedNormalBlur):
        return mp.mpf(law.sigma) * (quantile((1 + p) / 2) - quantile(mp.mpf(3) / 4))
    sigma = mp.mpf(law.brightness if isinstance(law, ContrastBrightness) else law.sigma)
    margin = quantile(p) if other is None else (quantile(p) - quantile(mp.mpf(other))) / 2
    return sigma * margin


@pytest.mark.parametrize(
    ("noise", "law"),
    [
        ("folded_normal_blur", FoldedNormalBlur(sigma=1.0)),
        ("exponential_blur", ExponentialBlur(scale=1.0)),
    ],
)
def test_reference_is_met_on_the_safe_side(shared, noise, law):
    with (shared / "reference/other_noises.tsv").open() as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t") if r["noise"] == noise]
    assert len(rows) >= 5
    for row in rows:
        known = Fraction(row["radius"])
        found = Fraction(radius(law, float(row["rho"])))
        assert known * (1 - Fraction(1, 10**12)) <= found <= known


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_a_radius_is_never_above_the_exact_one_and_hardly_below(law):
    generator = np.random.default_rng(5)
    with mp.workdps(60):
        for _ in range(150):
            p = float(1 - 10 ** generator.uniform(-14, -0.302))
            known = exact(law, p)
            found = radius(law, p)
            assert found <= known
            assert found >= known * (1 - mp.mpf(10) ** -12) - mp.mpf(10) ** -16


@pytest.mark.parametrize(
    "law", [Brightness(sigma=0.3), ExponentialBlur(scale=1.7), UniformBlur(scale=1.7)], ids=str
)
def test_two_classes(law):
    generator = np.random.default_rng(6)
    with mp.workdps(60):
        for _ in range(100):
            p = float(generator.uniform(0.2, 0.99))
            other = float(generator.uniform(0, min(p, 1 - p)))
            known = exact(law, p, other)
            found = radius(law, p, other)
            assert known * (1 - mp.mpf(10) ** -11) <= found <= known
            if p > 0.5:
                assert found >= radius(law, p)
    assert radius(law, 0.4, 0.4) == 0


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("p", [0.0, 0.3, 0.5])
def test_nothing_follows_from_half_of_the_votes(law, p):
    assert radius(law, p) == 0


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_slack_is_paid_at_both_ends(law):
    small, p = Fraction(1, 1000), 0.8
    with mp.workdps(40):
        if isinstance(law, ExponentialBlur):  # 1 − e^t(1 − p + τ) ≥ ½ + τ
            known = law.scale * mp.log((mp.mpf(1) / 2 - 0.001) / (1 - mp.mpf(p) + 0.001))
        elif isinstance(law, UniformBlur):
            known = law.scale * (mp.mpf(p) - mp.mpf("0.502"))
        elif isinstance(law, FoldedNormalBlur):
            top = quantile((1 + mp.mpf(p) - mp.mpf("0.001")) / 2)
            known = law.sigma * (top - quantile(mp.mpf("0.7505")))
        else:
            sigma = law.brightness if isinstance(law, ContrastBrightness) else law.sigma
            known = sigma * (quantile(mp.mpf(p) - mp.mpf("0.001")) - quantile(mp.mpf("0.501")))
        found = radius(law, p, slack=small)
        assert known * (1 - mp.mpf(10) ** -12) <= found <= known
    assert radius(law, 0.502, slack=small) <= 1e-12


def least(density, moved, p):
    """The least mass that a set of mass ≥ p can have left, by Neyman and Pearson, on cells."""
    ratio = np.divide(moved, density, out=np.full_like(moved, np.inf), where=density > 0)
    order = np.argsort(ratio, axis=None)
    mass = np.cumsum(density.reshape(-1)[order])
    kept = np.cumsum(moved.reshape(-1)[order])
    return float(np.interp(p, mass, kept))


def masses(cdf, edges):
    return np.diff(cdf(edges))


CDFS = {
    ExponentialBlur: lambda law, a: -np.expm1(-np.maximum(a, 0) / law.scale),
    UniformBlur: lambda law, a: np.clip(a / law.scale, 0, 1),
    FoldedNormalBlur: lambda law, a: 2 * special.ndtr(np.maximum(a, 0) / law.sigma) - 1,
    Brightness: lambda law, a: special.ndtr(a / law.sigma),
}


@pytest.mark.parametrize("p", [0.55, 0.8, 0.97])
@pytest.mark.parametrize("law", [law for law in LAWS if type(law) in CDFS], ids=str)
def test_the_worst_classifier_keeps_one_half_at_the_radius_and_less_beyond(law, p):
    edges = np.linspace(-20, 60, 400_001)
    kept = []
    for share in (0.97, 1.0, 1.05):
        shift = share * radius(law, p)
        drawn = masses(lambda a: CDFS[type(law)](law, a), edges)
        moved = masses(lambda a, s=shift: CDFS[type(law)](law, a - s), edges)
        kept.append(least(drawn, moved, p))
    assert kept[0] > 0.5 > kept[2]
    assert kept[1] == pytest.approx(0.5, abs=2e-3)


def contrast_cells(law, k, mean):
    """Masses of (K, B) on cells, at the image and at eᵏ(x + b), b = mean."""
    outer = np.linspace(-8, 8, 801)
    first = masses(special.ndtr, outer)[:, None]
    shifted = masses(lambda z: special.ndtr(z - k / law.contrast), outer)[:, None]
    inner = np.linspace(-14, 14, 1121)
    wide = masses(lambda z: special.ndtr((z - mean / law.brightness) * math.exp(k)), inner)
    return first * masses(special.ndtr, inner), shifted * wide


@pytest.mark.parametrize("p", [0.8, 0.9, 0.99])
@pytest.mark.parametrize("k", [-0.3, -0.1, 0.0, 0.1, 0.3])
def test_contrast_keeps_one_half_whichever_way_a_change_is_written(k, p):
    law = ContrastBrightness(contrast=0.8, brightness=0.2)
    b = brightness_at(law, p, k)
    assert b > 0.02
    for mean in (b, -b, math.exp(-k) * b):  # eᵏ(x ± b), and eᵏx + b = eᵏ(x + e⁻ᵏb)
        assert least(*contrast_cells(law, k, mean), p) >= 0.5 - 2e-3
    if k == 0:
        assert least(*contrast_cells(law, k, 1.02 * b), p) < 0.5


def test_without_the_minimum_the_brightness_after_a_loss_of_contrast_is_certified_falsely():
    law, k, p = ContrastBrightness(contrast=4.0, brightness=0.2), -0.2, 0.99
    b = brightness_at(law, p, k)
    assert least(*contrast_cells(law, k, math.exp(-k) * b), p) > 0.5
    tempting = math.exp(-k) * b  # as though min(e⁻ᵏ, 1) were e⁻ᵏ
    assert least(*contrast_cells(law, k, math.exp(-k) * tempting), p) < 0.42


@pytest.mark.parametrize("k", [0.4, 0.1, 1e-6, 0.0, -1e-6, -0.1, -0.4])
def test_brightness_at_a_contrast_is_never_above_the_exact_one(k):
    law = ContrastBrightness(contrast=0.5, brightness=0.2)
    generator = np.random.default_rng(7)
    with mp.workdps(60):
        for _ in range(60):
            p = float(1 - 10 ** generator.uniform(-12, -1.5))
            x = mp.mpf(k)
            if k >= 0:
                kept = 2 - 2 * mp.ncdf(mp.exp(x) * quantile(1 - mp.mpf(p) / 2))
            else:
                kept = 2 * mp.ncdf(mp.exp(x) * quantile((1 + mp.mpf(p)) / 2)) - 1
            square = quantile(kept) ** 2 - (x / mp.mpf(law.contrast)) ** 2
            known = mp.mpf(0)
            if kept > mp.mpf(1) / 2 and square > 0:
                known = mp.mpf(law.brightness) * min(mp.exp(-x), 1) * mp.sqrt(square)
            found = brightness_at(law, p, k)
            assert found <= known
            assert found >= known * (1 - mp.mpf(10) ** -12) or square < 0.01


def test_special_functions_of_contrast_are_as_good_as_is_allowed_for():
    """SciPy's erf, erfc and their inverses, against 60 digits, where the radius takes them."""
    with mp.workdps(60):
        for missing in np.append(10 ** np.linspace(-15, -0.31, 60), 0.4999):
            p = mp.mpf(float(missing))
            for value, known in (
                (special.erfinv(missing), mp.erfinv(p)),
                (special.erfcinv(missing), mp.erfinv(1 - p)),
                (special.erf(missing), mp.erf(p)),
            ):
                assert abs(float(value) / known - 1) < mp.mpf(2) ** -48
        for edge in np.linspace(0.01, 6, 100):
            error = abs(float(special.erfc(edge)) / mp.erfc(mp.mpf(float(edge))) - 1)
            assert error < mp.mpf(2) ** -48 * (1 + edge**2)


def test_extremes_of_contrast():
    law = ContrastBrightness(contrast=0.5, brightness=0.2)
    assert brightness_at(law, 0.999, 1e6) == brightness_at(law, 0.999, -1e6) == 0
    assert brightness_at(law, 0.5, 0.0) == 0
    assert brightness_at(law, 0.99, 0.0) == pytest.approx(radius(law, 0.99), rel=1e-12)
    with pytest.raises(InputError, match="a contrast must be finite"):
        brightness_at(law, 0.9, math.nan)


def certificate(law, norm):
    votes = cb.Votes(counts=(1, 999))
    claim = Claim(law=law, norm=norm, rule=Rule.ONE_SIDED, alpha=1e-3, space=cb.Reals())
    return Certificate(
        claim=claim,
        draw=Draw(seed=1, chosen=True),
        selection=votes,
        estimation=votes,
        label=1,
        p_lower=0.99,
        p_upper=None,
        radius=0.4,
    )


def test_a_certificate_covers_changes_of_contrast_and_brightness():
    law = ContrastBrightness(contrast=0.5, brightness=0.2)
    known, edge = certificate(law, Norm.PARAMETER), brightness_at(law, 0.99, 0.2)
    assert covers(known, contrast=0.2, brightness=-0.99 * edge)
    assert not covers(known, contrast=0.2, brightness=edge)
    assert not covers(known, contrast=2.0, brightness=0.0)
    with pytest.raises(InputError, match="knows no contrast"):
        covers(certificate(cb.Gaussian(sigma=1.0), Norm.L2), contrast=0.0, brightness=0.1)
