"""How answers differ that should be the same, and how far apart rounding may put them."""

from dataclasses import dataclass

import torch
from torch import Tensor

from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend, settings
from certiball.classifiers.forward import DTYPES

SAME = 1e-3  # scores this near, relatively, differ only by the order of additions
ROUNDINGS = 4  # or so many of their last bits, where these are coarser


@dataclass(frozen=True, kw_only=True)
class Change:
    """How answers that should be the same differ.

    Args:
        rows: how many were compared; those that are NaN are not.
        flips: labels that differ.
        far: the largest difference of scores, relative to the largest score; 0 for labels.
        same: how far apart scores may lie that differ only by rounding; 0 for labels.
    """

    rows: int
    flips: int
    far: float
    same: float

    @property
    def real(self) -> bool:
        """Whether it is more than rounding: scores that are as good as equal may change a label."""
        return self.far > self.same if self.same else self.flips > 0

    def __str__(self) -> str:
        scores = f", scores by up to {self.far:.1g} relatively" if self.same else ""
        return f"{self.flips} of {self.rows} labels change{scores}"


def change(first: Tensor, second: Tensor, same: float) -> Change:
    """How two answers to the same inputs differ. NaN is no answer, and refused elsewhere.

    Args:
        first: scores [n, classes] or labels [n].
        second: likewise.
        same: how far apart scores may lie, relatively.

    Example:
        >>> print(change(torch.tensor([0, 1]), torch.tensor([0, 0]), 1e-3))
        1 of 2 labels change
    """
    if first.ndim == 1:
        return Change(rows=len(first), flips=int((first != second).sum()), far=0.0, same=0.0)
    answered = ~(first.isnan() | second.isnan()).any(1)
    one, other = (scores[answered].double() for scores in (first, second))
    if not len(one):
        return Change(rows=0, flips=0, far=0.0, same=same)
    gap = torch.nan_to_num(one - other)  # of infinite scores
    largest = float(torch.nan_to_num(one).abs().max().clamp_min(1e-30))
    return Change(
        rows=len(one),
        flips=int((one.argmax(1) != other.argmax(1)).sum()),
        far=float(gap.abs().max()) / largest,
        same=same,
    )


def rounding(classifier: Classifier, rows: Tensor) -> float:
    """How far apart a classifier's scores may lie, relatively, by the order of additions."""
    return same_within(classifier, classifier(rows).cpu())


def same_within(classifier: Classifier, scores: Tensor) -> float:
    """The same for scores [n, classes] that are there, or labels [n].

    By the precision that the classifier states, or one that its scores are seen to have.
    """
    found = settings(backend(classifier))
    dtype = DTYPES.get(found[1], torch.float32) if found else torch.float32
    if scores.ndim > 1 and bool((scores != scores.round()).any()):
        for coarse in (torch.bfloat16, torch.float16):
            if bool((scores.to(coarse).to(scores.dtype) == scores).all()):
                dtype = coarse
                break
    return max(SAME, ROUNDINGS * torch.finfo(dtype).eps)
