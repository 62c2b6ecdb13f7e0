import numpy as np
import pytest

from certiball.statistics.steps import nice_step, ticks


@pytest.mark.parametrize("most", [4, 5, 8, 14])
def test_steps_are_nice_and_few(most: int) -> None:
    for high in np.geomspace(1e-4, 1e4, 200):
        step = nice_step(float(high), most)
        assert high / step <= most * (1 + 1e-9)
        mantissa = float(f"{step:e}".split("e")[0])
        assert mantissa in (1, 2, 2.5, 5)
        assert len(ticks(float(high), most)) <= most + 1


def test_ticks_are_the_numbers_that_they_show() -> None:
    assert ticks(0.9, 5) == (0.0, 0.2, 0.4, 0.6, 0.8)
    assert ticks(1.0, 4) == (0.0, 0.25, 0.5, 0.75, 1.0)
    assert ticks(0.3, 3) == (0.0, 0.1, 0.2, 0.3)
