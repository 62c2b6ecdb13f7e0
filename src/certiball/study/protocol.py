"""The protocol of the paper: a point counts as adversarial from ⌈nP_a⌉ wrong votes of one call on.

It is what the paper's distances rest on, and no proof of a level: `verify_attacked` judges that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from certiball.attacks.oracle import Oracle, Questions
from certiball.shapes import Counts
from certiball.spaces import Space


@dataclass(frozen=True, eq=False)
class Shortcut:
    """An oracle that answers another class once so many votes are for another class.

    Args:
        oracle: g as it is deployed.
        labels: the class of each input, by its number.
        needed: wrong votes that make an answer wrong.

    Example:
        >>> from certiball.attacks.linear import LinearOracle
        >>> g = LinearOracle(weights=np.ones(4), bias=-2.0, sigma=1e9, n=100)
        >>> asked = Questions(
        ...     points=np.full((1, 4), 0.5), owners=np.array([0]), numbers=np.array([0])
        ... )
        >>> [Shortcut(g, {0: 0}, k).counts(asked).argmax(1).tolist() for k in (20, 80)]
        [[1], [0]]
    """

    oracle: Oracle
    labels: Mapping[int, int]
    needed: int

    @property
    def space(self) -> Space:
        """Where inputs live."""
        return self.oracle.space

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return self.oracle.num_classes

    @property
    def forwards(self) -> int:
        """Those of the oracle."""
        return self.oracle.forwards

    @property
    def random(self) -> bool:
        """Whether the oracle is."""
        return self.oracle.random

    def counts(self, questions: Questions) -> Counts:
        """The votes [m, classes], without those for the owner's class once enough are against it.

        Where they are not enough, all of them are given to that class.
        """
        votes = self.oracle.counts(questions).copy()
        rows = np.arange(len(votes))
        own = np.array([self.labels[int(owner)] for owner in questions.owners])
        totals = votes.sum(axis=1)
        wrong = totals - votes[rows, own]
        met = wrong >= self.needed
        votes[~met] = 0
        votes[rows, own] = np.where(met, 0, totals)
        return votes
