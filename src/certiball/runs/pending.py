"""What a run still has to sample: its plan, minus what is stored."""

from collections.abc import Iterable, Sequence

import numpy as np

from certiball.certification.pending import PHASES, pending_blocks
from certiball.runs.evidence import Evidence
from certiball.runs.spec import RunSpec
from certiball.samplers.streams import Phase
from certiball.sampling import Block
from certiball.votes import Votes


def held_votes(stored: Iterable[Evidence], chunk: int) -> dict[Phase, Votes]:
    """The votes of each phase's contiguous prefix of chunks: all that a plan may look at.

    Args:
        stored: blocks of one input, sorted by phase and first chunk.
        chunk: samples per chunk.
    """
    counts: dict[Phase, np.ndarray] = {}
    ends = dict.fromkeys(PHASES, 0)
    for each in stored:
        phase = each.block.phase
        if each.block.first != ends[phase]:
            continue  # behind a gap: lost work, which will be done again
        ends[phase] += each.block.chunks(chunk)
        counts[phase] = counts.get(phase, 0) + each.counts.sum(0)
    return {
        phase: Votes(counts=tuple(int(count) for count in total)) for phase, total in counts.items()
    }


def missing_blocks(spec: RunSpec, number: int, stored: Sequence[Evidence]) -> list[Block]:
    """The blocks of one input that the plan wants now and that are not stored.

    Raises:
        InputError: if the plan wants to go on from a part of a chunk.
    """
    chunk = spec.execution.chunk
    held = held_votes(stored, chunk)
    there = {(each.block.phase, each.block.first) for each in stored}
    wanted = pending_blocks(spec.question, spec.plan, number, held, chunk, spec.block)
    return [block for block in wanted if (block.phase, block.first) not in there]
