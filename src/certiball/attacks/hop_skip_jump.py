"""HopSkipJump: the boundary's direction by a majority of small probes, from hard labels alone.

As published its probes are far smaller than the noise of a smoothed model, so that every answer
there is a coin's, and the model looks robust. With probes as large as the noise it does not.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from certiball.attacks.search.ask import Search, Task
from certiball.attacks.search.hops import FIRST_PRECISION, Hops, check_numbers, hopping, norm_of
from certiball.attacks.search.scheduler import attack_all
from certiball.attacks.search.subspaces import Everything
from certiball.balls import Norm


@dataclass(frozen=True, kw_only=True)
class HopSkipJump:
    """The closest adversarial point in L2 or L∞ by hard labels (arXiv 1904.02144).

    Arguments are named as in Foolbox. Directions are normalised for each input alone, and the
    closest point of all steps is returned. Each step asks ⌊initial·√t⌋ probes at the radius
    γ·D/d, where D is the distance of the point before the last bisection and d the dimension; the
    bisection ends at brackets of γ/d^1.5 of the way (L2) or γ/d² (L∞).

    The adaptive radius is max(γ·D/d, probe_deviation·√d): each coordinate of a probe moves by at
    least so much, and what the probes ask about stands out from the noise. Where points are
    rounded to a grid, each moves by a step of it at least, for smaller probes would be lost, and
    a probe is what was asked after rounding: the article has no grid, and 8-bit images do.

    Args:
        steps: hops; `max_queries` often ends it before.
        initial_gradient_eval_steps: probes at the first.
        max_gradient_eval_steps: probes at most.
        gamma: γ.
        constraint: "l2" or "linf", in which distance is measured.
        probe_deviation: the least standard deviation of probes in each coordinate, in the units
            of the inputs: σ of the noise for the adaptive radius, 0 for the published one.

    Raises:
        InputError: for an argument out of range.

    Example:
        >>> import numpy as np
        >>> from certiball.attacks.linear import LinearOracle
        >>> oracle = LinearOracle(weights=np.ones(100), bias=-50.0)
        >>> inputs = np.full((1, 100), 0.4)
        >>> found = HopSkipJump()(oracle, inputs, [0], max_queries=2000, seed=1)
        >>> bool(1 <= found.distance[0] / -oracle.distance(inputs)[0] < 1.2)
        True
    """

    steps: int = 64
    initial_gradient_eval_steps: int = 100
    max_gradient_eval_steps: int = 10_000
    gamma: float = 1.0
    constraint: str = "l2"
    probe_deviation: float = 0.0
    answers: ClassVar[str] = "labels"

    def __post_init__(self) -> None:
        wholes = {
            "steps": self.steps,
            "initial_gradient_eval_steps": self.initial_gradient_eval_steps,
            "max_gradient_eval_steps": self.max_gradient_eval_steps,
        }
        check_numbers(wholes, self.gamma, self.probe_deviation)
        norm_of(self.constraint)

    @property
    def norm(self) -> Norm:
        """In which it measures."""
        return norm_of(self.constraint)

    def search(self, task: Task) -> Search:
        """The walk of one input."""
        d = task.x.size
        power = 1.5 if self.norm is Norm.L2 else 2.0
        how = Hops(
            norm=self.norm,
            steps=self.steps,
            probes=self._probes,
            span=Everything(shape=task.x.shape),
            precision=min(FIRST_PRECISION, self.gamma / d**power),
            spread=self.gamma / d,
            deviation=self.probe_deviation,
        )
        return hopping(task, how)

    def _probes(self, t: int) -> int:
        wanted = int(self.initial_gradient_eval_steps * math.sqrt(t))
        return min(wanted, self.max_gradient_eval_steps)

    __call__ = attack_all
