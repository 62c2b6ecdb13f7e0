import csv
import math
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise

import mpmath
import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian


def independent_threshold(j, sigma, step):
    """2⁶⁴·Φ((j + ½)·step/σ) by another road than the code's: a Taylor series in 300 bits."""
    with mpmath.workprec(700):
        x = mpmath.mpf(2 * j + 1) * step.numerator / (2 * step.denominator * mpmath.mpf(sigma))
        term, total, n = x, x, 0
        while abs(term) > mpmath.mpf(2) ** -300:
            n += 1
            term *= -x * x / (2 * n)
            total += term / (2 * n + 1)
        return int(mpmath.nint(2**64 * (mpmath.mpf(1) / 2 + total / mpmath.sqrt(2 * mpmath.pi))))


@pytest.mark.parametrize("sigma", [0.12, 0.25, 1.0])
def test_thresholds_are_those_of_an_independent_series(sigma):
    step = Fraction(1, 255)
    law = Gaussian(sigma=sigma).on_grid(step)
    for j in np.linspace(-law.offset, law.offset, 41).astype(int):
        expected = independent_threshold(int(j), sigma, step)
        place = int(j) + law.offset
        found = int(law.thresholds[place]) if place < len(law.thresholds) else 2**64
        assert found == expected


@pytest.mark.parametrize("sigma", [0.12, 0.25, 0.5, 1.0])
def test_probabilities_of_the_reference(shared, sigma):
    law = Gaussian(sigma=sigma).on_grid(Fraction(1, 255))
    edges = [0, *map(int, law.thresholds), 2**64]
    with (shared / "reference/discrete_gaussian_255.tsv").open() as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t") if float(r["sigma"]) == sigma]
    for row in rows:
        place = int(row["j"]) + law.offset
        ends = [edges[min(max(i, 0), len(edges) - 1)] for i in (place, place + 1)]
        probability = Fraction(ends[1] - ends[0], 2**64)
        assert abs(probability - Fraction(row["probability"])) <= Fraction(1, 2**64)


def test_shape_of_a_law():
    law = Gaussian(sigma=0.25).on_grid(Fraction(1, 255))
    assert law.offset == math.ceil(9.3 * 0.25 * 255)
    assert law.least == -law.offset
    assert law.greatest <= law.offset + 1
    assert (np.diff(law.thresholds.astype(object)) >= 0).all()
    assert law.bins == 2 * law.offset + 2
    assert law.slack(3072) == Fraction(3072 * law.bins, 2**64)
    assert float(Gaussian(sigma=1.0).on_grid(Fraction(1, 255)).slack(3072)) < 1e-12


@pytest.mark.parametrize(
    "step", [Fraction(1, 255), Fraction(1, 16), Fraction(3, 1000), Fraction(2)]
)
@pytest.mark.parametrize("sigma", [0.01, 0.12, 0.25, 0.33, 1.0, 7.5])
def test_slack_without_thresholds_is_that_of_the_thresholds(sigma, step):
    law = Gaussian(sigma=sigma)
    for dimension in (1, 3072, 150_528):
        assert law.slack(step, dimension) == law.on_grid(step).slack(dimension)


def test_laws_do_not_import_mpmath():
    code = "import sys, certiball.laws.gaussian; sys.exit('mpmath' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_total_variation_is_within_the_slack():
    law = Gaussian(sigma=0.12).on_grid(Fraction(1, 255))
    edges = [0, *map(int, law.thresholds), 2**64]
    drawn = [Fraction(b - a, 2**64) for a, b in pairwise(edges)]
    with mpmath.workprec(200):
        scale = mpmath.mpf(1) / (255 * mpmath.mpf(0.12))
        cut = [mpmath.ncdf((j + mpmath.mpf(1) / 2) * scale) for j in range(-law.offset, law.offset)]
        meant = [b - a for a, b in zip([mpmath.mpf(0), *cut], [*cut, mpmath.mpf(1)], strict=True)]
        drawn_mp = [mpmath.mpf(p.numerator) / p.denominator for p in drawn]
        width = max(len(drawn_mp), len(meant))
        drawn_mp += [mpmath.mpf(0)] * (width - len(drawn_mp))
        meant += [mpmath.mpf(0)] * (width - len(meant))
        variation = sum(abs(a - b) for a, b in zip(drawn_mp, meant, strict=True)) / 2
        assert 0 < variation <= mpmath.mpf(law.bins) / 2**64


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.nan, math.inf])
def test_bad_sigma(sigma):
    with pytest.raises(InputError, match=r"sigma must be finite and > 0, not .*usual"):
        Gaussian(sigma=sigma)


def test_grids_too_fine_for_memory_are_refused():
    with pytest.raises(InputError, match="use a coarser grid"):
        Gaussian(sigma=1.0).on_grid(Fraction(1, 2**24))
    with pytest.raises(InputError, match="use a coarser grid"):
        Gaussian(sigma=1.0).slack(Fraction(1, 2**24), 1)
    with pytest.raises(
        InputError, match=r"sigma is 2\.55e\+310 grid steps"
    ):  # no float is as large
        Gaussian(sigma=1e308).slack(Fraction(1, 255), 1)


def test_text():
    assert str(Gaussian(sigma=0.1)) == "Gaussian(sigma=0.1)"
