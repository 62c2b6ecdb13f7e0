"""How many samples an input gets. A plan is a pure function of the votes so far."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from certiball.certificate import Target
from certiball.certification.question import Question
from certiball.claim import Bound
from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.statistics.binomial import LARGEST
from certiball.votes import Design, Votes

SAMPLED = tuple(bound for bound in Bound if bound is not Bound.EXACT)  # bounds of samples


@runtime_checkable
class Plan(Protocol):
    """Decides from the contiguous prefix of votes how many there should be."""

    @property
    def design(self) -> Design:
        """Fixed where `wanted` ignores the votes: only then do the bounds for a fixed n hold."""
        ...

    @property
    def bound(self) -> Bound:
        """How the votes bound a probability; for votes that stop by a rule, the mixture."""
        ...

    @property
    def selection(self) -> int:
        """n0: votes that choose the class; never the ones that bound its probability."""
        ...

    @property
    def most(self) -> int:
        """n: the most votes that may bound the class's probability."""
        ...

    def wanted(
        self, question: Question, selection: Votes | None, estimation: Votes | None
    ) -> tuple[int, int]:
        """How many votes of each phase there should be, given those that there are."""
        ...

    def targets(self, question: Question, label: int, estimation: Votes) -> tuple[Target, ...]:
        """The verdict on each radius that the plan asks for; none if it asks for no certain one."""
        ...


@dataclass(frozen=True, kw_only=True)
class FixedSamples:
    """n0 votes choose the class and n others bound its probability (arXiv 1902.02918, Alg. 1).

    Args:
        n0: votes for selection.
        n: votes for estimation; with unanimous votes they allow the radius that
            `largest_radius` names: 3.8 σ for n = 100,000 at α = .001.
        bound: which bound; all three hold for a fixed number. The randomized one gives a little
            more (.0012 σ at 99 % of 10,000 votes, .006 σ at 99.9 %) for a random number of the
            input's own. It is off by default and only for seeds that were fixed before anybody
            could compute that number, as those from the operating system are in a run that is
            not drawn again: of shopped seeds the best errs up to 2α. Where somebody gains from
            a larger radius leave it off. The classical bound is always given beside it.

    Raises:
        InputError: if either number is not from 1 to 10⁹, or there is no such bound.

    Example:
        >>> print(FixedSamples(n0=100, n=10_000))
        FixedSamples(n0=100, n=10000)
    """

    n0: int = 100
    n: int = 100_000
    bound: Bound = Bound.CLOPPER_PEARSON

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "bound", Bound(self.bound))
        except ValueError:
            choices = ", ".join(bound.value for bound in SAMPLED)
            raise InputError(f"bound must be one of {choices}, not {self.bound!r}") from None
        if self.bound not in SAMPLED:
            raise InputError(f"the {self.bound.value} bound is not for samples: see EveryView")
        for name in ("n0", "n"):
            value = as_whole(name, getattr(self, name))
            object.__setattr__(self, name, value)
            if not 1 <= value <= LARGEST:
                raise InputError(f"{name} must be from 1 to {LARGEST}, not {value}")

    @property
    def design(self) -> Design:
        """Fixed beforehand."""
        return Design.FIXED

    @property
    def selection(self) -> int:
        """n0, as the article calls it."""
        return self.n0

    @property
    def most(self) -> int:
        """n, as the article calls it."""
        return self.n

    def wanted(
        self, question: Question, selection: Votes | None, estimation: Votes | None
    ) -> tuple[int, int]:
        """Always (n0, n)."""
        return self.n0, self.n

    def targets(self, question: Question, label: int, estimation: Votes) -> tuple[Target, ...]:
        """None: it asks for the whole curve."""
        return ()

    def __str__(self) -> str:
        extra = "" if self.bound is Bound.CLOPPER_PEARSON else f", bound={self.bound.value}"
        return f"FixedSamples(n0={self.n0}, n={self.n}{extra})"
