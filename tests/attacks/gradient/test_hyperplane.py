import numpy as np
import pytest
import torch
from scipy.optimize import linprog, minimize

from certiball.attacks.gradient.hyperplane import nearest_on_plane
from certiball.balls import Norm
from certiball.errors import InputError

NORMS = [pytest.param(Norm.L2, id="L2"), pytest.param(Norm.LINF, id="Linf")]


def problems(seed: int, count: int, d: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    points = torch.from_numpy(rng.uniform(0, 1, (count, d)))
    normal = torch.from_numpy(rng.standard_normal((count, d)))
    normal[:, 0] = 0.0  # a coordinate that does not matter
    return points, normal, torch.from_numpy(rng.standard_normal(count))


def closest(x: np.ndarray, w: np.ndarray, b: float, norm: Norm) -> float | None:
    """The least distance by a general solver; None where the box does not reach the plane."""
    bounds = [(-v, 1 - v) for v in x]
    d = len(x)
    if norm is Norm.LINF:
        # variables δ and t, with −t ≤ δᵢ ≤ t
        sides = np.block([[np.eye(d), -np.ones((d, 1))], [-np.eye(d), -np.ones((d, 1))]])
        goal = np.append(np.zeros(d), 1.0)
        plane = np.append(w, 0.0)[None]
        found = linprog(goal, sides, np.zeros(2 * d), plane, [-b], bounds=[*bounds, (0, None)])
        return float(found.fun) if found.success else None
    reach = np.where(np.sign(-b) * w > 0, 1 - x, x) @ np.abs(w)
    if reach < abs(b):
        return None
    found = minimize(
        lambda delta: delta @ delta,
        np.zeros(d),
        jac=lambda delta: 2 * delta,
        bounds=bounds,
        constraints={"type": "eq", "fun": lambda delta: w @ delta + b, "jac": lambda _: w},
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 500},
    )
    return float(np.sqrt(found.fun))


@pytest.mark.parametrize("norm", NORMS)
def test_as_close_as_a_general_solver_finds(norm: Norm) -> None:
    points, normal, offset = problems(0, 40, 6)
    found = nearest_on_plane(points, normal, offset, (0.0, 1.0), norm)
    order = 2 if norm is Norm.L2 else np.inf
    reached = 0
    for x, w, b, z in zip(*(t.numpy() for t in (points, normal, offset, found)), strict=True):
        best = closest(x, w, float(b), norm)
        assert ((z >= 0) & (z <= 1)).all()
        if best is None:  # the corner that comes closest
            corner = np.where(-b * w > 0, 1.0, 0.0)
            assert np.allclose(z[1:], corner[1:], atol=1e-12)
            continue
        reached += 1
        assert abs(w @ (z - x) + b) < 1e-9
        assert np.linalg.norm(z - x, order) == pytest.approx(best, rel=1e-5, abs=1e-7)
    assert 25 <= reached < 40  # both cases were met


@pytest.mark.parametrize("norm", NORMS)
def test_without_a_box_the_distance_is_offset_by_the_dual_norm(norm: Norm) -> None:
    points, normal, offset = problems(1, 20, 50)
    found = nearest_on_plane(points, normal, offset, (-np.inf, np.inf), norm)
    order, dual = (2, 2) if norm is Norm.L2 else (np.inf, 1)
    moved = np.linalg.norm((found - points).numpy(), order, axis=1)
    assert np.allclose(moved, offset.abs().numpy() / np.linalg.norm(normal.numpy(), dual, axis=1))


@pytest.mark.parametrize("norm", NORMS)
def test_points_on_the_plane_and_flat_functions_stay(norm: Norm) -> None:
    points, normal, offset = problems(2, 4, 5)
    still = nearest_on_plane(points, normal, 0 * offset, (0.0, 1.0), norm)
    flat = nearest_on_plane(points, 0 * normal, offset, (0.0, 1.0), norm)
    assert torch.equal(still, points)
    assert torch.equal(flat, points)


def test_another_norm_is_refused() -> None:
    points, normal, offset = problems(3, 2, 3)
    with pytest.raises(InputError, match="L2 or L∞, not in L1"):
        nearest_on_plane(points, normal, offset, (0.0, 1.0), Norm.L1)
