"""All rotations, scalings and shifts: certified where a classifier is known to hold, never else."""

import re

import numpy as np
import pytest
import torch
from scipy import special

import certiball as cb
from certiball.certification.shifts import (
    ShiftAbstention,
    ShiftCertificate,
    certify_shifts,
    certify_shifts_of_base,
)
from certiball.certification.warps import WarpAbstention, WarpCertificate, certify_warp
from certiball.errors import InputError
from certiball.laws.brightness import Brightness
from certiball.statistics.binomial import lower_bound
from certiball.transforms.rotation import Rotations
from certiball.transforms.scaling import Scalings
from certiball.transforms.warp import warped

SIDE = 8
PLAN = cb.FixedSamples(n0=20, n=1000)
SPACES = [cb.Grid.uint8(), cb.Reals()]
WARPS = [Rotations(degrees=15.0), Scalings(low=0.85, high=1.2)]


def picture(space):
    levels = np.random.default_rng(2).integers(0, 256, (SIDE, SIDE))
    return levels if isinstance(space, cb.Grid) else (levels / 255).astype(np.float32)


def path(image, warp, parameters):
    """Exact warped images of an encoded image, [n, pixels]."""
    exact = torch.from_numpy(np.asarray(image, np.float64))
    if image.dtype.kind == "i":
        exact = exact / 255
    many = torch.as_tensor(parameters, dtype=torch.float64)
    return warped(exact.expand(len(many), SIDE, SIDE), warp, many).flatten(1).numpy()


def as_sent(images, space):
    """Exact images as somebody sends them: rounded to a grid, where there is one."""
    return np.rint(images * 255) / 255 if isinstance(space, cb.Grid) else images


def half_space(direction, offset):
    """Linear: smoothed by any Gaussian it is the same classifier, so its answers are known."""
    return cb.FunctionClassifier(
        lambda x: (x.reshape(len(x), -1).astype(np.float64) @ direction > offset).astype(int),
        num_classes=2,
    )


@pytest.mark.parametrize("space", SPACES, ids=str)
@pytest.mark.parametrize("warp", WARPS, ids=str)
def test_certified_only_where_every_warp_has_the_class(warp, space):
    """Half spaces that cut off the warp that lies furthest from all points, by less and less."""
    image, points = picture(space), 9
    low, high = warp.interval
    parameters = np.linspace(low, high, 2001)
    every = path(image, warp, parameters)
    middles = low + (high - low) * (np.arange(points) + 0.5) / points
    known = path(image, warp, middles)
    apart = np.linalg.norm(every[:, None] - known[None], axis=2).min(1)
    farthest = np.linalg.norm(
        as_sent(every, space)[:, None] - as_sent(known, space)[None], axis=2
    ).min(1)
    far = every[apart.argmax()]
    direction = known.mean(0) - far
    direction /= np.linalg.norm(direction)
    verdicts = []
    for beyond in (0.3, 0.05, 0.001, -0.01, -1.5):
        offset = direction @ far + beyond  # the farthest image is on the wrong side, but the last
        g = cb.Smoothed(half_space(direction, offset), cb.Gaussian(sigma=1.0), space=space)
        [result] = certify_warp(g, image[None], warp, points=points, plan=PLAN)
        truly = bool((every @ direction > offset).all())
        assert truly or isinstance(result, WarpAbstention)
        verdicts.append(isinstance(result, WarpCertificate))
        assert result.gap >= farthest.max()
    assert verdicts[-1]


def test_a_certificate_of_half_a_gap_would_be_false():
    """Each point has the class and a radius, and an image between two of them has another."""
    space, warp, points = SPACES[1], Rotations(degrees=60.0), 2
    image = picture(space)
    middles = path(image, warp, [-30.0, 30.0])
    between = path(image, warp, [0.0])[0]
    direction = middles.mean(0) - between
    direction /= np.linalg.norm(direction)
    offset = direction @ between + 0.01
    g = cb.Smoothed(half_space(direction, offset), cb.Gaussian(sigma=0.25), space=space)
    kept = middles.reshape(2, SIDE, SIDE).astype(np.float32)
    assert all(r.label == 1 and r.radius > 0 for r in cb.certify(g, kept, plan=PLAN))
    [result] = certify_warp(g, image[None], warp, points=points, plan=PLAN)
    assert isinstance(result, WarpAbstention)
    assert (between @ direction > offset) == 0


def test_alpha_is_split_among_the_points():
    g = cb.Smoothed(half_space(np.zeros(SIDE**2), -1.0), cb.Gaussian(sigma=1.0), space=SPACES[1])
    [result] = certify_warp(
        g, picture(SPACES[1])[None], Rotations(degrees=1.0), points=7, plan=PLAN, alpha=0.01
    )
    assert isinstance(result, WarpCertificate)
    assert result.least == pytest.approx(special.ndtri(lower_bound(1000, 1000, 0.01 / 7)), rel=1e-9)
    assert result.votes == 7 * 1020
    assert str(result).startswith("class 1 under all rotations by -1.0 to 1.0 degrees: 7 images")
    assert "at most 0.01" in str(result)


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
    with pytest.raises(cb.CertiballError, match="n = 12 cannot certify at alpha = 4e-05"):
        certify_shifts(g, image, reach=2, plan=plan, alpha=0.001)


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
