"""Fresh answers to judge points by: noise that no attack has seen, as much as was fixed before."""

from dataclasses import dataclass, replace
from typing import TypeAlias, overload

import numpy as np

from certiball.attacks.linear import LinearOracle
from certiball.attacks.oracle import Oracle, Questions, SmoothedOracle
from certiball.samplers.streams import Phase
from certiball.shapes import Array, Batch, Labels

AT_ONCE = 2**22  # numbers of noisy inputs in one question, and of points in one call
BEYOND = 2**40  # the number of a question that no attack comes to
LEAST = 32  # micro-decisions in a question, however large inputs are

Voting: TypeAlias = SmoothedOracle | LinearOracle  # whose answers are majorities of any number


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """What one judgement asks of each point.

    Args:
        oracle: answers by noise of its own.
        times: questions about each point.
    """

    oracle: Oracle
    times: int

    @property
    def forwards(self) -> int:
        """Calls of the base classifier for each point."""
        return self.times * self.oracle.forwards

    def ask(self, points: Batch, owners: Labels, first: Labels) -> Array:
        """Votes int64 [m, times, classes].

        Args:
            points: encoded [m, ...].
            owners: the number of the input [m] that each is a question about.
            first: the number [m] of its owner's first question; the others follow.
        """
        group = max(1, AT_ONCE // (points[0].size * self.times))
        cuts = [slice(start, start + group) for start in range(0, len(points), group)]
        return np.concatenate([self._asked(points[c], owners[c], first[c]) for c in cuts])

    def _asked(self, points: Batch, owners: Labels, first: Labels) -> Array:
        """In parts: many questions about one large input are too large together."""
        part = max(1, AT_ONCE // points.size)
        found = []
        for start in range(0, self.times, part):
            numbers = np.arange(start, min(start + part, self.times))
            questions = Questions(
                points=np.repeat(points, len(numbers), axis=0),
                owners=np.repeat(owners, len(numbers)),
                numbers=(first[:, None] + numbers).ravel(),
            )
            counts = self.oracle.counts(questions)
            found.append(counts.reshape(len(points), len(numbers), -1))
        return np.concatenate(found, axis=1)


@overload
def fresh(oracle: Voting, seed: int | None = None) -> Voting: ...
@overload
def fresh(oracle: Oracle, seed: int | None = None) -> Oracle: ...
def fresh(oracle: Oracle, seed: int | None = None) -> Oracle:
    """The same deployment, answering by streams that are kept for judging.

    Frozen noise is thawed: what it answers says nothing of other noise. An oracle that is not
    made here, such as an endpoint, is itself; its noise is its own affair.

    Args:
        oracle: what is deployed.
        seed: None for the oracle's own; the streams are others all the same.
    """
    if isinstance(oracle, LinearOracle):
        own = oracle.seed if seed is None else seed
        return replace(oracle, seed=own, phase=Phase.VERIFICATION)
    if isinstance(oracle, SmoothedOracle):
        own_or_none = oracle.seed if seed is None else seed
        return replace(oracle, seed=own_or_none, frozen=False, phase=Phase.VERIFICATION)
    return oracle


def first_number(oracle: Oracle) -> int:
    """The number of the first question of a judgement.

    Oracles that are made here have streams for judging. Another's noise may hang on owner and
    number alone, as `Questions` says: there no number is one that an attack has asked by.
    """
    return 0 if isinstance(oracle, Voting) else BEYOND


def micro_decisions(oracle: Voting, votes: int, size: int) -> Draws:
    """So many micro-decisions, in as few questions as memory allows.

    Args:
        oracle: a fresh one.
        votes: for each point; where they take several questions, a little more.
        size: numbers of an input.
    """
    times = -(-votes // max(LEAST, AT_ONCE // size))
    return Draws(oracle=replace(oracle, n=-(-votes // times)), times=times)
