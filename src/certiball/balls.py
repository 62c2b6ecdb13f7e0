"""Norms, the balls that certificates speak of, and what is inside of them.

Distances are computed exactly and rounded up, radii down: nothing counts as inside that is not.
"""

import math
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from fractions import Fraction

import numpy as np

from certiball.errors import InputError
from certiball.shapes import Array
from certiball.statistics.rounding import exact_down, fraction_down, fraction_up, root_up


class Norm(Enum):
    """How the length of a perturbation is measured."""

    L0 = "l0"
    L1 = "l1"
    L2 = "l2"
    LINF = "linf"
    PATCH = "patch"  # side of the smallest square, along the axes, with every pixel that changes
    PARAMETER = "parameter"  # of a transformation of the whole image, not of its pixels

    def __str__(self) -> str:
        names = {"l0": "L0", "l1": "L1", "l2": "L2", "linf": "L∞", "patch": "patch side"}
        return names.get(self.value, self.value)

    @property
    def counts(self) -> bool:
        """Whether lengths are whole numbers: of coordinates, or of pixels."""
        return self in (Norm.L0, Norm.PATCH)


@dataclass(frozen=True)
class Ball:
    """All perturbations whose norm is below the radius (strict) or at most the radius.

    Args:
        norm: how a perturbation is measured.
        radius: in the units of the inputs: 8/255 for images in [0, 1] and 8 for levels 0 to 255.
            `threats.threat.parse_threat` takes units by name, and asks back about odd ones.
        strict: whether the radius itself lies outside.

    Raises:
        InputError: unless the radius is finite and > 0; a radius of 0 certifies nothing.

    Example:
        >>> print(Ball(Norm.L2, 0.5))
        ‖δ‖ < 0.5 in L2
        >>> print(Ball(norm=Norm.L2, radius=0.3))  # as a float, a little below three tenths
        ‖δ‖ < 0.29999999999999998 in L2
    """

    norm: Norm
    radius: float
    _: KW_ONLY
    strict: bool = True

    def __post_init__(self) -> None:
        if not (self.radius > 0 and math.isfinite(self.radius)):
            raise InputError(f"a ball's radius must be finite and > 0, not {self.radius}")

    def covers(self, delta: Array, step: Fraction | int = 1) -> bool:
        """Whether a perturbation lies inside, as far as arithmetic can tell: never wrongly yes.

        Args:
            delta: the perturbation, of any shape; for patches an image [..., H, W].
            step: what a unit of it is worth: the grid's step where it is counted in levels.

        Raises:
            InputError: as `length_up`.

        Example:
            >>> ball = Ball(norm=Norm.L2, radius=0.5)
            >>> ball.covers(np.array([0.3, 0.4])), ball.covers(np.array([0.3, 0.39]))
            (False, True)
            >>> ball.covers(np.array([90, 90]), step=Fraction(1, 255))
            True
        """
        return self.holds(length_up(delta, self.norm, step))

    def holds(self, length: float) -> bool:
        """Whether a perturbation of that length, rounded up, lies inside."""
        return length < self.radius if self.strict else length <= self.radius

    def __str__(self) -> str:
        bound = f"{'<' if self.strict else '≤'} {exact_down(self.radius)}"
        if self.norm is Norm.PARAMETER:
            return f"|parameter| {bound}"
        return f"‖δ‖ {bound} in {self.norm}"


def length_up(delta: Array, norm: Norm, step: Fraction | int = 1) -> float:
    """The norm of a perturbation, computed exactly from its numbers and rounded up once.

    Args:
        delta: integers or floats, of any shape: every float is taken as an exact number. What was
            lost when a difference of floats was rounded, it cannot know; levels lose nothing.
        norm: of the perturbation. A patch's side is counted in pixels of an image [..., H, W],
            whatever they are worth.
        step: what a unit of delta is worth, exactly: the step of a grid for levels. L0 counts the
            coordinates that differ, whatever they are worth.

    Returns:
        The smallest float that is not below the norm, for L2 now and then the one after it; ∞
        where no float is.

    Raises:
        InputError: if delta holds anything but finite integers or floats, or it is no image and
            the norm is for patches, or the radius is one of a parameter.

    Example:
        >>> length_up(np.array([3, -4]), Norm.L2, step=Fraction(1, 4))
        1.25
        >>> length_up(np.array([3, -4]), Norm.L2, step=Fraction(1, 255)) > 5 / 255  # as floats
        True
    """
    return _norm(*_whole(delta), norm, Fraction(step), delta.shape)


def distance_up(first: Array, second: Array, norm: Norm, step: Fraction | int = 1) -> float:
    """The norm of the difference of two inputs, which is formed exactly; else as `length_up`.

    Raises:
        InputError: if the shapes differ, or as `length_up`.

    Example:
        >>> near, far = np.array([1e-20, 1.0]), np.array([1.0, 1.0])
        >>> distance_up(near, far, Norm.LINF)
        1.0
    """
    if first.shape != second.shape:
        raise InputError(f"inputs of shapes {first.shape} and {second.shape} have no distance")
    (ones, one), (others, other) = _whole(first), _whole(second)
    unit = min(one, other)  # both are powers of two, so each is a multiple of it
    one_scale, other_scale = int(one / unit), int(other / unit)
    moved = [b * other_scale - a * one_scale for a, b in zip(ones, others, strict=True)]
    return _norm(moved, unit, norm, Fraction(step), first.shape)


def radius_in(ball: Ball, norm: Norm, dimension: int) -> float:
    """The radius of the largest ball of another norm inside of this one, rounded down.

    It is R_q = R_p / d^max(0, 1/p − 1/q): a norm of lower order is never below one of higher
    order, so from L2 to L1 the radius stays, and from L2 to L∞ it is divided by √d. It is strict
    where the ball is.

    Args:
        ball: in any norm but L0, and no patches.
        norm: the other norm, likewise.
        dimension: d, how many numbers an input has.

    Raises:
        InputError: if one norm is L0 or for patches and the other is another: neither bounds the
            other, for a few coordinates may change by any amount. Or if the dimension is not
            positive.

    Example:
        >>> ball = Ball(norm=Norm.L2, radius=1.0)
        >>> radius_in(ball, Norm.LINF, 3072) <= 1 / 3072**0.5, radius_in(ball, Norm.L1, 3072)
        (True, 1.0)
    """
    if dimension < 1:
        raise InputError(f"an input has at least 1 number, not {dimension}")
    if norm is ball.norm:
        return ball.radius
    return fraction_down(Fraction(ball.radius) / _root(ball.norm, norm, dimension))


def longest_in(ball: Ball, norm: Norm, dimension: int) -> float:
    """The longest that a perturbation in the ball can be in another norm, rounded up.

    The opposite of `radius_in`: ε_q = ε_p · d^max(0, 1/q − 1/p), which some perturbation of the
    ball reaches if it is closed. An L∞ ball of 8/255 on 3 × 224 × 224 numbers reaches 12.17 in L2.

    Args:
        ball: in any norm that the other is comparable with.
        norm: the other norm.
        dimension: d, how many numbers an input has.

    Raises:
        InputError: as `radius_in`.

    Example:
        >>> ball = Ball(norm=Norm.LINF, radius=8 / 255, strict=False)
        >>> round(longest_in(ball, Norm.L2, 3 * 224 * 224), 3)
        12.172
    """
    return longest_up(Fraction(ball.radius), ball.norm, norm, dimension)


def longest_up(budget: Fraction, norm: Norm, other: Norm, dimension: int) -> float:
    """The same for an exact radius, such as 8/255: no float has that value."""
    if dimension < 1:
        raise InputError(f"an input has at least 1 number, not {dimension}")
    return fraction_up(budget * _root(other, norm, dimension))


def comparable(norm: Norm, other: Norm) -> bool:
    """Whether a ball of one norm bounds some ball of the other: not where only one counts."""
    return norm is other or (norm in _HALVES and other in _HALVES)


def root_text(norm: Norm, other: Norm, dimension: int) -> str:
    """What a radius in one norm is divided by to have one in another, in symbols.

    Example:
        >>> root_text(Norm.L2, Norm.LINF, 3072), root_text(Norm.L2, Norm.L1, 3072)
        ('√3072', '')
    """
    return {0: "", 1: f"√{dimension}", 2: f"{dimension}"}[_halves(norm, other)]


_HALVES = {Norm.L1: 2, Norm.L2: 1, Norm.LINF: 0}  # 2/p


def _halves(norm: Norm, other: Norm) -> int:
    """Twice the exponent max(0, 1/p − 1/q) of the dimension.

    Raises:
        InputError: if the norms are not comparable.
    """
    if norm is other:
        return 0
    if not comparable(norm, other):
        why = {
            Norm.L0: "L0 counts how many coordinates change, not by how much; ",
            Norm.PARAMETER: "a parameter is that of one transformation, not a size of pixels; ",
        }
        raise InputError(
            f"a ball in {norm} says nothing of any in {other}: "
            f"{why.get(norm, why.get(other, ''))}certify in the norm that is wanted"
        )
    return max(0, _HALVES[norm] - _HALVES[other])


def _root(norm: Norm, other: Norm, dimension: int) -> Fraction:
    """d^max(0, 1/p − 1/q), rounded up."""
    return root_up(dimension ** _halves(norm, other))


def _norm(
    numbers: list[int], unit: Fraction, norm: Norm, step: Fraction, shape: tuple[int, ...]
) -> float:
    worth = unit * step
    if norm is Norm.PARAMETER:
        raise InputError(
            "a radius in a transformation's parameter is no length of a difference of pixels: "
            "compare it with the parameter, such as the brightness that was added"
        )
    if norm is Norm.PATCH:
        return _side(np.array([number != 0 for number in numbers], dtype=bool).reshape(shape))
    if norm is Norm.L0:
        return float(sum(number != 0 for number in numbers))
    if norm is Norm.L1:
        return fraction_up(sum(map(abs, numbers)) * worth)
    if norm is Norm.L2:
        return fraction_up(root_up(sum(number * number for number in numbers) * worth**2))
    return fraction_up(max(map(abs, numbers), default=0) * worth)


def _side(changed: Array) -> float:
    """The longer side of the smallest rectangle with every pixel that changes."""
    if changed.ndim < 2:
        raise InputError(
            f"a patch is a part of an image [..., rows, columns], and shape {changed.shape} is "
            "none: give the perturbation in the image's shape"
        )
    places = np.argwhere(changed)[:, -2:]
    return float((places.max(0) - places.min(0) + 1).max()) if len(places) else 0.0


def _whole(array: Array) -> tuple[list[int], Fraction]:
    """Numbers as Python integers, and the power of two that one of them is worth."""
    if array.dtype.kind in "iu":
        return array.ravel().tolist(), Fraction(1)
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        raise InputError(f"lengths are of integers or floats of at most 64 bits, not {array.dtype}")
    flat = array.ravel().astype(np.float64)
    if not np.isfinite(flat).all():
        raise InputError("lengths are of finite numbers, and here is nan or infinity: repair it")
    parts, powers = np.frexp(flat)  # flat = parts · 2^powers, ½ ≤ |parts| < 1
    least = int(powers.min(initial=0))
    wholes = np.ldexp(parts, 53).astype(np.int64).tolist()
    shifts = (powers - least).tolist()
    numbers = [whole << shift for whole, shift in zip(wholes, shifts, strict=True)]
    return numbers, Fraction(2) ** (least - 53)
