"""All rotations, scalings and shifts: certified where a classifier is known to hold, never else."""

import re
from fractions import Fraction

import numpy as np
import pytest

import certiball as cb
from certiball.certification import shifts as shifts_module
from certiball.certification import warps as warps_module
from certiball.certification.shifts import (
    ShiftAbstention,
    ShiftCertificate,
    certify_shifts,
    certify_shifts_of_base,
)
from certiball.certification.warps import WarpAbstention, certify_warp
from certiball.errors import InputError
from certiball.laws.brightness import Brightness
from certiball.transforms.rotation import Rotations
from guarantees import warps
from guarantees.warps import PLAN, SIDE, SPACES, WARPS, half_space, path, picture


@pytest.mark.parametrize("space", SPACES, ids=str)
@pytest.mark.parametrize("warp", WARPS, ids=str)
def test_certified_only_where_every_warp_has_the_class(warp, space):
    warps.certified_only_where_every_warp_has_the_class(warp, space)


def test_a_certificate_of_half_a_gap_would_be_false():
    warps.a_certificate_of_half_a_gap_would_be_false()


def test_alpha_is_split_among_the_points():
    warps.alpha_is_split_among_the_points()


def test_gaps_allow_for_rounding():
    warps.gaps_allow_for_rounding()


def test_no_vote_is_drawn_where_none_could_help():
    g = cb.Smoothed(half_space(np.zeros(SIDE**2), -1.0), cb.Gaussian(sigma=0.05), space=SPACES[0])
    [result] = certify_warp(
        g, picture(SPACES[0])[None], Rotations(degrees=40.0), points=3, plan=PLAN
    )
    assert isinstance(result, WarpAbstention)
    assert result.votes == 0
    assert "take more points, more samples, more noise or a smaller interval" in str(result)


def test_other_classes_elsewhere_are_named():
    image, warp = picture(SPACES[1]), Rotations(degrees=3.0)
    first, last = path(image, warp, [-3.0, 3.0])
    direction = (last - first) / np.linalg.norm(last - first)
    offset = direction @ path(image, warp, [0.0])[0] - 0.05
    g = cb.Smoothed(half_space(direction, offset), cb.Gaussian(sigma=0.2), space=SPACES[1])
    [result] = certify_warp(g, image[None], warp, points=5, plan=PLAN)
    assert re.search("class [01] was the likeliest elsewhere", str(result))


def test_warp_refusals():
    g = cb.Smoothed(half_space(np.zeros(4), -1.0), Brightness(sigma=0.2), space=SPACES[0])
    with pytest.raises(InputError, match="no theorem gives a radius for Brightness.* in L2"):
        certify_warp(g, np.zeros((1, 2, 2), np.uint8), WARPS[0])
    g = cb.Smoothed(g.classifier, cb.Gaussian(sigma=0.2), space=SPACES[0])
    with pytest.raises(InputError, match="is for images"):
        certify_warp(g, np.zeros((1, 4), np.uint8), WARPS[0])
    with pytest.raises(InputError, match="points must be at least 1, not 0"):
        certify_warp(g, np.zeros((1, 2, 2), np.uint8), WARPS[0], points=0)


def lit(x):
    """Whether the place (3, 4) is bright."""
    return (x[:, 3, 4] > 0.5).astype(int)


@pytest.mark.parametrize("border", ["black", "reflect", "circular"])
def test_shifts_hold_where_every_one_has_the_class(border):
    """A bright square that covers a place for shifts up to 2, and loses it at 3."""
    image = np.zeros((1, SIDE, SIDE), np.uint8)
    image[0, 1:6, 2:7] = 255
    classifier = cb.FunctionClassifier(lit, num_classes=2)
    g = cb.Smoothed(classifier, cb.Gaussian(sigma=0.2), space=SPACES[0])
    for ask, votes in ((certify_shifts, 220), (certify_shifts_of_base, 1)):
        options = {} if votes == 1 else {"plan": cb.FixedSamples(n0=20, n=200)}
        [holds] = ask(g, image, reach=2, border=border, **options)
        [fails] = ask(g, image, reach=3, border=border, **options)
        assert isinstance(holds, ShiftCertificate)
        assert (holds.label, holds.votes) == (1, 25 * votes)
        assert holds.alpha == (0.0 if votes == 1 else 1e-3)
        assert isinstance(fails, ShiftAbstention)
        assert max(map(abs, fails.failing)) == 3
        assert "and shifted by" in str(fails)


def test_shifts_split_alpha():
    """12 votes that all agree prove more than one half at .001, and not at a 25th of it."""
    classifier = cb.FunctionClassifier(lambda x: np.ones(len(x), int), num_classes=2)
    g = cb.Smoothed(classifier, cb.Gaussian(sigma=0.2), space=SPACES[0])
    image = np.zeros((1, 5, 5), np.uint8)
    plan = cb.FixedSamples(n0=20, n=12)  # α^(1/12) is above one half for α > 1/4096
    assert isinstance(certify_shifts(g, image, reach=0, plan=plan)[0], ShiftCertificate)
    with pytest.raises(
        cb.CertiballError, match=r"cannot certify at alpha = 3\.9999999999999996e-05"
    ):
        certify_shifts(g, image, reach=2, plan=plan, alpha=0.001)


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.07])
def test_the_levels_of_all_parts_sum_to_alpha_at_most(alpha, monkeypatch):
    """As floats α/49 may be a little more than that, 49 times which is more than α."""
    levels = []

    def recorded(g, inputs, *, plan, alpha, **named):
        levels.extend([alpha] * len(inputs))
        return cb.certify(g, inputs, plan=plan, alpha=alpha, **named)

    g = cb.Smoothed(half_space(np.zeros(16), -1.0), cb.Gaussian(sigma=1.0), space=SPACES[0])
    image, plan = np.zeros((1, 4, 4), np.uint8), cb.FixedSamples(n0=2, n=40)
    for module, ask in (
        (
            shifts_module,
            lambda reach: certify_shifts(g, image, reach=reach, plan=plan, alpha=alpha),
        ),
        (
            warps_module,
            lambda reach: certify_warp(
                g, image, WARPS[0], points=(2 * reach + 1) ** 2, plan=plan, alpha=alpha
            ),
        ),
    ):
        monkeypatch.setattr(module, "certify", recorded)
        for reach in (1, 2, 3):
            levels.clear()
            ask(reach)
            assert len(levels) == (2 * reach + 1) ** 2
            assert 0.999 * alpha < sum(map(Fraction, levels)) <= Fraction(alpha)


def test_shift_refusals():
    g = cb.Smoothed(half_space(np.zeros(4), -1.0), cb.Gaussian(sigma=0.2), space=SPACES[0])
    image = np.zeros((1, 2, 2), np.uint8)
    for ask in (certify_shifts, certify_shifts_of_base):
        with pytest.raises(InputError, match="reach must be at least 0 pixels, not -1"):
            ask(g, image, reach=-1)
        with pytest.raises(InputError, match="border must be one of circular, black, reflect"):
            ask(g, image, reach=1, border="white")
        with pytest.raises(InputError, match="is for images"):
            ask(g, image.reshape(1, 4), reach=1)
