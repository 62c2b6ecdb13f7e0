import pytest
import torch
from torch import nn

from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, ModelError


def model(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 3))


def test_the_model_is_put_in_eval_mode():
    net = model().train()
    classifier = TorchClassifier(net, num_classes=3)
    assert not net.training
    batch = torch.randn(16, 2, 2)
    assert (classifier(batch) == classifier(batch)).all()


def test_a_part_put_back_in_train_mode_is_refused():
    net = model()
    classifier = TorchClassifier(net, num_classes=3)
    net[2].train()
    with pytest.raises(ModelError, match="eval mode, but its part '2' is not: call model.eval"):
        classifier(torch.zeros(1, 2, 2))
    net.train()
    with pytest.raises(ModelError, match="eval mode, but it is not"):
        classifier(torch.zeros(1, 2, 2))


def test_the_dtype_stays_as_the_user_set_it():
    classifier = TorchClassifier(model().double(), num_classes=3)
    assert classifier(torch.zeros(2, 2, 2)).dtype == torch.float64


def test_models_without_weights():
    assert TorchClassifier(nn.Flatten(), num_classes=4)(torch.ones(2, 2, 2)).shape == (2, 4)


def test_digest_sees_weights_structure_and_answers():
    probes = torch.rand(64, 2, 2)
    digest = TorchClassifier(model(), 3).digest(probes)
    assert digest == TorchClassifier(model(), 3).digest(probes)
    assert digest != TorchClassifier(model(1), 3).digest(probes)
    other = nn.Sequential(*model()[:2], nn.Dropout(0.1), model()[3])
    other.load_state_dict(model().state_dict())
    assert digest != TorchClassifier(other, 3).digest(probes)
    assert digest != TorchClassifier(model(), 3).digest(-probes * 9)
    assert TorchClassifier(model().bfloat16(), 3).digest(probes) != digest


def test_one_class_is_refused():
    with pytest.raises(InputError, match="num_classes must be at least 2, not 1"):
        TorchClassifier(model(), num_classes=1)


class Own(nn.Module):
    """What forward uses is neither a weight nor in repr."""

    def __init__(self, **more):
        super().__init__()
        self.threshold, self.mean, self.act = 0.5, torch.tensor([0.1]), torch.relu
        self.register_buffer("scale", torch.ones(1), persistent=False)
        for name, value in more.items():
            setattr(self, name, value)

    def forward(self, x):
        return self.act((x.flatten(1)[:, :3] - self.mean - self.threshold) * self.scale)


@pytest.mark.parametrize(
    "more",
    [
        {"threshold": 0.5000001},
        {"flag": True},
        {"nothing": None},
        {"means": (0.1, 0.2)},
        {"mean": torch.tensor([0.1000001])},
        {"scale": torch.ones(1) * 2},
        {"act": torch.nn.functional.relu6},
    ],
)
def test_digest_sees_what_is_neither_weight_nor_structure(more):
    probes = torch.rand(64, 2, 2)
    digests = [TorchClassifier(net, 3).digest(probes) for net in (Own(), Own(**more))]
    assert digests[0] != digests[1]


def test_digest_sees_the_source_of_a_part():
    probes = torch.zeros(64, 2, 2)
    own = TorchClassifier(nn.Sequential(Own()), 3).digest(probes)
    assert own == TorchClassifier(nn.Sequential(Own()), 3).digest(probes)

    class Own2(Own):
        def forward(self, x):
            return super().forward(x) + 1

    Own2.__name__ = "Own"  # the same repr, weights and labels
    other = nn.Sequential(Own2())
    assert repr(other) == repr(nn.Sequential(Own()))
    assert TorchClassifier(other, 3).digest(probes) != own


def test_digest_ignores_what_a_forward_leaves_behind_and_classes_without_source():
    probes = torch.zeros(64, 2, 2)
    own = Own(_calls=1)
    digest = TorchClassifier(own, 3).digest(probes)
    own._calls = 2
    assert TorchClassifier(own, 3).digest(probes) == digest
    typed = {"nn": nn, "torch": torch, "__name__": "__main__"}
    exec(  # noqa: S102
        "class Typed(nn.Module):\n    def forward(self, x):\n        return x.flatten(1)[:, :3]",
        typed,
    )
    assert len(TorchClassifier(typed["Typed"](), 3).digest(probes)) == 64
