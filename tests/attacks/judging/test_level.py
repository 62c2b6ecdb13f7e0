import csv
from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from certiball.attacks.judging.level import (
    Tie,
    deployed_tie,
    distortion_lower_bound,
    level_of,
    pi0_threshold,
)
from certiball.balls import Norm
from certiball.certificate import Certificate
from certiball.claim import Rule
from certiball.errors import InputError
from certiball.statistics.normal import quantile_down
from guarantees.levels import CERTIFICATE, LAW


def test_the_reference_is_met_on_the_safe_side(shared):
    with (shared / "reference/level_threshold.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 18
    for row in rows:
        n, P_a = int(row["n"]), float(row["level"])
        exact = mpmath.mpf(row["pi0_threshold"])
        found = pi0_threshold(n, P_a)  # odd n: the rules agree
        assert exact * (1 - mpmath.mpf("1e-12")) <= found <= exact
        assert {pi0_threshold(n, P_a, tie) for tie in Tie} == {found}
        further = float(row["distance_over_sigma"])
        assert further - 1e-12 <= distortion_lower_bound(0.0, 1.0, n, P_a) <= further


# attacks.md §2.1 and mathematics.md A8: paper, tie to c, fair coin, tie to the adversary
TABLE = {
    (1, 0.8): (0.2, 0.2, 0.2, 0.2),
    (10, 0.5): (0.5, 0.45169, 0.5, 0.54831),
    (10, 0.8): (0.37787, 0.32683, 0.36609, 0.41913),
    (10, 0.95): (0.27125, 0.22244, 0.25137, 0.30354),
    (100, 0.5): (0.5, 0.49502, 0.5, 0.50498),
    (100, 0.8): (0.4583, 0.45314, 0.45789, 0.46306),
    (100, 0.95): (0.41891, 0.41362, 0.41811, 0.42341),
    (1000, 0.5): (0.5, 0.4995, 0.5, 0.5005),
    (1000, 0.8): (0.48671, 0.4862, 0.48669, 0.4872),
    (1000, 0.95): (0.47403, 0.47352, 0.474, 0.47452),
}


@pytest.mark.parametrize("n", [1, 10, 100, 1000])
def test_the_table_of_the_four_tie_rules(n):
    rows = {P_a: values for (votes, P_a), values in TABLE.items() if votes == n}
    for P_a, values in rows.items():
        found = tuple(pi0_threshold(n, P_a, tie) for tie in Tie)
        assert found == pytest.approx(values, abs=5.1e-6)


def test_even_numbers_of_votes_are_those_of_one_more_in_the_papers_form_and_one_less_for_a_coin():
    for n in (2, 10, 100):
        assert pi0_threshold(n, 0.8) == pi0_threshold(n + 1, 0.8)
        assert pi0_threshold(n, 0.8, Tie.COIN) == pi0_threshold(n - 1, 0.8)


def test_the_papers_threshold_gives_too_little_under_a_strict_majority():
    q = 1 - pi0_threshold(10, 0.8)
    assert level_of(q, 10, Tie.CLASS) == pytest.approx(0.687, abs=5e-4)
    assert level_of(q, 10) == pytest.approx(0.8, abs=1e-12)


def test_level_and_threshold_are_one_condition():
    generator = np.random.default_rng(0)
    for tie in Tie:
        for n in (1, 2, 7, 50):
            for q in generator.uniform(0.01, 0.99, 20):
                P_a = level_of(float(q), n, tie)
                if 1e-4 < P_a < 1 - 1e-4:
                    assert pi0_threshold(n, P_a, tie) == pytest.approx(1 - q, rel=1e-9)
    assert (level_of(0.0, 3), level_of(1.0, 4)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("n", "P_a", "true"), [(10, 0.5, 0.2697), (10, 0.8, 0.351), (2, 0.5, 0.164)]
)
def test_the_papers_form_may_exceed_the_true_distance(n, P_a, true):
    # mathematics.md A8: a linear f, R = .3, σ = .25, and ties that go to the adversary
    assert distortion_lower_bound(0.3, 0.25, n, P_a) == pytest.approx(true, abs=6e-4)
    assert distortion_lower_bound(0.3, 0.25, n, P_a, Tie.PAPER) > true + 0.02


@pytest.mark.parametrize(("n", "further"), [(1, 0.210), (10, 0.078), (100, 0.026)])
def test_what_a_level_of_four_fifths_adds(n, further):
    found = distortion_lower_bound(0.0, 0.25, n, 0.8, Tie.PAPER)
    assert found == pytest.approx(further, abs=6e-4)


def test_a_two_class_radius_would_be_false_and_is_refused():
    # p_c = .4, p_B = .1, n = 1, P_a = .5: x itself is adversarial, for q = .6
    two_class = 0.25 / 2 * (quantile_down(0.4) - quantile_down(0.1))
    assert distortion_lower_bound(two_class, 0.25, 1, 0.5) > 0.1
    assert level_of(0.6, 1) >= 0.5
    with pytest.raises(InputError, match="one-sided radius, not one by the two-class"):
        distortion_lower_bound(CERTIFICATE, 0.25, 1, 0.5)
    one_sided = 0.25 * quantile_down(0.4)  # negative, and right
    assert distortion_lower_bound(one_sided, 0.25, 1, 0.5) < 0


def test_a_certificate_is_taken_for_what_it_is():
    claim = replace(CERTIFICATE.claim, rule=Rule.ONE_SIDED)
    certificate: Certificate = replace(CERTIFICATE, claim=claim, p_upper=None)
    found = distortion_lower_bound(certificate, 0.25, 11, 0.8)
    assert found == distortion_lower_bound(certificate.radius, 0.25, 11, 0.8)
    with pytest.raises(InputError, match="under Gaussian\\(sigma=0.5\\), and this certificate"):
        distortion_lower_bound(certificate, 0.5, 11, 0.8)
    other = replace(certificate, claim=replace(claim, norm=Norm.LINF))
    with pytest.raises(InputError, match="radii in L2"):
        distortion_lower_bound(other, 0.25, 11, 0.8)


def test_the_slack_of_noise_on_a_grid_is_paid():
    slack = LAW.slack(Fraction(1, 255), 3072)
    exact = distortion_lower_bound(0.3, 0.25, 11, 0.8)
    assert 0 < exact - distortion_lower_bound(0.3, 0.25, 11, 0.8, slack=slack) < 1e-11
    assert distortion_lower_bound(0.3, 0.25, 11, 0.8, slack=Fraction(1)) == -np.inf


def test_who_gets_a_tie_where_the_lowest_class_wins():
    assert [deployed_tie(0), deployed_tie(1), deployed_tie(3)] == [
        Tie.CLASS, Tie.ADVERSARY, Tie.ADVERSARY
    ]  # fmt: skip
    assert deployed_tie(3, rival=5) is Tie.CLASS
    assert deployed_tie(3, rival=2) is Tie.ADVERSARY


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: pi0_threshold(0, 0.5), "n must be from 1"),
        (lambda: pi0_threshold(10, 1.0), "above 0 and below 1"),
        (lambda: pi0_threshold(10, 0.0), "above 0 and below 1"),
        (lambda: level_of(1.5, 10), "must be a probability"),
        (lambda: distortion_lower_bound(float("inf"), 0.25, 1, 0.5), "R must be finite"),
        (lambda: distortion_lower_bound(0.3, 0.0, 1, 0.5), "sigma must be finite and > 0"),
    ],
    ids=["no votes", "certainty", "level 0", "no probability", "no radius", "no noise"],
)
def test_bad_input_is_refused_in_one_line(call, said):
    with pytest.raises(InputError, match=said):
        call()
