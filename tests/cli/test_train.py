"""certiball train."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from certiball.cli.train import architecture_for
from certiball.datasets.digits import digits
from certiball.laws.gaussian import Gaussian

LAW = Gaussian(sigma=0.25)


def _train(call, *more, sigma=0.25):
    arguments = ("--data", "digits:train", "--sigma", sigma, "--epochs", 1, "--out", "model")
    return call("train", *arguments, "--arch", "mlp", "--batch", 512, *more)


def test_a_model_is_trained_and_can_be_certified(call, home):
    said = _train(call)
    assert said.code == 0, said.err
    assert "certify it with --model model --sigma 0.25" in said.out
    assert (home / "model" / "model.safetensors").exists()
    said = call(
        *("certify", "--model", "model", "--data", "digits", "--sigma", 0.25),
        *("--n0", 10, "--n", 100, "--first", 3, "--out", "run"),
    )
    assert said.code == 0, said.err


def test_the_space_is_a_part_of_how_to_certify(call, home):
    noise = ("--noise", "exponential-blur:scale=1", "--space", "reals:0:1")
    said = call(
        "train", "--data", "digits", "--epochs", 1, "--arch", "mlp", "--out", "model", *noise
    )
    assert said.code == 0, said.err
    assert f"certify it with --model model {' '.join(noise)}" in said.out


def test_another_training_in_the_folder_is_refused(call):
    assert _train(call, "--quiet").out == ""
    said = _train(call, sigma=0.5)
    assert said.code == 2
    assert "sigma" in said.err


def test_noise_in_other_units_is_warned_of(call):
    said = _train(call, sigma=64)
    assert said.code == 0
    assert said.err.startswith(
        "warning: a deviation of 64 in Gaussian(sigma=64.0) is more than twice the inputs' range"
    )


def test_a_training_starts_from_given_weights(call, home):
    first = load_file(_trained(call, home, "first"))
    name = next(key for key in first if key.endswith("weight"))
    still = ("--initial", "first", "--lr", 1e-12)
    again = load_file(_trained(call, home, "second", *still))
    np.testing.assert_allclose(again[name], first[name], atol=1e-6)
    assert np.abs(load_file(_trained(call, home, "third", "--lr", 1e-12))[name] - first[name]).max()
    said = _train(call, "--out", "second", "--initial", "third", "--lr", 1e-12)
    assert said.code == 2
    assert "initial" in said.err


def test_weights_of_another_task_are_no_start(call, home):
    _trained(call, home, "first")
    images = np.arange(4 * 36, dtype=np.uint8).reshape(4, 6, 6)
    np.savez(home / "small.npz", images=images, labels=np.arange(4) % 2)
    small = ("--data", "small.npz", "--sigma", 0.25, "--out", "other")
    said = call("train", *small, "--initial", "first")
    assert said.code == 2
    assert "not for 2 and (1, 6, 6)" in said.err
    said = _train(call, "--initial", "nowhere")
    assert said.code == 2
    assert "no model at 'nowhere'" in said.err


def _trained(call, home, folder, *more):
    said = _train(call, "--out", folder, *more)
    assert said.code == 0, said.err
    return home / folder / "model.safetensors"


def test_an_interruption_says_how_to_go_on(call, monkeypatch):
    def interrupted(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("certiball.train.train.fit", interrupted)
    said = _train(call)
    assert said.code == 130
    assert "repeat the same command to go on" in said.err


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--sigma", 0], "sigma must be finite and > 0"),
        (["--lr", -1], "lr must be finite and > 0"),
        (["--seed", "x"], "--seed 'x' is not an integer"),
        (["--arch", "lenet"], "no architecture is called 'lenet'"),
        (["--mean", "0.5"], "--mean 0.5 is given without --std: give both, or neither"),
        (["--std", "0.5"], "--std 0.5 is given without --mean: give both, or neither"),
        (
            ["--mean", "1,2", "--std", "1,1"],
            "mean must be one finite number for each of 1 channels",
        ),
    ],
)
def test_mistakes_are_one_line(call, more, words):
    said = _train(call, *more)
    assert said.code == 2
    assert words in said.err


def test_rows_are_no_images(call, home):
    np.savez(home / "rows.npz", x=np.zeros((2, 4), np.uint8), y=np.array([0, 1]))
    said = call("train", "--data", "rows.npz", "--sigma", 0.25, "--out", "m")
    assert "train takes images" in said.err


def test_images_are_normalised_by_their_own_statistics():
    found = architecture_for(digits("train"), "mlp", None, LAW)
    assert found.mean == pytest.approx((0.305,), abs=0.01)
    assert found.std == pytest.approx((0.376,), abs=0.01)
    assert architecture_for(digits("train"), "mlp", ((0.1,), (0.2,)), LAW).mean == (0.1,)


def _adversarial(call, threat, *more):
    arguments = ("--data", "digits:train", "--epochs", 1, "--out", "hard", "--arch", "mlp")
    return call("train", *arguments, "--batch", 512, "--adversarial", threat, *more)


def test_a_model_is_trained_by_pgd(call, home):
    said = _adversarial(call, "l2:.5", "--pgd-steps", 2)
    assert said.code == 0, said.err
    assert "train mlp under PGD of 2 steps within 0.5 in L2 on" in said.out
    assert "harder to attack, not certified" in said.out
    assert (home / "hard" / "model.safetensors").exists()
    again = _adversarial(call, "linf:8/255", "--pgd-steps", 2)
    assert again.code == 2
    assert "holds another training" in again.err


@pytest.mark.parametrize(
    ("threat", "more", "words"),
    [
        (
            "linf:8",
            [],
            "is more than any two inputs differ by, which lie from 0 to 1: did you mean",
        ),
        ("l1:1", [], "PGD training is for L2 and L∞, not for L1"),
        ("rotation by 10 degrees", [], "is no ball: write linf:8/255 or l2:.5"),
        ("l2:.5", ["--sigma", 0.25], "give one of --sigma, --noise and --adversarial"),
        ("l2:.5", ["--pgd-steps", 0], "steps must be at least 1, not 0"),
    ],
)
def test_threats_that_pgd_cannot_train_against_are_one_line(call, threat, more, words):
    said = _adversarial(call, threat, *more)
    assert said.code == 2
    assert words in said.err
    assert said.err.count("\n") == 1
