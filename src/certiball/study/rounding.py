"""A deployment that rounds to a grid of which its attacker knows nothing."""

from dataclasses import dataclass, replace

from certiball.attacks.oracle import Oracle, Questions
from certiball.shapes import Counts
from certiball.spaces import Grid, Reals, Space


@dataclass(frozen=True, eq=False)
class RoundedOracle:
    """An oracle that takes points of the reals and answers for the nearest of its grid.

    Probes shorter than half of its step are answered as if they had not been made.

    Args:
        oracle: of the grid.

    Example:
        >>> import numpy as np
        >>> from certiball.attacks.linear import LinearOracle
        >>> grid = Grid.unsigned(1)  # 0 and 1
        >>> f = RoundedOracle(LinearOracle(weights=np.ones(1), bias=-0.9, space=grid))
        >>> asked = Questions(
        ...     points=np.array([[0.4], [0.6]]), owners=np.zeros(2, int), numbers=np.arange(2)
        ... )
        >>> f.counts(asked).argmax(1).tolist()
        [0, 1]
    """

    oracle: Oracle

    @property
    def space(self) -> Space:
        """The reals in which the grid lies."""
        low, high = self.oracle.space.bounds
        return Reals(low=low, high=high)

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
        """The votes [m, classes] for the rounded points."""
        grid = self.oracle.space
        assert isinstance(grid, Grid)
        return self.oracle.counts(replace(questions, points=grid.round(questions.points)))
