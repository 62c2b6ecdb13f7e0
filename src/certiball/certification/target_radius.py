"""As many samples as it takes to know whether an input can be certified at given radii."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache
from typing import cast

import numpy as np

from certiball.certificate import Target, Verdict
from certiball.certification.looks import looks
from certiball.certification.outlook import radius_above, radius_now
from certiball.certification.question import Question, radius_of
from certiball.certification.stopping import checked_beta, checked_size, votes_until
from certiball.claim import Bound, Rule
from certiball.errors import InputError
from certiball.numbers import as_float
from certiball.shapes import Array
from certiball.statistics.mixture import acceptance_thresholds, futility_thresholds
from certiball.theorems.bounds import Bounds
from certiball.votes import Design, Votes


@dataclass(frozen=True)
class TargetRadius:
    """Votes until every radius is certified or cannot be, or there are max_n.

    A radius is certified as soon as the radius that would be reported reaches it, at any look:
    the bound is the mixture's, which holds whatever stops the votes. A radius is given up once
    the probability is shown to be too small for it, by an upper bound that fails with
    probability β. What is reported at the end is a radius at which the votes stopped: the target
    and what the last votes went beyond it, not the radius that a fixed number would give.

    Args:
        radii: one or several (a NumPy array as well), > 0, in the units of the inputs; whole
            numbers where the norm counts.
        max_n: the most votes for estimation.
        n0: votes for selection.
        beta: how often a radius may be given up that the true probability would allow.

    Raises:
        InputError: if a radius is not positive and finite, a number is not from 1 to the largest
            that the mixture was examined for, or β is no level.

    Example:
        >>> plan = TargetRadius(0.5, max_n=10_000)
        >>> print(plan)
        TargetRadius(radii=0.5, max_n=10000, n0=64, beta=0.001)
        >>> plan.most, plan.bound.value
        (10000, 'mixture')
    """

    radii: float | Sequence[float] | Array
    max_n: int = 100_000
    _: KW_ONLY
    n0: int = 64
    beta: float = 1e-3

    def __post_init__(self) -> None:
        if isinstance(self.radii, str | bytes):
            raise InputError(f"radii must be numbers such as .25 or (.25, .5), not {self.radii!r}")
        plain = self.radii.ravel().tolist() if isinstance(self.radii, np.ndarray) else self.radii
        given = plain if isinstance(plain, Sequence) else (plain,)
        radii = tuple(sorted({as_float("radius", radius) for radius in given}))
        if not radii:
            raise InputError("there is no radius to aim at: give at least one, such as radii=0.5")
        wrong = next((r for r in radii if not (r > 0 and math.isfinite(r))), None)
        if wrong is not None:
            raise InputError(f"a radius to aim at must be > 0 and finite, not {wrong}")
        object.__setattr__(self, "radii", radii)
        object.__setattr__(self, "max_n", checked_size("max_n", self.max_n))
        object.__setattr__(self, "n0", checked_size("n0", self.n0))
        object.__setattr__(self, "beta", checked_beta(self.beta))

    @property
    def ascending(self) -> tuple[float, ...]:
        """The radii, smallest first."""
        return cast("tuple[float, ...]", self.radii)

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
        """Up to the first look at which every radius is decided."""

        def decided(votes: Votes, label: int) -> bool:
            if question.claim.rule is Rule.ONE_SIDED:
                counts = (votes.counts[label], votes.total)
                return all(_borders(self, question, r).decide(*counts) for r in self.ascending)
            return all(
                target.verdict is not Verdict.UNDECIDED
                for target in self.targets(question, label, votes)
            )

        return votes_until(decided, (self.n0, self.max_n), selection, estimation)

    def targets(self, question: Question, label: int, estimation: Votes) -> tuple[Target, ...]:
        """The verdict on each radius, smallest first; none is certified above one that is not."""
        now = radius_now(question, estimation, label)
        above = radius_above(question, estimation, label, self.beta)
        return tuple(
            Target(radius=radius, verdict=_verdict(radius, now, above)) for radius in self.ascending
        )

    def __str__(self) -> str:
        radii = ", ".join(map(repr, self.ascending))
        several = f"({radii})" if len(self.ascending) > 1 else radii
        return f"TargetRadius(radii={several}, max_n={self.max_n}, n0={self.n0}, beta={self.beta})"


@dataclass(frozen=True, kw_only=True)
class Borders:
    """For one radius the counts that decide, at each look.

    Args:
        looks: numbers of votes.
        enough: the smallest counts that certify; one more than there are votes where none does.
        too_few: the largest counts that rule it out; −1 where none does.
    """

    looks: tuple[int, ...]
    enough: tuple[int, ...]
    too_few: tuple[int, ...]

    def decide(self, successes: int, trials: int) -> bool:
        """Whether so many of so many votes decide; asked at looks only."""
        place = bisect_left(self.looks, trials)
        return successes >= self.enough[place] or successes <= self.too_few[place]


@lru_cache(maxsize=256)
def _borders(plan: TargetRadius, question: Question, radius: float) -> Borders:
    """Computed once for each plan and question, so that a look costs a search in a table."""
    at = looks(plan.max_n)
    needed, trials = _just_too_small(question, radius), np.array(at)
    enough = acceptance_thresholds(needed, trials, question.claim.alpha)
    too_few = futility_thresholds(needed, trials, plan.beta)
    return Borders(looks=at, enough=tuple(enough.tolist()), too_few=tuple(too_few.tolist()))


def _just_too_small(question: Question, radius: float) -> float:
    """The largest bound on the probability that does not give the radius by the one-sided rule."""
    low, high = 0.5, 1.0
    while low < (middle := (low + high) / 2) < high:
        if radius_of(question, Bounds(p_lower=middle)) < radius:
            low = middle
        else:
            high = middle
    return low


def _verdict(radius: float, now: float, above: float) -> Verdict:
    if now >= radius:
        return Verdict.CERTIFIED
    return Verdict.NOT_CERTIFIED if above < radius else Verdict.UNDECIDED
