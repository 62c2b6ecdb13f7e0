"""Training on what the model will see under a law: any law, by the samplers of certification."""

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from certiball.datasets import Dataset
from certiball.laws import Law
from certiball.laws.gaussian import Gaussian
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.shapes import Array
from certiball.spaces import Grid, Space
from certiball.train.fit import Loss
from certiball.train.gaussian import GaussianLoss
from certiball.train.tensors import as_tensors


@dataclass(frozen=True, kw_only=True)
class ViewLoss:
    """Cross-entropy of one view of each input, drawn by the law as certification draws it.

    Gaussian noise has its own loss (`GaussianLoss`), which stays on the device of the model; this
    one draws on the host, for every law that has a sampler.

    Args:
        law: what happens to an input before the model sees it; train under the law that is
            certified.
        space: where inputs live.

    Example:
        >>> from certiball.laws.gaussian import Gaussian
        >>> from certiball.spaces import Reals
        >>> loss = ViewLoss(law=Gaussian(sigma=0.25), space=Reals())
        >>> x, y = torch.zeros(4, 2), torch.zeros(4, dtype=torch.int64)
        >>> float(loss(nn.Identity(), x, y, torch.Generator().manual_seed(0))) > 0
        True
    """

    law: Law
    space: Space

    def __call__(
        self,
        model: nn.Module,
        batch: torch.Tensor,
        labels: torch.Tensor,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """The mean loss of a batch, shape (); inputs (n, …) as values, labels (n,).

        Raises:
            InputError: if the law does not fit the inputs.
        """
        halves = torch.randint(2**62, (2,), generator=generator, device=generator.device).tolist()
        views = self._views(batch.numpy(force=True), halves[0] << 64 | halves[1])
        return nn.functional.cross_entropy(model(views.to(batch.device)), labels)

    def _views(self, values: Array, key: int) -> torch.Tensor:
        shape = values.shape[1:]
        sampler, seen = sampler_for(self.law, self.space, shape), self.law.seen(shape)
        encoded = self.space.round(values) if isinstance(self.space, Grid) else values
        views = np.empty((len(values), math.prod(seen)), dtype=np.float32)
        for number, x in enumerate(encoded):
            stream = Stream(key=key, phase=Phase.PREDICTION, input=number, chunk=0)
            # Of views that are listed, any one: a word of another stage than the views' own.
            stream = replace(stream, first=int(stream.words(1, 0, 1)[0] >> np.uint64(32)))
            views[number] = sampler.noisy(x.reshape(-1), stream, 1)[0]
        return torch.from_numpy(views).view(len(values), *seen)


def loss_for(law: Law, space: Space) -> Loss:
    """The loss that trains under a law: for Gaussian noise the one that stays on the device."""
    if isinstance(law, Gaussian):
        return GaussianLoss(sigma=law.sigma)
    return ViewLoss(law=law, space=space)


def clean_views(dataset: Dataset, law: Law) -> torch.Tensor:
    """All inputs without noise as the model sees them, float32 (n, *seen)."""
    space = dataset.space
    values = as_tensors(dataset)[0].numpy()
    encoded = space.round(values) if isinstance(space, Grid) else values
    shape = values.shape[1:]
    sampler = sampler_for(law, space, shape)
    rows = np.concatenate([sampler.clean(x.reshape(-1)) for x in encoded])
    return torch.from_numpy(rows).view(len(rows), *law.seen(shape))
