from certiball.certification.meaning import arithmetic_means, seed_means
from certiball.spaces import Grid, Reals


def test_both_modes_say_what_they_prove():
    lattice, real = arithmetic_means(Grid.uint8()), arithmetic_means(Reals(low=0.0, high=1.0))
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
