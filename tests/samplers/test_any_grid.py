"""Noise on grids of any step and any number of bits, and of laws that are not Gaussian."""

from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch
from scipy import special

import certiball as cb
from certiball.balls import Norm
from certiball.laws import Law
from certiball.laws.gaussian import Gaussian
from certiball.laws.lattice import LatticeLaw, lattice_law, variation
from certiball.samplers import lattice
from certiball.samplers.device import device_lattice
from certiball.samplers.lattice import lattice_sampler
from certiball.samplers.on_device import repeats
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid
from certiball.statistics.normal import quantile_down
from certiball.statistics.rounding import down, fraction_down
from certiball.theorems import TABLE
from certiball.theorems.theorem import Theorem

GRIDS = [
    Grid.unsigned(16),
    Grid.unsigned(12),
    Grid.fixed_point(10, low=-4, high=4),
    Grid(step=Fraction(2, 51), low=-30, high=-3),
    Grid(step=Fraction(7, 3000), low=-1000, high=2**20),
]
LAW_16 = Gaussian(sigma=0.25).on_grid(GRIDS[0].step)
CLUSTERS = lattice_law(  # equal ones, neighbours, and nothing for long
    [0, 1, 1, *((5 << 48) + 7 * k**4 for k in range(300)), *[9 << 60] * 40, 2**64 - 1, 2**64],
    offset=9,
)
STREAM = Stream(key=2**127 + 3, phase=Phase.ESTIMATION, input=4, chunk=2)


def sampler(grid, sigma=0.25):
    return lattice_sampler(Gaussian(sigma=sigma).on_grid(grid.step), grid)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_noise_has_the_deviation_and_shape_of_the_law(grid):
    s = sampler(grid)
    noise = s.noise(STREAM, 100, 3000).astype(np.int64).ravel()
    # Forty ranges of equal probability, as near as the grid allows.
    words = np.arange(1, 40, dtype=np.uint64) * np.uint64(2**64 // 40)
    ends = np.unique(np.searchsorted(s.law.thresholds, words, side="right") - s.law.offset)
    sums = [0, *(int(s.law.thresholds[end + s.law.offset]) for end in ends.tolist()), 2**64]
    expected = np.diff(np.array(sums, dtype=object)).astype(float) / 2**64 * noise.size
    counts = np.bincount(np.searchsorted(ends, noise, side="left"), minlength=len(ends) + 1)
    assert expected.min() > 100
    statistic = float(((counts - expected) ** 2 / expected).sum())
    assert special.chdtrc(len(ends), statistic) > 1e-5


@pytest.mark.parametrize("law", [LAW_16, CLUSTERS], ids=["16 bits", "clusters"])
def test_words_at_and_beside_thresholds_of_crowded_cells(law):
    s = lattice_sampler(law, GRIDS[0])
    near = law.thresholds[:: max(1, len(law.thresholds) // 5000)]
    near = near[(near > 0) & (near < 2**64 - 1)]
    words = np.concatenate([near - np.uint64(1), near, near + np.uint64(1)])
    words = np.append(words, [np.uint64(0), np.uint64(2**64 - 1)])
    found = s.refine((words >> np.uint64(48)).astype(np.uint16), words & np.uint64(2**48 - 1))
    inside = s.cells[words >> np.uint64(48)] == s.mark
    direct = np.searchsorted(law.thresholds, words, side="right") - law.offset
    assert inside.sum() > 100
    assert (found == direct)[inside].all()


def test_few_elements_of_crowded_cells_are_searched_for(monkeypatch):
    s, searched = lattice_sampler(LAW_16, GRIDS[0]), []
    right = lattice._reached
    monkeypatch.setattr(
        lattice, "_reached", lambda law, words: searched.append(len(words)) or right(law, words)
    )
    s.noise(STREAM, 100, 1000)
    assert sum(searched) < 500


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_what_is_seen_is_a_function_of_the_sum(grid):
    s = sampler(grid)
    for clean in ([grid.low, grid.high, grid.low + 1], [0, 2**15 - 3, -(2**31)], [2**33, 5, 7]):
        levels = np.array(clean)
        seen = s.noisy(levels, STREAM, 50)
        sums = s.noise(STREAM, 50, 3).astype(np.int64) + levels
        assert (seen == grid.values(sums)).all()
        exact = sums.astype(object) * grid.step
        error = np.abs(seen.astype(float) - exact.astype(float))
        assert (error <= 2.0**-22 * np.abs(exact.astype(float))).all()


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_a_device_makes_the_same(grid):
    s = sampler(grid)
    assert repeats(device_lattice(s, torch.device("cpu")), s)


@pytest.mark.parametrize("grid", GRIDS, ids=str)
def test_inputs_on_any_grid_are_certified(grid):
    middle = (grid.low + grid.high) // 2

    def above(batch):
        return (batch.mean(axis=1) > float(middle * grid.step)).astype(int)

    classifier = cb.FunctionClassifier(above, num_classes=2, name="above")
    g = cb.Smoothed(classifier, Gaussian(sigma=0.25), space=grid)
    far = round(1 / grid.step)
    levels = np.array([[min(middle + far, grid.high)] * 2, [max(middle - far, grid.low)] * 2])
    high, low = cb.certify(g, levels, plan=cb.FixedSamples(n=1000), alpha=1e-6)
    assert (high.label, low.label) == (1, 0)
    for result, x in ((high, levels[0]), (low, levels[1])):
        assert 0.2 < result.radius < abs(x - middle)[0] * float(grid.step) * 2**0.5


@dataclass(frozen=True, kw_only=True)
class Laplace:
    """Noise with density ∝ exp(−|t|/scale), as somebody else might write it."""

    scale: float

    def on_grid(self, step: Fraction) -> LatticeLaw:
        last = self._last(step)
        with mpmath.workprec(200):
            width = mpmath.mpf(step.numerator) / step.denominator / mpmath.mpf(self.scale)
            upper = [1 - mpmath.exp(-(j + mpmath.mpf(1) / 2) * width) / 2 for j in range(last + 1)]
            above = [int(mpmath.nint(p * 2**64)) for p in upper]
        return lattice_law([2**64 - t for t in reversed(above[:last])] + above, offset=last)

    def slack(self, step: Fraction, dimension: int) -> Fraction:
        return variation(2 * self._last(step) + 2, dimension)

    def deviation(self, dimension: int) -> float:
        return self.scale * 2**0.5

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def _last(self, step: Fraction) -> int:
        return -int(-45 * Fraction(self.scale) // step)  # e⁻⁴⁵ is below 2⁻⁶⁴


def half_the_gaussian(law, bounds, slack, dimension):
    """No theorem, but a function of the same shape."""
    margin = quantile_down(fraction_down(Fraction(bounds.p_lower) - slack))
    return max(0.0, down(law.scale * margin / 2))


def test_another_law_needs_its_thresholds_and_a_theorem_and_nothing_else(monkeypatch):
    law = Laplace(scale=0.2)
    assert isinstance(law, Law)
    assert law.slack(Fraction(1, 255), 7) == law.on_grid(Fraction(1, 255)).slack(7)
    classifier = cb.FunctionClassifier(
        lambda x: (x.mean(axis=1) > 0.5).astype(int), num_classes=2, name="bright"
    )
    g = cb.Smoothed(classifier, law, space=Grid.uint8())
    noise = g.sampler((9,)).noise(STREAM, 100, 3000)
    assert abs(np.abs(noise).mean() / (255 * 0.2) - 1) < 0.01
    assert repeats(device_lattice(g.sampler((9,)), torch.device("cpu")), g.sampler((9,)))
    inputs = np.full((1, 9), 255, dtype=np.uint8)
    with pytest.raises(cb.CertiballError, match=r"no theorem speaks of Laplace"):
        cb.certify(g, inputs)
    monkeypatch.setitem(
        TABLE, (Laplace, Norm.L2), Theorem(radius=half_the_gaussian, source="", one_sided="R")
    )
    [result] = cb.certify(g, inputs, plan=cb.FixedSamples(n=1000))
    assert result.label == 1
    assert 0.2 < result.radius < 0.3
    [answer] = cb.predict(g, inputs, n=100)
    assert answer.label == 1
