"""Studies of votes that stopped by a rule: verdicts, samples, and where curves end."""

import csv
import io
import json
import re
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

from certiball.certificate import Classical, Target, Verdict
from certiball.claim import Bound
from certiball.report.charts import curve_chart
from certiball.report.curves import certified_accuracy, curve, value_at
from certiball.report.differences import differences
from certiball.report.export import to_csv, to_json, to_parquet
from certiball.report.html import render
from certiball.report.pictures import groups
from certiball.report.plots import curve_figure
from certiball.report.radii import default_radii
from certiball.report.statements import said, unsaid
from certiball.report.study import Asked, Entry
from certiball.report.verdicts import mean_samples, most_samples, saving, undecided, verdict_counts
from certiball.report.views import study_view

YES, NO, OPEN = Verdict.CERTIFIED, Verdict.NOT_CERTIFIED, Verdict.UNDECIDED


def _targets(first, second):
    return (Target(radius=0.25, verdict=first), Target(radius=0.3, verdict=second))


@pytest.fixture
def stopped(study):
    """The six inputs under radii .25 and .3: .1, .3, .3, .45 (wrong class), .62, none."""
    verdicts = [(NO, NO), (YES, OPEN), (YES, YES), (YES, YES), (YES, YES), (NO, NO)]
    entries = [
        replace(entry, targets=_targets(*pair))
        for entry, pair in zip(study.entries, verdicts, strict=True)
    ]
    asked = Asked(radii=(0.25, 0.3), beta=0.001)
    claim = replace(study.claim, bound=Bound.MIXTURE)
    return replace(study, entries=tuple(entries), asked=asked, largest=None, claim=claim)


@pytest.fixture
def precise(study):
    asked = Asked(precision=0.05, cap=0.5, beta=0.01)
    return replace(study, asked=asked, largest=None)


def test_verdicts_are_counted_and_right_ones_apart(stopped):
    low, high = verdict_counts(stopped)
    assert (low.radius, low.certified, low.right, low.not_certified, low.undecided) == (
        0.25, 4, 3, 2, 0,
    )  # fmt: skip
    assert (high.certified, high.not_certified, high.undecided, high.failed) == (3, 2, 1, 0)
    assert undecided(stopped) == 1
    failed = Entry(index=99, label=0, predicted=None, radius=0.0, reason="failed: NaN")
    [low, high] = verdict_counts(replace(stopped, entries=(*stopped.entries, failed)))
    assert (low.failed, high.failed) == (1, 1)
    for row in (low, high):
        assert row.certified + row.not_certified + row.undecided + row.failed == 7


def test_a_fixed_number_of_votes_has_no_verdicts(study):
    assert verdict_counts(study) == ()
    assert study_view(study, (0.0,), 0).verdicts == ()
    assert study.limit is None


def test_samples_count_selection_and_leave_out_what_is_unknown(stopped):
    assert mean_samples(stopped) == 1100
    assert (most_samples(stopped), saving(stopped)) == (1100, 1.0)
    fewer = replace(stopped, n=5000)
    assert (most_samples(fewer), saving(fewer)) == (5100, 5100 / 1100)
    assert saving(replace(fewer, unfinished=1)) is None
    assert saving(replace(fewer, n=None)) is None
    bare = tuple(replace(entry, selection=None) for entry in stopped.entries)
    assert mean_samples(replace(stopped, entries=bare)) is None
    assert saving(replace(stopped, entries=bare)) is None


def test_curves_end_at_the_largest_radius_asked_for(stopped, precise, study):
    assert curve(stopped).radii[-1] == 0.3
    assert curve(precise).radii == (0.0, 0.1, 0.3, 0.5)
    # What a certificate proves is not cut.
    assert certified_accuracy(stopped, 0.6).count == certified_accuracy(study, 0.6).count == 1


def test_curves_change_at_the_radii_asked_for_only(stopped, study):
    # Radii .1, .3, .3 and .62 of right classes; the float .3 is below three tenths.
    steps = curve(stopped)
    assert steps.radii == (0.0, 0.25, 0.3)
    assert [share.count for share in steps.shares] == [3, 3, 1]
    for radius in (0.0, 0.1, 0.2, 0.25):
        assert value_at(steps, radius) == certified_accuracy(stopped, 0.25).value
    for radius in (0.26, 0.3):
        assert value_at(steps, radius) == certified_accuracy(stopped, 0.3).value
    # Where votes stopped between the targets moves nothing.
    first, *others = stopped.entries
    moved = replace(stopped, entries=(replace(first, radius=0.2), *others))
    assert curve(moved) == steps
    assert curve_chart([moved]) == curve_chart([stopped])
    nobody = replace(stopped, asked=Asked(radii=(0.25, 0.7), beta=0.001))
    assert curve(nobody).radii[-1] == 0.7
    assert curve(nobody).shares[-1].count == 0


def test_charts_have_a_dot_at_each_radius_asked_for(stopped, study):
    chart = curve_chart([stopped, study])
    dots = re.findall(r'<circle cx="([^"]*)" cy="([^"]*)"', chart)
    left, right, bottom, top, high = 46, 920 - 13, 440 - 48, 25, 0.63 * 1.04
    where = [(left + (right - left) * r / high, bottom - (bottom - top) * k / 6)
             for r, k in ((0.25, 3), (0.3, 1))]  # fmt: skip
    for (x, y), expected in zip(dots, where, strict=True):
        assert (float(x), float(y)) == pytest.approx(expected, abs=0.06)
    assert "σ = 0.25: 50.0\u202f% at radius 0.25" in chart
    assert "<circle" not in curve_chart([study])
    # Its band is closed along the left edge, like every other.
    [band, _] = re.findall(r'<path d="([^"]*)Z" style', chart)[:2]
    assert band.startswith(f"M{left}.0 ")
    assert f"H{left}.0V" in band


def test_figures_for_papers_have_the_same_steps_and_dots(stopped):
    (axes,) = curve_figure([stopped]).axes
    line, dots = axes.get_lines()[:2]
    assert list(line.get_xdata()) == [0.0, 0.25, 0.3, 0.3]
    assert list(line.get_ydata()) == pytest.approx([3 / 6, 3 / 6, 1 / 6, 1 / 6])
    assert (list(dots.get_xdata()), dots.get_marker()) == ([0.25, 0.3], "o")
    assert list(dots.get_ydata()) == pytest.approx([3 / 6, 1 / 6])


def test_rows_are_at_the_radii_asked_for(stopped, precise, study):
    assert default_radii([stopped]) == (0.25, 0.3)
    assert default_radii([precise]) == (0.0, 0.25, 0.5)
    other = replace(precise, asked=replace(precise.asked, cap=0.4))
    assert default_radii([other]) == (0.0, 0.25, 0.4)
    assert default_radii([stopped, study]) == (0.0, 0.25, 0.3, 0.5)


def test_tiles_and_rows(stopped, precise):
    view = study_view(stopped, (0.0, 0.25, 0.3), 0)
    assert [(t.name, t.value) for t in view.tiles[-2:]] == [
        ("Undecided", "16.7\u202f%"),
        ("Samples per input", "1100"),
    ]
    assert view.tiles[-1].detail == "mean, of at most 1100"
    fewer = study_view(replace(stopped, n=99_900), (0.25,), 0)
    assert fewer.tiles[-1].detail == "mean, of at most 100\u202f000: 90.9 times fewer"
    assert [t.name for t in view.tiles[1:4]] == [
        "Smoothed accuracy at the stop", "Certified at radius 0.25", "Abstentions at the stop"
    ]  # fmt: skip
    assert view.tiles[2].value == "50.0\u202f%"
    partial = study_view(replace(stopped, n=99_900, unfinished=2), (0.25,), 0)
    assert partial.tiles[-1].detail == "mean, of at most 100\u202f000"
    names = [t.name for t in study_view(precise, (0.0,), 0).tiles]
    assert names[1:4] == [
        "Smoothed accuracy at the stop", "Certified at any radius", "Abstentions at the stop"
    ]  # fmt: skip
    assert [(r.radius, r.certified, r.right, r.undecided) for r in view.verdicts] == [
        ("0.25", "4", "3", "0"),
        ("0.3", "3", "2", "1"),
    ]
    assert "at most 1000 votes each" in view.subtitle
    assert ("votes", "100 to select, at most 1000 to estimate") in view.facts
    average = study_view(precise, (0.0,), 0).tiles[-2]
    assert average.name == "Average certified radius"
    assert average.detail == "0 where wrong or abstained; votes stop at 0.5"


def test_what_is_said_of_target_radii(stopped):
    heads = {statement.head: statement.text for statement in said(stopped)}
    text = heads["Votes stopped once radii 0.25 and 0.3 were decided."]
    assert "not the radius that a fixed number of votes would give" in text
    text = heads["Certified, not certified, undecided."]
    assert "with confidence 1 − β = 99.9\u202f% for each input" in text
    assert "A radius is claimed only if all smaller ones are." in text
    beyond = {statement.head: statement.text for statement in unsaid(stopped)}
    text = beyond["Anything beyond radius 0.3."]
    assert "their share means nothing" in text
    assert "a fixed number of votes may certify more" in text
    one = replace(stopped, asked=Asked(radii=(0.25,), beta=0.001))
    assert any(s.head == "Votes stopped once radius 0.25 was decided." for s in said(one))


def test_what_is_said_of_a_precision(precise):
    [text] = [s.text for s in said(precise) if s.head == "Radii within 5\u202f%."]
    assert "up to 1000, could not make the radius larger" in text
    assert "confidence 99\u202f%" in text
    assert "the radius reached 0.5, or none could be had" in text
    assert "needs about half of the most for 5\u202f%" in text
    assert "what is saved comes from the cap" in text
    free = replace(precise, asked=Asked(precision=0.1, beta=0.01))
    assert not any("Anything beyond radius" in s.head for s in unsaid(free))


def test_beyond_what_was_asked_there_is_nothing(stopped, study):
    page = render([stopped, replace(study, title="fixed")])
    # At 0, below the targets, and at .5, beyond them.
    assert page.count('class="zero">— <span class="quiet">not asked') == 2
    view = study_view(stopped, (0.0, 0.1, 0.25, 0.3, 0.5), 0)
    assert [row.radius for row in view.proofs] == ["0.25", "0.3"]
    assert study_view(stopped, (0.1,), 0).proofs == ()
    assert "What the counts prove" not in render([stopped], radii=[0.1])


def test_the_headline_is_at_a_radius_that_was_asked_for(stopped, study):
    assert "norm below 0.25" not in render([study], radii=[0.1, 0.25])
    page = render([stopped], radii=[0.1, 0.3])
    assert "perturbation of L2 norm below 0.3" in page
    assert "perturbation of L2 norm below 0.25" in render([stopped], radii=[0.1])


def test_a_row_where_the_others_have_none_does_not_end_the_table(stopped, study):
    wrong = replace(study, title="wrong", entries=study.entries[-1:])
    page = render([wrong, stopped])
    rows = re.findall(r'<tr><th scope="row">([^<]*)</th>\s*<td[^>]*>[^<]*<span', page)
    assert rows[:4] == ["0", "0.25", "0.3", "0.5"]


def test_a_curve_that_ends_does_not_fall(stopped, study):
    def last(path_of):
        [line] = re.findall(r'<path d="([^"]*)" fill="none"', curve_chart([path_of]))
        return line.split("V")[-1]

    floor = f"{440 - round(14 * 3.4):.1f}"
    assert last(study) == floor
    assert last(stopped) != floor


def test_differences_name_what_stopped_the_votes(study, stopped):
    first, _ = differences([study, stopped])
    assert "what stops the votes" in first
    assert "the bounds" in first


def test_the_page_shows_verdicts(stopped, study):
    page = render([stopped])
    for text in (
        "Radii that were asked for",
        "Radii where votes stopped",
        "A curve ends at the",
        "nothing was asked but at the dots",
        "radius asked for</li>",
        "Samples per input",
    ):
        assert text in page
        assert text not in render([study])


def test_radii_where_votes_stopped_are_not_called_robustness(stopped, study):
    assert [group.title for group in groups(study)][:2] == ["Most robust", "Least robust"]
    titles = [group.title for group in groups(stopped)]
    assert titles[:2] == ["Largest radii where votes stopped", "Smallest radii where votes stopped"]
    assert "No certificate at the stop" in titles
    assert "No certificate" in [group.title for group in groups(study)]


def test_exports_have_the_verdicts(stopped):
    document = json.loads(to_json(stopped))
    assert document["asked"]["radii"] == [0.25, 0.3]
    assert document["rows"][1]["targets"] == {"0.25": "certified", "0.3": "undecided"}
    header, _, second, *_ = to_csv(stopped).splitlines()
    assert ",reason,targets,radius_classical," in header
    assert '"{""0.25"": ""certified"", ""0.3"": ""undecided""}"' in second


def test_tables_have_plain_columns_of_votes_and_verdicts(stopped, study):
    failed = Entry(index=99, label=0, predicted=None, radius=0.0, reason="failed: NaN")
    mixed = replace(stopped, entries=(*stopped.entries, failed))
    rows = list(csv.DictReader(io.StringIO(to_csv(mixed))))
    assert list(rows[0])[-4:] == [
        "selection_total", "estimation_total", "verdict_0.25", "verdict_0.3"
    ]  # fmt: skip
    assert [row["selection_total"] for row in rows] == ["100"] * 6 + [""]
    assert [row["estimation_total"] for row in rows] == ["1000"] * 6 + [""]
    assert (rows[1]["verdict_0.25"], rows[1]["verdict_0.3"]) == ("certified", "undecided")
    assert (rows[0]["verdict_0.25"], rows[6]["verdict_0.25"]) == ("not certified", "")
    table = pq.read_table(io.BytesIO(to_parquet(mixed)))
    assert table.column_names == list(rows[0])
    assert table.column("estimation_total").to_pylist() == [1000] * 6 + [None]
    assert table.column("verdict_0.3").to_pylist()[1:3] == ["undecided", "certified"]
    assert (
        to_csv(study).splitlines()[0].endswith("radius_classical,selection_total,estimation_total")
    )


def test_the_classical_radius_stands_beside_a_randomized_one(study):
    beside = Classical(p_lower=0.6, p_upper=None, radius=0.09375)
    first, *others = study.entries
    claim = replace(study.claim, bound=Bound.RANDOMIZED)
    both = replace(study, claim=claim, entries=(replace(first, classical=beside), *others))
    assert "R = 0.1000 (0.0937)" in render([both])
    assert json.loads(to_json(both))["rows"][0]["radius_classical"] == 0.09375
    [text] = [s.text for s in said(both) if s.head == "A randomized bound."]
    assert "for the best of many seeds 2α does" in text
    assert not any(s.head == "A randomized bound." for s in said(study))
