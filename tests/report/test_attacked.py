"""Clean, attacked and certified accuracy: of the same inputs, on the right sides of the truth."""

import csv
import io
import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.report.attack_charts import accuracies_chart, columns, gaps_chart, scale_of
from certiball.report.attack_view import _line, attack_view
from certiball.report.attacked import Ends, attacked_curve, attacked_part, beside, ends
from certiball.report.breach import AttackRow, Attacks, Breach
from certiball.report.charts import NARROW, WIDE, Size
from certiball.report.curves import value_at
from certiball.report.export import to_csv, to_json, to_parquet
from certiball.report.html import render
from certiball.report.study import Entry, Origin, Study


def _attacks(breaches: tuple[Breach, ...], planned: int | None = None) -> Attacks:
    row = AttackRow(
        name="rays",
        norm="L∞",
        budget=1000,
        votes=25,
        level=0.8,
        alpha=0.001,
        planned=planned or len(breaches),
        distances=tuple((breach.claimed, breach.verified) for breach in breaches),
        misclassified=sum(breach.claimed == breach.verified == 0 for breach in breaches),
        queries=tuple(range(100, 100 + len(breaches))),
    )
    return Attacks(rows=(row,), breaches=breaches, planned=planned or len(breaches))


@pytest.fixture
def attacked(study: Study) -> Study:
    """Five of the six inputs: adversarial at .5, nowhere, at 1.25, misclassified, at .9."""
    breaches = (
        Breach(index=0, verified=0.5, claimed=0.25, attack="rays"),
        Breach(index=10, verified=math.inf, claimed=0.6),
        Breach(index=20, verified=1.25, claimed=0.7, attack="hsja"),
        Breach(index=30, verified=0.0, claimed=0.0, attack="rays"),
        Breach(index=40, verified=0.9, claimed=0.9, attack="rays"),
    )
    return replace(study, attacks=_attacks(breaches))


@pytest.mark.parametrize(
    ("radius", "standing", "certified"),
    [(0.0, 4, 4), (0.1, 4, 4), (0.2, 4, 3), (0.5, 4, 1), (0.51, 3, 1), (0.9, 3, 0), (1.3, 1, 0)],
)
def test_the_three_are_counted_at_a_radius(attacked, radius, standing, certified):
    """At .5 nothing shorter than .5 is known to change input 0: it still stands."""
    found = beside(attacked, radius)
    counts = (found.clean.count, found.attacked.count, found.certified.count)
    assert counts == (4, standing, certified)
    assert {found.clean.total, found.attacked.total, found.certified.total} == {5}
    assert value_at(attacked_curve(attacked), radius) == standing / 5


def test_only_inputs_that_were_attacked_count(attacked, study):
    part = attacked_part(attacked)
    assert [entry.index for entry in part.entries] == [0, 10, 20, 30, 40]
    assert ends(attacked)[3] == Ends(index=30, radius=0.0, distance=0.0)  # a wrong class's radius
    more = replace(attacked, attacks=_attacks(attacked.attacks.breaches, planned=9))
    assert attacked_part(more).unfinished == 4
    assert beside(more, 0.5).attacked.low < beside(attacked, 0.5).attacked.low
    with pytest.raises(InputError, match="none of its inputs was attacked"):
        attacked_part(study)


def test_the_truth_lies_between_attacked_and_certified():
    """Radii below true distances and verified points above: at every radius robust accuracy is
    at least the certified and at most the attacked one."""
    rng = np.random.default_rng(5)
    for _ in range(12):
        truth = rng.gamma(2.0, 0.3, size=25) * (rng.random(25) < 0.8)
        radii = truth * rng.random(25)
        above = np.where(rng.random(25) < 0.7, truth * (1 + rng.random(25)), math.inf)
        verified = np.where(truth == 0, 0.0, above)
        entries = tuple(
            Entry(index=i, label=0, predicted=0 if r > 0 else None, radius=float(r))
            for i, r in enumerate(radii)
        )
        breaches = tuple(
            Breach(index=i, verified=float(d), claimed=float(d)) for i, d in enumerate(verified)
        )
        found = Study(title="", entries=entries, origin=Origin.RUN, attacks=_attacks(breaches))
        for radius in rng.random(12) * 2:
            robust = int((truth >= radius).sum())  # nothing shorter changes the class
            there = beside(found, float(radius))
            assert there.certified.count <= robust <= there.attacked.count <= there.clean.count


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("far", [1.0, 30.0])
def test_figures_are_well_formed_and_inside_their_boxes(attacked, size: Size, far: float):
    """Distances far beyond the radii are drawn by their roots, or no radius would be seen."""
    breaches = tuple(replace(b, verified=b.verified * far) for b in attacked.attacks.breaches)
    moved = replace(attacked, attacks=_attacks(breaches))
    assert scale_of(moved).root == (far > 1)
    for chart in (accuracies_chart(moved, size), gaps_chart(moved, size)):
        root = ElementTree.fromstring(chart)
        assert root.attrib["viewBox"] == f"0 0 {size.width} {size.height}"
        assert ("root scale" in chart) == (far > 1)
        for text in root.iter("text"):
            assert 0 <= float(text.attrib["x"]) <= size.width
            assert 0 <= float(text.attrib["y"]) <= size.height
        for box in root.iter("rect"):
            assert float(box.attrib["height"]) >= 0
            assert float(box.attrib["y"]) >= 0
            assert float(box.attrib["y"]) + float(box.attrib["height"]) <= size.height


def test_each_column_has_both_ends(attacked):
    """From below to the radius, from above to the distance, with the numbers rounded apart."""
    chart = gaps_chart(attacked, WIDE)
    assert "input 0: certified below 0.1000, adversarial at 0.5000" in chart
    assert "input 10: certified below 0.2999, nothing verified above" in chart
    scale, columns_of = scale_of(attacked), chart.split("<g>")[1:]
    third = next(column for column in columns_of if "input 40:" in column)
    (_, top, high), (_, y, height) = [
        (box["style"], float(box["y"]), float(box["height"])) for box in _boxes(third)
    ][::-1]
    foot, head = y + height, top
    assert (foot - y) / (foot - head) == pytest.approx(0.62 / scale.high, abs=0.01)
    assert high / (foot - head) == pytest.approx(1 - 0.9 / scale.high, abs=0.01)


def _boxes(column: str) -> list[dict[str, str]]:
    return [
        dict(re.findall(r'([a-z-]+)="([^"]*)"', box))
        for box in re.findall("<rect[^>]*>", column)
        if "style=" in box
    ]


def test_many_inputs_are_thinned_evenly():
    known = [Ends(index=i, radius=i / 1000, distance=2.0) for i in range(1000)]
    shown = columns(known, WIDE)
    assert len(shown) == 184
    assert (shown[0], shown[-1]) == (known[0], known[-1])
    assert columns(known[:50], WIDE) == known[:50]


def test_the_page_never_shows_one_without_the_other(attacked, study):
    page = render([attacked])
    for words in (
        "Clean, attacked and certified",
        "Certified, from below: a proof.",
        "each radius is false with probability at most 0.001",
        "with confidence 99.9",
        "at least 80\u202f% of the time",
        "An attack that finds nothing proves nothing.",
        "exit code 1",
    ):
        assert words in page
    assert "Smoothed, 25 votes, clean" in page  # not the base classifier beside it
    assert "orange all the way from 0" in page
    heads = page[page.index('<table class="attacks">') :]
    names = ("claimed distance", "verified distance", "wrong before", "not confirmed")
    places = [heads.index(f">{name}<") for name in names]
    assert places == sorted(places)  # telephones show the first
    bare = render([study])
    assert "Clean, attacked" not in bare
    view = attack_view(attacked)
    assert view is not None
    assert all(row.attacked and row.certified and row.clean for row in view.rows)
    assert view.rows[0].attacked.startswith("≤")
    assert view.rows[0].certified.startswith("≥")
    [line] = view.attacks
    told = (line.misclassified, line.verified, line.unconfirmed, line.nothing)
    assert told == ("1", "3", "1", "0")
    assert (line.claimed, line.confirmed) == ("0.650", "1.075")  # medians of .25 .6 .7 .9, up


def test_several_attacks_share_the_error(attacked):
    attacks = attacked.attacks
    many = replace(attacks, rows=(attacks.rows[0], replace(attacks.rows[0], name="hsja")))
    page = render([replace(attacked, attacks=many)])
    assert (
        "The closest of 2 attacks is taken, which is wrong with probability at most 0.002" in page
    )


def test_exports_have_distances_beside_radii(attacked, study):
    rows = list(csv.DictReader(io.StringIO(to_csv(attacked))))
    named = ("attacked", "distance_verified", "distance_claimed", "attacked_by")
    assert tuple(rows[0][name] for name in named) == ("True", "0.5", "0.25", "rays")
    assert tuple(rows[1][name] for name in named) == ("True", "", "0.6", "")
    assert tuple(rows[5][name] for name in named) == ("False", "", "", "")
    assert float(rows[4]["distance_verified"]) == 0.9
    assert rows[4]["distance_verified"] == "0.90000000000000003"  # not below the float itself
    whole = json.loads(to_json(attacked))["rows"]
    assert [row["distance_verified"] for row in whole] == [0.5, None, 1.25, 0.0, 0.9, None]
    assert "attacked" not in json.loads(to_json(study))["rows"][0]
    assert to_parquet(attacked)[:4] == b"PAR1"


def test_luck_at_the_input_itself_is_no_misclassification():
    lucky = replace(_attacks(()).rows[0], distances=((0.0, math.inf), (0.0, 0.0)), queries=(9, 1))
    line = _line(replace(lucky, misclassified=1))
    assert (line.misclassified, line.verified, line.unconfirmed) == ("1", "0", "1")


def test_a_distance_that_is_none_is_refused():
    with pytest.raises(InputError, match="a distance must be ≥ 0, not -1"):
        Breach(index=0, verified=-1.0, claimed=0.0)
    with pytest.raises(InputError, match="must be ≥ 0, not nan"):
        Breach(index=0, verified=math.nan, claimed=0.0)
