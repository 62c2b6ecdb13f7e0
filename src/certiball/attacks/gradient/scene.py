"""What white-box attacks work on: n images, and a model that answers with gradients.

Points are float64 tensors [m, d], in input units, on the model's device. They are rounded, to
the grid or to float32, before they are asked about: what is found is what a model is shown.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from certiball.attacks.attacked import shown
from certiball.attacks.criterion import Criterion
from certiball.attacks.gradient.gradients import Gradients
from certiball.attacks.gradient.hyperplane import Box
from certiball.attacks.search.scheduler import randomness
from certiball.samplers.streams import run_key
from certiball.shapes import Batch, Labels
from certiball.smoothed import encode_nearest
from certiball.spaces import Grid, Space

# From scores [m, classes], the classes [m] to leave, and those to reach if there are some, to
# losses [m] or [k, m] that grow towards success.
Loss: TypeAlias = Callable[[Tensor, Tensor, Tensor | None], Tensor]


@dataclass(frozen=True, kw_only=True, eq=False)
class Reply:
    """What was said of m points.

    Args:
        met: which are adversarial [m].
        values: losses [m] or [k, m], means over the draws.
        slopes: their gradients [m, d] or [k, m, d], likewise, float64.
    """

    met: Tensor
    values: Tensor
    slopes: Tensor


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """n images under attack.

    Args:
        gradients: of the classifier.
        space: where inputs live.
        criterion: what counts as adversarial.
        encoded: the images [n, ...] as the space holds them.
        starts: points [n, d] to begin at; None for the images themselves.
        labels: the class [n] to leave; where the criterion knows of none, the model's answer.
        targets: the class [n] that losses aim at; None for any other.
        seed: of the attacks' randomness.
        numbers: of the images [n], which their randomness hangs on.
    """

    gradients: Gradients
    space: Space
    criterion: Criterion
    encoded: Batch
    starts: Tensor | None
    labels: Tensor
    targets: Tensor | None
    seed: int
    numbers: Labels

    @property
    def box(self) -> Box:
        """The least and the greatest value of a point."""
        return self.space.bounds

    def clean(self, owners: Tensor) -> Tensor:
        """The images [m, d] themselves."""
        return self._everyone[owners]

    @cached_property
    def _everyone(self) -> Tensor:
        flat = torch.from_numpy(self.encoded.reshape(len(self.encoded), -1))
        return flat.to(self.gradients.device).double() * self.unit

    @property
    def unit(self) -> float:
        """What one level is worth; 1 in `Reals`."""
        return float(self.space.step) if isinstance(self.space, Grid) else 1.0

    def first(self, owners: Tensor) -> Tensor:
        """Where to begin, [m, d]."""
        return self.clean(owners) if self.starts is None else self.starts[owners]

    def generators(self, attack: object, owners: Tensor) -> list[np.random.Generator]:
        """Each image's own random numbers, whatever else is attacked."""
        key = run_key(self.seed, f"attack\n{attack!r}")
        return [randomness(key, int(self.numbers[owner])) for owner in owners]

    def spent(self, owners: Tensor) -> bool:
        """Whether none of these images [m] has a gradient left."""
        return bool(self.gradients.spent(owners).all())

    def nearest(self, points: Tensor) -> Tensor:
        """The closest points [m, d] of the box that a model can be shown."""
        if isinstance(self.space, Grid):
            levels = (points / self.unit).round().clamp(self.space.low, self.space.high)
            return levels * self.unit
        low, high = self.box
        return points.clamp(low, high).float().double()

    def decode(self, points: Tensor) -> Batch:
        """Points as the space holds them [m, ...]."""
        values = points.reshape(-1, *self.encoded.shape[1:]).cpu().numpy()
        return encode_nearest(self.space, values)

    def ask(
        self,
        points: Tensor,
        owners: Tensor,
        loss: Loss,
        *,
        draws: int = 1,
        noise: Tensor | None = None,
    ) -> Reply:
        """What the model says of points, rounded.

        Args:
            points: [m, d].
            owners: int64 [m], the image that each belongs to.
            loss: what to differentiate.
            draws: how often a random model is asked: losses and gradients are means, and a point
                that more than half of the answers say it of counts as adversarial.
            noise: what is added to the rounded points, [m, draws, d].
        """
        rows = owners.repeat_interleave(draws)

        def losses(scores: Tensor, owners: Tensor) -> Tensor:
            targets = None if self.targets is None else self.targets[owners]
            return loss(scores, self.labels[owners], targets)

        scores, values, slopes = self.gradients.of(self._copies(points, draws, noise), rows, losses)
        kinds = values.shape[:-1]
        return Reply(
            met=self.says(scores, owners, draws),
            values=values.double().reshape(*kinds, -1, draws).mean(-1),
            slopes=slopes.double().reshape(*kinds, -1, draws, points.shape[1]).mean(-2),
        )

    def _copies(self, points: Tensor, draws: int, noise: Tensor | None) -> Tensor:
        """What the model is shown, float32 [m · draws, ...]."""
        if noise is None:
            return self._seen(points).repeat_interleave(draws, dim=0)
        noisy = self.nearest(points)[:, None] + noise
        return noisy.float().reshape(-1, *self.encoded.shape[1:])

    def scores(self, points: Tensor, owners: Tensor) -> Tensor:
        """Scores [m, classes] of points [m, d], rounded."""
        return self.gradients.scores(self._seen(points), owners)

    def met(self, points: Tensor, owners: Tensor) -> Tensor:
        """Which points [m, d] are adversarial, rounded: one forward each."""
        return self.says(self.scores(points, owners), owners)

    def says(self, scores: Tensor, owners: Tensor, draws: int = 1) -> Tensor:
        """Which of m points are adversarial, by scores [m · draws, classes]: more than half."""
        rows = owners.repeat_interleave(draws).cpu().numpy()
        met = self.criterion.met(scores.argmax(1).cpu().numpy(), rows).reshape(-1, draws)
        return torch.from_numpy(2 * met.sum(1) > draws).to(scores.device)

    def _seen(self, points: Tensor) -> Tensor:
        return self.gradients.tensor(shown(self.space, self.decode(self.nearest(points))))


def aimed(scene: Scene, owners: Tensor, count: int) -> Iterator[Scene]:
    """The scene with targets: for each image in turn the classes that score best but its own.

    What counts as adversarial stays as it is.
    """
    scores = scene.scores(scene.clean(owners), owners)
    scores = scores.scatter(1, scene.labels[owners][:, None], -torch.inf)
    best = scores.topk(min(count, scores.shape[1] - 1), dim=1).indices
    for target in best.unbind(1):
        yield replace(scene, targets=scene.labels.index_put((owners,), target))
