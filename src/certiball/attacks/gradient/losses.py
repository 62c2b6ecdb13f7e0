"""What white-box attacks ascend: losses of scores that grow towards another class."""

import torch
from torch import Tensor

from certiball.errors import InputError

LEAST = 1e-12  # of a spread of scores that is divided by


def margin(scores: Tensor, labels: Tensor) -> Tensor:
    """The best other score less the label's, [m]: positive where the label has lost.

    Example:
        >>> margin(torch.tensor([[3.0, 1.0, 2.0]]), torch.tensor([0]))
        tensor([-1.])
    """
    own = scores.gather(1, labels[:, None])[:, 0]
    others = scores.scatter(1, labels[:, None], -torch.inf)
    return others.amax(1) - own


def dlr(scores: Tensor, labels: Tensor) -> Tensor:
    """The difference-of-logits ratio, [m]: `margin` by the spread of the three best scores.

    Neither a factor of the scores nor a shift changes it, so gradients do not vanish where a
    network is sure of itself (arXiv 2003.01690, equation 6).

    Args:
        scores: [m, classes], of at least 3 classes.
        labels: int64 [m].

    Raises:
        InputError: for fewer classes.

    Example:
        >>> dlr(torch.tensor([[3.0, 1.0, 2.0], [30.0, 10.0, 20.0]]), torch.tensor([0, 0]))
        tensor([-0.5000, -0.5000])
    """
    check_classes("DLR", scores.shape[1], 3)
    best = scores.topk(3, dim=1).values
    return margin(scores, labels) / (best[:, 0] - best[:, 2]).clamp(min=LEAST)


def targeted_dlr(scores: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """The same towards a class that was chosen, [m] (equation 7 of the same article).

    Args:
        scores: [m, classes], of at least 4 classes.
        labels: int64 [m], the class to leave.
        targets: int64 [m], the class to reach.

    Raises:
        InputError: for fewer classes.
    """
    check_classes("targeted DLR", scores.shape[1], 4)
    best = scores.topk(4, dim=1).values
    spread = best[:, 0] - (best[:, 2] + best[:, 3]) / 2
    return gain(scores, labels, targets) / spread.clamp(min=LEAST)


def gain(scores: Tensor, labels: Tensor, targets: Tensor) -> Tensor:
    """The target's score less the label's, [m].

    Example:
        >>> gain(torch.tensor([[3.0, 1.0, 2.0]]), torch.tensor([0]), torch.tensor([2]))
        tensor([-1.])
    """
    columns = torch.stack([targets, labels], dim=1)
    target, label = scores.gather(1, columns).unbind(1)
    return target - label


def gains(scores: Tensor, labels: Tensor, targets: Tensor | None) -> Tensor:
    """The scores of all other classes less the label's, [classes − 1, m]; `toward` with targets.

    Example:
        >>> gains(torch.tensor([[3.0, 1.0, 2.0]]), torch.tensor([1]), None)
        tensor([[1.],
                [2.]])
    """
    if targets is not None:
        return toward(scores, labels, targets)[None]
    count = scores.shape[1]
    others = (labels[:, None] + torch.arange(1, count, device=labels.device)) % count
    return (scores.gather(1, others) - scores.gather(1, labels[:, None])).T


def toward(scores: Tensor, labels: Tensor, targets: Tensor | None) -> Tensor:
    """The margin [m] that is above 0 at adversarial points: `margin`, or that of the target."""
    return margin(scores, labels) if targets is None else -margin(scores, targets)


def check_classes(loss: str, classes: int, least: int) -> None:
    """Refuse a loss that so few classes do not define.

    Raises:
        InputError: naming a loss that they do.
    """
    if classes < least:
        raise InputError(
            f"{loss} compares the {least} best scores and the model has {classes} classes: "
            'take the loss "ce"'
        )
