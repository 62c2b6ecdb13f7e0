"""Half-spaces under noise, answered by the binomial law: an oracle that calls no model.

For a linear f the smoothed classifier is f itself, the distance to its boundary is known, and
votes for class 1 at margin m are Binomial(n, Φ(m/σ)). What an attack finds can be compared with
the truth, thousands of queries in a second.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import bdtrik, ndtr

from certiball.attacks.oracle import Questions
from certiball.attacks.units import plain
from certiball.errors import InputError
from certiball.samplers.streams import Phase, Stream, run_key
from certiball.shapes import Array, Counts
from certiball.spaces import Reals, Space


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearOracle:
    """The classifier "1 where ⟨w, x⟩ + b > 0", under Gaussian noise and a majority of n votes.

    Args:
        weights: w [...], of an input's shape.
        bias: b.
        sigma: of the noise; 0 for none, and then one vote.
        n: votes for each answer.
        seed: of the votes.
        space: where inputs live.
        phase: what the answers are for.

    Raises:
        InputError: if w is 0, σ < 0 or n < 1.

    Example:
        >>> oracle = LinearOracle(weights=np.array([3.0, 4.0]), bias=-1.0)
        >>> oracle.distance(np.array([[1.0, 1.0]])).tolist()
        [1.2]
    """

    weights: Array
    bias: float
    sigma: float = 0.0
    n: int = 1
    seed: int = 0
    space: Space = Reals(low=0.0, high=1.0)  # noqa: RUF009 (frozen)
    phase: Phase = Phase.ATTACK

    def __post_init__(self) -> None:
        if not np.any(self.weights):
            raise InputError("the weights are all 0: there is no boundary")
        if self.sigma < 0 or self.n < 1:
            raise InputError(f"sigma must be ≥ 0 and n ≥ 1, not {self.sigma} and {self.n}")

    @property
    def num_classes(self) -> int:
        """Two."""
        return 2

    @property
    def forwards(self) -> int:
        """As many as a model would have been called."""
        return self.n

    @property
    def random(self) -> bool:
        """Whether there is noise."""
        return self.sigma > 0

    def distance(self, points: Array) -> Array:
        """How far [m] points [m, ...] are from the boundary in L2; negative on the side of 0."""
        rows = points.reshape(len(points), -1).astype(np.float64)
        margins: Array = (rows @ self._direction) + self.bias / self._length
        return margins

    def counts(self, questions: Questions) -> Counts:
        """Votes for classes 0 and 1, int64 [m, 2]."""
        margins = self.distance(plain(self.space, questions.points))
        ones = (margins > 0) * self.n if self.sigma == 0 else self._votes(margins, questions)
        ones = ones.astype(np.int64)
        return np.stack([self.n - ones, ones], axis=1)

    def _votes(self, margins: Array, questions: Questions) -> Array:
        """Binomial votes by inversion: one word each, addressed as a model's noise is."""
        streams = (
            Stream(key=self._key, phase=self.phase, input=int(i), chunk=int(q))
            for i, q in zip(questions.owners, questions.numbers, strict=True)
        )
        words = np.array([stream.words(0, 0, 1)[0] for stream in streams])
        uniform = ((words >> np.uint64(11)) + 0.5) * 2.0**-53
        # The number of votes is the least k with P(B ≤ k) ≥ u.
        share = np.clip(ndtr(margins / self.sigma), 1e-16, 1 - 1e-16)
        found: Array = np.clip(np.ceil(bdtrik(uniform, self.n, share)), 0, self.n)
        return found

    @cached_property
    def _key(self) -> int:
        return run_key(self.seed, f"linear oracle {self.sigma} {self.n}")

    @cached_property
    def _length(self) -> float:
        return float(np.linalg.norm(self.weights))

    @cached_property
    def _direction(self) -> Array:
        unit: Array = (self.weights / self._length).reshape(-1)
        return unit
