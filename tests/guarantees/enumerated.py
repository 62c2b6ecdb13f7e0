"""Checks of certificates that rest on the votes of all views, against every perturbation."""

from fractions import Fraction
from functools import lru_cache
from itertools import product

import numpy as np

from certiball.laws.bands import Bands
from certiball.samplers.deterministic_splitting import offset_sampler
from certiball.samplers.streams import Phase, Stream
from certiball.samplers.views import view_sampler
from certiball.spaces import Grid
from certiball.theorems import bands_patch, blocks_patch, counts, deterministic_splitting_l1

STREAM = Stream(key=0, phase=Phase.ESTIMATION, input=0, chunk=0)
BINARY = Grid(step=Fraction(1), low=0, high=1)


def winner(votes):
    """The answer: most votes, the lowest of several."""
    return max(range(len(votes)), key=lambda label: (votes[label], -label))


def tables(views, classes):
    """Every way in which so many views may vote."""
    return [t for t in product(range(views + 1), repeat=classes) if sum(t) == views]


def worst_votes(views, classes):
    """So many changes leave the answer whatever they are, and one more does not."""
    every = tables(views, classes)
    for votes in every:
        label = winner(votes)
        others = [other for other in every if winner(other) != label]
        # Votes are taken from some classes and given to others.
        needed = min(sum(max(0, a - b) for a, b in zip(votes, o, strict=True)) for o in others)
        assert counts.changes_allowed(views, votes, label) == needed - 1, votes


def reach(law, rows, columns):
    """No square patch is seen by more views than the theorem says, and one by as many."""
    theorem = bands_patch if isinstance(law, Bands) else blocks_patch
    sampler = view_sampler(law, BINARY, (rows, columns))
    seen = np.zeros((law.views, rows, columns), dtype=bool)
    for number in range(law.views):
        seen[(number, *sampler.part(number))] = True
    for side in range(1, max(rows, columns) + 2):
        most = max(
            int(seen[:, top : top + side, left : left + side].any((1, 2)).sum())
            for top, left in product(range(rows), range(columns))
        )
        assert theorem.reached(law, side) == most, side


@lru_cache
def images(rows, columns):
    """All binary images, [2^pixels, pixels], by the number whose bits they are."""
    pixels = rows * columns
    return np.arange(2**pixels)[:, None] >> np.arange(pixels) & 1


def model(seen, classes, seed):
    """A class for each row: by chance, the same for the same row, one class before the others."""
    generator = np.random.default_rng(seed)
    weights = generator.normal(size=(seen.shape[1], classes))
    scores = np.cos(3 * seen @ weights)
    scores[:, 0] += 0.4
    return scores.argmax(1)


def voted(law, rows, columns, classes, seed):
    """The votes of all views of all binary images, [images, classes], by the sampler's views."""
    sampler, clean = view_sampler(law, BINARY, (rows, columns)), images(rows, columns)
    table = np.zeros((len(clean), classes), dtype=np.int64)
    for number in range(law.views):
        # Views of all images at once: what is not in the part is not seen.
        whole = np.stack([clean, 1 - clean], 1).reshape(len(clean), 2, rows, columns)
        part = (slice(None), slice(None), *sampler.part(number))
        views = np.zeros(whole.shape)
        views[part] = whole[part]
        found = model(views.reshape(len(clean), -1), classes, seed)
        table[np.arange(len(clean)), found] += 1
    return table


def patches(law, rows, columns, classes, seed):
    """No patch of the certified side changes the answer, at any place and with any pixels.

    Returns how many images were certified for a side, a list by side, and whether a patch one
    pixel larger changed the answer to some image.
    """
    theorem = bands_patch if isinstance(law, Bands) else blocks_patch
    table = voted(law, rows, columns, classes, seed)
    answers = np.array([winner(votes) for votes in table.tolist()])
    distinct, which = np.unique(table, axis=0, return_inverse=True)
    radii = [theorem.radius(law, tuple(v), winner(v)) for v in distinct.tolist()]
    sides = np.array(radii, dtype=int)[which.ravel()]
    for side in range(1, sides.max() + 1):
        sure = np.flatnonzero(sides >= side)
        for moved in replaced(sure, side, rows, columns):
            assert (answers[moved] == answers[sure]).all(), side
    larger = False
    for side in range(1, min(rows, columns, sides.max() + 1) + 1):
        few = np.flatnonzero(sides == side - 1)[:300]
        beyond = replaced(few, side, rows, columns)
        larger = larger or any((answers[moved] != answers[few]).any() for moved in beyond)
    return np.bincount(sides).tolist(), larger


def replaced(numbers, side, rows, columns):
    """Images by their numbers, with each patch of a side in turn replaced by each of contents."""
    for top, left in product(range(rows - side + 1), range(columns - side + 1)):
        places = product(range(top, top + side), range(left, left + side))
        bits = [1 << (i * columns + j) for i, j in places]
        kept = numbers & ~sum(bits)
        for content in product((0, 1), repeat=len(bits)):
            yield kept | sum(bit for bit, on in zip(bits, content, strict=True) if on)


def offsets(law, top, dimension, classes, seed):
    """No perturbation on the grid within the certified L1 radius changes the answer.

    Inputs are all of the grid, perturbed ones may leave it by two steps. Returns the radii.
    """
    grid = Grid(step=law.step, low=0, high=top)
    sampler = offset_sampler(law, grid, (dimension,))
    points = np.array(list(product(range(-2, top + 3), repeat=dimension)))
    seen = [sampler.noisy(point, STREAM, law.views) for point in points]
    labels = model(np.concatenate(seen).astype(np.float64), classes, seed).reshape(len(points), -1)
    votes = [tuple(np.bincount(row, minlength=classes).tolist()) for row in labels]
    answers = np.array([winner(v) for v in votes])
    steps = np.abs(points[:, None] - points[None]).sum(2)
    views = np.stack(seen)
    differ = (views[:, None] != views[None]).any(3).sum(2)
    assert (differ <= steps).all()
    inside = ((points >= 0) & (points <= top)).all(1)
    radii = []
    for number in np.flatnonzero(inside):
        radius = deterministic_splitting_l1.radius(law, votes[number], int(answers[number]))
        reached = [Fraction(int(k)) * law.step <= Fraction(radius) for k in steps[number]]
        assert (answers[reached] == answers[number]).all()
        radii.append(radius)
    return radii
