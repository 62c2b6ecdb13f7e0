"""Auto-PGD: gradient steps with momentum, whose length halves where they stop to help."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from certiball.attacks.eot_pgd import noise_for
from certiball.attacks.gradient.at_radius import attack_at_radius
from certiball.attacks.gradient.attempt import Attempt
from certiball.attacks.gradient.losses import dlr, targeted_dlr
from certiball.attacks.gradient.projection import check_norm, steepest
from certiball.attacks.gradient.scene import Loss, Reply, Scene, aimed
from certiball.attacks.oracle import SmoothedOracle
from certiball.attacks.pgd import log_odds
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_whole

MOMENTUM = 0.75  # α: the share of a new step in a move
RISING = 0.75  # ρ: the share of moves between checkpoints that must have helped
FIRST, SHORTER, SHORTEST = 0.22, 0.03, 0.06  # checkpoints, as shares of the steps
WIDTH = 2.0  # of the first step, in radii


def difference_of_logits(scores: Tensor, labels: Tensor, targets: Tensor | None) -> Tensor:
    """DLR [m], of the targets where there are some."""
    if targets is None:
        return dlr(scores, labels)
    return targeted_dlr(scores, labels, targets)


# The log-odds grow with the cross-entropy, so both walk the same way; its own slope is 0 as a
# float where a network is sure.
LOSSES: dict[str, Loss] = {"ce": log_odds, "dlr": difference_of_logits}


@dataclass(frozen=True, kw_only=True)
class APGD:
    """PGD without a step size to choose (arXiv 2003.01690, algorithm 1).

    At checkpoints the step is halved, and the walk goes on from its best point, where too few
    moves have raised the loss or its maximum has stayed as it was.

    Args:
        norm: L2 or L∞.
        steps: moves of each attempt.
        restarts: attempts at each image, each from a random point, until one succeeds.
        loss: "ce", the cross-entropy, or "dlr", the difference-of-logits ratio, which is for 3
            classes or more, and for 4 or more with targets.
        targets: 0 to leave the label; otherwise so many walks of each attempt, each towards one
            of the classes that score best.
        draws: answers of a random model to each question: gradients are their mean.

    Raises:
        InputError: for another norm or loss, or numbers out of range.

    Example:
        >>> [w for w in APGD().checkpoints() if w <= 70]
        [22, 41, 57, 70]
    """

    norm: Norm = Norm.LINF
    steps: int = 100
    restarts: int = 1
    loss: str = "ce"
    targets: int = 0
    draws: int = 1

    def __post_init__(self) -> None:
        check_norm("APGD", self.norm)
        if self.loss not in LOSSES:
            raise InputError(f"loss must be {' or '.join(LOSSES)}, not {self.loss!r}")
        for name, least in (("steps", 1), ("restarts", 1), ("targets", 0), ("draws", 1)):
            if as_whole(name, getattr(self, name)) < least:
                raise InputError(f"{name} must be at least {least}, not {getattr(self, name)}")

    __call__ = attack_at_radius

    def checkpoints(self) -> list[int]:
        """After which moves the step may be halved."""
        marks, shares = [], [0.0, FIRST]
        while shares[-1] <= 1:
            marks.append(math.ceil(round(shares[-1] * self.steps, 9)))
            shares.append(shares[-1] + max(shares[-1] - shares[-2] - SHORTER, SHORTEST))
        return marks

    def walk(self, attempt: Attempt) -> Tensor:
        """The adversarial point of each image, or the one of the largest loss, [m, d]."""
        ends = attempt.clean
        rows = torch.arange(len(ends), device=ends.device)
        for scene in self._scenes(attempt):
            part = replace(
                attempt,
                scene=scene,
                owners=attempt.owners[rows],
                radii=attempt.radii[rows],
                rngs=[attempt.rngs[row] for row in rows.tolist()],
            )
            ends[rows], won = self._climb(part)
            rows = rows[~won]
            if not len(rows):
                break
        return ends

    def _scenes(self, attempt: Attempt) -> Iterator[Scene]:
        """One for each target; the scene itself where there are none, or the user chose them."""
        if self.targets and attempt.scene.targets is None:
            yield from aimed(attempt.scene, attempt.owners, self.targets)
        else:
            yield attempt.scene

    def _climb(self, attempt: Attempt) -> tuple[Tensor, Tensor]:
        """The end of one walk of each image [m, d], and where it is adversarial [m]."""
        points = attempt.begin(random_start=True)
        every = torch.arange(len(points), device=points.device)
        finish = _Finish(points, random=attempt.model.random or self.draws > 1)
        climb = _start(points, every, self._ask(attempt, points, every), attempt.radii)
        climb = finish.leave(attempt, climb)
        marks, before = set(self.checkpoints()), 0
        for number in range(1, self.steps + 1):
            if attempt.scene.spent(attempt.owners[climb.rows]):
                break
            moved = self._moved(attempt, climb, MOMENTUM if number > 1 else 1.0)
            climb.note(moved, self._ask(attempt, moved, climb.rows))
            climb = finish.leave(attempt, climb)
            if number in marks:
                climb.check(number - before)
                before = number
        finish.ends[climb.rows[~finish.won[climb.rows]]] = climb.best[~finish.won[climb.rows]]
        return finish.ends, finish.won

    def _moved(self, attempt: Attempt, climb: "_Climb", weight: float) -> Tensor:
        stride = climb.step[:, None] * steepest(self.norm, climb.slopes)
        ahead = attempt.moved(climb.points + stride, climb.rows) - climb.points
        back = climb.points - climb.before
        return attempt.moved(climb.points + weight * ahead + (1 - weight) * back, climb.rows)

    def _ask(self, attempt: Attempt, points: Tensor, rows: Tensor) -> Reply:
        noise = None
        if isinstance(attempt.model, SmoothedOracle):
            noise = noise_for(attempt.model.g, attempt, rows, self.draws)
        owners = attempt.owners[rows]
        loss = LOSSES[self.loss]
        return attempt.scene.ask(points, owners, loss, draws=self.draws, noise=noise)


@dataclass(kw_only=True, eq=False)
class _Climb:
    """The walks that go on: of the rows [k] of an attempt."""

    rows: Tensor
    points: Tensor
    before: Tensor
    slopes: Tensor
    value: Tensor
    met: Tensor
    best: Tensor
    best_slopes: Tensor
    highest: Tensor
    step: Tensor
    rises: Tensor  # since the last checkpoint
    marked: Tensor  # the highest value at the last checkpoint
    kept: Tensor  # whether the step was not halved there

    def note(self, points: Tensor, reply: Reply) -> None:
        """Take in what a move led to."""
        self.rises = self.rises + (reply.values > self.value)
        self.before, self.points = self.points, points
        self.slopes, self.value, self.met = reply.slopes, reply.values, reply.met
        better = self.value > self.highest
        self.highest = torch.where(better, self.value, self.highest)
        self.best = torch.where(better[:, None], points, self.best)
        self.best_slopes = torch.where(better[:, None], reply.slopes, self.best_slopes)

    def check(self, moves: int) -> None:
        """Halve the steps of those that so many moves did not help, and send them back."""
        halve = (self.rises < RISING * moves) | (self.kept & (self.highest <= self.marked))
        self.step = torch.where(halve, self.step / 2, self.step)
        self.points = torch.where(halve[:, None], self.best, self.points)
        self.slopes = torch.where(halve[:, None], self.best_slopes, self.slopes)
        self.value = torch.where(halve, self.highest, self.value)
        self.rises, self.marked, self.kept = torch.zeros_like(self.rises), self.highest, ~halve

    def only(self, keep: Tensor) -> "_Climb":
        return _Climb(**{field.name: getattr(self, field.name)[keep] for field in fields(self)})


def _start(points: Tensor, rows: Tensor, reply: Reply, radii: Tensor) -> _Climb:
    return _Climb(
        rows=rows,
        points=points,
        before=points,
        slopes=reply.slopes,
        value=reply.values,
        met=reply.met,
        best=points,
        best_slopes=reply.slopes,
        highest=reply.values,
        step=WIDTH * radii,
        rises=torch.zeros_like(rows),
        marked=reply.values,
        kept=torch.ones_like(reply.met),
    )


class _Finish:
    """Where walks have ended.

    Walks on a model without noise end at their first adversarial point. Of a random one that
    would be the luckiest: they go on, and the last that most draws called adversarial counts.
    """

    def __init__(self, points: Tensor, random: bool) -> None:
        self.ends = points.clone()
        self.won = torch.zeros_like(points[:, 0], dtype=torch.bool)
        self.random = random

    def leave(self, attempt: Attempt, climb: _Climb) -> _Climb:
        """Note the walks that are at adversarial points; those that go on."""
        found = climb.met.clone()
        if not self.random and bool(found.any()):  # as it will be shown, inside the ball
            found[climb.met] = attempt.won(climb.points[climb.met], climb.rows[climb.met])
        self.ends[climb.rows[found]] = climb.points[found]
        self.won[climb.rows[found]] = True
        return climb if self.random else climb.only(~found)
