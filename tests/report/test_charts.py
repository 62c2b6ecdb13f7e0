import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from certiball.report.axes import Frame
from certiball.report.charts import NARROW, WIDE, Size, curve_chart
from certiball.report.curves import curve
from certiball.report.labels import place_labels
from certiball.report.palette import DASHES, colour, dash
from certiball.report.study import Entry, Origin, Study

STROKED = re.compile(r'd="([^"]*)" fill="none"')


def _numbers(path: str) -> list[float]:
    return [float(text) for text in re.findall(r"-?\d+\.?\d*", path)]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_it_is_well_formed_and_inside_its_box(study: Study, in_float: Study, size: Size) -> None:
    root = ElementTree.fromstring(curve_chart([study, in_float], size))
    assert root.attrib["viewBox"] == f"0 0 {size.width} {size.height}"
    for text in root.iter("text"):
        assert 0 <= float(text.attrib["x"]) <= size.width
        assert 0 <= float(text.attrib["y"]) <= size.height
    assert int(root.attrib["font-size"]) >= 11


def test_the_line_steps_down_at_each_radius(study: Study) -> None:
    svg = curve_chart([study])
    (path,) = STROKED.findall(svg)
    left, right = 46, 920 - 13
    high = 0.63 * 1.04
    xs = [left + (right - left) * r / high for r in (0, 0, 0.1, 0.3, 0.62)]
    top, bottom = 25, 440 - 48
    ys = [bottom - (bottom - top) * k / 6 for k in (4, 4, 3, 1, 0)]
    drawn = _numbers(path)
    assert drawn[0::2] == pytest.approx(xs, abs=0.06)
    assert drawn[1::2] == pytest.approx(ys, abs=0.06)


def test_clean_accuracy_and_reachable_radius_are_marked(study: Study, in_float: Study) -> None:
    marked, bare = curve_chart([study]), curve_chart([in_float])
    assert "base classifier on clean inputs, 83.3\u202f%" in marked
    assert "largest radius that this claim can certify" in marked
    assert "clean inputs" not in bare
    assert "largest radius" not in bare


def test_names_are_escaped(study: Study, in_float: Study) -> None:
    svg = curve_chart([study, in_float])
    assert "<i>" not in svg
    assert "float &amp; &lt;i&gt;risky&lt;/i&gt;" in svg


def test_many_steps_are_thinned_to_what_a_screen_shows() -> None:
    entries = tuple(
        Entry(index=i, label=0, predicted=0, radius=(i + 1) / 1500) for i in range(1500)
    )
    svg = curve_chart([Study(title="many", entries=entries, origin=Origin.RUN)])
    assert len(svg) < 60_000
    (path,) = STROKED.findall(svg)
    assert _numbers(path)[-1] == pytest.approx(440 - 48)


def test_nothing_certified_can_still_be_drawn() -> None:
    entry = Entry(index=0, label=0, predicted=None, radius=0.0)
    empty = Study(title="none", entries=(entry,), origin=Origin.RUN)
    ElementTree.fromstring(curve_chart([empty, empty]))


def test_names_do_not_touch_each_other_or_leave_the_plot(study: Study) -> None:
    frame = Frame(
        width=600, height=300, left=40, right=10, top=20, bottom=40, x_high=0.65, y_high=1.0
    )
    copies = [replace(study, title=f"copy {i}") for i in range(8)]
    spots = place_labels([c.title for c in copies], [curve(c) for c in copies], frame, 12)
    found = [spot for spot in spots if spot is not None]
    assert 1 <= len(found) <= 8
    for i, (x, y) in enumerate(found):
        assert x + 0.6 * 12 * 6 <= 600
        assert y - 12 >= frame.y(1.0) - 3
        for other_x, other_y in found[i + 1 :]:
            assert abs(x - other_x) > 0.6 * 12 * 6 or abs(y - other_y) > 12


def test_many_names_are_left_to_the_legend(study: Study) -> None:
    def named(count: int, size: Size) -> int:
        return curve_chart([replace(study, title=f"copy {i}") for i in range(count)], size).count(
            'font-weight="600"'
        )

    assert named(3, NARROW) > 0
    assert named(4, NARROW) == 0
    assert named(4, WIDE) > 0


def test_a_name_that_fits_nowhere_is_left_to_the_legend(study: Study) -> None:
    frame = Frame(width=100, height=60, left=10, right=5, top=5, bottom=10, x_high=0.65, y_high=1.0)
    assert place_labels(["a name much too long for this"], [curve(study)], frame, 12) == [None]


def test_a_dozen_series_differ_in_colour_or_dash() -> None:
    assert len({(colour(i), dash(i)) for i in range(12)}) == 12
    assert len(set(DASHES)) == 6
