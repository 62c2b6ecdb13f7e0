"""One attempt of a white-box attack at some images, each in a ball of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from certiball.attacks.gradient.projection import drawn, projected
from certiball.attacks.gradient.scene import Loss, Reply, Scene
from certiball.attacks.gradient.settle import settled
from certiball.attacks.oracle import Oracle
from certiball.balls import Norm
from certiball.shapes import Array, Batch
from certiball.spaces import Grid


@dataclass(frozen=True, kw_only=True, eq=False)
class Attempt:
    """m images, and the balls that their points may not leave.

    Args:
        model: what is attacked; it is the last to judge, and says what noise there is.
        scene: all images under attack.
        owners: which of them these are, int64 [m].
        norm: of the balls, L2 or L∞.
        radii: of the balls [m], float64, in the units of the inputs.
        rngs: each image's own randomness.
        number: of the attempt, from 0; the first begins where the user wants it.
    """

    model: Oracle
    scene: Scene
    owners: Tensor
    norm: Norm
    radii: Tensor
    rngs: Sequence[np.random.Generator]
    number: int

    @cached_property
    def clean(self) -> Tensor:
        """The images [m, d]."""
        return self.scene.clean(self.owners)

    @cached_property
    def reach(self) -> Tensor:
        """How far [m] points may go: on a grid in L∞ a whole number of steps."""
        if self.norm is Norm.LINF and isinstance(self.scene.space, Grid):
            return (self.radii / self.scene.unit).floor() * self.scene.unit
        return self.radii

    def begin(self, random_start: bool) -> Tensor:
        """Where to begin [m, d]: at the user's points, at random in the balls, or at the images."""
        if self.number == 0 and self.scene.starts is not None:
            return self.moved(self.scene.first(self.owners))
        clean = self.clean
        if not random_start:
            return clean
        draws = np.stack([drawn(self.norm, rng, clean.shape[1:]) for rng in self.rngs])
        return self.moved(clean + torch.from_numpy(draws).to(clean) * self.radii[:, None])

    def moved(self, points: Tensor, rows: Tensor | None = None) -> Tensor:
        """Points [m, d] moved into the balls and the box; of some rows, if they are given."""
        clean, reach = self.clean, self.reach
        if rows is not None:
            clean, reach = clean[rows], reach[rows]
        inside: Tensor = clean + projected(self.norm, points - clean, reach)
        return inside.clamp(*self.scene.box)  # which makes no difference longer

    def ask(self, points: Tensor, rows: Tensor, loss: Loss) -> Reply:
        """What the model says of the points [k, d] of some rows, rounded, and a loss's slopes."""
        return self.scene.ask(self.scene.nearest(points), self.owners[rows], loss)

    def ends(self, points: Tensor, rows: Tensor) -> Batch:
        """The points [k, d] of some rows as a model can be shown them, inside ε for certain."""
        scene, chosen = self.scene, self.owners[rows].cpu().numpy()
        clean = scene.encoded[chosen]
        values: Array = points.cpu().numpy().reshape(clean.shape)
        return settled(scene.space, clean, values, self.norm, self.radii[rows].cpu().numpy())

    def won(self, points: Tensor, rows: Tensor) -> Tensor:
        """Whether the points [k, d] of some rows are adversarial as a model can be shown them."""
        ends = self.ends(points, rows)
        flat = torch.from_numpy(ends.reshape(len(ends), -1)).to(points) * self.scene.unit
        return self.scene.met(flat, self.owners[rows])
