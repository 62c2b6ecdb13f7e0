"""Which blocks of which inputs are drawn next.

Held votes stay in memory while an input is open, so that a look costs no reading. An input whose
blocks have all come back is shown to its plan again at once; one that is settled leaves.

Inputs of a fixed number of votes are done one after the other, so that a run that is stopped has
finished some. Where a plan looks at the votes, those with the fewest go first: all are then at
small looks together, which fills batches, and what is left at the end has large looks.
"""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from certiball.errors import StoreError
from certiball.execution import Block
from certiball.runs.pending import Held
from certiball.runs.spec import RunSpec
from certiball.shapes import Array, Counts
from certiball.votes import Design

MOST_OPEN = 4096  # inputs whose votes are in memory
OPEN_BYTES = 2**29  # of encoded inputs in memory


@dataclass(kw_only=True, eq=False)
class _Open:
    position: int
    x: Array
    held: Held
    waiting: deque[Block]
    out: int = 0  # blocks that are being drawn


@dataclass(kw_only=True, eq=False)
class Feed:
    """The open inputs of an attempt.

    Args:
        spec: of the run.
        load: an encoded input, by its number.
        stored: what the store holds of an input, by its number.
        unopened: inputs that are not settled, in order.
        ready: samples that open inputs want now.
    """

    spec: RunSpec
    load: Callable[[int], Array]
    stored: Callable[[int], Held]
    unopened: deque[int]
    ready: int = 0
    _open: dict[int, _Open] = field(default_factory=dict)
    _heap: list[tuple[int, int, int]] = field(default_factory=list)
    _opened: int = 0
    _bytes: int = 0

    @property
    def waiting(self) -> int:
        """Samples that are wanted now or, of inputs not open yet, will be at first."""
        plan = self.spec.plan
        return self.ready + len(self.unopened) * sum(plan.wanted(self.spec.question, None, None))

    def take(self, samples: int) -> list[Block]:
        """The next blocks, of at least so many samples together where there are so many."""
        bundle: list[Block] = []
        taken = 0
        while taken < samples and (number := self._next()) is not None:
            opened = self._open[number]
            while opened.waiting and taken < samples:
                block = opened.waiting.popleft()
                opened.out += 1
                taken += block.samples
                bundle.append(block)
            if opened.waiting:
                self._queue(number)
        self.ready -= taken
        return bundle

    def inputs(self, numbers: Sequence[int]) -> dict[int, Array]:
        """The encoded inputs of open numbers."""
        return {number: self._open[number].x for number in numbers}

    def is_open(self, number: int) -> bool:
        """Whether an input is being sampled: it is neither settled nor failed."""
        return number in self._open

    def give(self, block: Block, counts: Counts) -> bool:
        """Take in a block's votes; whether that settles its input."""
        opened = self._open[block.input]
        opened.out -= 1
        opened.held.add(block, counts)
        if opened.out or opened.waiting:
            return False
        self._look(block.input)
        if not opened.waiting:
            self._close(block.input)
            return True
        return False

    def drop(self, number: int) -> int:
        """Give an input up; how many votes it had."""
        opened = self._open[number]
        self.ready -= sum(block.samples for block in opened.waiting)
        self._close(number)
        return opened.held.samples

    def _next(self) -> int | None:
        """An input that wants blocks."""
        stops = self.spec.plan.design is Design.STOPPED
        if stops and (number := self._open_one()) is not None:
            return number
        while self._heap:
            *_, number = heapq.heappop(self._heap)
            if number in self._open and self._open[number].waiting:
                return number
        return self._open_one()

    def _open_one(self) -> int | None:
        full = len(self._open) >= MOST_OPEN or self._bytes >= OPEN_BYTES
        if not self.unopened or (full and self._open):
            return None
        number = self.unopened.popleft()
        held = self.stored(number)
        opened = _Open(position=self._opened, x=self.load(number), held=held, waiting=deque())
        self._opened += 1
        self._open[number] = opened
        self._bytes += opened.x.nbytes
        self._look(number, queue=False)
        if not opened.waiting:
            raise StoreError(
                f"the store is damaged (input {number} has {held.samples} votes, and its plan "
                "wants others): restore it from a copy, or start again in a new folder"
            )
        return number

    def _look(self, number: int, queue: bool = True) -> None:
        """Ask the plan what it wants, given the votes."""
        opened = self._open[number]
        opened.waiting.extend(opened.held.missing(self.spec, number))
        self.ready += sum(block.samples for block in opened.waiting)
        if queue and opened.waiting:
            self._queue(number)

    def _queue(self, number: int) -> None:
        opened = self._open[number]
        stops = self.spec.plan.design is Design.STOPPED
        fewest = opened.held.samples if stops else 0
        heapq.heappush(self._heap, (fewest, opened.position, number))

    def _close(self, number: int) -> None:
        self._bytes -= self._open.pop(number).x.nbytes
