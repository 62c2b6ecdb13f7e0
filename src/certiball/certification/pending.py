"""What a plan still wants of one input, cut into blocks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from certiball.certification.looks import LOOK
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.errors import InputError
from certiball.execution import Block, Execution
from certiball.samplers.streams import Phase
from certiball.votes import Design, Votes

PHASES = (Phase.SELECTION, Phase.ESTIMATION)
BLOCK = 32  # chunks per block: 1,024 samples of an image, a second of a network on a CPU
BUNDLE = 2**16  # samples per call of `count_votes`, which bounds its table of counts


def pending_blocks(
    question: Question,
    plan: Plan,
    number: int,
    held: Mapping[Phase, Votes],
    chunk: int,
    block: int = BLOCK,
) -> Iterator[Block]:
    """The blocks of one input that the plan wants and that are not held.

    They are cut from the end of what is held, which is always the end of a block: so a block
    that was lost comes back with the same place and size.

    Args:
        question: what the votes are for.
        plan: how many samples each phase should have.
        number: of the input.
        held: the votes of each phase's contiguous prefix of chunks.
        chunk: samples per chunk.
        block: chunks per block.

    Raises:
        InputError: if a phase that should grow holds a part of a chunk, or a plan of fixed
            numbers does not keep to them.
    """
    wanted = plan.wanted(question, held.get(Phase.SELECTION), held.get(Phase.ESTIMATION))
    if plan.design is not Design.STOPPED and wanted != (plan.selection, plan.most):
        raise InputError(
            f"{plan} says that its numbers are fixed and wants {wanted} after seeing votes, not "
            f"{(plan.selection, plan.most)}: bounds for a fixed number would not hold"
        )
    # Looked at once, for the votes may grow while the blocks are being taken.
    starts = [held[phase].total if phase in held else 0 for phase in PHASES]
    for phase, start, end in zip(PHASES, starts, wanted, strict=True):
        if start < end and start % chunk:
            raise InputError(f"{start} votes are not whole chunks of {chunk}: they cannot grow")
        for first in range(start, end, block * chunk):
            samples = min(block * chunk, end - first)
            yield Block(input=number, phase=phase, first=first // chunk, samples=samples)


def looking(plan: Plan, execution: Execution) -> Execution:
    """The same, in chunks at whose ends a plan that stops by its votes looks."""
    return replace(execution, chunk=LOOK) if plan.design is Design.STOPPED else execution


def bundles(blocks: Iterable[Block], samples: int = BUNDLE) -> Iterator[list[Block]]:
    """Blocks in order, in groups of about as many samples as are asked for."""
    bundle: list[Block] = []
    for block in blocks:
        bundle.append(block)
        if sum(b.samples for b in bundle) >= samples:
            yield bundle
            bundle = []
    if bundle:
        yield bundle
