import dataclasses
import json

import pytest
import torch
from torch import nn

from certiball.errors import InputError
from certiball.models.architecture import NETWORKS, Architecture, build

DIGITS = {"classes": 10, "shape": (1, 8, 8), "mean": (0.5,), "std": (0.25,)}
CIFAR = {"classes": 10, "shape": (3, 32, 32), "mean": (0.5,) * 3, "std": (0.25,) * 3}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("fields", [DIGITS, CIFAR])
def test_every_network_maps_a_batch_to_logits(name, fields):
    architecture = Architecture(name=name, **fields)
    model = build(architecture, seed=0).eval()
    with torch.inference_mode():
        assert model(torch.zeros(2, *architecture.shape)).shape == (2, 10)


def test_json_round_trip():
    architecture = Architecture(name="small-cnn", **CIFAR)
    assert Architecture.from_json(architecture.to_json()) == architecture


@pytest.mark.parametrize("height", [8, 28, 32])
def test_the_small_cnn_settles_at_eight_pixels(height):
    architecture = Architecture(
        name="small-cnn", classes=7, shape=(1, height, height), mean=(0.0,), std=(1.0,)
    )
    network = build(architecture).network
    strides = [layer.stride[0] for layer in network if isinstance(layer, nn.Conv2d)]
    assert strides == [1, 2] if height == 8 else [1, 2, 2]
    assert network(torch.zeros(1, 1, height, height)).shape == (1, 7)


def test_the_digits_cnn_is_cheap():
    macs = 0

    def count(layer, inputs, output):
        nonlocal macs
        macs += output[0].numel() * layer.weight[0].numel()

    model = build(Architecture(name="small-cnn", **DIGITS))
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.register_forward_hook(count)
    model(torch.zeros(1, 1, 8, 8))
    assert macs == 116_352


@pytest.mark.parametrize(
    ("name", "parameters"), [("resnet20", 269_722), ("resnet56", 853_018), ("resnet110", 1_727_962)]
)
def test_resnets_have_the_published_sizes(name, parameters):
    model = build(Architecture(name=name, **CIFAR))
    assert sum(p.numel() for p in model.parameters()) == parameters


def test_normalisation_is_inside_and_not_in_the_state():
    model = build(Architecture(name="mlp", **DIGITS))
    x = torch.rand(3, 1, 8, 8)
    assert torch.equal(model(x), model.network((x - 0.5) / 0.25))
    assert str(model.normalise) == "Normalise(mean=[0.5], std=[0.25])"
    assert all(key.startswith("network.") for key in model.state_dict())


def test_a_seed_fixes_the_weights_and_leaves_torch_alone():
    architecture = Architecture(name="mlp", **DIGITS)
    before = torch.random.get_rng_state()
    one, two, other = (build(architecture, seed=seed).network[1].weight for seed in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert torch.equal(before, torch.random.get_rng_state())
    assert not torch.equal(*(build(architecture).network[1].weight for _ in range(2)))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "vgg"}, "no architecture is called 'vgg': choose one of small-cnn, mlp"),
        ({"classes": 1}, "at least 2 classes, not 1"),
        ({"shape": (1, 0, 8)}, "shape must be channels, height and width"),
        ({"mean": (0.5, 0.5)}, "mean must be one finite number for each of 1 channels"),
        ({"std": (float("nan"),)}, "std must be one finite number"),
        ({"std": (0.0,)}, "std must be > 0 in every channel"),
    ],
)
def test_bad_architectures_are_refused(changes, message):
    good = Architecture(name="mlp", **DIGITS)
    with pytest.raises(InputError, match=message):
        dataclasses.replace(good, **changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not the JSON of an architecture"),
        ("[]", "not the JSON of an architecture"),
        ('{"name": "mlp"}', "KeyError: 'shape'"),
        (json.dumps({**DIGITS, "name": "vgg"}), "no architecture is called 'vgg'"),
        (json.dumps({**DIGITS, "name": "mlp", "shape": [1, 8]}), "not enough values to unpack"),
        (json.dumps({**DIGITS, "name": "mlp", "shape": [1, 0, 8]}), "shape must be channels"),
    ],
)
def test_bad_json_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        Architecture.from_json(text)
