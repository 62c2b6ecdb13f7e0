"""Sequential answers to "is p above p0?", and exactly how many votes each takes.

A rule is a schedule of looks with two borders: at a look it accepts from so many successes on,
and gives up at so many or fewer. All have errors α and β and the same cap.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special, stats

import certiball as cb
from certiball.certification.looks import looks
from certiball.certification.question import Question
from certiball.claim import Claim
from certiball.shapes import Array
from certiball.statistics.mixture import log_mixture

NEVER = -1e9  # the logarithm of no chance
STAGES = (100, 1000, 10_000, 120_000)  # of the staged procedure


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When to stop, with borders for each look.

    Args:
        name: for the table.
        at: numbers of votes.
        enough: the fewest successes that accept.
        too_few: the most successes that give up.
    """

    name: str
    at: Array
    enough: Array
    too_few: Array


@dataclass(frozen=True, kw_only=True)
class Ends:
    """Where a rule stops, for one p; any other p weighs the same places anew.

    The number of paths to (votes, successes) does not depend on p, so one pass of the dynamic
    programme at a reference p serves all.
    """

    votes: Array
    successes: Array
    log_chance: Array
    reference: float

    def weights(self, p: float) -> Array:
        """The chance of each end under p."""
        success = math.log(p) - math.log(self.reference)
        failure = (math.log1p(-p) if p < 1 else NEVER) - math.log1p(-self.reference)
        misses = self.votes - self.successes
        weights: Array = np.exp(self.log_chance + self.successes * success + misses * failure)
        return weights

    def mean(self, p: float, chunk: int = 1) -> float:
        """Expected votes, where they come in chunks and are drawn to the end of one.

        Raises:
            ArithmeticError: if the chances do not sum to one.
        """
        weights = self.weights(p)
        if abs(weights.sum() - 1) > 1e-6:
            raise ArithmeticError(f"chances sum to {weights.sum()} at p = {p}")
        return float(weights @ (-(-self.votes // chunk) * chunk))


def ends(rule: Rule, p: float) -> Ends:
    """The dynamic programme: all ends of a rule with their chances under a reference p."""
    alive, least, votes = np.ones(1), 0, 0
    found: list[tuple[Array, Array, Array]] = []
    for look, enough, too_few in zip(rule.at, rule.enough, rule.too_few, strict=True):
        alive, votes = np.convolve(alive, _law(int(look) - votes, p)), int(look)
        counts = least + np.arange(len(alive))
        stop = (counts >= enough) | (counts <= too_few) | (look == rule.at[-1])
        stop &= alive > 0
        found.append((np.full(stop.sum(), votes), counts[stop], np.log(alive[stop])))
        going = np.flatnonzero(~stop & (alive > 0))
        if not len(going):
            break
        alive = np.where(stop, 0.0, alive)[going[0] : going[-1] + 1]
        least += int(going[0])
    at, counts, logs = (np.concatenate(column) for column in zip(*found, strict=True))
    # No p gives an end more than p = k/n does: drop those that matter for none.
    best = special.kl_div(counts, at * p) + special.kl_div(at - counts, at * (1 - p))
    kept = logs + best > -60
    return Ends(votes=at[kept], successes=counts[kept], log_chance=logs[kept], reference=p)


@cache
def _law(votes: int, p: float) -> Array:
    law: Array = stats.binom.pmf(np.arange(votes + 1), votes, p)
    return law


def ours(units: float, alpha: float, beta: float, cap: int) -> Rule:
    """`TargetRadius` as it decides: its own looks, and borders found by asking it."""
    law = cb.Gaussian(sigma=1.0)
    plan = cb.TargetRadius(radii=units, max_n=cap, beta=beta)
    claim = Claim(
        law=law,
        norm=cb.Norm.L2,
        rule=cb.Rule.ONE_SIDED,
        alpha=alpha,
        space=cb.Reals(),
        bound=plan.bound,
    )
    question = Question(claim=claim, dimension=1)
    selection = cb.Votes(counts=(plan.n0, 0))

    def stops(k: int, n: int) -> bool:
        return plan.wanted(question, selection, cb.Votes(counts=(k, n - k)))[1] == n

    at = np.array(looks(cap))
    middle = (at * special.ndtr(units)).astype(int)
    pairs = list(zip(at.tolist(), middle.tolist(), strict=True))

    def borders(n: int, m: int) -> tuple[int, int]:
        enough = _first(m + 1, n + 1, lambda k: stops(k, n))
        return enough, _first(0, m + 1, lambda k: not stops(k, n)) - 1

    enough, too_few = np.array([borders(n, m) for n, m in pairs]).T
    return Rule(name="TargetRadius", at=at, enough=enough, too_few=too_few)


def at_every_vote(p0: float, alpha: float, beta: float, cap: int) -> Rule:
    """The same mixture with a look after every vote: what no chunk can beat."""
    at = np.arange(1, cap + 1)

    def fewest(q: float, level: float) -> Array:
        return _fewest(at, lambda k: log_mixture(k, at, np.array(q)) >= np.log(1 / level))

    return Rule(
        name="every vote", at=at, enough=fewest(p0, alpha), too_few=at - fewest(1 - p0, beta)
    )


def betting(p0: float, alpha: float, beta: float, at: Array) -> Rule:
    """The bets of Krichevsky and Trofimov: a Beta(½, ½) mixture over both sides of p0."""

    def wealth(k: Array) -> Array:
        mixed = special.betaln(k + 0.5, at - k + 0.5) - special.betaln(0.5, 0.5)
        log: Array = mixed - special.xlogy(k, p0) - special.xlog1py(at - k, -p0)
        return log

    return Rule(
        name="KT betting",
        at=at,
        enough=_fewest(at, lambda k: (k > at * p0) & (wealth(k) >= np.log(1 / alpha))),
        too_few=_fewest(at, lambda k: (k >= at * p0) | (wealth(k) < np.log(1 / beta))) - 1,
    )


def union(p0: float, alpha: float, beta: float, cap: int, chunk: int = 1) -> Rule:
    """Clopper–Pearson at looks in ratio 1.1, at the k-th at level 5α/((k+4)(k+5)), k = 1, 2, ….

    Published it begins at one vote; looks at ends of chunks alone are fewer, so each has more of α.
    """
    exact = np.ceil(1.1 ** np.arange(1, np.log(cap) / np.log(1.1) + 1))
    at = np.unique(np.ceil(exact / chunk).astype(int) * chunk)
    at = np.append(at[at < cap], cap)
    k = np.arange(1, len(at) + 1)
    share = 5 / ((k + 4) * (k + 5))
    return Rule(
        name="union bound" if chunk == 1 else "union, begun at 32",
        at=at,
        enough=np.asarray(stats.binom.isf(alpha * share, at, p0)).astype(int) + 1,
        too_few=_at_most(at, p0, beta * share),
    )


def staged(p: Array, p0: float, levels: tuple[float, float], cap: int) -> Array:
    """Expected votes of the staged procedure: fresh votes at each stage, α and β split evenly."""
    alpha, beta = levels
    sizes = np.diff([0, *np.minimum(np.cumsum(STAGES), cap)])
    sizes = sizes[sizes > 0]
    enough = stats.binom.isf(alpha / len(sizes), sizes, p0) + 1
    too_few = _at_most(sizes, p0, np.full(len(sizes), beta / max(1, len(sizes) - 1)))
    each = p[:, None]
    going = stats.binom.cdf(enough - 1, sizes, each) - stats.binom.cdf(too_few, sizes, each)
    reached = np.hstack([np.ones_like(each), np.cumprod(going, axis=1)[:, :-1]])
    votes: Array = reached @ sizes
    return votes


def _at_most(at: Array, p0: float, beta: Array) -> Array:
    """The most successes k with P(Bin(n, p0) ≤ k) ≤ β; −1 where there are none."""
    k = np.asarray(stats.binom.ppf(beta, at, p0)).astype(int)
    return np.where(stats.binom.cdf(k, at, p0) <= beta, k, k - 1)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first whole number from low on that holds, all later ones too; high if none does."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def _fewest(at: Array, holds: Callable[[Array], Array]) -> Array:
    """The fewest successes of each number of votes that hold, more too; n + 1 where none do."""
    low, high = np.zeros_like(at), at + 1
    while np.any(low < high):
        middle = np.minimum((low + high) // 2, at)
        fine = holds(middle) & (low < high)
        low = np.where((low < high) & ~fine, middle + 1, low)
        high = np.where(fine, middle, high)
    return low
