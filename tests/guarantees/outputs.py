"""Checks of the guarantees for other outputs than one class; the mutants call them too."""

import numpy as np
from scipy import special

import certiball as cb
from certiball.certification.places import support
from certiball.certification.setting import sampled_question, setting
from certiball.statistics import holm, multinomial, order
from certiball.statistics.binomial import lower_bound
from certiball.theorems import percentile, top_k
from guarantees import checks
from guarantees.checks import at_most

INPUTS = 20_000
ALPHA = 0.05
LAW = cb.Gaussian(sigma=1.0)


def top_k_by_brute_force(cases):
    """Random classifiers of one number, cut into intervals: the true order at every distance."""
    generator = np.random.default_rng(cases)
    certified = 0
    for _ in range(cases):
        classes = int(generator.integers(2, 7))
        k = int(generator.integers(1, classes))
        cuts = np.sort(generator.normal(0, 1.5, int(generator.integers(1, 12))))
        owner = generator.integers(0, classes, len(cuts) + 1)
        p = probabilities_at(np.zeros(1), cuts, owner, classes)[0]
        label = int(np.argsort(-p)[generator.integers(0, k)])
        others = [min(1.0, float(q) + 1e-14) for c, q in enumerate(p) if c != label]
        r = top_k.radius(LAW, max(0.0, float(p[label]) - 1e-14), others, k)
        if r == 0:
            continue
        certified += 1
        moved = probabilities_at(np.linspace(-r, r, 201), cuts, owner, classes)
        rivals = np.delete(moved, label, axis=1) > moved[:, [label]] + 1e-12
        assert (rivals.sum(1) < k).all(), f"{k=} {r=} {cuts=} {owner=}"
    assert certified > cases // 4


def probabilities_at(points, cuts, owner, classes):
    """P(class) under standard normal noise at points of the line, [points, classes]."""
    edges = np.concatenate([[-np.inf], cuts, [np.inf]])
    masses = np.diff(special.ndtr(edges[None] - points[:, None]), axis=1)
    return np.stack([masses[:, owner == c].sum(1) for c in range(classes)], axis=1)


def bounds_hold_together(probabilities=(0.34, 0.33, 0.33), n=1000):
    """A lower bound on one class and upper bounds on the others, all true but for α."""
    generator = np.random.default_rng(31)
    drawn, times = np.unique(
        generator.multinomial(n, probabilities, INPUTS), axis=0, return_counts=True
    )
    false = 0
    for counts, often in zip(drawn.tolist(), times.tolist(), strict=True):
        low, others = multinomial.simultaneous_bounds(cb.Votes(counts=tuple(counts)), 0, ALPHA)
        beyond = any(high < p for high, p in zip(others, probabilities[1:], strict=True))
        false += often * (low > probabilities[0] or beyond)
    at_most(false, INPUTS, ALPHA)


def top_k_coverage(probabilities, k, n=1000):
    """Class 0 among the k likeliest: few radii from votes are beyond the worst case's."""
    generator = np.random.default_rng([k, n, *(int(1000 * p) for p in probabilities)])
    truly = top_k.radius(LAW, probabilities[0], list(probabilities[1:]), k)
    drawn = generator.multinomial(n, probabilities, INPUTS)
    drawn[:, 1:].sort(axis=1)
    rivals = sorted(probabilities[1:])
    drawn, times = np.unique(drawn, axis=0, return_counts=True)
    false = 0
    for counts, often in zip(drawn.tolist(), times.tolist(), strict=True):
        low, others = multinomial.simultaneous_bounds(cb.Votes(counts=tuple(counts)), 0, ALPHA)
        if low <= probabilities[0] and all(map(float.__ge__, others, rivals)):
            continue  # every bound is true, and radii are monotone in them
        false += often * (top_k.radius(LAW, low, others, k) > truly)
    at_most(false, INPUTS, ALPHA)


def percentile_coverage(p, eps=0.5, n=1000):
    """f(y) = y, the worst function: its percentile moves by ±ε, and the q-th value is a Beta's.

    Each end is false at most α often.
    """
    generator = np.random.default_rng([n, int(1000 * p)])
    low, high = percentile.shifted(LAW, p, eps)
    first, last = order.lower_index(n, low, ALPHA), order.upper_index(n, high, ALPHA)
    assert 0 < first < last <= n
    smallest = special.ndtri(generator.beta(first, n - first + 1, INPUTS))
    largest = special.ndtri(generator.beta(last, n - last + 1, INPUTS))
    at_most(int((smallest > special.ndtri(p) - eps).sum()), INPUTS, ALPHA)
    at_most(int((largest < special.ndtri(p) + eps).sum()), INPUTS, ALPHA)


def joint_level_of_places(at_the_boundary, certain, tau=0.75, n=1000):
    """Places whose class has probability τ exactly: any of them certified makes a map false."""
    generator = np.random.default_rng([at_the_boundary, certain])
    counts = generator.binomial(n, tau, (INPUTS, at_the_boundary))
    every = np.concatenate([counts, np.full((INPUTS, certain), n)], axis=1)
    p_values = holm.above_p_values(every, n, tau)
    false = sum(bool(holm.rejected(row, ALPHA)[:at_the_boundary].any()) for row in p_values)
    at_most(false, INPUTS, ALPHA)


def intervals_through_real_noise(inputs=150, n=1000, eps=0.1):
    """One pixel that is its own output: its median at every distance is known exactly."""
    g = cb.Smoothed(cb.Regressor(lambda x: x.reshape(len(x))), checks.LAW, checks.GRID)
    images = np.full((inputs, 1, 1), 100, dtype=np.uint8)
    results = cb.certify_median(g, images, eps=eps, n=n, alpha=2 * ALPHA, seed=5)
    moved = int(eps * 255)  # levels
    low, high = (float(np.float32(level) / np.float32(255)) for level in (100 - moved, 100 + moved))
    at_most(sum(result.lower[0] > low for result in results), inputs, ALPHA)
    at_most(sum(result.upper[0] < high for result in results), inputs, ALPHA)
    assert all(result.lower[0] > low - 0.1 and result.upper[0] < high + 0.1 for result in results)


def pixels_through_real_noise(inputs=60, pixels=30, n=1000):
    """Pixels whose class has probability τ exactly under the drawn law: none may be certified."""
    level = checks.threshold_with(0.75)
    tau = float(np.nextafter(float(checks.probability_below(level)), 1))

    def dark(x):
        return (np.rint(x * 255) < level).astype(int)

    g = cb.Smoothed(cb.FunctionClassifier(dark, num_classes=2), checks.LAW, checks.GRID)
    images = np.zeros((inputs, 1, pixels), dtype=np.uint8)
    plan = cb.FixedSamples(n0=100, n=n)
    results = cb.certify_segmentation(g, images, plan=plan, tau=tau, alpha=ALPHA, seed=6)
    at_most(sum(bool(result.certified.any()) for result in results), inputs, ALPHA)


def ranks_hold_to_the_true_distance(cases=12):
    """One pixel cut into shades: where a class truly leaves the k likeliest is known exactly."""
    generator = np.random.default_rng(9)
    found = 0
    for seed in range(cases):
        classes = int(generator.integers(3, 6))
        cuts = np.sort(generator.integers(60, 200, classes - 1)) - 0.5
        owner = np.arange(classes)
        g = cb.Smoothed(shades(cuts, classes), checks.LAW, checks.GRID)
        plan = cb.FixedSamples(n0=50, n=4000)
        k = int(generator.integers(1, classes))
        image = np.array([[[128]]], dtype=np.uint8)
        [result] = cb.certify_top_k(g, image, k=k, plan=plan, alpha=1e-6, seed=seed)
        if isinstance(result, cb.Abstention):
            continue
        found += 1
        steps = np.arange(-300, 301)
        scale = checks.LAW.sigma * 255
        p = probabilities_at((128 + steps) / scale, cuts / scale, owner, classes)
        rivals = np.delete(p, result.label, axis=1) >= p[:, [result.label]]
        leaves = np.abs(steps[rivals.sum(1) >= k]).min(initial=10**6) / 255
        assert result.radius <= leaves
    assert found > cases // 2


def shades(cuts, classes):
    def shade(x):
        return np.digitize(np.rint(x.reshape(len(x)) * 255), cuts)

    return cb.FunctionClassifier(shade, num_classes=classes)


def heads_hold_to_their_distances(cases=10):
    """Linear heads: no radius is beyond the distance to its own hyperplane."""
    for seed in range(cases):
        generator = np.random.default_rng(seed)
        weights = generator.normal(size=(4, 3))
        weights /= np.linalg.norm(weights, axis=0)
        clean = generator.uniform(0.3, 0.7, 4)
        offsets = -clean @ weights + generator.uniform(-0.4, 0.4, 3)

        def classify(x, weights=weights, offsets=offsets):
            return (x.astype(np.float64) @ weights + offsets > 0).astype(int)

        heads = cb.FunctionClassifier(classify, num_classes=2)
        g = cb.Smoothed(heads, checks.LAW, cb.Reals())
        plan = cb.FixedSamples(n0=50, n=2000)
        [result] = cb.certify_outputs(g, clean[None], plan=plan, alpha=1e-6, seed=seed)
        distances = np.abs(clean @ weights + offsets)
        assert (np.array(result.radii) <= distances).all()
        assert result.radius == min(result.radii)


def places_are_chosen_by_other_samples(pixels=4000, n=300):
    """Pixels of two equally likely classes: of the bounds on them at α, few exceed the truth."""
    level = checks.threshold_with(0.5)

    def dark(x):
        return (np.rint(x * 255) < level).astype(int)

    g = cb.Smoothed(cb.FunctionClassifier(dark, num_classes=2), checks.LAW, checks.GRID)
    images = np.zeros((1, pixels), dtype=np.uint8)
    plan = cb.FixedSamples(n0=n, n=n)
    asked = setting(g, images, sampled_question(g, images, ALPHA, cb.Rule.ONE_SIDED), [], 3)
    votes = support(asked, 0, plan, (pixels,))
    p = float(checks.probability_below(level))
    bounds = {count: lower_bound(count, n, ALPHA) for count in set(votes.counts.tolist())}
    pairs = zip(votes.labels.tolist(), votes.counts.tolist(), strict=True)
    at_most(sum(bounds[count] > (1 - p, p)[label] for label, count in pairs), pixels, ALPHA)
