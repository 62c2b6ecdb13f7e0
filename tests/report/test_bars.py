from dataclasses import replace
from xml.etree import ElementTree

import pytest

from certiball.report.bars import bin_counts, radius_histogram, votes_bar
from certiball.report.study import Entry, Origin, Study
from certiball.votes import Votes


def test_bins_count_right_and_wrong_apart(study: Study) -> None:
    step, right, wrong = bin_counts(study)
    assert step == 0.05
    # .1 | .3 .3 | .62, and .45 wrong; a bin holds its lower end, up to the float's own error.
    assert sum(right) == 4
    assert sum(wrong) == 1
    for radius in (0.12, 0.32, 0.47, 0.62):
        entry = Entry(index=0, label=0, predicted=0, radius=radius)
        far = Entry(index=1, label=0, predicted=0, radius=0.69)
        s, counts, _ = bin_counts(Study(title="", entries=(entry, far), origin=Origin.RUN))
        assert counts[int(radius / s)] == 1


def test_the_histogram_shows_every_input(study: Study) -> None:
    root = ElementTree.fromstring(radius_histogram(study))
    titles = [t.text or "" for t in root.iter("title")]
    assert sum(int(t.rsplit(": ", 1)[1]) for t in titles) == study.size
    assert "no certificate: 1" in titles
    assert any("wrong class: 1" in t for t in titles)
    for rect in root.iter("rect"):
        assert float(rect.attrib["x"]) >= 0
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= 360
        assert 0 <= float(rect.attrib["y"]) <= 210


@pytest.mark.parametrize("keep", [slice(0, 5), slice(5, 6)])
def test_all_or_nothing_certified(study: Study, keep: slice) -> None:
    part = replace(study, entries=study.entries[keep])
    root = ElementTree.fromstring(radius_histogram(part))
    abstained = [t for t in root.iter("title") if "no certificate" in (t.text or "")]
    assert len(abstained) == sum(e.predicted is None for e in part.entries)


def test_votes_fill_the_bar_in_proportion() -> None:
    root = ElementTree.fromstring(votes_bar(Votes(counts=(100, 600, 300))))
    widths = {r.attrib["class"]: float(r.attrib["width"]) for r in root.iter("rect")}
    assert widths == pytest.approx({"first": 59.5, "second": 29.5, "rest": 9.5})


def test_a_single_vote_can_be_seen() -> None:
    root = ElementTree.fromstring(votes_bar(Votes(counts=(99_999, 1, 0))))
    widths = [float(r.attrib["width"]) for r in root.iter("rect")]
    assert len(widths) == 2
    assert min(widths) >= 0.5
    assert sum(widths) <= 100


def test_no_votes_at_all_draw_nothing() -> None:
    assert "<rect" not in votes_bar(Votes(counts=(0, 0)))
