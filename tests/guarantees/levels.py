"""Checks of what is said of adversarial points; the mutants call them too."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import comb, factorial

import numpy as np
from scipy import special

import certiball as cb
from certiball.attacks.attacked import Attacked, Status
from certiball.attacks.judging import evidence, judgement, level, walk
from certiball.attacks.judging.level import Tie
from certiball.attacks.judging.verify import verify_attacked
from certiball.attacks.linear import LinearOracle
from certiball.balls import Norm
from certiball.certificate import Certificate
from certiball.claim import Claim, Draw, Rule
from certiball.votes import Votes
from guarantees.checks import at_most

ALPHA = 0.05


def binary_level(q, n, tie):
    """P(g ≠ c) of n votes, each wrong with probability q, by enumeration."""
    total = Fraction(0)
    for k in range(n + 1):
        weight = comb(n, k) * q**k * (1 - q) ** (n - k)
        if 2 * k > n or (2 * k == n and tie is Tie.ADVERSARY):
            total += weight
        elif 2 * k == n and tie is not Tie.CLASS:
            total += weight * (q if tie is Tie.PAPER else Fraction(1, 2))
    return total


def plurality_level(p, n, label):
    """P(g ≠ c) of n votes by plurality, the lowest class first, by enumeration."""
    total = 0.0
    for counts in product(range(n + 1), repeat=len(p)):
        if sum(counts) == n and counts.index(max(counts)) != label:
            ways = factorial(n) / np.prod([factorial(k) for k in counts])
            total += ways * np.prod([q**k for q, k in zip(p, counts, strict=True)])
    return total


def thresholds_are_those_of_votes(numbers=(1, 2, 3, 4, 5, 10, 11), levels=(0.05, 0.5, 0.8, 0.95)):
    """The threshold's level is P_a at least, and a little above it is less."""
    for n, P_a, tie in product(numbers, levels, Tie):
        pi0 = Fraction(level.pi0_threshold(n, P_a, tie))
        assert binary_level(1 - pi0, n, tie) >= Fraction(P_a), (n, P_a, tie)
        assert binary_level(1 - pi0 * Fraction(10**9 + 1, 10**9), n, tie) < P_a, (n, P_a, tie)


def no_point_is_nearer_than_the_bound(numbers=(1, 2, 3, 10, 50), levels=(0.3, 0.5, 0.8)):
    """On a half-space the true distance is known: the bound is below, and often meets it."""
    sigma = 0.25
    for n, P_a, label in product(numbers, levels, (0, 1)):
        tie = Tie.CLASS if label == 0 else Tie.ADVERSARY
        for radius in (-0.1, 0.3):
            true = radius + _margin(n, P_a, tie, sigma)
            bound = level.distortion_lower_bound(radius, sigma, n, P_a)
            assert bound <= true + 1e-12, (n, P_a, label)
            known = level.distortion_lower_bound(radius, sigma, n, P_a, level.deployed_tie(label))
            assert true - 1e-9 < known <= true + 1e-12


def _margin(n, P_a, tie, sigma):
    """How far beyond its boundary a half-space is adversarial at a level, by bisection."""
    low, high = -10.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        enough = float(binary_level(float(special.ndtr(middle)), n, tie)) >= P_a
        low, high = (low, middle) if enough else (middle, high)
    return sigma * high


def proven_levels_hold(p, n, label, rival=None, votes=300, trials=20_000):
    """A level that is proven is one, but for a share α."""
    true = plurality_level(p, n, label)
    generator = np.random.default_rng([n, label, len(p)])
    drawn, times = np.unique(generator.multinomial(votes, p, trials), axis=0, return_counts=True)
    wrong = 0
    for counts, many in zip(drawn, times, strict=True):
        proven = judgement.proven_level(counts, label, n, ALPHA, rival)
        wrong += int(many) * (proven > true + 1e-12)
    at_most(wrong, trials, ALPHA)


def verified_points_are_adversarial(P_a=0.8, n=5, inputs=160):
    """On a half-space under noise: what verification says of an input is false for a share α."""
    sigma = 0.25
    oracle = LinearOracle(weights=np.array([1.0, 0.0]), bias=-0.5, sigma=sigma, n=n, seed=7)
    generator = np.random.default_rng(8)
    clean = np.stack([np.full(inputs, 0.3), generator.uniform(0, 1, inputs)], axis=1)
    # Points about where the level is reached, so that many are judged at the edge.
    edge = 0.5 + _margin(n, P_a, Tie.CLASS, sigma)
    points = clean.copy()
    points[:, 0] = edge + generator.normal(0, 0.02, inputs)
    rule = judgement.Level(P_a=P_a, votes=200, alpha=ALPHA)
    labels = np.zeros(inputs, dtype=np.int64)
    found = verify_attacked(oracle, clean, labels, attacked_at(clean, points), level=rule)
    truth = [
        float(binary_level(float(q), n, Tie.CLASS))
        for q in special.ndtr(oracle.distance(found.points) / sigma)
    ]
    first = [
        float(binary_level(float(q), n, Tie.CLASS))
        for q in special.ndtr(oracle.distance(points.astype(np.float32)) / sigma)
    ]
    passed = np.isfinite(found.distance)
    assert passed.mean() > 0.8
    false = (passed & (np.array(truth) < P_a)) | (found.attacked.verified_level > first)
    at_most(int(false.sum()), inputs, ALPHA)


def tries_share_alpha():
    """The proofs of one ray together err at α at most, however many there are."""
    assert sum(walk.alpha_of_try(ALPHA, j) for j in range(1, 10_000)) <= ALPHA / 2
    search = walk.walk(ALPHA, moved=True)
    trial: walk.Trial | None = next(search)
    spent = 0.0
    while trial:  # every look passes and every proof fails: as many proofs as there can be
        spent += trial.alpha if trial.proof else 0.0
        verdict = walk.Verdict(level=0.0, passed=not trial.proof)
        try:
            trial = search.send(verdict)
        except StopIteration:
            trial = None
    assert spent <= ALPHA


def denials_are_rare(votes=24, classes=3):
    """P(p ≤ a) ≤ a wherever no class is likelier than A, by enumeration."""
    counts = [c for c in product(range(votes + 1), repeat=classes) if sum(c) == votes]
    values = np.array([evidence.denial(Votes(counts=c), CERTIFICATE, 1)[0] for c in counts])
    ways = [factorial(votes) / np.prod([factorial(k) for k in c], dtype=float) for c in counts]
    for p in ((1 / 3, 1 / 3, 1 / 3), (0.4, 0.4, 0.2), (0.5, 0.5, 0.0), (0.4, 0.25, 0.35)):
        weights = np.array(ways) * np.prod(np.array(p)[None] ** np.array(counts), axis=1)
        for a in np.unique(values[values < 0.5]):
            assert weights[values <= a].sum() <= a * (1 + 1e-9), (p, a)


def attacked_at(clean, points, norm=Norm.L2):
    """An attack's result with given points; no attack was made."""
    count = len(clean)
    zeros = np.zeros(count, dtype=np.int64)
    distance = np.linalg.norm((points - clean).reshape(count, -1), axis=1)
    return Attacked(
        norm=norm,
        raw=points.astype(np.float32),
        clipped=points,
        success=np.ones(count, dtype=bool),
        queries=zeros,
        forwards=zeros,
        backwards=zeros,
        distance=distance,
        status=(Status.FOUND,) * count,
        history=((),) * count,
    )


LAW = cb.Gaussian(sigma=0.25)
CERTIFICATE = Certificate(
    claim=Claim(law=LAW, norm=Norm.L2, rule=Rule.TWO_CLASS, alpha=0.001, space=cb.Reals()),
    draw=Draw(seed=1, chosen=True),
    selection=Votes(counts=(100, 0, 0)),
    estimation=Votes(counts=(1000, 0, 0)),
    label=0,
    p_lower=0.99,
    p_upper=0.01,
    radius=0.1,
)


def relabelled(label):
    """The same certificate of another class."""
    return replace(CERTIFICATE, label=label)
