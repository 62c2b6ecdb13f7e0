"""QEBA: HopSkipJump's walk with probes from few directions, in which networks are steep."""

import math
from dataclasses import dataclass
from typing import ClassVar

from certiball.attacks.search.ask import Search, Task
from certiball.attacks.search.hops import FIRST_PRECISION, Hops, check_numbers, hopping, norm_of
from certiball.attacks.search.scheduler import attack_all
from certiball.attacks.search.subspaces import Subspace, Upsampling
from certiball.balls import Norm


@dataclass(frozen=True, kw_only=True)
class QEBA:
    """The closest adversarial point in L2 or L∞ by hard labels and few directions (2005.14137).

    Each step asks as many probes, at the radius γ·D, with D as in `HopSkipJump`; the bisection
    ends at brackets of γ/√d of the way. With `probe_deviation` σ the radius is at least σ·√m, for
    m coefficients of the subspace: as in `HopSkipJump`, but a subspace that holds the gradient
    needs no larger probes.

    Args:
        steps: hops; 200, and 150 for CIFAR-10, as published.
        gradient_eval_steps: probes at each; 100, and 30 for CIFAR-10.
        gamma: γ.
        constraint: "l2" or "linf", in which distance is measured.
        subspace: where probes are drawn from: `Upsampling`, `LowFrequencies`, or the `Basis`
            that `gradient_basis` finds with a model of one's own.
        probe_deviation: the least standard deviation of a probe's coefficients.

    Raises:
        InputError: for an argument out of range; from the call, for a subspace that does not fit
            the inputs.

    Example:
        >>> import numpy as np
        >>> from certiball.attacks.linear import LinearOracle
        >>> from certiball.attacks.search.subspaces import LowFrequencies
        >>> oracle = LinearOracle(weights=np.ones((1, 16, 16)), bias=-128.0)
        >>> attack, inputs = QEBA(subspace=LowFrequencies(factor=4)), np.full((1, 1, 16, 16), 0.4)
        >>> found = attack(oracle, inputs, [0], max_queries=1000, seed=1)
        >>> bool(1 <= found.distance[0] / -oracle.distance(inputs)[0] < 1.2)
        True
    """

    steps: int = 200
    gradient_eval_steps: int = 100
    gamma: float = 0.01
    constraint: str = "l2"
    subspace: Subspace = Upsampling()  # noqa: RUF009 (frozen)
    probe_deviation: float = 0.0
    answers: ClassVar[str] = "labels"

    def __post_init__(self) -> None:
        wholes = {"steps": self.steps, "gradient_eval_steps": self.gradient_eval_steps}
        check_numbers(wholes, self.gamma, self.probe_deviation)
        norm_of(self.constraint)

    @property
    def norm(self) -> Norm:
        """In which it measures."""
        return norm_of(self.constraint)

    def search(self, task: Task) -> Search:
        """The walk of one input."""
        how = Hops(
            norm=self.norm,
            steps=self.steps,
            probes=lambda t: self.gradient_eval_steps,
            span=self.subspace.span(task.x.shape),
            precision=min(FIRST_PRECISION, self.gamma / math.sqrt(task.x.size)),
            spread=self.gamma,
            deviation=self.probe_deviation,
        )
        return hopping(task, how)

    __call__ = attack_all
