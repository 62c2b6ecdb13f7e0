import pytest
import torch

from certiball.datasets.folder import folder
from certiball.models.architecture import Architecture
from certiball.models.files import load_model

CIFAR = Architecture(
    name="resnet20",
    classes=10,
    shape=(3, 32, 32),
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
)


def test_published_weights_have_their_measured_accuracy(shared):
    weights = shared / "data/cifar10_resnet20/resnet20.safetensors"
    images = shared / "data/cifar10_jpeg/test_first2000.zip"
    if not (weights.exists() and images.exists()):
        pytest.skip("the shared data has no CIFAR-10")
    model = load_model(weights, architecture=CIFAR).model
    data = folder(images)
    right = 0
    for start in range(0, len(data), 250):
        items = [data[index] for index in range(start, start + 250)]
        batch = torch.stack([torch.from_numpy(data.space.values(levels)) for levels, _ in items])
        with torch.inference_mode():
            answers = model(batch).argmax(dim=1)
        right += int((answers == torch.tensor([label for _, label in items])).sum())
    assert right / len(data) == pytest.approx(0.8135, abs=0.005)
