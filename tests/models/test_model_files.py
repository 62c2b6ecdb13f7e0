import pickle
import warnings
from dataclasses import replace

import joblib
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from certiball.errors import InputError, StoreError
from certiball.models.architecture import Architecture, build
from certiball.models.files import load_model, save_model

ARCHITECTURE = Architecture(name="mlp", classes=3, shape=(1, 2, 2), mean=(0.5,), std=(0.25,))
X = torch.rand(4, 1, 2, 2)


@pytest.fixture
def model():
    return build(ARCHITECTURE, seed=1).eval()


def same(loaded, model):
    assert not loaded.model.training
    assert torch.equal(loaded.model(X), model(X))
    return True


def test_a_checkpoint_is_a_folder_or_a_name(tmp_path, model):
    path = save_model(tmp_path, model, ARCHITECTURE)
    assert path == tmp_path / "model.safetensors"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.json", "model.safetensors"]
    for source in (tmp_path, str(path)):
        loaded = load_model(source)
        assert same(loaded, model)
        assert (loaded.architecture, loaded.path) == (ARCHITECTURE, path)
    save_model(tmp_path / "mine.safetensors", model, ARCHITECTURE)
    assert same(load_model(tmp_path / "mine.safetensors", architecture=ARCHITECTURE), model)


def test_another_architecture_than_the_files_is_refused(tmp_path, model):
    save_model(tmp_path, model, ARCHITECTURE)
    other = Architecture(name="mlp", classes=4, shape=(1, 2, 2), mean=(0.5,), std=(0.25,))
    with pytest.raises(InputError, match=r"model\.json says .*classes=3.*not .*classes=4"):
        load_model(tmp_path, architecture=other)


def test_a_folder_that_cannot_be_written_to(tmp_path, model):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"cannot write .*: Not a directory; give a path"):
        save_model(tmp_path / "file" / "model", model, ARCHITECTURE)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, model):
    (tmp_path / "model.json").mkdir()
    with pytest.raises(StoreError, match=r"cannot write .*model\.json"):
        save_model(tmp_path, model, ARCHITECTURE)
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]


def prefixed(state, prefix):
    return {prefix + key: value for key, value in state.items()}


WRAPPINGS = {
    "bare": lambda s: s,
    "ours": lambda s: prefixed(s, "network."),
    "parallel": lambda s: prefixed(s, "module."),
    "nested": lambda s: {"epoch": 3, "state_dict": prefixed(s, "module.")},
    "twice nested": lambda s: {"model": {"state_dict": s}, "optimizer": {}},
    "behind a normalising layer": lambda s: {"state_dict": prefixed(s, "1.module.")},
    "parallel outside": lambda s: prefixed(s, "module.1.model."),
    "with its numbers": lambda s: {
        "0.means": torch.tensor([0.5]), "0.sds": torch.tensor([0.25]), **prefixed(s, "1.module.")
    },
    "named": lambda s: {
        "normalize.mean": torch.full((1, 1, 1, 1), 0.5),
        "normalize.std": torch.full((1, 1, 1, 1), 0.25),
        **prefixed(s, "model."),
    },
}  # fmt: skip


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_published_wrappers_are_taken_off(tmp_path, model, wrapping):
    torch.save(WRAPPINGS[wrapping](model.network.state_dict()), tmp_path / "a.pth")
    loaded = load_model(tmp_path / "a.pth", architecture=ARCHITECTURE)
    assert same(loaded, model)
    assert loaded.architecture == ARCHITECTURE


PLAIN = replace(ARCHITECTURE, mean=(0.0,), std=(1.0,))


@pytest.mark.parametrize("wrapping", ["with its numbers", "named"])
@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
def test_a_normalising_layers_numbers_are_taken(tmp_path, model, wrapping, suffix):
    path, state = tmp_path / f"a{suffix}", WRAPPINGS[wrapping](model.network.state_dict())
    if suffix == ".pt":
        torch.save(state, path)
    else:
        save_file(state, path)
    loaded = load_model(path, architecture=PLAIN)
    assert same(loaded, model)
    assert loaded.architecture == ARCHITECTURE


def test_a_file_may_hold_only_the_means(tmp_path, model):
    state = {"0.mean": torch.tensor([0.5]), **prefixed(model.network.state_dict(), "1.")}
    torch.save(state, tmp_path / "a.pt")
    loaded = load_model(tmp_path / "a.pt", architecture=PLAIN)
    assert loaded.architecture == replace(PLAIN, mean=(0.5,))


def test_two_normalisations_that_differ_are_refused_with_both(tmp_path, model):
    torch.save(WRAPPINGS["with its numbers"](model.network.state_dict()), tmp_path / "a.pt")
    for other in (replace(PLAIN, mean=(0.5,)), replace(ARCHITECTURE, mean=(0.25,))):
        with pytest.raises(InputError) as caught:
            load_model(tmp_path / "a.pt", architecture=other)
        said = str(caught.value)
        assert "0.means = [0.5], 0.sds = [0.25], but " in said
        assert f"--mean is [{other.mean[0]}] and --std [{other.std[0]}]: leave --mean and" in said


def test_a_normalisation_that_divides_by_zero_is_refused(tmp_path, model):
    torch.save({"0.std": torch.zeros(1), **model.network.state_dict()}, tmp_path / "a.pt")
    with pytest.raises(InputError, match=r"a\.pt normalises with 0\.std: std must be > 0"):
        load_model(tmp_path / "a.pt", architecture=PLAIN)


def test_bare_safetensors_need_an_architecture(tmp_path, model):
    save_file(model.network.state_dict(), tmp_path / "a.safetensors")
    with pytest.raises(InputError, match=r"no a\.json beside it says of what: name the arch"):
        load_model(tmp_path / "a.safetensors")
    assert same(load_model(tmp_path / "a.safetensors", architecture=ARCHITECTURE), model)


def test_bare_weights_need_an_architecture(tmp_path, model):
    torch.save(model.state_dict(), tmp_path / "a.pt")
    with pytest.raises(InputError, match="name the architecture"):
        load_model(tmp_path / "a.pt")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("1.weight"), r"missing: 1\.weight\): name the architecture"),
        (lambda s: s.update({"9.weight": X}), r"unexpected: 9\.weight"),
        (lambda s: s.update({"5.bias": X}), r"wrong shape: 5\.bias \(4, 1, 2, 2\) for \(3,\)"),
        (lambda s: s.update({f"x.{i}": X for i in range(5)}), r"x\.0, x\.1, x\.2 and 2 more"),
        (
            lambda s: s.update({"0.mean": torch.tensor([0.4])}),
            r"0\.mean = \[0\.4\], but --mean is \[0\.5",
        ),
        (
            lambda s: s.update({"0.std": torch.tensor([0.25, 1.0])}),
            r"0\.std = \[0\.25, 1\.0\], which .* 1 ch",
        ),
        (lambda s: s.update({"note": "hello"}), "not weights: give a state dict, alone or under"),
        (lambda s: (s.clear(), s.update({"a.x": X, "b.y": X})), r"unexpected: a\.x, b\.y"),
        (lambda s: s.clear(), "holds nothing, not weights"),
    ],
)
def test_weights_that_do_not_fit_are_refused(tmp_path, model, change, message):
    state = model.network.state_dict()
    change(state)
    torch.save(dict(state), tmp_path / "a.pt")
    with pytest.raises(InputError, match=message):
        load_model(tmp_path / "a.pt", architecture=ARCHITECTURE)


@pytest.mark.parametrize(
    ("classes", "channels", "remedy"),
    [
        (7, 3, "): they know 7 classes: give --classes 7"),
        (
            10,
            1,
            "): the model takes 1 channel and the data has 3: give data of 1 channel "
            "(--grayscale makes one of three)",
        ),
        (
            7,
            2,
            "): they know 7 classes: give --classes 7; "
            "the model takes 2 channels and the data has 3: give data of 2 channels",
        ),
    ],
)
@pytest.mark.parametrize("name", ["small-cnn", "resnet20"])
def test_other_classes_or_channels_are_named(tmp_path, name, classes, channels, remedy):
    theirs = Architecture(
        name=name, classes=classes, shape=(channels, 8, 8), mean=(0.0,) * channels,
        std=(1.0,) * channels,
    )  # fmt: skip
    asked = replace(theirs, classes=10, shape=(3, 8, 8), mean=(0.0,) * 3, std=(1.0,) * 3)
    save_file(build(theirs, seed=0).network.state_dict(), tmp_path / "a.safetensors")
    with pytest.raises(InputError) as caught:
        load_model(tmp_path / "a.safetensors", architecture=asked)
    assert str(caught.value).endswith(remedy)


def test_other_sizes_inside_are_another_architecture(tmp_path):
    other = replace(PLAIN, classes=5, shape=(1, 3, 3))
    save_file(build(other, seed=0).network.state_dict(), tmp_path / "a.safetensors")
    with pytest.raises(InputError, match=r"5\.bias \(5,\) for \(3,\)\): name the architecture"):
        load_model(tmp_path / "a.safetensors", architecture=PLAIN)


def test_batch_norm_without_its_counter_is_complete(tmp_path):
    architecture = Architecture(
        name="resnet20", classes=10, shape=(3, 8, 8), mean=(0.5,) * 3, std=(0.25,) * 3
    )
    state = build(architecture, seed=2).network.state_dict()
    old = {key: value for key, value in state.items() if not key.endswith("_tracked")}
    save_file(old, tmp_path / "a.safetensors")
    load_model(tmp_path / "a.safetensors", architecture=architecture)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_damaged_files_are_refused(tmp_path, model, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"")
    with pytest.raises(InputError, match=rf"a{suffix} "):
        load_model(path, architecture=ARCHITECTURE)
    path.write_bytes(b"\x80garbage" * 9)
    with pytest.raises(InputError, match=rf"a{suffix} "):
        load_model(path, architecture=ARCHITECTURE)


@pytest.mark.parametrize("source", ["gone", "gone.pt", "no.such/file:x"])
def test_no_such_file(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=f"no model at '{source}.*give a checkpoint folder"):
        load_model(source)


def test_an_unknown_kind(tmp_path):
    (tmp_path / "a.h5").write_bytes(b"x")
    with pytest.raises(InputError, match=r"a\.h5 is no kind of model that is known: give"):
        load_model(tmp_path / "a.h5")


def test_a_pickled_module_needs_trust(tmp_path, model):
    path = tmp_path / "whole.pt"
    torch.save(model, path)
    with pytest.raises(InputError, match=r"holds more than weights.*any code.*--trust-pickle"):
        load_model(path)
    loaded = load_model(path, trust_pickle=True)
    assert same(loaded, model)
    assert loaded.architecture is None


def test_trusted_weights_still_need_an_architecture(tmp_path, model):
    torch.save(model.state_dict(), tmp_path / "a.pt")
    assert same(load_model(tmp_path / "a.pt", architecture=ARCHITECTURE, trust_pickle=True), model)


def test_a_torchscript_archive_needs_trust_and_torch_says_nothing_beside(tmp_path):
    net = nn.Linear(2, 3).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of writing TorchScript
        torch.jit.trace(net, torch.rand(1, 2)).save(tmp_path / "a.pt")
    x = torch.rand(4, 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        with pytest.raises(InputError, match=r"a\.pt holds more than weights .*--trust-pickle"):
            load_model(tmp_path / "a.pt")
        assert torch.equal(load_model(tmp_path / "a.pt", trust_pickle=True).model(x), net(x))


class Vote:
    def predict(self, rows):
        return rows


@pytest.mark.parametrize(("name", "dump"), [("a.pkl", pickle.dump), ("a.joblib", joblib.dump)])
def test_an_estimator_needs_trust(tmp_path, name, dump):
    with (tmp_path / name).open("wb") as file:
        dump(Vote(), file)
    with pytest.raises(InputError, match=r"is a \.\w+ file, which can run any code .*--trust-pi"):
        load_model(tmp_path / name)
    assert isinstance(load_model(tmp_path / name, trust_pickle=True).model, Vote)


def test_an_exported_archive_needs_trust(tmp_path):
    net = nn.Linear(2, 3).eval()
    x = torch.rand(4, 2)
    path = tmp_path / "a.pt2"
    torch.export.save(torch.export.export(net, (x,)), path)
    with pytest.raises(InputError, match=r"is a \.pt2 file, which can run any code"):
        load_model(path)
    assert torch.equal(load_model(path, trust_pickle=True).model(x), net(x))


def test_a_trusted_file_may_still_be_broken_or_hold_something_else(tmp_path):
    path = tmp_path / "a.pkl"
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"cannot read .*a\.pkl .*check that it is whole"):
        load_model(path, trust_pickle=True)
    path.write_bytes(pickle.dumps([1, 2]))
    with pytest.raises(InputError, match=r"a\.pkl holds list, not a model or its weights"):
        load_model(path, trust_pickle=True)
