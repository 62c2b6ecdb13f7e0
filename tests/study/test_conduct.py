"""The whole study on a linear network: its truths, resuming, and what it refuses."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from certiball.errors import InputError, SpecMismatchError, StoreError
from certiball.study.conduct import Step, Study, conduct
from certiball.study.subject import Subject
from certiball.study.table import table_csv
from study.small import PLAN, linear, subject

MIDDLE = 127.5 / 255


def whole(home: Path) -> Study:
    *_, made = conduct(home, subject(), PLAN)
    assert isinstance(made, Study)
    return made


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return whole(tmp_path_factory.mktemp("study"))


def distances() -> list[float]:
    """Of the three attacked images (0, 2, 4) to the boundary: a plane at right angles to 1."""
    greys = np.array([70, 90, 60])[:, None] + np.arange(8)
    return [float(each) for each in (4.0 - greys.sum(axis=1) / 255) / math.sqrt(8)]


def test_no_attack_claims_less_than_the_distance_of_the_boundary(study: Study) -> None:
    """Without noise; HSJA and RayS come near it, for the nearest way is along their first guess."""
    truth = np.mean(distances())
    rows = {row.attack: row for row in study.results.rows if not row.defence.smoothed}
    for row in rows.values():
        assert row.images == row.found == row.verified == 3
        assert truth <= row.mean_verified <= row.mean_claimed + 1e-6
    assert rows["RayS"].mean_claimed <= 1.05 * truth


def test_verified_distances_lie_beyond_the_level(study: Study) -> None:
    """Of one vote, 50 % are wrong on the boundary and nowhere before it."""
    for row in study.results.rows:
        if row.defence.smoothed and row.verified == row.images:
            assert row.mean_verified >= np.mean(distances())


def test_every_cell_is_there_once(study: Study) -> None:
    cells = [(str(row.defence), row.attack, row.level, row.space) for row in study.results.rows]
    assert len(cells) == len(set(cells)) == 3 + 4 + 2
    assert {space for _, _, _, space in cells} == {"reals", "rounded"}


def test_accuracies_are_of_all_counted_images(study: Study) -> None:
    """One of six labels is wrong."""
    bare = next(row for row in study.results.rows if not row.defence.smoothed)
    assert bare.accuracy == pytest.approx(5 / 6)


@pytest.mark.slow
def test_interrupted_study_goes_on_to_the_same_results(study: Study, tmp_path: Path) -> None:
    for stop in (2, 7):
        for made in conduct(tmp_path, subject(), PLAN):
            if isinstance(made, Step) and made.done == stop:
                break
    later = whole(tmp_path)
    assert table_csv(later.results.rows) == table_csv(study.results.rows)
    assert later.results.certified == study.results.certified
    assert later.crossings == study.crossings
    assert later.endpoints == study.endpoints
    assert all(
        np.array_equal(later.map.maps[title], labels) for title, labels in study.map.maps.items()
    )
    parts = list((tmp_path / "parts").iterdir())
    before = [part.stat().st_mtime_ns for part in parts]
    next(conduct(tmp_path, subject(), PLAN))
    assert [part.stat().st_mtime_ns for part in parts] == before  # read, and not made again


@pytest.mark.slow
def test_study_on_the_grid_measures_points_of_the_grid(tmp_path: Path) -> None:
    """As a deployment rounds them; there is no aside then, for all cells are rounded."""
    *_, made = conduct(tmp_path, subject(), replace(PLAN, space="grid"))
    assert isinstance(made, Study)
    assert {row.space for row in made.results.rows} == {"grid"}
    for row in made.results.rows:
        if not row.defence.smoothed:
            assert np.mean(distances()) <= row.mean_claimed < 2 * np.mean(distances())


def test_folder_of_another_study_is_refused(tmp_path: Path) -> None:
    first = conduct(tmp_path, subject(), PLAN)
    next(first)
    first.close()
    with pytest.raises(SpecMismatchError, match="queries: 40 → 41"):
        next(conduct(tmp_path, subject(), replace(PLAN, queries=41)))
    with pytest.raises(SpecMismatchError, match=r"base: \w+ → \w+"):
        next(conduct(tmp_path, subject(scale=2.0), PLAN))


def test_damaged_part_is_named(tmp_path: Path) -> None:
    first = conduct(tmp_path, subject(), PLAN)
    next(first)
    first.close()
    part = tmp_path / "parts" / "crossings.json"
    for text in ("[{", '[{"n": 1}]', "7"):
        part.write_text(text)
        with pytest.raises(StoreError, match=r"crossings\.json is damaged"):
            next(conduct(tmp_path, subject(), PLAN))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"images": 0}, "images must be from 1"),
        ({"votes": ()}, "votes must be numbers"),
        ({"votes": (10, 1)}, "ascending"),
        ({"votes": (0, 1)}, "> 0"),
        ({"sigmas": (0.1, 0.1)}, "not twice the same"),
        ({"sigmas": (float("nan"),)}, "sigmas must be"),
        ({"levels": (0.5, 1.0)}, "below 1"),
        ({"side": 2}, "side must be from 3"),
        ({"space": "floats"}, "reals or grid"),
        ({"seed": -1}, "seed"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_plan_out_of_range_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(PLAN, **change)  # type: ignore[arg-type]


def test_more_images_than_there_are_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has 6 images, and 7 are asked for"):
        next(conduct(tmp_path, subject(), replace(PLAN, images=7)))


def test_study_without_a_base_network_is_refused() -> None:
    with pytest.raises(InputError, match="base network"):
        Subject(dataset=subject().dataset, networks={("noise-trained", 0.25): linear()})
