"""Every two-class radius against the worst two classes: the sets of Neyman and Pearson.

At distance R the first class keeps at least what the second can get. Noise and its density are
written down here, and not taken from the code: what a law means is the test's own.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certiball.balls import Norm
from certiball.laws.ablation import Ablation
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.brightness import Brightness
from certiball.laws.discrete import Discrete
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.pareto import Pareto
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.splitting import Splitting
from certiball.laws.translation import Translation
from certiball.laws.uniform import Uniform
from certiball.laws.uniform_ball import UniformBall
from certiball.laws.uniform_blur import UniformBlur
from certiball.theorems import TABLE
from certiball.theorems.bounds import Bounds

SAMPLES = 200_000
ERROR = 0.005  # of a share of so many samples, four deviations and more
PAIRS = [(0.7, 0.3), (0.5, 0.2), (0.9, 0.02), (0.4, 0.35)]


@dataclass(frozen=True)
class Noise:
    """Draws [n, d] of a law of scale 1, and −log of its density up to a constant, ∞ outside."""

    law: Any
    draw: Any
    height: Any
    dimensions: tuple[int, ...] = (1, 3)


def signs(g, size):
    return g.choice([-1.0, 1.0], size)


def sphere(g, n, d):
    x = g.normal(size=(n, d))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def cube(g, n, d):
    x = g.uniform(-1, 1, (n, d))
    return x / np.abs(x).max(1, keepdims=True)


def within(inside):
    return np.where(inside, 0.0, np.inf)


NOISES = [
    Noise(Gaussian(sigma=1.0), lambda g, n, d: g.normal(size=(n, d)), lambda x: (x**2).sum(1) / 2),
    Noise(
        AnisotropicGaussian(deviations=(1.0, 2.0, 3.0)),
        lambda g, n, d: g.normal(size=(n, d)) * [1.0, 2.0, 3.0],
        lambda x: ((x / [1.0, 2.0, 3.0]) ** 2).sum(1) / 2,
        (3,),
    ),
    Noise(Laplace(scale=1.0), lambda g, n, d: g.laplace(size=(n, d)), lambda x: np.abs(x).sum(1)),
    Noise(
        Uniform(scale=1.0),
        lambda g, n, d: g.uniform(-1, 1, (n, d)),
        lambda x: within((np.abs(x) <= 1).all(1)),
    ),
    Noise(
        Pareto(scale=1.0, tail=3.0),
        lambda g, n, d: signs(g, (n, d)) * (g.uniform(size=(n, d)) ** (-1 / 3) - 1),
        lambda x: 4 * np.log1p(np.abs(x)).sum(1),
    ),
    Noise(
        ExponentialPower(scale=1.0, power=4.0),
        lambda g, n, d: signs(g, (n, d)) * g.gamma(0.25, size=(n, d)) ** 0.25,
        lambda x: (x**4).sum(1),
    ),
    Noise(
        UniformBall(scale=1.0),
        lambda g, n, d: sphere(g, n, d) * g.uniform(size=(n, 1)) ** (1 / d),
        lambda x: within((x**2).sum(1) <= 1),
    ),
    Noise(
        SphericalExponential(scale=1.0),
        lambda g, n, d: sphere(g, n, d) * g.gamma(d, size=(n, 1)),
        lambda x: np.linalg.norm(x, axis=1),
        (2, 5),
    ),
    Noise(
        MaxExponential(scale=1.0),
        lambda g, n, d: cube(g, n, d) * g.gamma(d, size=(n, 1)),
        lambda x: np.abs(x).max(1),
        (2, 5),
    ),
    Noise(Brightness(sigma=1.0), lambda g, n, d: g.normal(size=(n, 1)), lambda x: x[:, 0] ** 2 / 2),
    Noise(
        ExponentialBlur(scale=1.0),
        lambda g, n, d: g.exponential(size=(n, 1)),
        lambda x: np.where(x[:, 0] >= 0, x[:, 0], np.inf),
    ),
    Noise(
        UniformBlur(scale=1.0),
        lambda g, n, d: g.uniform(size=(n, 1)),
        lambda x: within((x[:, 0] >= 0) & (x[:, 0] <= 1)),
    ),
    Noise(
        Translation(sigma=1.0), lambda g, n, d: g.normal(size=(n, 2)), lambda x: (x**2).sum(1) / 2
    ),
]
CASES = [
    (noise, norm)
    for noise in NOISES
    for (kind, norm), theorem in TABLE.items()
    if kind is type(noise.law) and theorem.two_class is not None
]


def directions(norm, d):
    """Perturbations of length 1: along an axis, and with all numbers alike. All are ≥ 0."""
    axis, all_ = np.eye(1, d)[0], np.ones(d)
    lengths = {Norm.L1: d, Norm.L2: d**0.5, Norm.PARAMETER: d**0.5, Norm.LINF: 1}
    return (axis, all_ / lengths[norm])


def shares_at(noise, points, delta, p, q):
    """What the worst disjoint sets of mass p and q have when the noise is moved by delta.

    The sets are those of the least and of the greatest ratio of densities, and what lies where
    there was no density before is the second one's.
    """
    with np.errstate(invalid="ignore"):
        ratio = np.exp(noise.height(points) - noise.height(points - delta))
    ratio = np.sort(ratio)
    n = len(ratio)
    first, second = ratio[: int(p * n)].sum() / n, ratio[n - int(q * n) :].sum() / n
    return first, second + max(0.0, 1 - ratio.mean())


@pytest.mark.parametrize(
    ("noise", "norm"), CASES, ids=[f"{type(n.law).__name__} {norm.value}" for n, norm in CASES]
)
def test_the_first_class_is_ahead_of_the_second_up_to_the_radius(noise, norm):
    generator = np.random.default_rng(12)
    for d in noise.dimensions:
        points = noise.draw(generator, SAMPLES, d)
        for p, q in PAIRS:
            bounds = Bounds(p_lower=p, p_upper=q)
            radius = TABLE[type(noise.law), norm].radius(
                noise.law, bounds, noise.law.slack(None, d), d
            )
            assert radius > 0
            for direction in directions(norm, points.shape[1]):
                first, second = shares_at(noise, points, radius * direction, p, q)
                assert first >= second - ERROR * (1 + p), f"{d=} {p=} {q=} {first=} {second=}"


def test_one_split_of_alpha_is_enough():
    """At the same bound on the class, no bound on the others makes a radius smaller (A21)."""
    laws = {type(noise.law): noise.law for noise in NOISES} | {
        Splitting: Splitting(scale=Fraction(1, 2)),
        Ablation: Ablation(keep=2, pixels=5),
        Discrete: Discrete(keep=0.8, levels=4),
    }
    for (kind, norm), theorem in TABLE.items():
        if theorem.two_class is None:
            continue
        law, d = laws[kind], 5 if kind in (Ablation, Discrete) else 3
        for p in (0.5, 0.55, 0.7, 0.99):
            one = theorem.radius(law, Bounds(p_lower=p), Fraction(0), d)
            for q in (1.0, 0.6, 0.1, 1e-9):
                both = theorem.radius(law, Bounds(p_lower=p, p_upper=q), Fraction(0), d)
                assert both >= one * (1 - 1e-12), f"{law} {norm} {p=} {q=}"


def test_every_law_with_a_two_class_radius_is_looked_at():
    """Splitting is by enumeration elsewhere, and so are ablation and discrete noise."""
    ruled = {kind for (kind, _), theorem in TABLE.items() if theorem.two_class is not None}
    looked_at = {type(noise.law) for noise in NOISES}
    elsewhere = {"Splitting", "Ablation", "Discrete"}
    assert {kind.__name__ for kind in ruled - looked_at} == elsewhere
    assert Splitting in ruled


@pytest.mark.parametrize("kind", [Gaussian, Laplace, Uniform, UniformBall])
def test_a_radius_a_tenth_larger_is_seen_to_be_false(kind):
    """For laws whose radius is tight: the check above can fail."""
    noise = next(each for each in NOISES if type(each.law) is kind)
    norm = Norm.L1 if kind in (Laplace, Uniform) else Norm.L2
    points = noise.draw(np.random.default_rng(13), SAMPLES, 1)
    bounds = Bounds(p_lower=0.7, p_upper=0.2)
    radius = TABLE[kind, norm].radius(noise.law, bounds, noise.law.slack(None, 1), 1)
    first, second = shares_at(noise, points, 1.1 * radius * np.ones(1), 0.7, 0.2)
    assert first < second - ERROR * 1.7
