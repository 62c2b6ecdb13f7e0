"""certiball study."""

import csv
import json
from dataclasses import asdict

import numpy as np
import pytest

from certiball.study.plan import StudyPlan

TINY = (
    *("--images", 2, "--queries", 30, "--n", "1", "--sigmas", ".2", "--levels", ".5"),
    *("--judged", 150, "--certified", 3, "--samples", 100, "--counted", 4, "--calls", 3),
    *("--repeats", 2, "--side", 3, "--epochs", 8, "--train-first", 400, "--arch", "mlp"),
)


@pytest.mark.slow
def test_one_command_trains_attacks_and_draws_and_then_goes_on(call, home):
    said = call("study", "--out", "study", "--page", "docs/study.md", *TINY)
    assert said.code == 0, said.err
    assert said.out.count("train the") == 3
    assert "3. RayS is troubled less by smoothing than HSJA and SurFree." in said.out
    for name in ("crossing", "map", "endpoints", "certified", "distortion"):
        assert (home / "study" / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert "<svg" in (home / "docs" / "pictures" / "study" / f"{name}.svg").read_text()
    assert "PGD-trained" in (home / "docs" / "study.md").read_text()
    table = (home / "study" / "data" / "table.csv").read_text()
    networks = {row["network"] for row in csv.DictReader(table.splitlines())}
    assert networks == {"base", "PGD-trained", "noise-trained"}
    again = call("study", "--out", "study", *TINY)
    assert again.code == 0, again.err
    assert (home / "study" / "data" / "table.csv").read_text() == table
    other = call("study", "--out", "study", *TINY, "--queries", 31)
    assert other.code == 2
    assert "queries: 30 → 31" in other.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--n", "1,x"), "no list of whole numbers"),
        (("--n", "10,1"), "ascending"),
        (("--images", 501), "has 500 images, and 501 are asked for"),
        (("--sigmas", "0"), "sigmas must be"),
        (("--levels", "1"), "levels must be below 1"),
        (("--noise-model", "runs/noise"), "is not SIGMA=MODEL"),
        (("--noise-model", ".25=nowhere"), "no model at 'nowhere'"),
        (("--model", "nowhere"), "no model at 'nowhere'"),
        (("--seed", "x"), "seed"),
        (("--epsilon", 128), "128/255 for images in [0, 1]"),
    ],
    ids=lambda value: value[0].strip("-") if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_before_anything_is_trained(call, home, more, said):
    found = call("study", "--out", "study", *more)
    assert found.code == 2
    assert said in found.err
    assert found.err.count("\n") == 1
    assert not (home / "study").exists()


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("run.sqlite", "a certification run"),
        ("attacks.sqlite", "attacks"),
        ("training.pt", "a training"),
        ("model.safetensors", "a model"),
    ],
)
def test_a_folder_of_something_else_is_left_as_it_is(call, home, name, held):
    (home / "there").mkdir()
    (home / "there" / name).write_bytes(b"")
    found = call("study", "--out", "there", *TINY)
    assert found.code == 2
    assert f"there holds {held}, no study: choose another folder" in found.err
    assert [each.name for each in (home / "there").iterdir()] == [name]


def test_another_plan_is_refused_before_anything_is_trained(call, home):
    plan = {**asdict(StudyPlan(queries=31)), "data": "some", "base": "network"}
    (home / "study").mkdir()
    (home / "study" / "study.json").write_text(json.dumps(plan))
    found = call("study", "--out", "study")
    assert found.code == 2
    assert "study holds another study (queries: 31 → 300): choose another folder" in found.err
    assert "train the" not in found.out
    assert [each.name for each in (home / "study").iterdir()] == ["study.json"]


def test_noise_in_other_units_is_warned_of_before_anything_is_trained(call, home, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("certiball.cli.study.networks_of", interrupted)
    found = call("study", "--out", "study", "--sigmas", "64")
    assert found.code == 130
    warning, interruption = found.err.splitlines()
    assert "a deviation of 64" in warning
    assert "divide by 255" in warning
    assert interruption.startswith("interrupted; ")
    assert not (home / "study").exists()


def test_other_data_need_a_network_or_something_to_train_on(call, home):
    np.savez("data.npz", x=np.zeros((300, 1, 8, 8), np.uint8), y=np.zeros(300, np.int64))
    found = call("study", "--out", "study", "--data", "data.npz")
    assert found.code == 2
    assert "--train-data" in found.err


def test_images_without_a_grid_are_not_studied_on_one(call):
    np.savez("data.npz", x=np.zeros((300, 8), np.float32), y=np.zeros(300, np.int64))
    found = call("study", "--out", "study", "--data", "data.npz", "--space", "grid")
    assert found.code == 2
