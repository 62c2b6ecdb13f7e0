"""Checks of certificates about whole-image transformations; each raises where one is broken."""

import math
from functools import cache

import numpy as np
import torch
from scipy import special

import certiball as cb
from certiball.balls import Norm
from certiball.certification.question import Question, radius_of
from certiball.claim import Claim
from certiball.execution import Block, Execution
from certiball.laws.brightness import Brightness
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.folded_normal_blur import FoldedNormalBlur
from certiball.laws.translation import Translation
from certiball.laws.uniform_blur import UniformBlur
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes
from certiball.statistics.binomial import lower_bound
from certiball.theorems.bounds import Bounds
from certiball.transforms.blur import blur
from guarantees.checks import ALPHA, at_most, judged

N = 1000
REALS = cb.Reals()

# For each law a classifier that is as fragile as the theorem allows: 1 where the parameter that
# was drawn is at most t. The parameter is read from an image on which it can be seen.
WIDE = 41
FLAT = np.full((2, 2), 0.5, np.float32)
WAVE = np.cos(np.pi * (np.arange(8) + 0.5) / 8).astype(np.float32)[None]
POINT = np.eye(WIDE, dtype=np.float32)[WIDE // 2 : WIDE // 2 + 1]
STEP = np.array([[0.0, 1.0]], np.float32)


def added(x):
    return x[:, 0, 0] - 0.5


def variance(x):
    shrunk = (x * WAVE).sum((1, 2)) / (WAVE**2).sum()
    return -2 * np.log(shrunk) / (2 - 2 * np.cos(np.pi / 8))


def column(x):
    return x.reshape(len(x), -1).argmax(1) - WIDE // 2


def brightened(x):
    return x[:, 0, 0] / (x[:, 0, 1] - x[:, 0, 0])


# law, image, how its parameter is read, P(parameter ≤ t), and the distance to which class 1 holds.
CASES = {
    "brightness": (
        Brightness(sigma=0.2),
        FLAT,
        added,
        lambda t: special.ndtr(t / 0.2),
        lambda t: t,
    ),
    "contrast-brightness": (
        ContrastBrightness(contrast=0.3, brightness=0.2),
        STEP,
        brightened,
        lambda t: special.ndtr(t / 0.2),
        lambda t: t,
    ),
    "exponential-blur": (
        ExponentialBlur(scale=2.0),
        WAVE,
        variance,
        lambda t: -np.expm1(-t / 2),
        lambda t: t - 2 * math.log(2),
    ),
    "uniform-blur": (UniformBlur(scale=2.0), WAVE, variance, lambda t: t / 2, lambda t: t - 1),
    "folded-normal-blur": (
        FoldedNormalBlur(sigma=2.0),
        WAVE,
        variance,
        lambda t: 2 * special.ndtr(t / 2) - 1,
        lambda t: t - 2 * special.ndtri(0.75),
    ),
    "translation": (
        Translation(sigma=2.5),
        POINT,
        column,
        lambda t: special.ndtr((math.floor(t) + 0.5) / 2.5),
        lambda t: math.floor(t) + 0.5,
    ),
}


def threshold(chance, p):
    """The t whose probability is p, by halving; for translation the whole number at or above."""
    low, high = -1.0, 60.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if chance(middle) < p else (low, middle)
    return high


def claim_of(law, space=REALS, alpha=ALPHA):
    return Claim(law=law, norm=Norm.PARAMETER, rule=cb.Rule.ONE_SIDED, alpha=alpha, space=space)


def simulated_coverage(name, p):
    law, _, _, chance, distance = CASES[name]
    t = threshold(chance, p)
    generator = np.random.default_rng([len(name), int(1000 * p)])
    true, truly = float(chance(t)), max(0.0, float(distance(t)))

    @cache
    def is_false(votes):
        claim = claim_of(law)
        p_lower = lower_bound(votes, N, ALPHA)
        radius = radius_of(Question(claim=claim, dimension=4), Bounds(p_lower=p_lower))
        return radius > truly + 1e-9

    assert abs(true - p) < 1e-9 or name == "translation"
    counts = generator.binomial(N, true, 20_000)
    false = sum(map(is_false, counts.tolist()))
    at_most(false, len(counts), ALPHA)
    assert false > 0.2 * ALPHA * len(counts)  # the check bites: the boundary is where it is said


def classifier(read, t):
    return cb.FunctionClassifier(
        lambda x: (read(np.asarray(x, np.float64)) <= t + 1e-6).astype(int), num_classes=2
    )


def share(g, image, samples=4000):
    blocks = [Block(input=0, phase=Phase.ESTIMATION, first=0, samples=samples)]
    [counts] = count_votes(g, {0: image}, blocks, 77, Execution(batch=512, chunk=32))
    return counts.sum(0)[1] / samples


def moved(name, image, amount):
    """The image that the adversary makes: by the amount in the law's parameter, exactly."""
    if name == "translation":
        return np.roll(image, round(amount), axis=-1)
    if name.endswith("blur"):
        made = blur(torch.tensor(image)[None].double(), torch.tensor([amount]))
        return made[0].numpy().astype(np.float32)
    return image + np.float32(amount)


def a_certificate_ends_where_the_class_does(name):
    law, image, read, chance, distance = CASES[name]
    t = threshold(chance, 0.93)
    g = cb.Smoothed(classifier(read, t), law, space=REALS)
    plan = cb.FixedSamples(n0=50, n=20_000)
    [result] = cb.certify(g, image[None], plan=plan, alpha=1e-6, seed=3)
    truly = float(distance(t))
    assert result.label == 1
    assert 0.8 * truly < result.radius <= truly
    step = 1 if name == "translation" else 0.1 * truly
    assert share(g, moved(name, image, result.radius * 0.999 // step * step)) > 0.5
    assert share(g, moved(name, image, truly + step / 2)) < 0.5


def coverage_through_real_brightness(probability, space):
    """Selection, votes and bounds of many inputs whose brightness may change no further."""
    law, _, _, chance, _ = CASES["brightness"]
    t = math.floor(threshold(chance, probability) * 255) / 255
    half = 0.5 / 255 if isinstance(space, cb.Grid) else 0.0  # t lies between two levels
    g = cb.Smoothed(classifier(lambda x: x[:, 0, 0], t + half), law, space=space)
    black = np.zeros((2, 2), int if isinstance(space, cb.Grid) else np.float32)
    inputs = 1000
    blocks = [
        Block(input=i, phase=phase, first=0, samples=size)
        for i in range(inputs)
        for phase, size in ((Phase.SELECTION, 64), (Phase.ESTIMATION, N))
    ]
    counts = count_votes(
        g, dict.fromkeys(range(inputs), black), blocks, 5, Execution(batch=512, chunk=N)
    )
    votes = [cb.Votes(counts=tuple(int(c) for c in table.sum(0))) for table in counts]
    false = 0
    for selection, estimation in zip(votes[::2], votes[1::2], strict=True):
        result = judged(claim_of(law, space), selection, estimation)
        false += isinstance(result, cb.Certificate) and result.radius > t + half + 1e-6
    at_most(false, inputs, ALPHA)
    assert false > 0


def brightness_is_certified_beside_contrast():
    """Class 1 where a black pixel is seen at most at t: certified to R, it is kept at .95 R."""
    law = ContrastBrightness(contrast=1.0, brightness=0.2)
    t = 0.2 * special.ndtri(0.9)
    g = cb.Smoothed(classifier(lambda x: x[:, 0, 0], t), law, space=REALS)
    p = share(g, STEP, 20_000)
    radius = radius_of(Question(claim=claim_of(law), dimension=2), Bounds(p_lower=p))
    assert share(g, STEP + np.float32(0.95 * radius), 20_000) > 0.5
