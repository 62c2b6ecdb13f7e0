"""Directions stay orthogonal, to earlier ones and to a u that moves, however long a search is."""

import numpy as np
import pytest

from certiball.attacks.search.directions import Directions
from certiball.attacks.search.frequency import lowest


def directions(d, remembered, fraction=1.0, seed=0):
    frequencies = lowest((d,), fraction=fraction)
    rng = np.random.default_rng(seed)
    return Directions(frequencies, np.ones(frequencies.count), remembered, rng)


def unit(d, seed=1):
    u = np.random.default_rng(seed).standard_normal(d)
    return u / np.linalg.norm(u)


# u turns by up to so many radians: with 1.5 nearly all of it is among the earlier directions.
@pytest.mark.parametrize("turn", [0.0, 0.2, 1.5])
@pytest.mark.parametrize(("d", "remembered"), [(120, 100), (104, 100), (300, 20)])
def test_directions_are_orthogonal_to_the_last_few_and_to_the_current_u(d, remembered, turn):
    rng, made, u = np.random.default_rng(2), directions(d, remembered), unit(d)
    last, worst, worst_of_u = [], 0.0, 0.0
    for _ in range(1200):
        v = made.draw(u)
        assert np.linalg.norm(v) == pytest.approx(1, abs=1e-12)
        worst_of_u = max(worst_of_u, abs(float(u @ v)))
        if len(last) >= remembered:
            worst = max(worst, float(np.abs(np.array(last[-remembered:]) @ v).max()))
        last.append(v)
        angle = rng.uniform(0, turn)
        u = np.cos(angle) * u + np.sin(angle) * v
        u /= np.linalg.norm(u)
    assert worst_of_u < 1e-12
    assert worst < 1e-8


def test_when_all_has_been_looked_at_it_begins_anew():
    made, u, d = directions(16, 100), unit(16), 16
    drawn = np.array([made.draw(u) for _ in range(3 * (d - 1))])
    for first in range(0, len(drawn), d - 1):
        sweep = drawn[first : first + d - 1]
        assert np.abs(sweep @ sweep.T - np.eye(d - 1)).max() < 1e-10


def test_amplitudes_weigh_frequencies():
    frequencies = lowest((40,), fraction=1.0)
    sizes = np.where(np.arange(40) < 10, 1.0, 0.0)
    made = Directions(frequencies, sizes, 0, np.random.default_rng(0))
    u = frequencies.inputs(np.eye(40)[39:])[0]  # of the highest frequency
    drawn = frequencies.coefficients(np.array([made.draw(u) for _ in range(200)]))
    assert np.abs(drawn[:, 10:]).max() < 1e-12
    raised = np.sign(np.where(np.abs(drawn[:, :10]) < 1e-12, 0, drawn[:, :10]))
    shares = [(raised == sign).mean() for sign in (-1, 0, 1)]
    assert np.allclose(shares, 1 / 3, atol=0.04)  # 2,000 draws: four standard deviations


def test_in_one_dimension_there_is_no_direction():
    assert directions(1, 100).draw(np.ones(1)) is None
