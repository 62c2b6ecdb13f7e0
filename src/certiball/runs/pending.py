"""What a run still has to sample: its plan, minus what is stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from certiball.certification.pending import PHASES, pending_blocks
from certiball.execution import Block
from certiball.runs.evidence import Evidence
from certiball.runs.spec import RunSpec
from certiball.samplers.streams import Phase
from certiball.shapes import Array, Counts
from certiball.votes import Votes


@dataclass(kw_only=True, eq=False)
class Held:
    """The votes of one input, as its blocks come in, in whatever order.

    Args:
        chunk: samples per chunk.
        ends: how many chunks each phase's contiguous prefix has: all that a plan may look at.
        counts: the votes of the prefix.
        beyond: blocks behind a gap: lost work, which will be done again, lies before them.
        samples: how many votes there are, with those behind a gap.
    """

    chunk: int
    ends: dict[Phase, int] = field(default_factory=lambda: dict.fromkeys(PHASES, 0))
    counts: dict[Phase, Array] = field(default_factory=dict)
    beyond: dict[tuple[Phase, int], tuple[int, Array]] = field(default_factory=dict)
    samples: int = 0

    def add(self, block: Block, counts: Counts) -> None:
        """Take a block in, with its votes [chunks, classes]."""
        self.samples += block.samples
        self.beyond[block.phase, block.first] = block.chunks(self.chunk), counts.sum(0)
        phase = block.phase
        while (phase, self.ends[phase]) in self.beyond:
            chunks, votes = self.beyond.pop((phase, self.ends[phase]))
            self.ends[phase] += chunks
            self.counts[phase] = self.counts[phase] + votes if phase in self.counts else votes

    def votes(self) -> dict[Phase, Votes]:
        """The votes of each phase that has any in its prefix."""
        return {phase: Votes(counts=tuple(total.tolist())) for phase, total in self.counts.items()}

    def missing(self, spec: RunSpec, number: int) -> list[Block]:
        """The blocks that the plan wants now and that are not there.

        Raises:
            InputError: if the plan wants to go on from a part of a chunk.
        """
        wanted = pending_blocks(
            spec.question, spec.plan, number, self.votes(), self.chunk, spec.block
        )
        return [block for block in wanted if (block.phase, block.first) not in self.beyond]


def held(stored: Iterable[Evidence], chunk: int) -> Held:
    """The stored blocks of one input, as votes."""
    found = Held(chunk=chunk)
    for each in stored:
        found.add(each.block, each.counts)
    return found


def held_votes(stored: Iterable[Evidence], chunk: int) -> dict[Phase, Votes]:
    """The votes of each phase's contiguous prefix of chunks: all that a plan may look at.

    Args:
        stored: blocks of one input.
        chunk: samples per chunk.
    """
    return held(stored, chunk).votes()


def missing_blocks(spec: RunSpec, number: int, stored: Sequence[Evidence]) -> list[Block]:
    """The blocks of one input that the plan wants now and that are not stored.

    Raises:
        InputError: if the plan wants to go on from a part of a chunk.
    """
    return held(stored, spec.execution.chunk).missing(spec, number)
