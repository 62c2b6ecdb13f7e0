"""A plan without samples: every view of a law that lists them votes once."""

from dataclasses import dataclass

from certiball.certificate import Target
from certiball.certification.plan import FixedSamples, Plan
from certiball.certification.question import Question
from certiball.claim import Bound, Rule
from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.enumerated import EnumeratedLaw
from certiball.numbers import as_whole
from certiball.statistics.binomial import LARGEST
from certiball.votes import Design, Votes

USUAL_ALPHA = 1e-3  # of drawn votes


@dataclass(frozen=True, kw_only=True)
class EveryView:
    """All views vote, once each: they choose the class and are what there is to know of it.

    Args:
        views: how many the law has.

    Raises:
        InputError: if that is not from 1 to 10⁹.

    Example:
        >>> print(EveryView(views=28))
        EveryView(views=28)
    """

    views: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "views", as_whole("views", self.views))
        if not 1 <= self.views <= LARGEST:
            raise InputError(f"views must be from 1 to {LARGEST}, not {self.views}")

    @property
    def design(self) -> Design:
        """All there are."""
        return Design.ENUMERATED

    @property
    def bound(self) -> Bound:
        """None is needed."""
        return Bound.EXACT

    @property
    def selection(self) -> int:
        """No votes beside these choose the class."""
        return 0

    @property
    def most(self) -> int:
        """All of them."""
        return self.views

    def wanted(
        self, question: Question, selection: Votes | None, estimation: Votes | None
    ) -> tuple[int, int]:
        """Always all of them."""
        return 0, self.views

    def targets(self, question: Question, label: int, estimation: Votes) -> tuple[Target, ...]:
        """None: the radius is exact."""
        return ()


def settled(
    law: Law, plan: Plan | None, alpha: float | None, rule: Rule | None
) -> tuple[Plan, float, Rule]:
    """Plan, error rate and rule: those that are given, or what goes without saying for a law.

    Args:
        law: if it lists its views, all of them are asked, and nothing else can be.
        plan: None for the usual one.
        alpha: None for the usual one.
        rule: None for the usual one.

    Raises:
        InputError: if one is given that does not fit the law.

    Example:
        >>> from certiball.laws.bands import Bands
        >>> plan, alpha, rule = settled(Bands(width=4, columns=28), None, None, None)
        >>> print(plan, alpha, rule.value)
        EveryView(views=28) 0.0 every-class
    """
    if not isinstance(law, EnumeratedLaw):
        if isinstance(plan, EveryView):
            raise InputError(f"{law} is drawn and has no list of views: give another plan")
        usual = FixedSamples() if plan is None else plan
        rate = USUAL_ALPHA if alpha is None else alpha
        return usual, rate, Rule.ONE_SIDED if rule is None else rule
    whole = EveryView(views=law.views)
    fitting = (("plan", plan, whole), ("alpha", alpha, 0), ("rule", rule, Rule.EVERY_CLASS))
    for name, given, right in fitting:
        if given is not None and given != right:
            raise InputError(
                f"{name} = {given} has no place here: under {law} all {law.views} views vote, and "
                f"nothing is left to chance; leave it out"
            )
    return whole, 0.0, Rule.EVERY_CLASS
