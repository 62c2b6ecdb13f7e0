"""Certificates without α hold against every perturbation that they speak of."""

from fractions import Fraction
from itertools import product

import pytest

from certiball.laws.bands import Bands
from certiball.laws.blocks import Blocks
from certiball.laws.deterministic_splitting import DeterministicSplitting
from guarantees import enumerated


@pytest.mark.parametrize(("views", "classes"), [(9, 2), (8, 3), (11, 3), (6, 4)])
def test_all_vote_tables(views, classes):
    enumerated.worst_votes(views, classes)


def test_bands_that_see_a_patch():
    for rows, columns in ((2, 5), (5, 5), (3, 8)):
        for width in range(1, columns + 1):
            enumerated.reach(Bands(width=width, columns=columns), rows, columns)


def test_blocks_that_see_a_patch():
    for rows, columns in ((3, 5), (5, 5), (6, 4)):
        for side in range(1, min(rows, columns) + 1):
            enumerated.reach(Blocks(side=side, rows=rows, columns=columns), rows, columns)


@pytest.mark.parametrize(
    ("law", "classes"),
    [
        (Bands(width=1, columns=4), 2),
        (Bands(width=1, columns=4), 3),
        (Bands(width=2, columns=4), 2),
        (Blocks(side=1, rows=4, columns=4), 2),
        (Blocks(side=2, rows=4, columns=4), 3),
    ],
    ids=str,
)
def test_every_patch_on_every_binary_image(law, classes):
    found = [enumerated.patches(law, 4, 4, classes, seed) for seed in range(2)]
    assert any(larger for _, larger in found)
    assert all(sum(by_side[1:]) > 100 for by_side, _ in found)


def test_every_perturbation_on_tiny_grids():
    found = set()
    for (period, top), seed in product([(2, 3), (4, 3), (7, 3), (12, 4)], range(4)):
        step = Fraction(1, top)
        law = DeterministicSplitting(scale=period * step / 2, step=step, seed=seed)
        found |= {radius * top for radius in enumerated.offsets(law, top, 2, 2 + seed % 2, seed)}
    assert max(found) >= 4
