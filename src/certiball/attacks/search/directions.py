"""New directions, orthogonal to where a search has looked already (arXiv 2011.12807, §4)."""

import numpy as np

from certiball.attacks.search.frequency import Frequencies
from certiball.shapes import Array

AT_ONCE = 32  # directions that are drawn by one transform
ATTEMPTS = 8  # draws, when next to nothing is left of them
LEAST = 1e-3  # of a draw's length; with less left of it the earlier ones have nearly all
ROUNDING = 1e-20  # of u, squared; so little of it is left when the earlier ones have it


class Directions:
    """Random low-frequency directions, each orthogonal to the last few and to the current u.

    Args:
        frequencies: what they are drawn from.
        amplitudes: of each frequency [kept]; each is drawn with its sign, the opposite, or not
            at all, at equal odds.
        remembered: how many earlier directions they keep clear of.
        rng: the search's randomness.
    """

    def __init__(
        self,
        frequencies: Frequencies,
        amplitudes: Array,
        remembered: int,
        rng: np.random.Generator,
    ) -> None:
        self._frequencies = frequencies
        self._amplitudes = amplitudes
        self._rng = rng
        self._drawn: list[Array] = []
        self._earlier = np.empty((remembered, int(np.prod(frequencies.shape))))
        self._count = 0

    def draw(self, u: Array) -> Array | None:
        """The next direction [d], of unit length and orthogonal to the unit vector u [d].

        When the earlier ones have used up what there was to draw, they are forgotten. None if
        there is nothing but u, as in one dimension.
        """
        for _ in range(ATTEMPTS):
            raw = self._raw()
            found = self._clear_of(raw, u)
            length = float(np.sqrt(found @ found))
            if length > LEAST * float(np.sqrt(raw @ raw)):
                found /= length
                self._remember(found)
                return found
            self._count = 0
        return None

    def _raw(self) -> Array:
        if not self._drawn:
            signs = self._rng.integers(-1, 2, (AT_ONCE, self._frequencies.count), dtype=np.int8)
            inputs = self._frequencies.inputs(signs * self._amplitudes)
            self._drawn = list(inputs.reshape(AT_ONCE, -1))
        return self._drawn.pop()

    def _clear_of(self, raw: Array, u: Array) -> Array:
        """What is left of a draw when the earlier directions and u are taken out of it.

        The earlier ones are orthonormal, but u moves on and is not orthogonal to them: they are
        taken out of both first, then what is left of u. Where less than half of either is left,
        rounding counts, and would grow from each direction to the next: twice is enough.
        """
        earlier = self._earlier[: min(self._count, len(self._earlier))]
        both = np.stack([raw, u])
        left, rest = both
        for _ in range(2):
            both -= (both @ earlier.T) @ earlier
            size = float(rest @ rest)
            if size > 0.5 and left @ left > 0.5 * (raw @ raw):
                break
        if size > ROUNDING:
            left -= (float(left @ rest) / size) * rest
        clear: Array = left - float(left @ u) * u
        return clear

    def _remember(self, found: Array) -> None:
        if len(self._earlier):
            self._earlier[self._count % len(self._earlier)] = found
            self._count += 1
