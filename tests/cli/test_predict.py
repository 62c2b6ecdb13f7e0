"""certiball predict."""

import json

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def light(home):
    Image.fromarray(np.full((2, 2), 250, dtype=np.uint8)).save(home / "light.png")
    return "light.png"


def test_an_image_gets_its_class_and_p_value(call, light):
    said = call("predict", "nets:Bright", "--sigma", 0.1, light, "--grayscale")
    assert said.code == 0, said.err
    assert said.out.startswith("light.png: class 1 (1000 of 1000 votes, p = ")


def test_the_noise_is_stated_and_said(call, light):
    said = call("predict", "nets:Bright", light, "--grayscale")
    assert said.code == 2
    assert "give the noise once: --sigma .25" in said.err
    arguments = ("predict", "nets:Bright", light, "--grayscale", "--sigma", 0.5)
    assert call(*arguments).out.endswith(") under Gaussian(sigma=0.5)\n")
    assert json.loads(call(*arguments, "--json").out)["law"] == "Gaussian(sigma=0.5)"


def test_classes_without_names_have_their_numbers(call):
    said = call("predict", "nets:Last", "--sigma", 1, "--data", "greys.npz", "--item", 0)
    assert said.code == 0, said.err
    assert said.out.startswith("input 0: class 4 (")


def test_items_of_a_data_set_get_names(call):
    said = call(
        "predict", "nets:Bright", "--sigma", 0.25, "--data", "greys.npz", "--item", 0, "--item", 5
    )
    assert [line.split(":")[0] for line in said.out.splitlines()] == ["input 0", "input 5"]
    assert said.out.splitlines()[0].endswith(": dark")


def test_noise_is_fresh_for_every_request(call, light):
    arguments = ("predict", "nets:Bright", "--sigma", 0.25, light, "--grayscale", "--json")
    answers = [json.loads(call(*arguments).out)["answers"][0] for _ in range(2)]
    assert answers[0]["class"] == 1
    assert answers[0]["seed"] != answers[1]["seed"]


def test_votes_that_do_not_decide_are_no_answer(call):
    arguments = ("predict", "nets:Fickle", "--sigma", 0.25, "--data", "greys.npz", "--item", 0)
    found = json.loads(call(*arguments, "--json", "--alpha", "1e-9").out)["answers"][0]
    assert found["class"] is None
    assert found["p_value"] > 1e-9
    assert "undecided between classes" in call(*arguments, "--alpha", "1e-9").out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "nothing to predict"),
        (["light.png", "--data", "greys.npz"], "nothing to predict"),
        (["--data", "greys.npz"], "--data needs --item"),
        (["--data", "greys.npz", "--item", 6], "--item 6 is not there: greys.npz has 0…5"),
        (["absent.png"], "cannot read absent.png (No such file or directory)"),
        (["greys.npz"], "greys.npz is not a readable image"),
        (["light.png", "large.png"], "give --resize and --crop, or predict them one by one"),
        (["light.png", "--n", 3], "n must be at least"),
        (["light.png", "--arch", "mlp"], "--arch needs the number of classes: give --classes"),
    ],
)
def test_mistakes_are_one_line(call, light, home, arguments, words):
    Image.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(home / "large.png")
    said = call("predict", "nets:Bright", "--sigma", 0.25, *arguments)
    assert said.code == 2
    assert words in said.err


def test_an_architecture_with_its_classes_takes_images(call, light, home):
    from safetensors.torch import save_file

    from certiball.models.architecture import Architecture, build

    named = Architecture(name="mlp", classes=2, shape=(1, 2, 2), mean=(0.0,), std=(1.0,))
    save_file(build(named, seed=0).state_dict(), home / "weights.safetensors")
    said = call(
        *(
            "predict",
            "weights.safetensors",
            light,
            "--sigma",
            0.25,
            "--arch",
            "mlp",
            "--classes",
            2,
        ),
        *("--grayscale", "--n", 100),
    )
    assert said.code == 0, said.err


def test_an_architecture_is_for_images(call, home):
    np.savez(home / "rows.npz", x=np.zeros((2, 4), np.uint8), y=np.array([0, 1]))
    said = call(
        "predict", "w.pt", "--sigma", 0.25, "--data", "rows.npz", "--item", 0, "--arch", "mlp"
    )
    assert "--arch is for images, not for inputs of shape (4,)" in said.err


def test_votes_may_stop_once_the_answer_is_clear(call, light):
    arguments = ("predict", "nets:Bright", light, "--sigma", 0.1, "--grayscale")
    said = call(*arguments, "--max-n", 10_000)
    assert said.code == 0, said.err
    assert said.out.startswith("light.png: class 1 (32 of 32 votes, p = ")
    said = call(*arguments, "--max-n", 100, "--n", 100)
    assert said.code == 2
    assert "--n and --max-n contradict each other: give one of them" in said.err
    assert "max_n must be at least 12" in call(*arguments, "--max-n", 11).err
