"""certiball certify, as a user meets it."""

import json
import shutil

import numpy as np
import pytest

from certiball.runs.read import read_run


def test_a_run_is_certified_and_its_numbers_shown(certify, home):
    said = certify()
    assert said.code == 0, said.err
    first, *_ = said.out.splitlines()
    assert first.startswith("6 inputs under Gaussian(sigma=0.25)")
    assert "radii up to 0.5512 (L2) can be certified" in first
    assert "clean accuracy 100.0%" in said.out
    assert "stored in run" in said.out
    results = read_run(home / "run")
    assert results.complete
    assert results.source.text == "greys.npz"
    assert results.source.classes == ("dark", "light")


def test_programs_get_one_object(certify):
    said = certify("--json")
    found = json.loads(said.out)
    assert found["complete"] is True
    assert found["samples"] == found["samples_wanted"] == 6 * 540
    assert found["clean_accuracy"] == 1.0
    assert 0.54 < found["largest_radius"] < 0.56


def test_quiet_says_nothing(certify):
    said = certify("--quiet")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_two_classes_every_second_input_and_a_chosen_seed(certify, home):
    said = certify("--rule", "two-class", "--every", 2, "--first", 2, "--seed", "0x7f")
    assert said.code == 0, said.err
    results = read_run(home / "run")
    assert [outcome.item.input for outcome in results.outcomes] == [0, 2]
    [draw] = results.draws.values()
    assert (draw.seed, draw.chosen) == (127, True)
    assert results.outcomes[0].result.p_upper is not None


def test_a_stopped_run_is_partial_and_the_same_command_goes_on(certify, home, monkeypatch):
    monkeypatch.setattr("certiball.runs.execute.LARGEST_BUNDLE", 1)
    monkeypatch.setattr("certiball.runs.execute.FIRST_BUNDLE", 1)
    said = certify("--max-seconds", "1e-9", n=3000)
    assert said.code == 3
    assert "stopped early: " in said.err
    assert "repeat the same command to go on" in said.err
    assert "stored in run" not in said.out
    assert "only the 1 finished of 6 inputs, which prove nothing yet: " in said.out
    said = certify(n=3000)
    assert said.code == 0
    assert len(read_run(home / "run").attempts) == 2


def test_a_partial_run_with_nothing_finished_gives_no_rates(certify, monkeypatch):
    monkeypatch.setattr("certiball.runs.execute.LARGEST_BUNDLE", 1)
    monkeypatch.setattr("certiball.runs.execute.FIRST_BUNDLE", 0.01)
    said = certify("--max-seconds", "1e-9", "--json", n=3000)
    assert said.code == 3
    found = json.loads(said.out)
    assert found["complete"] is False
    assert "clean_accuracy" not in found


def test_inputs_that_fail_are_counted_and_named(certify, call, home):
    said = certify("--json", model="nets:Picky")
    assert said.code == 3
    found = json.loads(said.out)
    assert (found["complete"], found["inputs"], list(found["failed"])) == (True, 6, ["0"])
    said = certify(model="nets:Picky")
    assert said.code == 3
    assert "1 of 6 inputs failed and count as not certified; input 0: the class" in said.err
    assert "input 0 failed: the classifier's scores for input 0" in call("status", "run").out
    assert list(json.loads(call("status", "run", "--json").out)["failed"]) == ["0"]


def test_an_interruption_says_how_to_go_on(certify, home, monkeypatch):
    def interrupted(*arguments, **keywords):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("certiball.runs.execute.execute", interrupted)
        said = certify()
    assert said.code == 130
    assert said.err == (
        "interrupted; 0 samples are safe in run: repeat the same command to go on\n"
    )
    assert read_run(home / "run").attempts[0].outcome == "interrupted"
    assert certify().code == 0


def test_shards_are_merged(certify, call, home):
    for number in (1, 2):
        half = certify("--shard", f"{number}/2", out=f"half{number}")
        assert half.code == 0
        assert f"σ = 0.25, shard {number}/2 with all of its 3 inputs: clean accuracy" in half.out
        assert "certiball merge joins the shards\n" in half.out
        assert "prove nothing yet" not in half.out
    assert call("report", "half1").code == 0
    page = (home / "report.html").read_text()
    assert "shard 1/2, whose inputs are all finished" in page
    assert "What stopped the run" not in page
    said = call("merge", "half1", "half2", "--out", "joined")
    assert said.code == 0
    assert "2 shards joined in joined" in said.out
    assert read_run(home / "joined").complete
    said = call("merge", "half1", "--out", "partial", "--json")
    assert said.code == 3
    assert json.loads(said.out)["absent"] == ["2/2"]
    assert "missing: shards 2/2" in said.err


def test_an_unfinished_shard_is_named(certify, call, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("certiball.runs.execute.FIRST_BUNDLE", 1)
        assert certify("--shard", "1/1", "--max-seconds", "1e-9", n=3000).code == 3
    said = call("merge", "run", "--out", "joined", "--quiet")
    assert (said.code, said.err) == (3, "")
    said = call("merge", "run", "--out", "again")
    assert "not finished: shards 1/1" in said.err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"sigma": -1}, "sigma must be finite and > 0, not -1.0"),
        ({"sigma": "nan"}, "sigma must be finite and > 0, not nan"),
        ({"alpha": 2}, "alpha must lie between 0 and 1, not 2.0"),
        ({"alpha": "nan"}, "alpha must lie between 0 and 1, not nan"),
        ({"n": 0}, "n must be from 1 to"),
        ({"n0": -3}, "n0 must be from 1 to"),
        ({"n": 9}, "n = 9 cannot certify at alpha = 0.001 by the one-sided rule"),
        ({"model": "absent.pt"}, "no model at 'absent.pt'"),
        ({"model": "nets:Absent"}, "nets has no function 'Absent'"),
        ({"model": "nets:Broken"}, "input 0 without noise have NaN"),
        ({"model": "nets:Single"}, "gave Tensor of shape (1,)"),
        ({"model": "nets:Wide"}, "nets:Wide does not take inputs of shape (1, 2, 2)"),
        ({"data": "absent.npz"}, "no data at 'absent.npz'"),
        ({"data": "three.npz"}, "has label 2, but the model has classes 0…1"),
        ({"data": "empty.npz"}, "empty.npz is empty"),
        ({"shard": "2"}, "--shard '2' is not i/m"),
        ({"shard": "3/2"}, "shard 3/2 does not exist"),
        ({"seed": "lucky"}, "--seed 'lucky' is not an integer"),
        ({"seed": -1}, "seed must be from 0 to"),
        ({"every": 0}, "every must be at least 1, not 0"),
        ({"first": 0}, "first must be at least 1, not 0"),
        ({"max-seconds": 0}, "max-seconds must be > 0, not 0.0"),
        ({"batch": 0}, "batch must be from 1 to"),
        ({"threads": 0}, "threads must be from 1 to"),
        ({"threads": 9_999_999}, "threads must be from 1 to"),
        ({"device": "abacus"}, "--device abacus cannot be used"),
        ({"space": "heaven"}, "--space 'heaven' is not known"),
        ({"space": "1/255:9:3"}, "a grid needs low < high"),
        ({"space": "1/0:0:3"}, "step must be a Fraction such as 1/255, not '1/0'"),
        ({"space": "reals:a:b"}, "--space 'reals:a:b' is not known"),
        ({"mean": "0.5"}, "--mean and --std belong to --arch"),
        ({"arch": "lenet", "model": "greys.npz"}, "no architecture is called 'lenet'"),
        ({"arch": "mlp", "mean": "0.5"}, "--mean 0.5 is given without --std: give both"),
        ({"arch": "mlp", "std": "0.5"}, "--std 0.5 is given without --mean: give both"),
        ({"arch": "mlp", "mean": "a,b"}, "'a,b' is not a list of numbers"),
        ({"resize": 9}, "cannot be resized"),
        ({"out": "greys.npz"}, "greys.npz cannot be used as a run folder"),
        ({"out": "greys.npz/run"}, "cannot be used as a run folder"),
        ({"out": "."}, "is not a run folder and not empty"),
    ],
)
def test_mistakes_are_one_line(certify, home, changes, words):
    levels = np.zeros((3, 1, 2, 2), dtype=np.uint8)
    np.savez(home / "three.npz", x=levels, y=np.array([0, 1, 2]))
    np.savez(home / "empty.npz", x=levels[:0], y=np.array([], dtype=np.int64))
    said = certify(**changes)
    assert said.code == 2
    assert words in said.err


def test_another_command_on_the_same_folder_is_refused(certify):
    assert certify().code == 0
    said = certify(sigma=0.5)
    assert said.code == 2
    assert "claim.law.sigma: 0.25 → 0.5" in said.err
    said = certify(model="nets:Three")
    assert said.code == 2
    assert "model.classes: 2 → 3" in said.err


def test_a_folder_in_use_and_a_damaged_store_are_refused(certify, home):
    from certiball.runs.lock import locked

    (home / "run").mkdir()
    with locked(home / "run"):
        said = certify()
    assert said.code == 2
    assert "is in use by process" in said.err
    assert certify().code == 0
    (home / "run" / "run.sqlite").write_bytes(b"x" * 9999)
    assert "it is not a certiball store" in certify().err


def test_a_folder_that_cannot_be_written_is_refused(certify, monkeypatch):
    """As root, permissions stop nobody: the system's answer is imitated."""
    import os

    real = os.open

    def refuse(path, *arguments, **keywords):
        if str(path).endswith("run.lock"):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **keywords)

    monkeypatch.setattr(os, "open", refuse)
    said = certify()
    assert said.code == 2
    assert "cannot be written (Permission denied): choose a folder that can" in said.err


def test_a_changed_environment_needs_a_word(certify, monkeypatch):
    from certiball.runs import attempt

    certify()
    facts = attempt.environment()
    monkeypatch.setattr(attempt, "environment", lambda _: {**facts, "numpy": "1.0"})
    assert "--accept-environment" in certify().err
    assert certify("--accept-environment").code == 0


def test_a_run_can_be_moved(certify, call, home):
    certify()
    shutil.move(home / "run", home / "moved")
    assert call("status", "moved").code == 0
    assert certify(out="moved").code == 0


def test_weights_with_a_named_architecture(certify, home, monkeypatch):
    from safetensors.torch import save_file

    from certiball.models.architecture import Architecture, build

    named = Architecture(name="mlp", classes=2, shape=(1, 2, 2), mean=(0.5,), std=(0.5,))
    save_file(build(named, seed=0).state_dict(), home / "weights.safetensors")
    said = certify("--arch", "mlp", "--mean", "0.5", "--std", "0.5", model="weights.safetensors")
    assert said.code == 0, said.err
    assert "name the architecture" in certify(model="weights.safetensors", out="b").err


def test_float_data_needs_its_space(certify, home):
    values = np.linspace(0, 1, 24, dtype=np.float32).reshape(6, 1, 2, 2)
    np.savez(home / "floats.npz", x=values, y=np.array([0, 0, 0, 1, 1, 1]))
    assert "space" in certify(data="floats.npz").err
    assert certify(data="floats.npz", space="reals:0:1").code == 0
    assert "is not on the grid" in certify(data="floats.npz", space="uint8", out="b").err


def test_estimators_need_trust(certify, home):
    import joblib
    from sklearn.linear_model import LogisticRegression

    rows = np.array([[0.0] * 4, [1.0] * 4])
    joblib.dump(LogisticRegression().fit(rows, [0, 1]), home / "model.joblib")
    assert certify(model="model.joblib").code == 2
    said = certify("--trust-pickle", model="model.joblib")
    assert said.code == 0, said.err
    assert read_run(home / "run").spec.model.backend == "SklearnClassifier"


def test_time_is_checked_before_data_is_loaded(certify):
    assert "--max-seconds must be > 0, not -1.0" in certify("--max-seconds", -1, data="absent").err
    assert "--max-seconds must be > 0, not nan" in certify("--max-seconds", "nan").err


def test_one_input_is_no_inputs(certify, call):
    said = certify(first=1)
    assert said.out.startswith("1 input under ")
    assert "σ = 0.25, 1 input: " in said.out
    assert "on 1 input of greys.npz" in call("status", "run").out
    assert "1 input written to" in call("export", "run", "--out", "a.csv").out
    assert "1 shard joined in" in call("merge", "run", "--out", "joined").out


def test_noise_in_other_units_is_warned_of(certify, call):
    words = (
        "warning: a deviation of 3 in Gaussian(sigma=3.0) is more than twice the inputs' range: "
    )
    assert words in certify(sigma=3).err
    assert certify(out="usual").err == ""
    item = ("--data", "greys.npz", "--item", 0)
    assert call("predict", "nets:Bright", *item, "--sigma", 3).err.startswith(words)
    assert call("predict", "nets:Bright", *item, "--sigma", 0.25).err == ""


READY = """
import numpy as np
from certiball import FunctionClassifier
from nets import Bright


def ready():
    bright = lambda x: (np.rint(255 * x.astype(float)).sum((1, 2, 3)) > 510).astype(int)
    return FunctionClassifier(bright, num_classes=2, name="v1")


class Counts:
    num_classes = 2

    def __call__(self, batch):
        return batch


def half():
    return Counts()
"""


def test_factories_may_return_ready_classifiers(home, certify):
    (home / "ready.py").write_text(READY)
    assert certify(model="ready:ready").code == 0
    refused = certify(model="ready:half", out="half")
    assert refused.code == 2
    assert "without num_classes and digest: wrap it in FunctionClassifier" in refused.err
