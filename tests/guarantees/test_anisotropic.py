"""Anisotropic noise: certificates against half-spaces, whose distances are known, by direction.

A half-space {w·δ ≥ m} is entered by the ellipsoid ‖δ/σ‖ < ρ where ρ‖σw‖ > m, and by an L2 ball of
radius R where R‖w‖ > m. Under the noise its probability is Φ(−m/‖σw‖).
"""

from functools import cache

import numpy as np
import pytest
from scipy import special

import certiball as cb
from certiball.certification.judge import judge
from certiball.certification.question import Question
from certiball.certification.tailored import ellipsoid_of
from certiball.claim import Claim
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.theorems import TABLE, anisotropic_gaussian_l2
from certiball.theorems.theorem import Theorem
from guarantees.checks import ALPHA, DRAW, at_most

SIGMAS = np.array([0.1, 0.4, 0.4])
LAW = AnisotropicGaussian(deviations=tuple(SIGMAS.tolist()))
DIRECTIONS = {
    "short": np.array([1.0, 0.0, 0.0]),
    "long": np.array([0.0, 1.0, 0.0]),
    "between": np.array([0.9, 0.3, -0.3]),
}
CLAIM = Claim(
    law=LAW, norm=cb.Norm.L2, rule=cb.Rule.ONE_SIDED, alpha=ALPHA, space=cb.Reals()
)  # fmt: skip


def false_certificates(direction, p, n=1000, inputs=20_000):
    """How many of many certificates reach into the half-space: as a ball, as an ellipsoid."""
    w = DIRECTIONS[direction]
    spread = float(np.linalg.norm(SIGMAS * w))
    margin = float(special.ndtri(p)) * spread
    generator = np.random.default_rng([n, int(1000 * p)])
    counts = generator.binomial(n, p, inputs)

    @cache
    def is_false(k):
        votes = cb.Votes(counts=(k, n - k))
        question = Question(claim=CLAIM, dimension=3)
        result = judge(question, cb.FixedSamples(), DRAW, cb.Votes(counts=(1, 0)), votes)
        if not isinstance(result, cb.Certificate):
            return False, False
        found = ellipsoid_of(result, 3)
        ball = result.radius * float(np.linalg.norm(w)) > margin
        return ball, found.scale * spread > margin

    return np.array([is_false(int(k)) for k in counts]).sum(0)


@pytest.mark.parametrize("direction", list(DIRECTIONS))
@pytest.mark.parametrize("p", [0.5, 0.69, 0.84])
def test_at_most_alpha_are_false_in_any_direction(direction, p):
    ball, whole = false_certificates(direction, p)
    at_most(ball, 20_000, ALPHA)
    at_most(whole, 20_000, ALPHA)


def test_the_ball_is_tight_along_the_short_axis_alone():
    short, whole = false_certificates("short", 0.84)
    assert short == whole > 0.03 * 20_000
    long, whole = false_certificates("long", 0.84)
    assert long == 0 < whole


def largest(law, bounds, slack, dimension):
    """The mutant: the ball of the longest axis."""
    wide = max(law.deviations) / min(law.deviations)
    return wide * anisotropic_gaussian_l2.radius(law, bounds, slack, dimension)


def test_the_largest_deviation_would_certify_falsely(monkeypatch):
    mutant = Theorem(radius=largest, source="none", one_sided="R = max(σ) Φ⁻¹(p̲)")
    monkeypatch.setitem(TABLE, (AnisotropicGaussian, cb.Norm.L2), mutant)
    ball, _ = false_certificates("short", 0.84)
    with pytest.raises(AssertionError, match="false certificates"):
        at_most(ball, 20_000, ALPHA)


@pytest.mark.parametrize("space", [cb.Grid.uint8(), cb.Reals(low=0.0, high=1.0)])
@pytest.mark.parametrize("direction", list(DIRECTIONS))
def test_through_real_noise_no_certificate_passes_the_half_space(direction, space):
    """At α = 10⁻⁶; and one of most votes comes near the true distance along the short axis."""
    w, margin = DIRECTIONS[direction], 0.15
    clean = np.array([100, 130, 160])
    offset = margin - w @ (clean / 255)

    def classify(x):
        return (x.reshape(len(x), -1).astype(np.float64) @ w + offset > 0).astype(int)

    g = cb.Smoothed(cb.FunctionClassifier(classify, num_classes=2), LAW, space=space)
    given = clean[None] if isinstance(space, cb.Grid) else (clean[None] / 255).astype(np.float32)
    results = [
        cb.certify(g, given, plan=cb.FixedSamples(n0=1000, n=20_000), alpha=1e-6, seed=seed)[0]
        for seed in range(5)
    ]
    distance, grid_step = margin / np.linalg.norm(w), 1 / 255
    for result in results:
        assert isinstance(result, cb.Certificate)
        assert result.label == 1
        assert result.radius <= distance + grid_step / 2  # the nearest wrong point of the grid
        found = ellipsoid_of(result, 3)
        assert found.scale * np.linalg.norm(SIGMAS * w) <= margin + grid_step * np.abs(w).sum() / 2
        beyond = -w * (margin / (w @ w)) * 1.1
        assert not found.covers(beyond)
        assert not result.ball.covers(beyond)
    if direction == "short":
        assert max(result.radius for result in results) > 0.85 * distance
