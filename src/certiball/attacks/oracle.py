"""What an attacker may ask, and what it costs.

An oracle answers encoded inputs with votes. It is told whose question each is, and the
how-manieth of that owner: fresh noise is then the same in any batch, and after a resumption.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

from certiball.certification.smooth import draw_seed
from certiball.claim import Draw
from certiball.classifiers import Classifier
from certiball.errors import InputError
from certiball.execution import Execution
from certiball.numbers import as_whole
from certiball.samplers.chunk import Chunk
from certiball.samplers.streams import Phase, Stream, run_key
from certiball.sampling import answer_queries, count_queries
from certiball.shapes import Batch, Counts, Labels
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Space

BATCH = 128  # rows that a model is shown at once, at most
MOST = 2**20  # votes for one answer


@dataclass(frozen=True, kw_only=True, eq=False)
class Questions:
    """Points to be answered.

    Args:
        points: encoded inputs [m, ...] of the oracle's space.
        owners: the number of the input [m] that each is a question about.
        numbers: the how-manieth question [m] of its owner it is, from 0.
    """

    points: Batch
    owners: Labels
    numbers: Labels


@runtime_checkable
class Oracle(Protocol):
    """Anything that answers questions with votes; a model without noise has one vote."""

    @property
    def space(self) -> Space:
        """Where inputs live; points are rounded to its grid before they are asked about."""
        ...

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        ...

    @property
    def forwards(self) -> int:
        """Calls of the base classifier that one question costs; 0 where nobody can tell."""
        ...

    @property
    def random(self) -> bool:
        """Whether the same question may be answered otherwise next time."""
        ...

    def counts(self, questions: Questions) -> Counts:
        """The votes for each class, int64 [m, classes]; most win, a tie goes to the lower class."""
        ...


@dataclass(frozen=True, eq=False)
class BaseOracle:
    """A classifier without noise.

    Args:
        classifier: what answers.
        space: where inputs live.
        batch: rows that it is shown at once, at most.
    """

    classifier: Classifier
    space: Space
    batch: int = BATCH

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return self.classifier.num_classes

    @property
    def forwards(self) -> int:
        """One."""
        return 1

    @property
    def random(self) -> bool:
        """No."""
        return False

    def counts(self, questions: Questions) -> Counts:
        """One vote for each question, int64 [m, classes].

        Raises:
            ModelError: if its answers are not votes, or it raises.
        """
        points, space = questions.points, self.space
        rows = space.values(points) if isinstance(space, Grid) else points
        return answer_queries(self.classifier, rows, Execution(batch=self.batch))


@dataclass(frozen=True, eq=False)
class SmoothedOracle:
    """The smoothed classifier as it is deployed: a majority of n votes (g of σ and n).

    Args:
        g: the smoothed classifier.
        n: votes for each answer.
        seed: None for noise that nobody knows; a chosen one for the same noise again.
        frozen: whether every question of an input meets the same noise: a deterministic model,
            which an attacker can overfit.
        batch: rows that the model is shown at once, at most.
        phase: what the answers are for; points are judged by other noise than found them.

    Raises:
        InputError: for numbers out of range.

    Example:
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> SmoothedOracle(g, n=10).forwards
        10
    """

    g: Smoothed
    n: int
    seed: int | None = None
    frozen: bool = False
    batch: int = BATCH
    phase: Phase = Phase.ATTACK
    draw: Draw = field(init=False)

    def __post_init__(self) -> None:
        if not 1 <= as_whole("n", self.n) <= MOST:
            raise InputError(f"n must be from 1 to {MOST}, not {self.n}")
        object.__setattr__(self, "draw", draw_seed(self.seed))

    @property
    def space(self) -> Space:
        """Where inputs live."""
        return self.g.space

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return self.g.classifier.num_classes

    @property
    def forwards(self) -> int:
        """One for each vote."""
        return self.n

    @property
    def random(self) -> bool:
        """Whether noise is fresh at every question."""
        return not self.frozen

    def counts(self, questions: Questions) -> Counts:
        """The votes for each class, n for each question, int64 [m, classes].

        Raises:
            ModelError: if the classifier's answers are not votes, or it raises.
        """
        points = questions.points.reshape(len(questions.points), -1)
        asked = zip(points, questions.owners, questions.numbers, strict=True)
        chunks = [
            Chunk(slot=slot, stream=self._stream(int(i), int(q)), clean=clean, samples=self.n)
            for slot, (clean, i, q) in enumerate(asked)
        ]
        rows = len(chunks) * self.n
        batch = min(self.batch, 1 << (rows - 1).bit_length())  # few shapes, for compiled models
        execution = Execution(batch=batch, chunk=self.n)
        return count_queries(self.g, chunks, questions.points.shape[1:], execution)

    def _stream(self, owner: int, number: int) -> Stream:
        chunk = 0 if self.frozen else number
        return Stream(key=self._key, phase=self.phase, input=owner, chunk=chunk)

    @cached_property
    def _key(self) -> int:
        return run_key(self.draw.seed, f"oracle\n{self.g.law}\n{self.g.space}\n{self.n}")
