"""Noise that depends on the input contradicts itself; with a memory it does not."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

import certiball as cb
from certiball.certification import memory as memory_module
from certiball.certification.memory import Memory, Region, certify_with
from certiball.errors import InputError

SPACE = cb.Grid.uint8()
STEP = SPACE.step
EMPTY = Memory(norm=cb.Norm.L2, space=SPACE)
BAND = cb.FunctionClassifier(lambda x: abs(x[:, 0] - 0.5) < 0.15, num_classes=2)


def sigma_of(x):
    """Little noise on even levels, much on odd ones: a function of the input, as σ(x) is."""
    return 0.05 if int(x[0]) % 2 == 0 else 1.0


def certifier(x):
    g = cb.Smoothed(BAND, cb.Gaussian(sigma=sigma_of(x)), space=cb.Grid.uint8())
    [result] = cb.certify(g, x[None], plan=cb.FixedSamples(n0=50, n=1000), alpha=1e-6, seed=3)
    return result


def region(x, result):
    return Region(centre=x, label=result.label, radius=result.radius)


def overlap(first, second):
    """Exactly, in whole levels."""
    away = sum((int(a) - int(b)) ** 2 for a, b in zip(first.centre, second.centre, strict=True))
    both = Fraction(first.radius) + Fraction(second.radius)
    return first.label != second.label and away * STEP**2 < both**2


def test_without_a_memory_two_certified_inputs_contradict_each_other():
    """Both certificates are true of their own smoothed classifier, and false of σ(x)."""
    middle, beside = np.array([128]), np.array([129])
    first, second = certifier(middle), certifier(beside)
    assert (first.label, second.label) == (1, 0)
    assert first.covers(middle, beside)
    assert second.covers(beside, middle)
    assert overlap(region(middle, first), region(beside, second))


@pytest.mark.parametrize("order", [(128, 129), (129, 128)])
def test_with_a_memory_the_first_is_kept(order):
    first, second = (np.array([level]) for level in order)
    memory, kept = certify_with(EMPTY, first, certifier)
    memory, answer = certify_with(memory, second, certifier)
    assert answer.label == kept.label
    assert len(memory.regions) == 1
    away = STEP
    assert Fraction(answer.radius) <= Fraction(kept.radius) - away
    assert answer.radius == pytest.approx(kept.radius - 1 / 255)


def asked(levels, certify_one):
    memory, answers = EMPTY, []
    for level in levels:
        memory, answer = certify_with(memory, level, certify_one)
        answers.append(answer)
    return memory, [answer for answer in answers if answer is not None]


def random_certifier(seed):
    """Labels and radii without any reason: the memory must hold whatever is proposed."""
    generator = np.random.default_rng(seed)
    template = certifier(np.array([128]))

    def certify_one(x):
        label = int(generator.integers(3))
        return replace(template, label=label, radius=float(generator.uniform(0.01, 0.5)))

    return certify_one


@pytest.mark.parametrize("seed", range(5))
def test_no_two_answers_ever_contradict(seed):
    levels = np.random.default_rng(seed).integers(0, 256, (120, 2))
    memory, answers = asked(levels, random_certifier(seed))
    assert len(memory.regions) > 10
    assert len(answers) > len(memory.regions)
    every = [*memory.regions, *answers]
    assert not any(overlap(a, b) for a, b in combinations(every, 2))


def test_uncut_balls_would_contradict(monkeypatch):
    monkeypatch.setattr(memory_module, "_reach", lambda memory, x, other: np.inf)
    levels = np.random.default_rng(0).integers(0, 256, (120, 2))
    memory, _ = asked(levels, random_certifier(0))
    assert any(overlap(a, b) for a, b in combinations(memory.regions, 2))


def test_cut_balls_touch_and_no_more():
    memory = replace(EMPTY, regions=(Region(centre=np.array([0]), label=0, radius=0.2),))

    def certify_one(x):
        return replace(certifier(np.array([128])), label=1, radius=0.9)

    _, found = certify_with(memory, np.array([128]), certify_one)
    exact = Fraction(128, 255) - Fraction(0.2)
    assert exact * (1 - Fraction(1, 10**14)) <= Fraction(found.radius) <= exact


def certified(label, sigma=0.25, space=SPACE):
    """Unanimous votes for a class, whatever the input."""

    def certify_one(x):
        always = cb.FunctionClassifier(lambda b: np.full(len(b), label), num_classes=2)
        g = cb.Smoothed(always, cb.Gaussian(sigma=sigma), space)
        return cb.certify(g, x[None], plan=cb.FixedSamples(n0=20, n=200), seed=1)[0]

    return certify_one


def test_distances_between_levels_are_those_of_the_space():
    """Two inputs 8/255 apart, each certified to .456: in levels they are 8 apart."""
    first, second = np.full((2, 2), 100), np.full((2, 2), 104)
    memory, kept = certify_with(EMPTY, first, certified(0))
    assert kept.radius > 0.45
    memory, answer = certify_with(memory, second, certified(1))
    assert (answer.label, len(memory.regions)) == (0, 1)
    away = Fraction(8, 255)
    assert Fraction(answer.radius) <= Fraction(kept.radius) - away
    same = second / np.float32(255)  # as floats of the grid, they are the same input
    assert memory.holding(same).label == 0
    assert certify_with(memory, same, certified(1))[1].radius == answer.radius


def test_a_ball_of_another_space_is_refused():
    levels = np.full((2, 2), 100)
    fine = cb.Grid.unsigned(16)
    with pytest.raises(InputError, match="cannot keep a ball of the grid 0, 1/65535"):
        certify_with(EMPTY, levels, certified(0, space=fine))
    with pytest.raises(InputError, match="must be floats, not int64"):
        certify_with(Memory(norm=cb.Norm.L2, space=cb.Reals()), levels, certified(0))
    with pytest.raises(InputError, match="is not on the grid"):
        EMPTY.holding(np.array([0.123]))


def test_abstentions_leave_no_trace_and_norms_must_agree():
    edge = np.array([90])  # of the band, with much noise: neither class is likely enough
    law = cb.Gaussian(sigma=0.05)
    g = cb.Smoothed(BAND, law, space=cb.Grid.uint8())
    [result] = cb.certify(g, edge[None], plan=cb.FixedSamples(n0=50, n=20), alpha=1e-3, seed=1)
    assert isinstance(result, cb.Abstention)
    assert certify_with(EMPTY, edge, lambda x: result) == (EMPTY, None)
    with pytest.raises(InputError, match="cannot keep one in L2"):
        certify_with(Memory(norm=cb.Norm.L1, space=SPACE), np.array([128]), certifier)
