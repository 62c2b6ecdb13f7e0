import numpy as np
import pytest

from certiball.attacks.judging.judgement import votes_needed
from certiball.attacks.linear import LinearOracle
from certiball.attacks.oracle import Questions
from certiball.spaces import Grid
from certiball.study.protocol import Shortcut
from certiball.study.rounding import RoundedOracle


def questions(margins: list[float], times: int) -> Questions:
    points = np.repeat(np.array(margins)[:, None], times, axis=0)
    owners = np.repeat(np.arange(len(margins)), times)
    return Questions(points=points, owners=owners, numbers=np.tile(np.arange(times), len(margins)))


@pytest.mark.parametrize("level", [0.5, 0.8])
def test_answers_are_wrong_from_so_many_wrong_votes_on(level: float) -> None:
    """Against the votes themselves, which the same addresses give again."""
    g = LinearOracle(weights=np.ones(1), bias=0.0, sigma=1.0, n=10, seed=5)
    asked = questions([-0.5, 0.2, 0.9], times=200)
    labels = {0: 0, 1: 1, 2: 0}
    own = np.array([labels[int(owner)] for owner in asked.owners])
    votes = g.counts(asked)
    wrong = 10 - votes[np.arange(len(own)), own]
    found = Shortcut(g, labels, votes_needed(10, level)).counts(asked).argmax(axis=1)
    assert np.array_equal(found != own, wrong >= 10 * level)
    assert 0 < (found != own).mean() < 1


def test_rounding_swallows_probes_below_half_a_step() -> None:
    grid = Grid.uint8()
    f = LinearOracle(weights=np.ones(4), bias=-4 * 100.2 / 255, space=grid)
    near = np.full((2, 4), 100 / 255) + np.array([[0.4], [0.6]]) / 255
    asked = Questions(points=near, owners=np.zeros(2, dtype=np.int64), numbers=np.arange(2))
    assert RoundedOracle(f).counts(asked).argmax(axis=1).tolist() == [0, 1]
    assert RoundedOracle(f).space.bounds == (0.0, 1.0)
