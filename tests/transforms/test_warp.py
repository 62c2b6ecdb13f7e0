"""Between the points of a cover no image is further away than is said, for the worst of images."""

import math

import pytest
import torch

from certiball.errors import InputError
from certiball.transforms.bilinear import bilinear, steepness
from certiball.transforms.cover import cover
from certiball.transforms.rotation import Rotations, rotation
from certiball.transforms.scaling import Scalings, scaling
from certiball.transforms.warp import drift
from guarantees import drifting
from guarantees.drifting import IMAGES, SIDE, WARPS, many


@pytest.mark.parametrize("change", [1e-3, 0.03, 0.2])
@pytest.mark.parametrize("warp", WARPS, ids=str)
@pytest.mark.parametrize("name", IMAGES)
def test_no_image_drifts_further_than_is_said(name, warp, change):
    drifting.no_image_drifts_further_than_is_said(name, warp, change)


@pytest.mark.parametrize("warp", WARPS, ids=str)
@pytest.mark.parametrize("name", IMAGES)
def test_a_cover_covers(name, warp):
    image, points = IMAGES[name], 9
    covered = cover(image, warp, points, lambda x: (x * 16).round() / 16)
    low, high = warp.interval
    for part in range(points):
        ends = [low + (high - low) * (part + i) / points for i in (0, 1)]
        inside = torch.linspace(*ends, 401, dtype=torch.float64)
        apart = many(image, warp, inside) - covered.images[part]
        farthest = float(apart.flatten(1).norm(dim=1).max())
        assert farthest <= covered.gaps[part] <= 1.6 * farthest + 0.05
    assert covered.gap == max(covered.gaps)
    assert torch.equal(covered.images * 16, (covered.images * 16).round())


def test_more_points_leave_smaller_gaps():
    image = IMAGES["noise"]
    gaps = [cover(image, WARPS[0], n, lambda x: x).gap for n in (3, 9, 27)]
    assert gaps[0] > 1.5 * gaps[1] > 2.25 * gaps[2]


@pytest.mark.parametrize("name", IMAGES)
def test_no_direction_is_steeper_than_a_cell_says(name):
    image = IMAGES[name]
    cells = steepness(image)
    generator = torch.Generator().manual_seed(1)
    rows = torch.rand(1, 200, 50, generator=generator, dtype=torch.float64) * (SIDE + 1) - 1
    columns = torch.rand(1, 200, 50, generator=generator, dtype=torch.float64) * (SIDE + 1) - 1
    angle = torch.rand(1, 200, 50, generator=generator, dtype=torch.float64) * 2 * math.pi
    tiny = 1e-7
    here = bilinear(image[None], rows, columns)
    there = bilinear(image[None], rows + tiny * angle.sin(), columns + tiny * angle.cos())
    slope = (there - here).abs() / tiny
    if image.ndim == 3:
        slope = slope.square().sum(1).sqrt()
    known = cells[(rows[0] + 1).long(), (columns[0] + 1).long()]
    assert (slope[0] <= known * (1 + 1e-6) + 1e-6).double().mean() > 0.999  # but at a cell's edge
    assert cells.shape == (SIDE + 1, SIDE + 1)


def test_bilinear_is_that_of_torch():
    x = torch.rand(2, 3, 5, 7, dtype=torch.float64)
    rows = torch.rand(2, 4, 6, dtype=torch.float64) * 9 - 2
    columns = torch.rand(2, 4, 6, dtype=torch.float64) * 11 - 2
    grid = torch.stack([columns / 3 - 1, rows / 2 - 1], -1)
    known = torch.nn.functional.grid_sample(x, grid, align_corners=True, padding_mode="zeros")
    torch.testing.assert_close(bilinear(x, rows, columns), known)
    torch.testing.assert_close(bilinear(x[:, 0], rows, columns), known[:, 0])


def test_known_rotations_and_scalings():
    x = torch.rand(2, 3, 6, 6, dtype=torch.float64)
    quarter = torch.tensor([90.0, -90.0], dtype=torch.float64)
    turned = torch.stack([torch.rot90(x[0], 1, (1, 2)), torch.rot90(x[1], -1, (1, 2))])
    torch.testing.assert_close(rotation(x, quarter), turned)
    same = torch.tensor([0.0, 0.0], dtype=torch.float64)
    assert torch.equal(rotation(x, same), x)
    torch.testing.assert_close(scaling(x, same + 1), x)
    odd = torch.rand(1, 5, 5, dtype=torch.float64)
    torch.testing.assert_close(scaling(odd, same[:1] + 0.5)[0, 1:4, 1:4], odd[0, ::2, ::2])


def test_two_rotations_are_not_one():
    x, ten = torch.rand(1, 8, 8, dtype=torch.float64), torch.tensor([10.0], dtype=torch.float64)
    assert not torch.allclose(rotation(rotation(x, ten), ten), rotation(x, 2 * ten), atol=0.02)


def test_gradients_are_right():
    x = torch.rand(1, 4, 5, dtype=torch.float64, requires_grad=True)
    angle = torch.tensor([13.0], dtype=torch.float64, requires_grad=True)
    factor = torch.tensor([1.13], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(rotation, (x, angle))
    assert torch.autograd.gradcheck(scaling, (x, factor))


@pytest.mark.parametrize("degrees", [0.0, -1.0, 181.0, math.nan])
def test_bad_degrees(degrees):
    with pytest.raises(InputError, match="degrees must be > 0 and at most 180, not"):
        Rotations(degrees=degrees)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.2, 1.1), (1.0, math.inf), (-1.0, 2.0)])
def test_bad_scalings(low, high):
    with pytest.raises(InputError, match="scalings need 0 < low < high, as in"):
        Scalings(low=low, high=high)


def test_other_refusals():
    image = IMAGES["noise"]
    with pytest.raises(InputError, match="points must be at least 1, not 0"):
        cover(image, WARPS[0], 0, lambda x: x)
    with pytest.raises(InputError, match=r"a scaling's factor must be > 0, not 0\.0"):
        scaling(image[None], torch.zeros(1, dtype=torch.float64))
    with pytest.raises(InputError, match="may vanish: cover the scalings with more points"):
        drift(image, WARPS[1], torch.tensor([0.5], dtype=torch.float64), 0.5)
