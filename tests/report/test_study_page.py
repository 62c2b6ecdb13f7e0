"""Figures, files and pages of a study: what they show is what was found."""

import csv
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from certiball.report.study_captions import captions
from certiball.report.study_figures import (
    crossing_figure,
    endpoints_figure,
    map_figure,
    write_figures,
)
from certiball.report.study_files import write_tables
from certiball.report.study_page import claim_views, render_html, render_markdown
from certiball.report.study_scatter import distortion_figure
from certiball.study.conduct import Study
from certiball.study.crossing import Crossing
from certiball.study.endpoints import Endpoints
from certiball.study.paper import paper
from certiball.study.plan import StudyPlan
from certiball.study.slices import Slice


@pytest.fixture
def study() -> Study:
    return Study(
        plan=StudyPlan(images=200, queries=2000, sigmas=(0.05, 0.15), votes=(10, 50, 100)),
        data="<b>pets</b>",
        shape=(3, 224, 224),
        classes=("cat", "dog"),
        results=paper(),
        crossings=(Crossing(n=5, calls=10, places=(-1.0, 0.0, 1.0), wrong=(0, 2, 10)),),
        map=Slice(half=2.0, maps={"no noise": np.eye(3, dtype=np.int64)}),
        endpoints=(Endpoints(n=5, places=(-0.25, 0.0, 0.25)),),
        runs={},
    )


def test_claims_stand_beside_those_of_the_paper() -> None:
    views = claim_views(paper())
    assert [view.paper for view in views] == [view.claimed for view in views[:7]] + ["–"]
    assert {view.verified for view in views} == {"inconclusive"}


def test_few_images_are_said_with_what_they_would_say() -> None:
    few = replace(paper(), rows=tuple(replace(row, images=16, found=16) for row in paper().rows))
    assert claim_views(few)[2].claimed == "inconclusive (these images: held)"


def test_markdown_has_every_claim_figure_and_cell(study: Study) -> None:
    page = render_markdown(study, "pictures/study")
    for name in ("crossing", "map", "endpoints", "certified", "distortion"):
        assert f"](pictures/study/{name}.svg)" in page
    assert "| 5 | Under RayS, the noise-trained network is below" in page
    assert "| RS σ = 0.05, n = 10 | 0.727 | HSJA | 0.5 | 145 + 55 | 46.6, –" in page
    assert "fewer than 30" not in page


def test_html_escapes_names_and_takes_figures_in(study: Study) -> None:
    drawn = dict.fromkeys(captions(study), '<?xml version="1.0"?>\n<svg id="drawn"></svg>')
    page = render_html(study, drawn)
    assert "<b>pets" not in page
    assert page.count('<div class="scroll drawing"><svg id="drawn">') == 5
    assert "<?xml" not in page


def test_captions_give_the_numbers_of_their_figures(study: Study) -> None:
    said = captions(study)
    assert "It crosses ½ at 0.375 for n = 5." in said["crossing"]
    assert "deviation 5.000σ around 0σ for n = 5" in said["endpoints"]
    assert "0.16 (base, σ = 0.05)" in said["certified"]


def test_data_are_written_as_csv(study: Study, tmp_path: Path) -> None:
    def lines(name: str) -> list[str]:
        return (tmp_path / f"{name}.csv").read_text().splitlines()

    write_tables(tmp_path, study)
    table = list(csv.DictReader(lines("table")))
    assert len(table) == len(study.results.rows)
    assert float(table[0]["mean_claimed"]) == 17.5
    assert math.isnan(float(table[0]["mean_verified"]))
    crossing = list(csv.reader(lines("crossing")))
    assert crossing[1:] == [
        ["5", "-1.0", "0", "10"],
        ["5", "0.0", "2", "10"],
        ["5", "1.0", "10", "10"],
    ]
    claims = list(csv.DictReader(lines("claims")))
    assert [row["verdict"] for row in claims][:3] == ["did not hold", "did not hold", "held"]
    labels = list(csv.DictReader(lines("map")))
    assert [row["label"] for row in labels] == list("100010001")
    assert len(lines("endpoints")) == 4
    assert len(lines("certified")) == 1 + 3


def test_letters_of_all_figures_have_one_size(study: Study) -> None:
    made = (
        crossing_figure(study.crossings, 0.05),
        map_figure(study.map, classes=2),
        endpoints_figure(study.endpoints, 0.05),
        distortion_figure(study.results),
    )
    for figure in made:
        figure.draw_without_rendering()
        said = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
        assert {text.get_fontsize() for text in said} == {8}


def test_figures_draw_the_numbers(study: Study, tmp_path: Path) -> None:
    crossing = crossing_figure(study.crossings, 0.05)
    assert crossing.axes[0].lines[0].get_ydata().tolist() == [0.0, 0.2, 1.0]
    made = map_figure(study.map, classes=2)
    assert made.axes[0].images[0].get_array().tolist() == np.eye(3).tolist()
    panels = distortion_figure(study.results).axes
    assert [axes.get_title() for axes in panels[:3]] == ["HSJA", "SurFree", "RayS"]
    heights = {float(line.get_ydata()[0]) for line in panels[0].lines}
    assert {17.5, 22.8, 46.6, 34.4, 36.5} <= heights
    assert 47.9 not in heights  # of the other level, a row below
    figures = {"crossing": crossing, "endpoints": endpoints_figure(study.endpoints, 0.05)}
    write_figures(tmp_path, figures, ("svg", "pdf"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "crossing.pdf",
        "crossing.svg",
        "endpoints.pdf",
        "endpoints.svg",
    ]
    first = (tmp_path / "crossing.svg").read_bytes()
    write_figures(tmp_path, {"crossing": crossing}, ("svg",))
    assert (tmp_path / "crossing.svg").read_bytes() == first
