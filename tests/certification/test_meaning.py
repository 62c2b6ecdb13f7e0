import pytest

from certiball.certification.meaning import arithmetic_means, is_sound, seed_means
from certiball.claim import Claim, Rule
from certiball.laws.ablation import Ablation
from certiball.laws.brightness import Brightness
from certiball.laws.gaussian import Gaussian
from certiball.laws.translation import Translation
from certiball.spaces import Grid, Reals
from certiball.theorems import ball_of

UNIT = Reals(low=0.0, high=1.0)


def claim(law, space):
    norm, strict = ball_of(law)
    return Claim(law=law, norm=norm, rule=Rule.ONE_SIDED, alpha=0.001, space=space, strict=strict)


@pytest.mark.parametrize(
    ("law", "sound"),
    [
        (Gaussian(sigma=0.25), False),
        (Brightness(sigma=0.25), False),
        (Ablation(keep=4, pixels=64), True),
        (Translation(sigma=2.0), True),
    ],
)
def test_in_the_reals_only_what_is_shown_as_it_is_cannot_be_betrayed(law, sound):
    assert is_sound(claim(law, UNIT)) is sound
    assert is_sound(claim(law, Grid.uint8()))
    said = arithmetic_means(claim(law, UNIT))
    assert said.startswith("Float mode") is not sound
    assert ("the noise" in said) == ("bits of such a sum" in said) == (type(law) is Gaussian)
    assert "{" not in said
    on_grid = arithmetic_means(claim(law, Grid.uint8()))
    assert ("inputs and noise are whole steps" in on_grid) == (type(law) is Gaussian)


def test_both_modes_say_what_they_prove():
    claims = [claim(Gaussian(sigma=0.25), space) for space in (Grid.uint8(), UNIT)]
    lattice, real = map(arithmetic_means, claims)
    assert lattice.startswith("Lattice mode: inputs and noise are whole steps of the grid 0, 1/255")
    assert "floating point cannot break the proof" in lattice
    assert real.startswith("Float mode: inputs live in the real interval [0, 1]")
    assert "its certificates are false (arXiv 2207.07209)" in real


def test_each_way_to_a_seed_says_what_it_excludes():
    fresh, known = seed_means(chosen=False), seed_means(chosen=True)
    public = seed_means(chosen=True, beacon="drand round 7")
    assert "delete a run and draw again" in fresh
    assert "can be the best of many" in known
    assert "said to be drand round 7" in public
    assert len({fresh, known, public}) == 3
