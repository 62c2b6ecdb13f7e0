"""Training under laws whose views are listed shows all of them."""

import numpy as np
import torch

import certiball as cb
from certiball.train.views import ViewLoss


class Watching(torch.nn.Module):
    """Notes which columns it is shown."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen += [tuple(np.flatnonzero(view.any((0, 1)))) for view in x.numpy()]
        return torch.zeros(len(x), 2)


def test_every_band_is_shown_about_as_often():
    law = cb.Bands(width=2, columns=5)
    loss, model = ViewLoss(law=law, space=cb.Grid.uint8()), Watching()
    images, labels = torch.full((100, 1, 3, 5), 1.0), torch.zeros(100, dtype=torch.int64)
    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        loss(model, images, labels, generator)
    bands = {tuple(sorted((t, (t + 1) % 5))) for t in range(5)}
    counts = [model.seen.count(band) for band in sorted(bands)]
    assert sum(counts) == 500
    assert min(counts) > 60
