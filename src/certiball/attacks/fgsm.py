"""The fast gradient sign method: one step, as long as the ball is wide."""

from dataclasses import dataclass

from torch import Tensor

from certiball.attacks.gradient.at_radius import attack_at_radius
from certiball.attacks.gradient.attempt import Attempt
from certiball.attacks.gradient.projection import check_norm
from certiball.attacks.pgd import PGD
from certiball.balls import Norm


@dataclass(frozen=True, kw_only=True)
class FGSM:
    """One step of steepest ascent of the cross-entropy, of length ε (arXiv 1412.6572, section 4).

    Args:
        norm: L∞, where the step is the gradient's sign, or L2, where it is the gradient at
            length ε.
        random_start: whether the step is taken from a random point of the ball, and not from the
            image; it ends in the ball nonetheless.

    Raises:
        InputError: for another norm.

    Example:
        >>> FGSM(norm=Norm.L2).random_start
        False
    """

    norm: Norm = Norm.LINF
    random_start: bool = False

    def __post_init__(self) -> None:
        check_norm("FGSM", self.norm)

    __call__ = attack_at_radius

    @property
    def restarts(self) -> int:
        """One attempt."""
        return 1

    def walk(self, attempt: Attempt) -> Tensor:
        """The end of the step from each image, [m, d]."""
        step = PGD(norm=self.norm, steps=1, rel_stepsize=1.0, random_start=self.random_start)
        return step.walk(attempt)
