"""Training on what the model will see under a law."""

import torch
from torch import nn

from certiball.datasets.digits import digits
from certiball.laws.gaussian import Gaussian
from certiball.spaces import Grid
from certiball.train.gaussian import GaussianLoss
from certiball.train.tensors import as_tensors
from certiball.train.views import ViewLoss, clean_views, loss_for

LAW = Gaussian(sigma=0.25)


class Spy(nn.Module):
    def forward(self, batch):
        self.seen = batch
        return torch.zeros(len(batch), 2)


def views(seed, batch, space):
    spy, labels = Spy(), torch.zeros(len(batch), dtype=torch.int64)
    ViewLoss(law=LAW, space=space)(spy, batch, labels, torch.Generator().manual_seed(seed))
    return spy.seen


def test_views_are_on_the_grid_with_the_noise_of_the_law():
    space = Grid.uint8()
    batch = torch.full((200, 3, 4), 128 / 255)
    seen = views(1, batch, space)
    assert seen.shape == batch.shape
    steps = (seen.double() * 255).round()
    assert torch.equal(seen, (steps / 255).float())
    noise = (steps - 128) / 255
    assert abs(float(noise.std()) / 0.25 - 1) < 0.05
    assert len({tuple(row) for row in noise.flatten(1).tolist()}) == 200


def test_the_generator_decides_the_views():
    batch = torch.full((5, 2), 0.5)
    space = Grid.fixed_point(4, low=0, high=1)
    assert torch.equal(views(1, batch, space), views(1, batch, space))
    assert not torch.equal(views(1, batch, space), views(2, batch, space))


def test_gaussian_noise_has_its_own_loss_and_clean_views_are_the_inputs():
    data = digits("train")
    assert loss_for(LAW, data.space) == GaussianLoss(sigma=0.25)
    assert torch.equal(clean_views(data, LAW), as_tensors(data)[0])
