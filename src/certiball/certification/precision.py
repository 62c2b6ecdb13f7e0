"""As many samples as it takes until a radius would hardly grow with more."""

import math
from dataclasses import KW_ONLY, dataclass

from certiball.certificate import Bound, Target
from certiball.certification.outlook import radius_above, radius_at_best, radius_now
from certiball.certification.question import Question
from certiball.certification.stopping import checked_beta, checked_size, votes_until
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
            return self._precise(question, votes, label)

        return votes_until(decided, (self.n0, self.max_n), selection, estimation)

    def targets(self, question: Question, label: int, estimation: Votes) -> tuple[Target, ...]:
        """None: it asks for a precise radius, whichever."""
        return ()

    def _precise(self, question: Question, votes: Votes, label: int) -> bool:
        above = radius_above(question, votes, label, self.beta)
        best = radius_at_best(question, votes, label, self.max_n)
        now = radius_now(question, votes, label)
        reach = min(above, best)
        if now == 0:
            return reach == 0
        capped = self.radius_cap is not None and now >= self.radius_cap
        return capped or reach <= (1 + self.rel) * now

    def __str__(self) -> str:
        cap = "" if self.radius_cap is None else f", radius_cap={self.radius_cap}"
        return f"Precision(rel={self.rel}, max_n={self.max_n}{cap}, n0={self.n0}, beta={self.beta})"
