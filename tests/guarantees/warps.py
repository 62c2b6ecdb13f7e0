"""Checks of certificates about all rotations and scalings; each raises where one is broken."""

import numpy as np
import pytest
import torch
from scipy import special

import certiball as cb
from certiball.certification.warps import WarpAbstention, WarpCertificate, certify_warp
from certiball.statistics.binomial import lower_bound
from certiball.transforms.cover import cover
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


def certified_only_where_every_warp_has_the_class(warp, space):
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


def a_certificate_of_half_a_gap_would_be_false():
    """Each point has the class and a radius, and an image between two of them has another."""
    space, warp, points = SPACES[1], Rotations(degrees=60.0), 2
    image = picture(space)
    middles = path(image, warp, [-30.0, 30.0])
    between = path(image, warp, [0.0])[0]
    direction = middles.mean(0) - between
    direction /= np.linalg.norm(direction)
    offset = direction @ between + 0.01
    g = cb.Smoothed(half_space(direction, offset), cb.Gaussian(sigma=2.0), space=space)
    many = cb.FixedSamples(n0=1000, n=20_000)  # so that no vote's chance decides
    kept = middles.reshape(2, SIDE, SIDE).astype(np.float32)
    assert all(r.label == 1 and r.radius > 0 for r in cb.certify(g, kept, plan=many))
    [result] = certify_warp(g, image[None], warp, points=points, plan=many)
    assert isinstance(result, WarpAbstention)
    assert result.votes > 0  # the radii were asked, and do not reach
    assert (between @ direction > offset) == 0


def alpha_is_split_among_the_points():
    g = cb.Smoothed(half_space(np.zeros(SIDE**2), -1.0), cb.Gaussian(sigma=1.0), space=SPACES[1])
    [result] = certify_warp(
        g, picture(SPACES[1])[None], Rotations(degrees=1.0), points=7, plan=PLAN, alpha=0.01
    )
    assert isinstance(result, WarpCertificate)
    assert result.least == pytest.approx(special.ndtri(lower_bound(1000, 1000, 0.01 / 7)), rel=1e-9)
    assert result.votes == 7 * 1020
    assert str(result).startswith("class 1 under all rotations by -1.0 to 1.0 degrees, in exact")
    assert "at most 0.01" in str(result)


def gaps_allow_for_rounding():
    """On a grid a gap is that of exact warped images, and half a step of every pixel."""
    image, warp = picture(SPACES[0]), Rotations(degrees=5.0)
    g = cb.Smoothed(half_space(np.zeros(SIDE**2), -1.0), cb.Gaussian(sigma=1.0), space=SPACES[0])
    [result] = certify_warp(g, image[None], warp, points=5, plan=PLAN)
    exact = torch.from_numpy(image / 255)
    without = cover(exact, warp, 5, lambda x: (x * 255).round() / 255).gap
    assert result.gap >= without + SIDE / 255 / 2
    assert result.gap <= without + SIDE / 255 / 2 + 1e-6
