"""One input under attack: its search, what was answered, and what that led to."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from certiball.attacks.attacked import History, Status
from certiball.attacks.epsilons import lengths
from certiball.attacks.search.ask import Ask, QueryAttack, Task
from certiball.shapes import Array

UNLIMITED = 2**62
CHECKS = 15  # questions about the clean input itself where answers are random; a majority decides


@dataclass(frozen=True, kw_only=True, eq=False)
class Reply:
    """The answers to an ask: whether each is adversarial [k], and votes [k, classes]."""

    adversarial: Array
    counts: Array


Story: TypeAlias = Generator[Ask, Reply, tuple[Array | None, Status]]


@dataclass(kw_only=True, eq=False)
class Hunt:
    """The state of one input's search. It moves on when it is told the answers to its ask.

    Args:
        attack: how to search.
        task: of the input; its budget is the most questions that may be asked.
        place: of the input in the criterion.
        number: of the input, which its randomness hangs on.
        checks: questions about the clean input, to begin with.
        told: answers of an earlier attempt to go through first: classes [q], or votes
            [q, classes] for attacks on shares.
    """

    attack: QueryAttack
    task: Task
    place: int
    number: int
    checks: int
    told: Array | None = None
    answers: list[Array] = field(default_factory=list)  # as `told`, piece by piece
    queries: int = 0
    best: Array | None = None
    history: History = ()
    status: Status | None = None  # None while it goes on

    def __post_init__(self) -> None:
        self._story = story(self.attack, self.task, self.checks)
        self.ask = next(self._story)
        self._stop_if_spent()

    @property
    def transcript(self) -> Array:
        """All answers so far: classes [q], or votes [q, classes] for attacks on shares."""
        return np.concatenate(self.answers) if self.answers else np.zeros(0, dtype=np.int64)

    def repeat(self, size: int) -> Array | None:
        """The next answers of an earlier attempt, if it had so many more."""
        if self.told is None or self.queries + size > len(self.told):
            return None
        return self.told[self.queries : self.queries + size]

    def tell(self, reply: Reply, answers: Array) -> None:
        """Move on with the answers to the ask."""
        self.answers.append(answers)
        self.queries += len(answers)
        try:
            self.ask = self._story.send(reply)
        except StopIteration as end:
            best, self.status = end.value
            self._note(best)
        else:
            self._note(self.ask.best)
            self._stop_if_spent()

    def _stop_if_spent(self) -> None:
        """An ask that the budget does not allow is not made: nothing would come of a part."""
        if self.queries + len(self.ask.points) > self.task.budget:
            self._story.close()
            self.status = Status.BUDGET if self.best is None else Status.FOUND

    def _note(self, best: Array | None) -> None:
        if best is None or best is self.best:
            return
        self.best = best
        distance = float(lengths(self.attack.norm, (best - self.task.x)[None])[0])
        self.history += ((self.queries, distance),)


def story(attack: QueryAttack, task: Task, checks: int) -> Story:
    """The whole search of one input: is it misclassified already? If not, the attack."""
    reply = yield Ask(points=np.repeat(task.x[None], checks, axis=0))
    if 2 * int(reply.adversarial.sum()) > checks:
        return task.x, Status.MISCLASSIFIED
    search = attack.search(task)
    try:
        ask = next(search)
        while True:
            reply = yield ask
            ask = search.send(shares(reply) if attack.answers == "shares" else reply.adversarial)
    except StopIteration as end:
        best: Array | None = end.value
    if best is not None:
        return best, Status.FOUND
    return None, Status.NOT_FOUND if task.start is None else Status.REFUSED_START


def shares(reply: Reply) -> Array:
    """Shares of the votes, float64 [k, classes]."""
    found: Array = reply.counts / reply.counts.sum(axis=1, keepdims=True)
    return found
