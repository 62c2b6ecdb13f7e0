"""Bundles in, answers out, as many at a time as an executor wants.

Inputs that fail are drawn again by another worker, where there is one: what does not fail there
was the worker's fault. A bundle for which the model gives no vote at all is doubtful: the model may
be broken. Other inputs of the run tell; a model that answers for none of them stops the run.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

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
    flight = _Flight(workers=workers, next_witnesses=next_witnesses)
    while True:
        while len(flight.bundles) < workers.slots and (bundle := next_bundle()) is not None:
            flight.submit(bundle)
        if not flight.bundles:
            return
        drawn = flight.collect()
        if drawn is not None:
            yield drawn


@dataclass(kw_only=True)
class _Flight:
    """The bundles that are out, and what hangs on their answers."""

    workers: Executor
    next_witnesses: Callable[[Drawn], Bundle | None]
    bundles: dict[int, Bundle] = field(default_factory=dict)
    doubtful: dict[int, Drawn] = field(default_factory=dict)  # by the bundle that decides
    sound: set[int] = field(default_factory=set)  # those asked again that were answered in part

    def submit(self, bundle: Bundle) -> None:
        self.bundles[bundle.number] = bundle
        self.workers.submit(bundle)

    def collect(self) -> Drawn | None:
        """An answer that holds; None while another decides about it."""
        drawn = self.workers.collect()
        asked = self.bundles.pop(drawn.bundle)
        doubt = self.doubtful.pop(asked.number, None)
        if doubt is not None:
            if not drawn.answered:
                raise ModelError(doubt.error)
            return doubt
        if drawn.failed and drawn.worker is not None and asked.avoid is None:
            return self._ask_again(asked, drawn)
        if drawn.failed and not drawn.answered and asked.number not in self.sound:
            self._doubt(drawn)
            return None
        return drawn

    def _ask_again(self, asked: Bundle, drawn: Drawn) -> Drawn | None:
        """Have another worker draw what failed; the rest holds."""
        self.submit(
            replace(
                asked,
                inputs={number: asked.inputs[number] for number in drawn.failed},
                blocks=tuple(block for block in asked.blocks if block.input in drawn.failed),
                avoid=drawn.worker,
            )
        )
        if not drawn.answered:
            return None
        self.sound.add(asked.number)
        return replace(drawn, failed={}, error=None)

    def _doubt(self, drawn: Drawn) -> None:
        """Have others of the run say whether the model answers at all."""
        witnesses = self.next_witnesses(drawn)
        if witnesses is None:
            raise ModelError(drawn.error)
        self.doubtful[witnesses.number] = drawn
        self.submit(witnesses)


def spread(numbers: Sequence[int], count: int = WITNESSES) -> list[int]:
    """At most so many, evenly from a whole list."""
    step = -(-len(numbers) // count) or 1
    return list(numbers[::step])
