"""The point of a hyperplane in a box that is closest: what attacks on linearised models step to."""

import torch
from torch import Tensor

from certiball.balls import Norm
from certiball.errors import InputError

Box = tuple[float, float]  # the least and the greatest value of a coordinate, maybe infinite


def nearest_on_plane(
    points: Tensor, normal: Tensor, offset: Tensor, box: Box, norm: Norm
) -> Tensor:
    """For each point x, the z of the box with offset + ⟨normal, z − x⟩ = 0 that is closest.

    Coordinates move at rates that are proportional to |normal| (L2) or equal (L∞), until they
    meet the box (arXiv 1907.02044, §2.1); how far they go is found by sorting where they meet it.
    Where the box does not reach the plane, z is the corner of the box that comes closest to it.

    Args:
        points: floats [n, d], in the box.
        normal: [n, d].
        offset: [n], the value of the linear function at x.
        box: its bounds.
        norm: in which z is closest, L2 or L∞.

    Returns:
        z, [n, d].

    Raises:
        InputError: for another norm.

    Example:
        >>> x, w = torch.zeros(1, 2), torch.tensor([[3.0, 4.0]])
        >>> nearest_on_plane(x, w, torch.tensor([-5.0]), (0.0, 1.0), Norm.L2)
        tensor([[0.6000, 0.8000]])
        >>> nearest_on_plane(x, w, torch.tensor([-5.0]), (0.0, 0.5), Norm.LINF)  # out of reach
        tensor([[0.5000, 0.5000]])
    """
    if norm not in (Norm.L2, Norm.LINF):
        raise InputError(f"hyperplanes are reached in L2 or L∞, not in {norm}")
    low, high = box
    size = normal.abs()
    way = -torch.sign(offset)[:, None] * torch.sign(normal)
    rate = size if norm is Norm.L2 else torch.ones_like(size)
    room = torch.where(way > 0, high - points, points - low)
    ends = torch.where(size > 0, room / rate, torch.zeros_like(room))  # when each meets the box
    time = _time(size * rate, ends, offset.abs())
    # The product may be an ulp off the box.
    return (points + way * rate * torch.minimum(time[:, None], ends)).clamp(low, high)


def _time(gain: Tensor, ends: Tensor, goal: Tensor) -> Tensor:
    """The least t with Σ gain · min(t, ends) = goal, or the last of the ends if there is none."""
    ends, order = ends.sort(dim=1)
    gain = gain.gather(1, order)
    left = gain.flip(1).cumsum(1).flip(1)  # of coordinates that still move
    full = torch.where(gain > 0, gain * ends, torch.zeros_like(gain)).cumsum(1)
    before = torch.cat([torch.zeros_like(full[:, :1]), full[:, :-1]], dim=1)
    reached = torch.where(left > 0, before + ends * left, before)
    place = (reached < goal[:, None]).sum(1)
    within = place < ends.shape[1]
    place = place.clamp(max=ends.shape[1] - 1)[:, None]
    gone, pace = before.gather(1, place)[:, 0], left.gather(1, place)[:, 0]
    return torch.where(within & (pace > 0), (goal - gone) / pace, ends[:, -1])
