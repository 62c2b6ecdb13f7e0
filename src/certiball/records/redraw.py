"""Votes drawn for a record's inputs, in the record's own shapes."""

from collections.abc import Iterator, Mapping

from certiball.certification.pending import bundles
from certiball.datasets import Dataset
from certiball.execution import Block
from certiball.executors.work import narrow
from certiball.runs.spec import RunSpec
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes
from certiball.smoothed import Smoothed, encode


def redraw(
    g: Smoothed,
    dataset: Dataset,
    spec: RunSpec,
    number: int,
    wanted: Mapping[Phase, int],
    key: int,
) -> dict[Phase, dict[int, int]]:
    """Draw so many votes of each phase for one input.

    Args:
        g: the smoothed classifier.
        dataset: the data.
        spec: whose shapes are executed.
        number: of the input in the data.
        wanted: votes of each phase.
        key: of the noise.

    Returns:
        For each phase the votes by class; classes without any are left out.

    Raises:
        ModelError: if the model gives no votes for the input.
    """
    x = narrow(encode(g.space, dataset[number][0][None])[0])
    blocks = [block for phase, n in wanted.items() for block in _blocks(spec, number, phase, n)]
    votes: dict[Phase, dict[int, int]] = {phase: {} for phase in wanted}
    for bundle in bundles(blocks):
        counts = count_votes(g, {number: x}, bundle, key, spec.execution)
        for block, table in zip(bundle, counts, strict=True):
            held = votes[block.phase]
            for label, count in enumerate(table.sum(0).tolist()):
                if count:
                    held[label] = held.get(label, 0) + count
    return votes


def _blocks(spec: RunSpec, number: int, phase: Phase, samples: int) -> Iterator[Block]:
    """As the run cut them."""
    chunk = spec.execution.chunk
    size = spec.block * chunk
    for first in range(0, samples, size):
        left = min(size, samples - first)
        yield Block(input=number, phase=phase, first=first // chunk, samples=left)
