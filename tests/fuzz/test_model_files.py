"""Models from strangers: damaged, far larger than they say, or made to run code."""

import json
import os
import pickle
import zipfile

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from certiball.errors import CertiballError, InputError, StoreError
from certiball.models.architecture import Architecture, build
from certiball.models.files import load_model, save_model
from certiball.train.state import FILE, load_state, save_state
from fuzz.survival import DEEP, QUICK, Canary, damaged, survives, tree

SMALL = Architecture(name="mlp", classes=2, shape=(1, 1, 1), mean=(0.0,), std=(1.0,))
NAMES = ("mine.safetensors", "mine.json", "mine.pt", "old.pt")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@pytest.fixture
def models(tmp_path):
    model = build(SMALL, seed=0)
    save_model(tmp_path / "mine.safetensors", model, SMALL)
    torch.save(model.network.state_dict(), tmp_path / "mine.pt")
    torch.save(
        model.network.state_dict(), tmp_path / "old.pt", _use_new_zipfile_serialization=False
    )
    return tmp_path


def _loaded(path):
    path = path.with_suffix(".safetensors") if path.suffix == ".json" else path
    return load_model(path, architecture=None if path.suffix == ".safetensors" else SMALL)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_going_to_be_damaged_can_be_read(models, name):
    assert _loaded(models / name).architecture == SMALL


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("profile", [QUICK, pytest.param(DEEP, marks=pytest.mark.slow)])
def test_damaged_models_are_read_or_refused(models, name, profile):
    real = (models / name).read_bytes()

    @settings(profile)
    @given(damaged(real[:1500]) | damaged(real[-1500:]))
    def holds(content):
        (models / name).write_bytes(content + real[1500:] if len(real) > 1500 else content)
        before = tree(models)
        survives(_loaded, models / name)
        assert tree(models) == before

    holds()


@settings(QUICK)
@given(
    fields=st.fixed_dictionaries(
        {"name": st.sampled_from(["mlp", "small-cnn", "resnet20"]) | JSON},
        optional={
            "classes": st.integers(-1, 10**30) | JSON,
            "shape": st.lists(st.integers(-1, 10**12), min_size=3, max_size=3) | JSON,
            "mean": st.lists(st.floats(), max_size=3) | JSON,
            "std": st.lists(st.floats(), max_size=3) | JSON,
        },
    )
    | JSON
)
def test_any_json_beside_weights_is_an_architecture_or_refused(fields):
    survives(Architecture.from_json, json.dumps(fields))


@pytest.mark.parametrize("text", ["[" * 10**5, '{"name": ' * 10**5, "\ufeff", "1" * 5000, "NaN"])
def test_json_that_exhausts_a_parser_is_refused(models, text):
    (models / "mine.json").write_text(text)
    with pytest.raises(InputError, match=r"mine\.json: not the JSON of an architecture"):
        load_model(models / "mine.safetensors")


def test_an_architecture_larger_than_its_weights_takes_no_memory(models):
    for name in ("mlp", "small-cnn"):  # 280 and 70 GB, if they were built
        huge = Architecture(
            name=name, classes=10**6, shape=(1, 2**14, 2**14), mean=(0.0,), std=(1.0,)
        )
        (models / "mine.json").write_text(huge.to_json())
        with pytest.raises(InputError, match="do not fit"):
            load_model(models / "mine.safetensors")


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".joblib", ".pt2", ".safetensors"])
def test_pickles_run_nothing_without_trust(tmp_path, suffix):
    canary, path = tmp_path / "ran", tmp_path / f"model{suffix}"
    for content in (Canary(canary), {"state_dict": {"weight": Canary(canary)}}):
        if suffix in (".pt", ".pth"):
            torch.save(content, path)
        else:
            path.write_bytes(pickle.dumps(content))
        with pytest.raises(InputError):
            load_model(path, architecture=SMALL)
        assert not canary.exists()
    survives(lambda: load_model(tmp_path / "model.pt", architecture=SMALL, trust_pickle=True))
    if suffix == ".pt":
        assert canary.exists()  # so the canary would have told


def test_nests_without_end_are_refused(tmp_path):
    deep = {"weight": torch.zeros(1)}
    for _ in range(100):
        deep = {"state_dict": deep}
    round_about = {}
    round_about["model"] = round_about
    for content in (deep, round_about, {1: torch.zeros(1)}, {}):
        torch.save(content, tmp_path / "mine.pt")
        with pytest.raises(InputError, match="not weights: give a state dict"):
            load_model(tmp_path / "mine.pt", architecture=SMALL)


@pytest.mark.parametrize(
    "odd",
    [
        torch.zeros(1).expand(2**40),
        torch.zeros(2, 2).to_sparse(),
        torch.zeros(2, dtype=torch.complex64),
        torch.zeros(2**40, device="meta"),
    ],
)
def test_numbers_that_are_not_there_are_refused(tmp_path, odd):
    for name in ("0.mean", "1.weight"):
        torch.save({name: odd}, tmp_path / "mine.pt")
        with pytest.raises(InputError, match=r"no plain tensor|more than weights"):
            load_model(tmp_path / "mine.pt", architecture=SMALL)


def test_an_archive_that_unpacks_to_far_more_is_refused(tmp_path):
    for name in ("mine.pt", FILE):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("mine/data.pkl", bytes(2**26 + 9))
    with pytest.raises(InputError, match="made to fill memory"):
        load_model(tmp_path / "mine.pt", architecture=SMALL)
    with pytest.raises(InputError, match="made to fill memory"):
        _state(tmp_path)


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors", "a.json"])
def test_pipes_are_not_waited_for(tmp_path, name):
    (tmp_path / "a.safetensors").touch()
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    path = tmp_path / name.replace("json", "safetensors")
    with pytest.raises(InputError, match="no plain file"):
        load_model(path, architecture=SMALL)


def test_a_pipe_for_a_training_state_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(InputError, match="no plain file"):
        _state(tmp_path)


def _state(folder):
    model = build(SMALL, seed=0)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    return load_state(folder, model, optimiser, configuration={"epochs": 3})


def test_damaged_training_states_are_read_or_refused(tmp_path):
    model = build(SMALL, seed=0)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    save_state(tmp_path, model, optimiser, done=2, configuration={"epochs": 3})
    assert _state(tmp_path) == 2
    real = (tmp_path / FILE).read_bytes()

    @settings(QUICK)
    @given(damaged(real[:1500]))
    def holds(content):
        (tmp_path / FILE).write_bytes(content + real[1500:])
        survives(_state, tmp_path)

    holds()


@pytest.mark.parametrize(
    "changes",
    [
        {"done": -1},
        {"done": "2"},
        {"configuration": "{"},
        {"configuration": 7},
        {"model": {}},
        {"optimiser": {"state": 1, "param_groups": []}},
    ],
)
def test_training_states_of_other_content_are_refused(tmp_path, changes):
    model = build(SMALL, seed=0)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    save_state(tmp_path, model, optimiser, done=2, configuration={"epochs": 3})
    content = torch.load(tmp_path / FILE, weights_only=True)
    torch.save(content | changes, tmp_path / FILE)
    with pytest.raises(StoreError, match="is not a training state"):
        _state(tmp_path)


def test_a_training_lock_follows_no_link(tmp_path):
    from certiball.train.lock import held

    (tmp_path / "training.lock").symlink_to(tmp_path / "made elsewhere")
    with pytest.raises(CertiballError, match="cannot be written"), held(tmp_path):
        pass
    assert not (tmp_path / "made elsewhere").exists()
