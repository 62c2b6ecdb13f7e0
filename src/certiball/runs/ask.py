"""Asking a model about many inputs where some of them break it.

A classifier's answer to one input may be no vote (NaN, a class that does not exist). That input
fails, and the others go on. A model that answers none is broken, and stops the run.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from certiball.errors import ModelError

T = TypeVar("T")
WITNESSES = 16  # other inputs that are asked before a model is called broken


@dataclass(frozen=True, kw_only=True)
class Answers(Generic[T]):
    """What came back.

    Args:
        given: the answers, by input.
        failed: why there is none, by input.
    """

    given: Mapping[int, T]
    failed: Mapping[int, str] = field(default_factory=dict)


def ask(
    question: Callable[[Sequence[int]], Mapping[int, T]],
    inputs: Sequence[int],
    others: Iterable[int],
    works: Callable[[int], object],
) -> Answers[T]:
    """The answers for inputs asked together, or, where that fails, one by one.

    Args:
        question: gives the answers for inputs that it asks in one go.
        inputs: which.
        others: of the same run, to tell an input that fails from a model that does.
        works: raises if the model does not answer for another input either.

    Raises:
        ModelError: as the model's first, if it answers for none of the inputs or of the others.
    """
    try:
        return Answers(given=question(inputs))
    except ModelError as error:
        given: dict[int, T] = {}
        failed: dict[int, str] = {}
        for number in inputs:
            try:
                given |= question([number])
            except ModelError as reason:
                failed[number] = str(reason)
        if not given and not any(_works(works, others)):
            raise error
        return Answers(given=given, failed=failed)


def spread(numbers: Sequence[int], count: int = WITNESSES) -> list[int]:
    """At most so many, evenly from a whole list."""
    step = -(-len(numbers) // count) or 1
    return list(numbers[::step])


def _works(works: Callable[[int], object], others: Iterable[int]) -> Iterator[bool]:
    for number in others:
        try:
            works(number)
        except ModelError:
            yield False
        else:
            yield True
