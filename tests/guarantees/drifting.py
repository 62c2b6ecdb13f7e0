"""Images that move as much as they can, and checks of how far; each raises where one is broken."""

import numpy as np
import torch

from certiball.transforms.rotation import Rotations
from certiball.transforms.scaling import Scalings
from certiball.transforms.warp import drift, warped

SIDE = 12
WARPS = [Rotations(degrees=20.0), Scalings(low=0.7, high=1.5)]


def adversaries():
    """Images that move as much as they can: checks, stripes, points, corners, noise."""
    rows, columns = np.indices((SIDE, SIDE))
    generator = np.random.default_rng(0)
    corner, point = np.zeros((2, SIDE, SIDE))
    corner[0, 0], point[2, 9] = 1, 1
    yield "checks", ((rows + columns) % 2).astype(float)
    yield "stripes", (columns % 2).astype(float)
    yield "white", np.ones((SIDE, SIDE))
    yield "corner", corner
    yield "point", point
    yield "noise", generator.random((SIDE, SIDE))
    yield "signs", generator.choice([-1.0, 1.0], (3, SIDE, SIDE))
    yield "rings", ((np.hypot(rows - 5.5, columns - 5.5) % 2) < 1).astype(float)


IMAGES = {name: torch.from_numpy(image) for name, image in adversaries()}


def many(image, warp, parameters):
    parameters = torch.as_tensor(parameters, dtype=torch.float64)
    return warped(image.expand(len(parameters), *image.shape), warp, parameters)


def no_image_drifts_further_than_is_said(name, warp, change):
    image, (low, high) = IMAGES[name], warp.interval
    if isinstance(warp, Rotations):
        change *= 20
    middles = torch.linspace(low + change, high - change, 9, dtype=torch.float64)
    bounds = drift(image, warp, middles, change)
    nearest = 0.0
    for middle, bound in zip(middles.tolist(), bounds.tolist(), strict=True):
        around = torch.linspace(middle - change, middle + change, 201, dtype=torch.float64)
        apart = many(image, warp, around) - many(image, warp, [middle])
        moved = float(apart.flatten(1).norm(dim=1).max())
        assert moved <= bound
        nearest = max(nearest, moved / max(bound, 1e-300))
    if bounds.max() > 0 and change < 0.03:
        assert nearest > 0.25  # and it is no empty bound
