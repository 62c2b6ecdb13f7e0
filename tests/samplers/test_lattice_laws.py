"""Integer noise of laws other than the Gaussian one, against exact bins."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import special

from certiball.laws.laplace import Laplace
from certiball.laws.uniform import Uniform
from certiball.samplers.lattice import lattice_sampler
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid
from guarantees.independent import known

GRID = Grid.uint8()
LAWS = [Laplace(scale=0.2), Laplace(scale=0.01), Uniform(scale=0.3)]


def bins(law):
    """Last integers of ranges whose chances are a hundredth or more, and these chances."""
    step = float(GRID.step)
    places = np.unique(np.rint(known(law).ppf(np.linspace(0, 1, 80)[1:-1]) / step)).astype(int)
    ends = np.concatenate([[-np.inf], (places + 0.5) * step, [np.inf]])
    return places, np.diff(known(law).cdf(ends))


@pytest.mark.parametrize("features", [3072, 5])
@pytest.mark.parametrize(
    "law", [Laplace(scale=0.2), Laplace(scale=0.01), Uniform(scale=0.3)], ids=str
)
def test_noise_on_the_grid_has_the_rounded_law(law, features):
    sampler = lattice_sampler(law.on_grid(GRID.step), GRID)
    streams = [Stream(key=3, phase=Phase.ESTIMATION, input=0, chunk=c) for c in range(20)]
    drawn = [sampler.noise(s, 60_000 // features, features).ravel() for s in streams]
    noise = np.concatenate(drawn)
    for scale, fits in ((1.0, True), (1.02, False)):
        places, chances = bins(type(law)(scale=scale * law.scale))
        counts = np.bincount(np.searchsorted(places, noise), minlength=len(chances))
        expected = chances * noise.size
        kept = expected > 50
        statistic = float(((counts - expected) ** 2 / np.maximum(expected, 1e-9))[kept].sum())
        assert (special.chdtrc(kept.sum() - 1, statistic) > 1e-5) == fits


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_what_is_seen_is_a_function_of_the_sum(law):
    sampler = lattice_sampler(law.on_grid(GRID.step), GRID)
    stream = Stream(key=3, phase=Phase.ESTIMATION, input=0, chunk=0)
    seen = {}
    for clean in (0, 1, 100, 255):
        levels = np.full(50, clean)
        sums = sampler.noise(stream, 200, 50).astype(int) + clean
        shown = sampler.noisy(levels, stream, 200)
        for total, value in zip(sums.ravel(), shown.ravel(), strict=True):
            assert seen.setdefault(int(total), value) == value
    assert all(a[1] < b[1] for a, b in pairwise(sorted(seen.items())))
