"""What a plan still wants of one input, cut into blocks."""

from collections.abc import Iterator, Mapping, Sequence

from certiball.certification.plan import Plan
from certiball.errors import InputError
from certiball.samplers.streams import Phase
from certiball.sampling import Block
from certiball.votes import Votes

BLOCK = 128  # chunks per block: 4,096 samples, some seconds of a large network on a CPU
BUNDLE = 2**16  # samples per call of `count_votes`, which bounds its table of counts


def pending_blocks(
    plan: Plan, number: int, held: Mapping[Phase, Votes], chunk: int
) -> Iterator[Block]:
    """The blocks of one input that the plan wants and that are not held.

    Args:
        plan: how many samples each phase should have.
        number: of the input.
        held: the votes of each phase's contiguous prefix of chunks.
        chunk: samples per chunk.

    Raises:
        InputError: if a phase that should grow holds a part of a chunk.
    """
    wanted = plan.wanted(held.get(Phase.SELECTION), held.get(Phase.ESTIMATION))
    for phase, end in zip((Phase.SELECTION, Phase.ESTIMATION), wanted, strict=True):
        start = held[phase].total if phase in held else 0
        if start < end and start % chunk:
            raise InputError(f"{start} votes are not whole chunks of {chunk}: they cannot grow")
        for first in range(start, end, BLOCK * chunk):
            samples = min(BLOCK * chunk, end - first)
            yield Block(input=number, phase=phase, first=first // chunk, samples=samples)


def bundles(blocks: Sequence[Block], samples: int = BUNDLE) -> Iterator[list[Block]]:
    """Blocks in order, in groups of about as many samples as are asked for."""
    bundle: list[Block] = []
    for block in blocks:
        bundle.append(block)
        if sum(b.samples for b in bundle) >= samples:
            yield bundle
            bundle = []
    if bundle:
        yield bundle
