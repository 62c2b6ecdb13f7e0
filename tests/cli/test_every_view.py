"""Laws whose views are all asked, from certify to verify."""

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

NETWORKS = '''
import torch
from torch import nn


class Balance(nn.Module):
    """Of what is seen of an image, whether more is light than dark; in whole levels."""

    def forward(self, x):
        light, dark = torch.round(255 * x.double()).sum((2, 3)).unbind(1)
        return torch.stack([dark, light], 1)


class Sum(nn.Module):
    def forward(self, x):
        total = torch.round(1020 * x.double()).sum((1, 2, 3)) - 4 * 510.5
        return torch.stack([-total, total], 1)
'''
LAW = "bands:width=2"


@pytest.fixture(autouse=True)
def images(home: Path) -> np.ndarray:
    (home / "views.py").write_text(NETWORKS)
    light = np.random.default_rng(0).integers(0, 8, (12, 1, 4, 9)) ** 2 * 5  # mostly dark
    pixels = light.astype(np.uint8)
    pixels[::3] = 255 - pixels[::3]
    pixels[1, ..., :5] = 255  # as light as dark
    labels = (pixels.mean((1, 2, 3)) > 127).astype(np.int64)
    np.savez(home / "images.npz", x=pixels, y=labels)
    return pixels


@pytest.fixture
def asked(call):
    def run(*more: object, noise: str = LAW, data: str = "images.npz", model="views:Balance"):
        options = ("--model", model, "--data", data, "--noise", noise, "--out", "run")
        return call("certify", *options, "--batch", 64, *more)

    return run


def test_from_certify_to_verify(asked, call):
    said = asked()
    assert said.code == 0, said.err
    assert "radii up to 3 (patch side) can be certified" in said.out
    said = call("status", "run")
    assert "EveryView(views=9), exact: every view is asked, no α" in said.out
    assert "100.0% (108 of 108 samples)" in said.out
    assert "108 of 108 samples, every view is asked, no random number" in said.out
    assert json.loads(call("status", "run", "--json").out)["shards"][0]["seed"] is None
    assert call("report", "run", "--out", "page.html").code == 0
    page = Path("page.html").read_text()
    assert "inside a square of at most 1 × 1 pixels, anywhere" in page
    assert "by the votes of all views, with no error rate" in page
    assert "No α is spent" in page
    assert "α = 0" not in page
    assert "seed" not in page
    assert "all 9 views asked" in page
    assert "lattice arithmetic" not in page
    assert "noisy input" not in page
    assert call("export", "run", "--out", "rows.json").code == 0
    found = json.loads(Path("rows.json").read_text())
    assert found["claim"]["bound"] == "exact"
    assert found["claim"]["alpha"] == 0
    assert {row["radius"] for row in found["rows"]} >= {0.0, 3.0}
    said = call("record", "run", "-o", "record.json", "--threat", "patch:2", "--threat", "l2:1/2")
    assert said.code == 0, said.err
    assert "Every view was asked: no probability is estimated" in said.out
    for level in (1, 2):
        options = ("--model", "views:Balance", "--data", "images.npz") if level == 2 else ()
        said = call("verify", "record.json", "--level", level, *options)
        assert said.code == 0, said.out
        assert "every view was asked; no α" in said.out
        assert "seed" not in said.out
        assert "no random number was needed" in said.out
    said = call(
        "verify", "record.json", "--level", 3, "--model", "views:Balance", "--data", "images.npz"
    )
    assert said.code == 2
    assert "there are no fresh votes" in said.err


def test_threats_to_a_patch_and_to_others(asked, call):
    asked()
    call("record", "run", "-o", "record.json", "--threat", "patch:2", "--threat", "l2:1/2")
    record = json.loads(Path("record.json").read_text())["predicate"]
    with Path("record.table.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    sides = [float(row["radius"]) for row in rows]
    patch, ball = record["threatModel"]["threats"]
    assert patch["covered"] == sum(side >= 2 for side in sides) > 0
    assert ball["verdict"] == "not covered"
    assert record["claim"]["strict"] is False
    assert record["statistics"]["alpha"] == 0
    assert record["method"]["verifier"]["deterministic"] is True


def test_radii_of_all_inputs_at_once_are_those_of_each(asked, call):
    asked()
    assert call("export", "run", "--out", "rows.json", "--simultaneous", "--holm", 1).code == 0
    found = json.loads(Path("rows.json").read_text())
    assert found["together"]["sentences"] == [
        "Every view was asked: all of these radii are true at once, with no error rate."
    ]
    assert any(row["radius"] > 0 and row["predicted"] == 1 for row in found["rows"])
    for row in found["rows"]:
        assert row["radius_simultaneous"] == row["radius"]
        assert row["certified_holm"] == (row["radius"] >= 1)


def test_a_vote_that_is_moved_in_a_record_is_found(asked, call):
    asked()
    call("record", "run", "-o", "record.json")
    table = Path("record.table.tsv")
    rows = table.read_text().splitlines()
    for before, after in (("0:9", "0:8,1:1"), ("1:9", "1:10")):
        moved = next(row for row in rows if f"\t{before}\t" in row)
        table.write_text(
            "\n".join(rows).replace(moved, moved.replace(f"\t{before}\t", f"\t{after}\t")) + "\n"
        )
        said = call("verify", "record.json")
        assert said.code == 1
        assert "fail" in said.out


def exported(call, run="run"):
    assert call("export", run, "--out", "rows.json").code == 0
    rows = json.loads(Path("rows.json").read_text())["rows"]
    return [{name: row[name] for name in ("radius", "predicted", "estimation")} for row in rows]


def test_what_an_interruption_lost_is_asked_again(asked, call):
    assert asked().code == 0
    whole = exported(call)
    with closing(sqlite3.connect("run/run.sqlite")) as connection, connection:
        lost = connection.execute("DELETE FROM blocks WHERE input % 2 = 0").rowcount
    assert lost > 0
    assert "(54 of 108 samples)" in call("status", "run").out
    assert asked().code == 0
    assert exported(call) == whole


def test_shards_make_the_same_run(asked, call):
    assert asked().code == 0
    whole = exported(call)
    Path("run").rename("whole")
    for number in (1, 2):
        assert asked("--shard", f"{number}/2", "--threads", 1).code == 0
        Path("run").rename(f"part-{number}")
    assert call("merge", "part-1", "part-2", "--out", "merged").code == 0
    assert exported(call, "merged") == whole


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (("--n", 100), "--n"),
        (("--n0", 10, "--n", 100), "--n0, --n"),
        (("--alpha", 0.01), "--alpha"),
        (("--rule", "two-class"), "--rule"),
        (("--target-radius", 1), "--target-radius"),
        (("--randomized",), "--randomized"),
        (("--seed", 3), "--seed"),
        (("--commit", "drand, round 5"), "--commit"),
    ],
)
def test_what_is_about_chance_is_refused_by_name(asked, more, named):
    said = asked(*more)
    assert said.code == 2
    assert f"all 9 views vote, and nothing is left to chance: leave out {named}\n" in said.err
    assert not Path("run").exists()


def test_what_cannot_be(asked, call):
    for noise, words in (
        ("bands:width=5", "can certify nothing even if all 9 views agree"),
        ("bands:width=10", "width must be from 1 to the 9 columns"),
        ("blocks:side=5", "side must be from 1 to the smaller side of a 4 × 9 image"),
        ("bands:width=2,columns=8", "is for images [C, H, 8], not for inputs of shape (1, 4, 9)"),
        ("deterministic-splitting:scale=.301", "is no whole number of half steps"),
    ):
        said = asked(noise=noise)
        assert (said.code, words in said.err) == (2, True), said.err
    assert "no theorem gives a radius" in asked("--norm", "l2").err
    said = call("plan", "views:Balance", "--data", "images.npz", "--noise", LAW)
    assert "there is no plan to choose" in said.err


@pytest.mark.slow
def test_doctor(call):
    said = call("doctor", "views:Balance", "--data", "images.npz", "--noise", LAW)
    assert "radii up to 3 (patch side), exact: every view is asked, no α" in said.out
    assert "No random number is needed" in said.out


def test_predict(call):
    said = call("predict", "views:Balance", "--noise", LAW, "--data", "images.npz", "--item", 2)
    assert "class 0 (9 of all 9 views)" in said.out
    options = ("--noise", LAW, "--data", "images.npz", "--item", 2, "--alpha", 0.01)
    assert "leave out --alpha" in call("predict", "views:Balance", *options).err
    answer = json.loads(call("predict", "views:Balance", *options[:-2], "--json").out)["answers"][0]
    assert answer["class"] == 0
    assert (answer["p_value"], answer["alpha"], answer["seed"]) == (None, None, None)


def test_blocks_and_offsets(asked, call):
    assert asked(noise="blocks:side=2").code == 0
    assert "Blocks(side=2, rows=4, columns=9), EveryView(views=36)" in call("status", "run").out
    Path("run").rename("blocks")
    small = np.random.default_rng(1).integers(0, 256, (4, 1, 2, 2)).astype(np.uint8)
    np.savez("small.npz", x=small, y=(small.mean((1, 2, 3)) > 127).astype(np.int64))
    said = asked(noise="deterministic-splitting:scale=1", data="small.npz", model="views:Sum")
    assert said.code == 0, said.err
    assert "EveryView(views=510)" in call("status", "run").out
    assert call("record", "run", "-o", "record.json").code == 0
    assert call("verify", "record.json").code == 0
