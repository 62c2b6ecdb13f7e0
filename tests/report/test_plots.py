from dataclasses import replace
from pathlib import Path

import pytest

from certiball.errors import InputError
from certiball.report.plots import curve_figure, write_figure
from certiball.report.study import Study


def test_the_figure_draws_the_curve(study: Study, in_float: Study) -> None:
    axes = curve_figure([study, in_float]).axes[0]
    lines = {str(line.get_label()): line for line in axes.get_lines()}
    line = lines["σ = 0.25"]
    assert list(line.get_xdata()) == [0.0, 0.1, 0.3, 0.62, 0.62]
    assert list(line.get_ydata()) == pytest.approx([4 / 6, 4 / 6, 3 / 6, 1 / 6, 0])
    assert line.get_drawstyle() == "steps-pre"
    assert axes.get_xlabel() == "radius (L2)"
    assert lines["float & <i>risky</i>"].get_linestyle() != line.get_linestyle()
    clean = [line for line in axes.get_lines() if line.get_marker() == "D"]
    assert len(clean) == 1
    assert list(clean[0].get_ydata()) == pytest.approx([5 / 6])


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", b"\x89PNG"), ("a.pdf", b"%PDF"), ("a.SVG", b"<?xml")]
)
def test_figures_are_written(tmp_path: Path, study: Study, name: str, start: bytes) -> None:
    write_figure(tmp_path / name, [study])
    assert (tmp_path / name).read_bytes().startswith(start)


def test_other_kinds_and_no_study_are_refused(tmp_path: Path, study: Study) -> None:
    with pytest.raises(InputError, match=r"\.png, \.pdf or \.svg"):
        write_figure(tmp_path / "a.gif", [study])
    with pytest.raises(InputError, match="at least 1 study"):
        curve_figure([])


def test_a_partial_run_is_named_so(study: Study) -> None:
    (axes,) = curve_figure([replace(study, unfinished=3)]).axes
    legend = axes.get_legend()
    assert legend is not None
    assert legend.get_texts()[0].get_text() == "σ = 0.25 (6 of 9 inputs)"
