"""What a report is made of: one entry for each input tried, and what is known of the whole."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from certiball.certificate import Abstention, Classical, Result, Target
from certiball.certification.assumptions import Assumption
from certiball.claim import Claim, Draw
from certiball.errors import InputError
from certiball.report.breach import Attacks
from certiball.shapes import Array
from certiball.votes import Votes

FAILED = "failed"  # how the reason of an input begins that never came to an answer


class Origin(Enum):
    """Where entries come from."""

    RUN = "run"  # our own results, with counts
    PUBLISHED = "published log"  # a table that somebody published: no counts, rounded radii


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What `predict` answers from the estimation votes: a class, or None when it abstains."""

    label: int | None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What votes that stopped by a rule were drawn for.

    Args:
        radii: that were to be decided, ascending; empty where a precision was asked for.
        precision: how much a radius may miss, relatively; None where radii were asked for.
        cap: the radius above which nothing was asked; None for none.
        beta: how often votes may have stopped for a wrong no.
    """

    radii: tuple[float, ...] = ()
    precision: float | None = None
    cap: float | None = None
    beta: float

    @property
    def limit(self) -> float | None:
        """The largest radius that was asked about; None where every radius was."""
        return self.radii[-1] if self.radii else self.cap


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One input that was tried, certified or not.

    Args:
        index: its place in the data set.
        label: its true class.
        predicted: the certified class; None when certification abstained or failed.
        radius: certified radius in the units of the inputs; 0 when it abstained.
        seconds: how long it took; None where unknown, as in every field below.
        clean: what the base classifier gives for the clean input.
        answer: what `predict` answers.
        selection: the n0 votes that chose the class.
        estimation: the n votes that bound its probability.
        p_lower: lower bound on the class's probability under noise.
        p_upper: upper bound on every other class's (two-class rule).
        reason: why nothing is certified, as a sentence.
        targets: the radii that were asked for, with the verdict on each.
        classical: beside a randomized bound, what the classical one gives.

    Raises:
        InputError: if the radius is negative or not finite, or an abstention has one, or a
            certified class has none.
    """

    index: int
    label: int
    predicted: int | None
    radius: float
    seconds: float | None = None
    clean: int | None = None
    answer: Answer | None = None
    selection: Votes | None = None
    estimation: Votes | None = None
    p_lower: float | None = None
    p_upper: float | None = None
    reason: str | None = None
    targets: tuple[Target, ...] = ()
    classical: Classical | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.radius) and self.radius >= 0):
            raise InputError(
                f"input {self.index}: a radius must be finite and ≥ 0, not {self.radius}"
            )
        if self.predicted is None and self.radius > 0:
            raise InputError(
                f"input {self.index}: an abstention has radius 0, not {self.radius}; "
                "give the class that is certified"
            )
        if self.predicted is not None and self.radius == 0:
            raise InputError(f"input {self.index}: a radius of 0 certifies no class; give None")
        if self.label < 0 or (self.predicted is not None and self.predicted < 0):
            raise InputError(
                f"input {self.index}: classes are counted from 0, not {self.label} and "
                f"{self.predicted}; None stands for an abstention"
            )

    @property
    def samples(self) -> int | None:
        """How many votes it took, selection included; None where they are unknown."""
        if self.selection is None or self.estimation is None:
            return None
        return self.selection.total + self.estimation.total

    @property
    def correct(self) -> bool:
        """Whether the certified class is the true one; False for an abstention."""
        return self.predicted == self.label

    @property
    def failed(self) -> bool:
        """Whether nothing could be judged at all: a reason such as "failed: …"."""
        return self.predicted is None and (self.reason or "").startswith(FAILED)


@dataclass(frozen=True, kw_only=True)
class Family:
    """What the votes prove of all inputs at once: statements beside the single certificates.

    Args:
        radii: one for each entry, true together; None where they were not asked for.
        holm: a radius at which inputs are certified together; None for none.
        certified: for each entry whether it is one of those.
        declared: whether the run's specification asks for that radius and no other.
    """

    radii: tuple[float, ...] | None
    holm: float | None
    certified: tuple[bool, ...] | None
    declared: bool


@dataclass(frozen=True, kw_only=True)
class Study:
    """All inputs tried under one claim. Abstentions and failures stay among the entries.

    Args:
        title: a short name, such as "σ = 0.25".
        entries: one for each input tried.
        origin: whether these are our own results or a published log.
        claim: what is claimed; None where a log does not say.
        unfinished: how many inputs of the run's specification have no complete votes; they are
            not among the entries. What stopped the run may have depended on its results.
        shards: the parts of a run that these are all the inputs of, such as "1/2"; none where the
            run is whole or a part is not finished.
        draw: how the random numbers came; None where that is unknown, or where `draws` says it.
        draws: all seeds of a run that was merged from shards.
        n0: votes for selection.
        n: votes for estimation, the most where they stopped by a rule.
        asked: what such a rule asked for; None where their number was fixed.
        classes: a name for each class; empty where unknown.
        dimension: how many numbers an input has.
        largest: the largest radius that the claim can certify, at unanimous votes.
        notes: sentences for the reader, such as how a publisher rounded.
        facts: names and values of provenance, such as ("model digest", "9f2c…").
        assumptions: what the certificates take for granted; empty where a log does not say.
        family: what was read of all inputs at once, on request.
        attacks: what attacks found, beside the certificates; None where nobody attacked.
        picture: from an entry's index to its picture, height × width or height × width × 3
            in uint8, or None.

    Raises:
        InputError: if there is no entry, an index comes twice, a class has no name, the number
            of unfinished inputs is negative, or `draw` is not among the draws.

    Example:
        >>> entry = Entry(index=0, label=3, predicted=3, radius=0.5)
        >>> Study(title="σ = 0.25", entries=(entry,), origin=Origin.RUN).size
        1
    """

    title: str
    entries: tuple[Entry, ...]
    origin: Origin
    claim: Claim | None = None
    unfinished: int = 0
    shards: tuple[str, ...] = ()
    draw: Draw | None = None
    draws: tuple[Draw, ...] = ()
    n0: int | None = None
    n: int | None = None
    asked: Asked | None = None
    classes: tuple[str, ...] = ()
    dimension: int | None = None
    largest: float | None = None
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    family: Family | None = None
    attacks: Attacks | None = None
    picture: Callable[[int], Array | None] | None = None

    def __post_init__(self) -> None:
        if not self.entries:
            raise InputError(f"{self.title}: a study needs at least 1 entry; nothing was tried")
        if self.unfinished < 0:
            raise InputError(
                f"{self.title}: the unfinished inputs must be 0 or more, not {self.unfinished}"
            )
        if self.draw is not None and self.draws and self.draw not in self.draws:
            raise InputError(
                f"{self.title}: {self.draw} is not among the draws; leave draw out of a merged run"
            )
        seen: set[int] = set()
        for entry in self.entries:
            if entry.index in seen:
                raise InputError(
                    f"{self.title}: input {entry.index} comes twice; each input counts once"
                )
            seen.add(entry.index)
            known = (entry.label, entry.predicted or 0, entry.clean or 0)
            if self.classes and max(known) >= len(self.classes):
                raise InputError(
                    f"{self.title}: input {entry.index} has class {max(known)}, but only "
                    f"{len(self.classes)} classes are named; name every class or none"
                )

    @property
    def size(self) -> int:
        """How many inputs are finished: the N that every rate is divided by."""
        return len(self.entries)

    @property
    def planned(self) -> int:
        """How many inputs were to be tried, finished or not: the N of every guarantee."""
        return self.size + self.unfinished

    @property
    def limit(self) -> float | None:
        """The largest radius that was asked about; None where every radius was."""
        return None if self.asked is None else self.asked.limit

    @property
    def targets(self) -> tuple[float, ...]:
        """The radii that votes stopped for, ascending; none where they stopped for none."""
        return () if self.asked is None else self.asked.radii

    def asks(self, radius: float) -> bool:
        """Whether the votes were drawn to say something at this radius.

        Votes that stopped for radii say nothing of the share that a radius between them would
        get, nor of radius 0: what they happen to prove there depends on where they stopped.
        """
        if self.targets:
            return radius in self.targets
        return self.limit is None or radius <= self.limit

    @property
    def randomness(self) -> tuple[Draw, ...]:
        """All seeds, one for each shard; empty where they are unknown."""
        return self.draws or (() if self.draw is None else (self.draw,))

    def class_name(self, label: int) -> str:
        """The name of a class, or its number where names are unknown."""
        return self.classes[label] if self.classes else str(label)


def entry_of(result: Result, *, index: int, label: int, seconds: float | None = None) -> Entry:
    """The entry of one result of `certify`; `dataclasses.replace` adds what else is known.

    Args:
        result: a certificate or an abstention.
        index: the input's place in the data set.
        label: its true class.
        seconds: how long it took.
    """
    abstained = isinstance(result, Abstention)
    return Entry(
        index=index,
        label=label,
        predicted=None if abstained else result.label,
        radius=0.0 if isinstance(result, Abstention) else result.radius,
        seconds=seconds,
        selection=result.selection,
        estimation=result.estimation,
        p_lower=result.p_lower,
        p_upper=result.p_upper,
        reason=result.reason if isinstance(result, Abstention) else None,
        targets=result.targets,
        classical=result.classical,
    )
