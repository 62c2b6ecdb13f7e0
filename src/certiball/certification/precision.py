"""As many samples as it takes until a radius would hardly grow with more."""

import math
from bisect import bisect_left
from dataclasses import KW_ONLY, dataclass, field
from functools import lru_cache

from certiball.certificate import Target
from certiball.certification.outlook import radius_above, radius_at_best, radius_now
from certiball.certification.question import Question
from certiball.certification.stopping import checked_beta, checked_size, votes_until
from certiball.claim import Bound, Rule
from certiball.errors import InputError
from certiball.numbers import as_float
from certiball.votes import Design, Votes


@dataclass(frozen=True)
class Precision:
    """Votes until the radius could not grow by more than a share of itself, or there are max_n.

    They stop at the first look where one of these is so: all the votes still to come, were they
    for the class, would make the radius no more than 1 + rel times as large; an upper bound on
    the probability at level β says the same; the cap is reached; or no radius can be had. The
    bound is the mixture's, which holds whatever stops the votes.

    An input whose votes all agree needs about half of max_n at 5 %, for its radius grows as long
    as votes come: savings come from the cap.

    Args:
        rel: how much the radius may miss, relatively, > 0; .05 is 5 %.
        max_n: the most votes for estimation.
        radius_cap: larger radii than this are of no interest; None for no cap.
        n0: votes for selection.
        beta: how often the upper bound that serves to stop may fail.

    Raises:
        InputError: if rel or the cap is not positive and finite, a number is not from 1 to the
            largest that the mixture was examined for, or β is no level.

    Example:
        >>> print(Precision(rel=0.05, max_n=10_000, radius_cap=1.0))
        Precision(rel=0.05, max_n=10000, radius_cap=1.0, n0=64, beta=0.001)
    """

    rel: float
    max_n: int = 100_000
    radius_cap: float | None = None
    _: KW_ONLY
    n0: int = 64
    beta: float = 1e-3

    def __post_init__(self) -> None:
        for name in ("rel", "radius_cap"):
            if getattr(self, name) is None and name == "radius_cap":
                continue
            value = as_float(name, getattr(self, name))
            if not (value > 0 and math.isfinite(value)):
                raise InputError(f"{name} must be > 0 and finite, not {value}")
            object.__setattr__(self, name, value)
        object.__setattr__(self, "max_n", checked_size("max_n", self.max_n))
        object.__setattr__(self, "n0", checked_size("n0", self.n0))
        object.__setattr__(self, "beta", checked_beta(self.beta))

    @property
    def design(self) -> Design:
        """The votes decide when to stop."""
        return Design.STOPPED

    @property
    def bound(self) -> Bound:
        """The one that holds at any stop."""
        return Bound.MIXTURE

    @property
    def selection(self) -> int:
        """n0."""
        return self.n0

    @property
    def most(self) -> int:
        """max_n."""
        return self.max_n

    def wanted(
        self, question: Question, selection: Votes | None, estimation: Votes | None
    ) -> tuple[int, int]:
        """Up to the first look at which the radius is as precise as asked."""

        def decided(votes: Votes, label: int) -> bool:
            if question.claim.rule is not Rule.ONE_SIDED:  # the others' votes matter too
                return self._precise(self._outlook(question, votes, label))
            return self._by_count(question, votes, label)

        return votes_until(decided, (self.n0, self.max_n), selection, estimation)

    def targets(self, question: Question, label: int, estimation: Votes) -> tuple[Target, ...]:
        """None: it asks for a precise radius, whichever."""
        return ()

    def _by_count(self, question: Question, votes: Votes, label: int) -> bool:
        """By what smaller and larger counts of as many votes gave, if that settles it."""
        met, count = _met(self, question, votes.total), votes.counts[label]
        low, high = met.around(count)
        if low is not None and high is not None:
            if self._precise(Outlook(now=low.now, reach=high.reach)):
                return True
            if not self._precise(Outlook(now=high.now, reach=low.reach)):
                return False
        found = self._outlook(question, votes, label)
        met.add(count, found)
        return self._precise(found)

    def _outlook(self, question: Question, votes: Votes, label: int) -> "Outlook":
        above = radius_above(question, votes, label, self.beta)
        best = radius_at_best(question, votes, label, self.max_n)
        return Outlook(now=radius_now(question, votes, label), reach=min(above, best))

    def _precise(self, outlook: "Outlook") -> bool:
        """The smaller the radius is now, and the larger it may become, the less so."""
        capped = self.radius_cap is not None and outlook.now >= self.radius_cap
        return capped or outlook.reach <= (1 + self.rel) * outlook.now

    def __str__(self) -> str:
        cap = "" if self.radius_cap is None else f", radius_cap={self.radius_cap}"
        return f"Precision(rel={self.rel}, max_n={self.max_n}{cap}, n0={self.n0}, beta={self.beta})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What the radius is, and what it may become at most; neither falls as the count grows."""

    now: float
    reach: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Met:
    """The counts at one look for which bounds were computed, in order, and what followed.

    Counts between two of them have an outlook between theirs. So inputs of a job soon share their
    decisions: a bound costs a root, and this a search.
    """

    counts: list[int] = field(default_factory=list)
    outlooks: list[Outlook] = field(default_factory=list)

    def around(self, count: int) -> tuple[Outlook | None, Outlook | None]:
        """Those of the nearest counts that are not larger, and not smaller."""
        above = bisect_left(self.counts, count)
        high = self.outlooks[above] if above < len(self.counts) else None
        if high is not None and self.counts[above] == count:
            return high, high
        return (self.outlooks[above - 1] if above else None), high

    def add(self, count: int, outlook: Outlook) -> None:
        """Keep the outlook of a count."""
        place = bisect_left(self.counts, count)
        self.counts.insert(place, count)
        self.outlooks.insert(place, outlook)


@lru_cache(maxsize=4096)
def _met(plan: Precision, question: Question, total: int) -> Met:
    """What this process met so far, for each plan, question and look."""
    return Met()
