"""The classic mistakes, put into the code one at a time: each must break a guarantee's check.

What is tested here are the checks: a check that survives a mutant proves nothing.
"""

from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy import stats

import certiball as cb
from certiball.certification import question as judging
from certiball.certification import smooth
from certiball.claim import Bound
from certiball.samplers.floats import FloatSampler
from certiball.samplers.lattice import LatticeSampler
from certiball.samplers.streams import Phase, Stream
from certiball.statistics import binomial
from certiball.theorems import gaussian_l2
from certiball.votes import Design
from guarantees import checks


def caught(check, *arguments, **named):
    with pytest.raises(AssertionError):
        check(*arguments, **named)


def test_the_estimate_instead_of_its_lower_bound(monkeypatch):
    monkeypatch.setattr(
        judging, "class_lower_bound", lambda votes, label, alpha: votes.counts[label] / votes.total
    )
    for p in (0.5, 0.69, 0.84):
        caught(checks.simulated_coverage, (p, 1 - p), cb.Rule.ONE_SIDED)


def test_twice_the_level(monkeypatch):
    right = binomial.class_lower_bound
    monkeypatch.setattr(judging, "class_lower_bound", lambda v, c, a: right(v, c, 2 * a))
    for p in (0.69, 0.84):
        caught(checks.simulated_coverage, (p, 1 - p), cb.Rule.ONE_SIDED)


def test_twice_the_level_inside_the_bound(monkeypatch):
    right = binomial.lower_bound
    monkeypatch.setattr(binomial, "lower_bound", lambda k, n, a: right(k, n, 2 * a))
    caught(checks.enumerated_coverage)


def test_the_quantile_that_old_scripts_call_clopper_pearson(monkeypatch):
    def quantile(votes, label, alpha):
        share = votes.counts[label] / votes.total
        return min(float(stats.binom.ppf(alpha, votes.total, share)) / votes.total, 1 - 1e-9)

    monkeypatch.setattr(judging, "class_lower_bound", quantile)
    caught(checks.simulated_coverage, (0.999, 0.001), cb.Rule.ONE_SIDED)


def test_selection_from_the_estimation_samples(monkeypatch):
    # Both phases draw the same noise; visible with two classes at one half.
    right = Stream.words
    monkeypatch.setattr(
        Stream,
        "words",
        lambda self, stage, start, count: right(
            Stream(key=self.key, phase=Phase.SELECTION, input=self.input, chunk=self.chunk),
            stage, start, count,
        ),
    )  # fmt: skip
    caught(checks.sampled_coverage, 0.5)


@dataclass(frozen=True, kw_only=True)
class UntilCertified:
    """Looks at the bound after every 96 votes, and stops when it certifies."""

    target: float
    design: Design = Design.STOPPED
    bound: Bound = Bound.CLOPPER_PEARSON
    selection: int = 50
    most: int = 1056

    def targets(self, question, label, estimation):
        return ()

    def wanted(self, question, selection, estimation):
        if estimation is None:
            return self.selection, 96
        bound = binomial.class_lower_bound(estimation, 1, checks.ALPHA)
        return self.selection, min(estimation.total + 96 * (bound <= self.target), self.most)


@pytest.mark.slow
def test_clopper_pearson_tested_again_at_every_look(monkeypatch):
    # What would follow if plans that stop were not refused.
    monkeypatch.setattr(smooth, "check_feasible", lambda question, plan: None)
    monkeypatch.setattr(binomial, "_refuse_stopped", lambda votes: None)
    level = checks.threshold_with(0.69)
    p = float(checks.probability_below(level))
    g = cb.Smoothed(checks.below(level), checks.LAW, space=checks.GRID)
    plan = UntilCertified(target=p)
    inputs = np.zeros((300, 1, 1), dtype=np.uint8)
    monkeypatch.setattr("certiball.tuning.LARGEST_CHUNK", 32)
    results = cb.certify(g, inputs, plan=plan, alpha=checks.ALPHA, seed=1)
    truly = checks.LAW.sigma * stats.norm.ppf(p)
    false = sum(isinstance(r, cb.Certificate) and r.radius > truly for r in results)
    caught(checks.at_most, false, len(results), checks.ALPHA)


def exact_rows():
    generator = np.random.default_rng(5)
    rows = []
    with mpmath.workdps(60):
        for _ in range(200):
            sigma, p = float(generator.uniform(0.1, 2)), float(generator.uniform(0.51, 0.9999))
            exact = mpmath.mpf(sigma) * mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(p) - 1)
            rows.append((sigma, p, Fraction(mpmath.nstr(exact, 50))))
    return rows


def test_the_radius_rounded_up(monkeypatch):
    rows = exact_rows()
    checks.radius_is_on_the_safe_side_of(rows)
    monkeypatch.setattr(gaussian_l2, "down", gaussian_l2.up)
    monkeypatch.setattr(gaussian_l2, "quantile_down", gaussian_l2.quantile_up)
    caught(checks.radius_is_on_the_safe_side_of, rows)


def test_the_radius_rounded_to_nearest(monkeypatch):
    rows = exact_rows()
    monkeypatch.setattr(gaussian_l2, "down", lambda value, relative=0.0: float(f"{value:.3g}"))
    caught(checks.radius_is_on_the_safe_side_of, rows)


NORMALISED = 5.0  # a model that divides by a standard deviation of .2


def test_float_noise_added_after_normalisation(monkeypatch):
    right = FloatSampler.noisy

    def noisy(self, clean, stream, samples, out=None):
        return clean + (right(self, clean, stream, samples) - clean) / np.float32(NORMALISED)

    monkeypatch.setattr(FloatSampler, "noisy", noisy)
    caught(checks.float_radius_is_at_most_the_distance)


def test_lattice_noise_added_after_normalisation(monkeypatch):
    def noisy(self, clean, stream, samples, out=None):
        noise = self.noise(stream, samples, clean.size)
        return self.grid.values(clean) + self.grid.values(noise) / np.float32(NORMALISED)

    monkeypatch.setattr(LatticeSampler, "noisy", noisy)
    caught(checks.lattice_radius_is_at_most_the_nearest_wrong_grid_point)


def test_the_bound_of_the_winner_where_the_others_is_meant(monkeypatch):
    # The two-class rule with p̄ estimated instead of bounded.
    monkeypatch.setattr(
        judging,
        "others_upper_bound",
        lambda votes, label, alpha: max(
            c for i, c in enumerate(votes.counts) if i != label
        ) / votes.total,
    )  # fmt: skip
    monkeypatch.setattr(
        judging, "class_lower_bound", lambda votes, label, alpha: votes.counts[label] / votes.total
    )
    caught(checks.simulated_coverage, (0.45, 0.45, 0.1), cb.Rule.TWO_CLASS)
