"""Bundles in, answers out, as many at a time as an executor wants.

A bundle for which the model gives no vote at all is doubtful: the model may be broken. Other
inputs of the run tell; a model that answers for none of them stops the run.
"""

from collections.abc import Callable, Iterator, Sequence

from certiball.errors import ModelError
from certiball.executors import Bundle, Drawn, Executor

WITNESSES = 16  # other inputs that are asked before a model is called broken


def flow(
    workers: Executor,
    next_bundle: Callable[[], Bundle | None],
    next_witnesses: Callable[[Drawn], Bundle | None],
) -> Iterator[Drawn]:
    """What comes of bundles, in any order, until there are no more.

    Args:
        workers: draw them.
        next_bundle: the next one; None while there is none, until more has come back.
        next_witnesses: a bundle of other inputs than those that failed; None if there are none.

    Raises:
        ModelError: as the model's first, if it answers for none of the inputs or of the others.
    """
    doubtful: dict[int, Drawn] = {}  # by the number of the bundle that decides
    flying = 0
    while True:
        while flying < workers.slots and (bundle := next_bundle()) is not None:
            workers.submit(bundle)
            flying += 1
        if not flying:
            return
        drawn = workers.collect()
        flying -= 1
        doubt = doubtful.pop(drawn.bundle, None)
        if doubt is not None:
            if not drawn.answered:
                raise ModelError(doubt.error)
            yield doubt
        elif drawn.failed and not drawn.answered:
            witnesses = next_witnesses(drawn)
            if witnesses is None:
                raise ModelError(drawn.error)
            doubtful[witnesses.number] = drawn
            workers.submit(witnesses)
            flying += 1
        else:
            yield drawn


def spread(numbers: Sequence[int], count: int = WITNESSES) -> list[int]:
    """At most so many, evenly from a whole list."""
    step = -(-len(numbers) // count) or 1
    return list(numbers[::step])
