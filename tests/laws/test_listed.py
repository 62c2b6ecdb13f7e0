"""Laws whose views are listed: what they are, what they refuse, and their views in order."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.bands import Bands
from certiball.laws.blocks import Blocks
from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.laws.enumerated import EnumeratedLaw
from certiball.laws.gaussian import Gaussian
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals

STEP = Fraction(1, 255)
OFFSETS = DeterministicSplitting(scale=Fraction(7, 510), step=STEP)
LAWS = [Bands(width=2, columns=5), Blocks(side=3, rows=4, columns=5), OFFSETS]
STREAM = Stream(key=5, phase=Phase.ESTIMATION, input=3, chunk=0)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_what_they_have_in_common(law):
    assert isinstance(law, Law)
    assert isinstance(law, EnumeratedLaw)
    assert law.slack(STEP, 20) == 0
    assert law.deviation(20) is None
    assert not isinstance(Gaussian(sigma=1.0), EnumeratedLaw)
    assert law == replace(law)
    assert hash(law) == hash(replace(law))


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_views_do_not_depend_on_how_they_are_asked_for(law):
    levels = np.random.default_rng(0).integers(-40, 300, (2, 4, 5))
    sampler = sampler_for(law, Grid.uint8(), levels.shape)
    every = sampler.noisy(levels.reshape(-1), STREAM, law.views)
    assert every.shape == (law.views, np.prod(law.seen(levels.shape)))
    for first in range(law.views):
        stream = Stream(key=9, phase=Phase.PREDICTION, input=0, chunk=7, first=first)
        out = np.full((3, every.shape[1]), np.nan, np.float32)
        assert sampler.noisy(levels.reshape(-1), stream, 3, out) is out
        again = [every[(first + i) % law.views] for i in range(3)]
        np.testing.assert_array_equal(out, again)


def test_a_step_changes_one_offset_at_most_inside_and_outside_of_the_range():
    """Which is all that the theorem of deterministic splitting needs of what is seen."""
    levels = np.arange(-600, 900)
    for level in levels:
        sampler = sampler_for(OFFSETS, Grid.uint8(), (1,))
        pair = [sampler.noisy(np.array([x]), STREAM, OFFSETS.views) for x in (level, level + 1)]
        assert (pair[0] != pair[1]).sum() <= 1


@pytest.mark.parametrize("space", [Grid.uint8(), Reals(low=-1.0, high=2.5)], ids=str)
def test_a_view_shows_its_part_and_not_a_bit_of_the_rest(space):
    generator = np.random.default_rng(1)
    law = Blocks(side=2, rows=4, columns=5)
    sampler = sampler_for(law, space, (4, 5))

    def inputs():
        if isinstance(space, Grid):
            return generator.integers(-300, 600, 20)
        return generator.normal(0, 9, 20).astype(np.float32)

    one, other = inputs(), inputs()
    for number in range(law.views):
        stream = Stream(key=0, phase=Phase.ESTIMATION, input=0, chunk=0, first=number)
        rows, columns = divmod(number, 5)
        shown = np.zeros((4, 5), bool)
        shown[np.ix_([rows, (rows + 1) % 4], [columns, (columns + 1) % 5])] = True
        mixed = np.where(shown.reshape(-1), one, other)
        first, second = sampler.noisy(one, stream, 1), sampler.noisy(mixed, stream, 1)
        assert first.tobytes() == second.tobytes()
        seen = first.reshape(2, 4, 5)
        assert (seen[:, ~shown].view(np.uint32) == 0).all()  # no sign of zero either
        assert (seen[:, shown] != 0).any(0).all()


def test_a_template_is_one_for_all_sizes_and_another_for_another_seed():
    law = DeterministicSplitting(scale=Fraction(1, 2), step=STEP)
    template = law.template(1000)
    assert (template[:10] == law.template(10)).all()
    assert template.min() >= 0
    assert template.max() == 254
    other = DeterministicSplitting(scale=Fraction(1, 2), step=STEP, seed=1).template(1000)
    assert (other != template).mean() > 0.9


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Bands(width=0, columns=5), "width must be from 1 to the 5 columns"),
        (lambda: Bands(width=6, columns=5), "width must be from 1 to the 5 columns"),
        (lambda: Blocks(side=5, rows=4, columns=5), "side must be from 1 to the smaller side"),
        (lambda: Blocks(side=0, rows=4, columns=5), "side must be from 1 to the smaller side"),
        (lambda: LAWS[0].seen((20,)), r"is for images \[C, H, 5\]"),
        (lambda: LAWS[0].seen((1, 5, 4)), r"is for images \[C, H, 5\]"),
        (lambda: LAWS[1].seen((1, 5, 4)), r"is for images \[C, 4, 5\]"),
        (lambda: DeterministicSplitting(scale=Fraction(1, 3), step=Fraction(1, 4)), "half steps"),
        (lambda: DeterministicSplitting(scale=Fraction(0), step=STEP), "scale must be > 0"),
        (lambda: DeterministicSplitting(scale=Fraction(1), step=Fraction(0)), "must be > 0"),
        (lambda: DeterministicSplitting(scale=Fraction(1), step=STEP, seed=-1), "from 0 to 2⁶⁴"),
        (lambda: OFFSETS.slack(Fraction(1, 2), 3), "inputs on a grid of step 1/255, not on a"),
        (lambda: OFFSETS.slack(None, 3), "inputs on a grid of step 1/255, not in the reals"),
        (lambda: sampler_for(OFFSETS, Reals(), (3,)), "inputs on a grid of step 1/255, not for"),
    ],
)
def test_what_is_refused(make, said):
    with pytest.raises(InputError, match=said):
        make()
