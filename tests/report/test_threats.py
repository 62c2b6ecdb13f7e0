"""The page's threats are judged as a record's are."""

from dataclasses import replace

import pytest

from certiball.balls import Norm
from certiball.errors import InputError
from certiball.report.html import render
from certiball.report.study import Study
from certiball.report.threats import threat_rows, verdict_on, verdicts
from certiball.spaces import Reals
from certiball.threats.threat import parse_threat


def test_the_usual_threats_stand_on_every_page(study: Study) -> None:
    """d = 64, so L∞ 8/255 needs a radius above .251: right at .3, .3 and .62, wrong at .45."""
    page = render([study])
    assert "Nobody named a threat" in page
    rows = {row.threat: row for row in threat_rows(study, None)}
    assert list(rows) == ["L2 1/2", "L∞ 8/255"]
    assert (rows["L∞ 8/255"].covered, rows["L∞ 8/255"].right) == ("4 of 6", "3")
    assert rows["L∞ 8/255"].word == "partly covered"
    assert rows["L∞ 8/255"].largest == "0.0774"  # the float .62 is below, and so is an eighth of it
    assert rows["L2 1/2"].covered == "1 of 6"
    assert rows["L∞ 8/255"].sentence in page


def test_named_threats_replace_them_and_none_is_passed_over(study: Study) -> None:
    named = [parse_threat(text) for text in ("linf:1/100", "paint <on> it", "patch:2")]
    page = render([study], threats=named)
    assert "Nobody named a threat" not in page
    assert "paint &lt;on&gt; it" in page
    rows = threat_rows(study, named)
    assert [row.word for row in rows] == ["partly covered", "not covered", "not covered"]
    assert [row.covered for row in rows] == ["5 of 6", "0 of 6", "0 of 6"]
    assert [row.largest for row in rows] == ["0.0774", "—", "—"]


def test_unfinished_inputs_are_not_covered(study: Study) -> None:
    [verdict] = verdicts(replace(study, unfinished=94), [parse_threat("l2:.01")])
    assert (verdict.tried, verdict.covered, verdict.word) == (100, 5, "partly covered")


def test_a_closed_ball_covers_its_border(study: Study) -> None:
    assert study.claim is not None
    pixels = replace(study, claim=replace(study.claim, norm=Norm.L0, strict=False))
    entries = tuple(replace(e, radius=float(round(10 * e.radius))) for e in study.entries)
    [verdict] = verdicts(replace(pixels, entries=entries), [parse_threat("l0:3")])
    assert verdict.covered == 4
    assert "change of at most 3 numbers" in verdict.sentence


def test_wrong_units_are_questioned(study: Study) -> None:
    with pytest.raises(InputError, match="did you mean 8/255"):
        render([study], threats=[parse_threat("linf:8")])


def test_logs_and_other_data_have_no_usual_threats(study: Study) -> None:
    assert study.claim is not None
    log = replace(study, claim=None)
    assert threat_rows(log, None) == ()
    assert "<h3>Threats" not in render([log])
    with pytest.raises(InputError, match="states no claim"):
        verdict_on(parse_threat("l2:1"), log)
    table = replace(study, claim=replace(study.claim, space=Reals()))
    assert threat_rows(table, None) == ()
    assert verdict_on(parse_threat("l2:.5"), table).covered == 1
