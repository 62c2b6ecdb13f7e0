"""The claims, decided by the table that the paper's own figure gives."""

from dataclasses import replace

import pytest

from certiball.study.compared import Measure
from certiball.study.findings import FEWEST, Verdict, findings
from certiball.study.paper import paper
from certiball.study.table import Results


def test_papers_own_table_bears_out_what_it_bears_out() -> None:
    verdicts = {each.number: each.verdict for each in findings(paper())}
    assert verdicts == {
        1: Verdict.FAILED,  # RayS: 29 and 14 times
        2: Verdict.FAILED,  # HSJA goes the other way
        3: Verdict.HELD,
        4: Verdict.HELD,
        5: Verdict.HELD,
        6: Verdict.HELD,
        7: Verdict.HELD,
        8: Verdict.OPEN,  # nobody had tried
    }


def test_figures_that_verdicts_rest_on() -> None:
    found = {each.number: "\n".join(each.figures) for each in findings(paper())}
    assert "RayS: at least 13.9 times" in found[1]
    assert "HSJA: at least 45.6 times" in found[1]
    assert "HSJA, base at σ = 0.05, P_a = 0.5: 46.6, 48.1, 48.5" in found[2]
    falls = [line for line in found[2].splitlines() if line.endswith("it falls")]
    assert len(falls) == 7  # RayS four times, SurFree thrice
    assert not any(line.startswith("HSJA") for line in falls)
    assert "RayS: 0.83 to 1.25" in found[3]
    assert "HSJA: 1.97 to" in found[3]
    assert "RayS: 11.1 to 11.6 noise-trained, 13.4 undefended" in found[5]
    assert "+18.3 %" in found[6].splitlines()[0]
    assert "16.8 (RayS, RS σ = 0.15, n = 10, P_a = 0.8), +25 %" in found[7]


@pytest.mark.parametrize(
    ("number", "attack", "factor"),
    [(3, "RayS", 3.0), (4, "RayS", 1.6), (5, "RayS", 2.0), (7, "RayS", 2.0)],
)
def test_other_numbers_give_other_verdicts(number: int, attack: str, factor: float) -> None:
    """The largest σ of each network turns out harder to attack: the claims fall."""
    before = paper()
    rows = tuple(
        replace(each, mean_claimed=each.mean_claimed * factor)
        if each.attack == attack and each.defence.sigma in (0.15, 0.25)
        else each
        for each in before.rows
    )
    found = findings(replace(before, rows=rows))[number - 1]
    assert found.verdict is Verdict.FAILED


def test_level_that_costs_much_is_no_slight_cost() -> None:
    rows = tuple(
        replace(each, mean_claimed=2 * each.mean_claimed) if each.level == 0.8 else each
        for each in paper().rows
    )
    assert findings(replace(paper(), rows=rows))[5].verdict is Verdict.FAILED


def test_first_two_claims_hold_where_they_should() -> None:
    steeper = tuple(
        replace(each, mean_claimed=1000.0 / each.defence.n) if each.defence.n is not None else each
        for each in paper().rows
    )
    tiny = tuple(replace(each, radii=(0.01,)) for each in paper().certified)
    found = findings(replace(paper(), rows=steeper, certified=tiny))
    assert [each.verdict for each in found[:2]] == [Verdict.HELD, Verdict.HELD]


@pytest.mark.parametrize(("ratio", "verdict"), [(1.2, Verdict.HELD), (2.6, Verdict.FAILED)])
def test_adaptive_radius_closes_the_gap_or_does_not(ratio: float, verdict: Verdict) -> None:
    """Of the base network: another one may well be harder to attack."""
    extra = tuple(
        replace(
            each,
            attack="HSJA adaptive",
            mean_claimed=17.5 * (ratio if each.defence.network == "base" else 9.0),
        )
        for each in paper().rows
        if each.attack == "HSJA" and each.defence.smoothed
    )
    found = findings(replace(paper(), rows=(*paper().rows, *extra)))[7]
    assert found.verdict is verdict
    assert f"{ratio:.2f} with the adaptive radius" in found.figures[0]


def test_level_is_claimed_of_several_votes_and_verified_of_one_as_well() -> None:
    few = tuple(
        replace(each, mean_verified=each.mean_claimed * (1.5 if each.level == 0.8 else 1.0))
        for each in paper().rows
        if each.defence.n != 50
    )
    one = tuple(
        replace(each, defence=replace(each.defence, n=1)) if each.defence.n == 10 else each
        for each in few
    )
    table = replace(paper(), rows=one)
    assert not any(figure.startswith("n = 1:") for figure in findings(table)[5].figures)
    verified = findings(table, Measure.VERIFIED)[5]
    assert verified.figures[0].startswith("n = 1:")
    assert verified.leaning is Verdict.FAILED


def test_few_images_decide_nothing_but_lean() -> None:
    rows = tuple(replace(each, found=FEWEST - 1) for each in paper().rows)
    few = findings(replace(paper(), rows=rows))
    assert {each.verdict for each in few} == {Verdict.OPEN}
    assert [each.leaning for each in few] == [each.verdict for each in findings(paper())]
    assert all(each.figures for each in few[:7])


def test_verified_distances_are_another_measure() -> None:
    assert {each.verdict for each in findings(paper(), Measure.VERIFIED)} == {Verdict.OPEN}
    halved = tuple(
        replace(each, mean_verified=each.mean_claimed, verified=each.found) for each in paper().rows
    )
    same = findings(replace(paper(), rows=halved), Measure.VERIFIED)
    unsure = tuple(replace(each, verified=FEWEST - 1) for each in halved)
    found = findings(replace(paper(), rows=unsure), Measure.VERIFIED)
    assert {each.verdict for each in found} == {Verdict.OPEN}
    assert [each.verdict for each in same] == [each.verdict for each in findings(paper())]


def test_rows_of_another_space_are_asides() -> None:
    aside = tuple(replace(each, space="grid", mean_claimed=1e9) for each in paper().rows)
    assert findings(replace(paper(), rows=(*paper().rows, *aside))) == findings(paper())


def test_empty_table_decides_nothing() -> None:
    found = findings(Results(rows=(), certified=()))
    assert {(each.verdict, each.figures) for each in found} == {(Verdict.OPEN, ())}
