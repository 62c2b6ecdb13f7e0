from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from certiball.errors import InputError
from certiball.report.curves import (
    abstentions,
    average_radius,
    certified_accuracy,
    certified_count,
    clean_accuracy,
    curve,
    share,
    smoothed_accuracy,
    value_at,
)
from certiball.report.study import Entry, Origin, Study


def test_rates_over_all_inputs_tried(study: Study) -> None:
    counts = [certified_count(study, r) for r in (0.0, 0.1, 0.1000001, 0.25, 0.5, 0.62, 0.63)]
    # The float 0.62 is below 0.62: a radius of just that float does not count there.
    assert counts == [4, 4, 3, 3, 1, 0, 0]
    assert certified_accuracy(study, 0.25).value == 0.5
    assert average_radius(study) == pytest.approx((0.1 + 0.3 + 0.3 + 0.62) / 6)
    assert abstentions(study).count == 1
    clean, smoothed = clean_accuracy(study), smoothed_accuracy(study)
    assert clean is not None
    assert smoothed is not None
    assert (clean.count, smoothed.count) == (5, 4)


def test_what_is_not_known_for_all_is_not_stated(study: Study) -> None:
    first = replace(study.entries[0], clean=None, answer=None)
    partly = replace(study, entries=(first, *study.entries[1:]))
    assert clean_accuracy(partly) is None
    assert smoothed_accuracy(partly) is None


@pytest.mark.parametrize(("count", "total"), [(0, 500), (1, 500), (293, 500), (500, 500)])
def test_intervals_are_clopper_pearson(count: int, total: int) -> None:
    got = share(count, total)
    exact = stats.binomtest(count, total).proportion_ci(0.95, method="exact")
    assert got.low == pytest.approx(exact.low, abs=1e-9)
    assert got.high == pytest.approx(exact.high, abs=1e-9)


def test_the_curve_agrees_with_counting(study: Study) -> None:
    steps = curve(study)
    assert steps.radii == (0.0, 0.1, 0.3, 0.62)
    assert [s.count for s in steps.shares] == [4, 4, 3, 1]
    for radius in np.linspace(0, 0.8, 161):
        right = sum(e.correct and e.radius >= radius for e in study.entries)
        assert value_at(steps, float(radius)) == right / 6


def test_exact_radii_count_at_the_decimal_number_not_at_its_float(study: Study) -> None:
    # The float 0.3 is below 0.3, so a radius of just that float is not 0.3; 0.1 is above 0.1.
    assert certified_count(study, 0.3) == 1
    assert certified_count(study, 0.1) == 4
    published = replace(study, origin=Origin.PUBLISHED)
    assert certified_count(published, 0.3) == 3


@pytest.mark.parametrize("radius", [-0.1, float("nan"), float("inf")])
def test_radii_to_count_at_are_checked(study: Study, radius: float) -> None:
    with pytest.raises(InputError, match="finite and ≥ 0"):
        certified_accuracy(study, radius)


def test_a_study_without_any_certificate_has_a_flat_curve() -> None:
    entry = Entry(index=0, label=0, predicted=None, radius=0.0)
    empty = Study(title="none", entries=(entry,), origin=Origin.RUN)
    steps = curve(empty)
    assert steps.radii == (0.0,)
    assert value_at(steps, 0.0) == 0.0
    assert value_at(steps, 1.0) == 0.0
    assert average_radius(empty) == 0.0


def test_intervals_hold_whatever_the_unfinished_inputs_give() -> None:
    partial = share(30, 60, unfinished=40)
    assert partial.value == 0.5
    assert partial.low == share(30, 100).low
    assert partial.high == share(70, 100).high


def test_every_rate_of_a_study_counts_its_unfinished_inputs(study: Study) -> None:
    partial = replace(study, unfinished=4)
    for rate in (abstentions, clean_accuracy, smoothed_accuracy):
        found = rate(partial)
        assert found is not None
        assert found == share(found.count, 6, unfinished=4)
    assert certified_accuracy(partial, 0.25) == share(3, 6, unfinished=4)
    assert curve(partial).shares[0] == share(4, 6, unfinished=4)


def test_the_average_radius_is_not_above_the_exact_mean(study: Study) -> None:
    for radius in (0.1, 0.3, 0.7, 1.1):
        part = tuple(replace(e, radius=radius) for e in study.entries if e.correct)
        one = replace(study, entries=(*part, study.entries[5]))
        assert Fraction(average_radius(one)) <= Fraction(radius) * len(part) / one.size
