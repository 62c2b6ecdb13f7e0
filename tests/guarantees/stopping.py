"""Checks of what stopped votes may say, by dynamic programming over the counts: no simulation.

Like `checks`, each raises AssertionError where a guarantee is broken, and mutants call them too.
The chance of every (votes, successes) at which a rule stops is summed exactly, but for rounding
of about 1e-12.
"""

from bisect import bisect_left
from dataclasses import replace
from functools import cache

import numpy as np
from scipy import signal, special, stats

import certiball as cb
from certiball.certificate import Verdict
from certiball.certification.judge import judge
from certiball.certification.looks import looks
from certiball.certification.question import Question
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Bound, Claim
from certiball.statistics import mixture, randomized
from certiball.votes import Votes
from guarantees import checks

ROUNDING = 1e-12  # of the sums
SELECTION = Votes(counts=(64, 0))


def question(alpha):
    """One-sided, about reals: a radius r needs p > Φ(r/σ) exactly."""
    claim = Claim(
        law=checks.LAW,
        norm=cb.Norm.L2,
        rule=cb.Rule.ONE_SIDED,
        alpha=alpha,
        space=cb.Reals(),
        bound=Bound.MIXTURE,
    )
    return Question(claim=claim, dimension=1)


def stops(p, at, stopping):
    """For each look the chance to stop there with 0, 1, … successes; at the last, all stop.

    Args:
        p: the probability of success.
        at: the looks, numbers of votes.
        stopping: for a look, whether each count stops.
    """
    alive, votes = np.ones(1), 0
    for look in at:
        if look == votes + 1:
            alive = np.append(alive * (1 - p), 0.0)
            alive[1:] += alive[:-1] * (p / (1 - p))
        else:
            alive = np.convolve(
                alive, stats.binom.pmf(np.arange(look - votes + 1), look - votes, p)
            )
        votes = look
        stopped = np.where(stopping(look) | (look == at[-1]), alive, 0.0)
        alive = alive - stopped
        yield look, stopped


def between(at, enough, too_few):
    """A rule that stops once a count is large or small enough."""
    borders = dict(zip(at, zip(enough, too_few, strict=True), strict=True))

    def stopping(look):
        counts = np.arange(look + 1)
        return (counts >= borders[look][0]) | (counts <= borders[look][1])

    return stopping


def chance(p, at, stopping, least):
    """The chance to stop with at least so many successes as `least` has for the look."""
    table = dict(zip(at, least, strict=True))
    return sum(float(stopped[table[look] :].sum()) for look, stopped in stops(p, at, stopping))


def samples(p, at, stopping):
    """The mean number of votes."""
    return sum(look * float(stopped.sum()) for look, stopped in stops(p, at, stopping))


def judged(asked, plan, k, n):
    """What the plan's votes prove, as `certify` says it."""
    votes = Votes(counts=(int(k), int(n - k)))
    return judge(asked, plan, checks.DRAW, SELECTION, votes)


def first_where(n, holds):
    """The fewest successes of n with which something holds that more successes keep; or n + 1."""
    return bisect_left(range(n + 1), True, key=lambda k: bool(holds(k)))


def verdicts(asked, plan):
    """At each look of a plan, the fewest successes that certify and the most that rule out.

    Through the code that answers users; and the plan stops at those, not at their neighbours.
    """
    at = looks(plan.most)
    enough, too_few = [], []
    for n in at:
        says = cache(lambda k, n=n: judged(asked, plan, k, n).targets[-1].verdict)
        enough.append(first_where(n, lambda k, says=says: says(k) is Verdict.CERTIFIED))
        few = first_where(n, lambda k, says=says: says(k) is not Verdict.NOT_CERTIFIED) - 1
        too_few.append(few)
        for k in {enough[-1] - 1, enough[-1], few, few + 1} & set(range(n + 1)):
            wanted = plan.wanted(asked, SELECTION, Votes(counts=(k, n - k)))[1]
            decided = says(k) is not Verdict.UNDECIDED
            assert (wanted == n) == (decided or n == plan.most)
    return at, enough, too_few


def target_radius_errs_at_most(units, most, alpha=0.001, beta=0.001):
    """A radius is claimed wrongly with probability ≤ α, given up wrongly with ≤ β."""
    radius = units * checks.LAW.sigma
    plan = TargetRadius(radii=radius, max_n=most, beta=beta)
    at, enough, too_few = verdicts(question(alpha), plan)
    errors_at_most(float(special.ndtr(units)), (at, enough, too_few), alpha, beta)


def looking_always_errs_at_most(p0, most, alpha=0.001, beta=0.001):
    """The same thresholds with a look after every sample."""
    at = np.arange(1, most + 1)
    enough = mixture.acceptance_thresholds(p0, at, alpha).tolist()
    too_few = mixture.futility_thresholds(p0, at, beta).tolist()
    errors_at_most(p0, (at.tolist(), enough, too_few), alpha, beta)


def errors_at_most(p0, borders, alpha, beta):
    """Type-I errors at p0 and below, futility errors at p0 and above."""
    at, enough, too_few = borders
    stopping = between(at, enough, too_few)
    for p in (p0, p0 - 1e-3, p0 - 0.02, 0.5):
        if p <= p0:
            assert chance(p, at, stopping, enough) <= alpha + ROUNDING
    for p in (p0, p0 + (1 - p0) / 100, p0 + (1 - p0) / 5):
        rejected = 1 - chance(p, at, stopping, [few + 1 for few in too_few])
        assert rejected <= beta + ROUNDING


def reported_bound_covers(asked, plan, p, stopping):
    """Whatever stopped the votes, P(reported bound > p) ≤ α."""
    at = looks(plan.most)
    least = [first_where(n, lambda k, n=n: judged(asked, plan, k, n).p_lower > p) for n in at]
    assert chance(p, at, stopping, least) <= asked.claim.alpha + ROUNDING


def every_bound_covers(p, at, rules, alpha):
    """The same for the bound itself, with any looks and rules."""
    least = mixture.acceptance_thresholds(p, np.array(at), alpha).tolist()
    for name, stopping in rules.items():
        assert chance(p, at, stopping, least) <= alpha + ROUNDING, name


def clopper_pearson_least(p, at, alpha):
    """The fewest successes of which Clopper–Pearson's bound at level α exceeds p."""
    return (stats.binom.isf(alpha, at, p).astype(int) + 1).tolist()


def two_class_errs_at_most(probabilities, units, most=96, alpha=0.05):
    """Three classes, the two-class rule: all outcomes of all looks, by their exact chances."""
    claim = replace(question(alpha).claim, rule=cb.Rule.TWO_CLASS)
    asked = Question(claim=claim, dimension=1)
    plan = TargetRadius(radii=units * checks.LAW.sigma, max_n=most)
    selection = Votes(counts=(64, 0, 0))
    alive, drawn, wrong = np.ones((1, 1)), 0, 0.0
    for look in looks(most):
        more = look - drawn
        first, second = np.indices((more + 1, more + 1))
        third = np.maximum(more - first - second, 0)
        law = stats.multinomial.pmf(np.stack([first, second, third], -1), more, probabilities)
        alive, drawn = signal.convolve2d(alive, law), look
        for a, b in zip(*np.nonzero(alive), strict=True):
            votes = Votes(counts=(int(a), int(b), int(look - a - b)))
            if plan.wanted(asked, selection, votes)[1] == look:
                result = judge(asked, plan, checks.DRAW, selection, votes)
                truly = max(0.0, checks.exact_radius(result, probabilities))
                if isinstance(result, cb.Certificate) and result.radius > truly:
                    wrong += float(alive[a, b])
                alive[a, b] = 0.0
    assert not alive.any()
    assert 0 < wrong <= alpha + ROUNDING


def predict_errs_at_most(most, alpha=0.05):
    """Two classes, a look after every vote: the less likely one is returned rarely."""
    at = list(range(1, most + 1))
    least = [
        first_where(n, lambda k, n=n: 2 * k >= n and mixture.decided_p_value(k, n - k, 1) <= alpha)
        for n in at
    ]
    stopping = between(at, least, [n - k for n, k in zip(at, least, strict=True)])
    for p in (0.5, 0.49, 0.4):
        assert chance(p, at, stopping, least) <= alpha + ROUNDING


def predict_of_many_errs_at_most(probabilities, most=800, inputs=1000, alpha=0.05):
    """More classes, by simulation, a look after every 16 votes."""
    generator = np.random.default_rng([len(probabilities), most])
    p_value = cache(lambda a, b: mixture.decided_p_value(a, b, len(probabilities) - 1))
    wrong = 0
    for _ in range(inputs):
        draws = generator.multinomial(16, probabilities, size=most // 16).cumsum(0)
        order = np.sort(draws, axis=1)
        for counts, first, second in zip(draws, order[:, -1], order[:, -2], strict=True):
            if p_value(int(first), int(second)) <= alpha:
                wrong += probabilities[int(counts.argmax())] < max(probabilities)
                break
    checks.at_most(wrong, inputs, alpha)


def randomized_covers(n, alpha=0.05, words=16):
    """P(bound > p) ≤ α over votes and word, ≤ 2α for any one word, at every p below a bound."""
    steps = [(j + 1) * (2**64 // words) - 1 for j in range(words)]  # never below a uniform one
    bounds = np.array(
        [
            [randomized.randomized_lower_bound(k, n, alpha, word=w) for k in range(n + 1)]
            for w in [0, *steps]
        ]
    )
    for p in np.unique(bounds[bounds > 0]):
        # At p itself rather than below it: P(bound ≥ p) is the limit.
        false = (bounds >= p) @ stats.binom.pmf(np.arange(n + 1), n, p)
        assert false[1:].mean() <= alpha + ROUNDING
        assert false.max() <= 2 * alpha + ROUNDING
