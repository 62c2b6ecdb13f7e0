"""What a whole table guarantees, simulated; and each neighbour, which must fail the same check."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import special, stats

import certiball as cb
from certiball.certification import together
from certiball.certification.question import Question, radius_of, vote_bounds
from certiball.certification.together import certified_together, radii_together
from certiball.statistics.binomial import lower_bound
from certiball.statistics.multiplicity import (
    any_false,
    false_certificates,
    robust_curve_in_population,
    robust_in_population,
    robust_in_table,
    robust_in_table_at,
)
from guarantees import checks
from guarantees.checks import at_most

ALPHA = GAMMA = 0.05
TABLES = 2000


def caught(violations: int, tables: int = TABLES, gamma: float = GAMMA) -> None:
    with pytest.raises(AssertionError):
        at_most(violations, tables, gamma)


def false_ones(tables: int, tried: int, p: float, n: int = 1000) -> np.ndarray:
    """How many bounds of each table are above p, where each is so about as often as it may be."""
    counts = np.random.default_rng(1).binomial(n, p, (tables, tried))
    least = next(k for k in range(n + 1) if lower_bound(k, n, ALPHA) > p)
    return (counts >= least).sum(1)


def test_false_certificates_are_alpha_times_the_inputs_tried() -> None:
    tried, p = 100, 0.69
    false = false_ones(TABLES, tried, p)
    expected = float(false_certificates(ALPHA, tried))
    # As a rate over all inputs tried, which is what the expectation divided by N promises.
    at_most(int(false.sum()), TABLES * tried, expected / tried)
    # Neighbour: α times the inputs *certified*, which here are the false ones themselves.
    certified = false.mean()
    caught(int(false.sum()), TABLES * tried, ALPHA * certified / tried)


def test_any_false_is_not_alpha() -> None:
    tried = 20
    false = false_ones(TABLES, tried, 0.69)
    at_most(int((false > 0).sum()), TABLES, any_false(ALPHA, tried))
    caught(int((false > 0).sum()), TABLES, ALPHA)


def at_one_radius(tried: int, theta: float, gamma: float, tables: int) -> tuple[np.ndarray, ...]:
    """How many are truly robust and how many are certified, falsely with probability α each."""
    rng = np.random.default_rng(2)
    robust = rng.binomial(tried, theta, tables)
    return robust, robust + rng.binomial(tried - robust, gamma)


def test_the_table_is_not_the_population() -> None:
    tried, theta, alpha, gamma, tables = 500, 0.6, 0.001, 0.001, 20_000
    robust, certified = at_one_radius(tried, theta, alpha, tables)
    of = {int(k): k for k in np.unique(certified)}
    table = {k: robust_in_table(k, tried, alpha, gamma) for k in of}
    sharp = {k: robust_in_table_at(k, tried, alpha, gamma) for k in of}
    population = {k: robust_in_population(k, tried, alpha, gamma) for k in of}
    pairs = list(zip(robust.tolist(), certified.tolist(), strict=True))
    at_most(sum(table[k] > t for t, k in pairs), tables, gamma)
    at_most(sum(sharp[k] > t for t, k in pairs), tables, gamma)
    at_most(sum(population[k] > theta for _, k in pairs), tables, gamma)
    # Neighbour: the statement on these inputs, read as one on those that they come from.
    for bound in (table, sharp):
        misread = sum(bound[k] / tried > theta for _, k in pairs)
        assert 0.3 < misread / tables < 0.5  # about .35, not .001
        caught(misread, tables, gamma)


@pytest.mark.parametrize("bound", [robust_in_table, robust_in_table_at])
def test_where_nothing_is_robust_none_is_said_to_be(bound: Callable[..., int]) -> None:
    # Then every certificate is an error, and K their number: γ is used to .0486.
    tried, drawn = 300, 20_000
    _, certified = at_one_radius(tried, 0.0, ALPHA, drawn)
    said = {int(k): bound(int(k), tried, ALPHA, GAMMA) for k in np.unique(certified)}
    at_most(sum(said[k] > 0 for k in certified.tolist()), drawn, GAMMA)
    # Neighbour: one error less than the quantile.
    least = min(k for k in said if said[k] > 0)
    caught(int((certified >= least - 1).sum()), drawn, GAMMA)


def test_the_formula_without_the_errors_of_certificates() -> None:
    tried, theta = 2000, 0.6
    robust, certified = at_one_radius(tried, theta, ALPHA, TABLES)
    ks = certified.tolist()
    right = {k: robust_in_population(k, tried, ALPHA, GAMMA) for k in set(ks)}
    naive = {k: lower_bound(k, tried, GAMMA) for k in set(ks)}  # neighbour: π̲ itself
    at_most(sum(right[k] > theta for k in ks), TABLES, GAMMA)
    assert sum(right[k] > theta for k in ks) > 0.6 * GAMMA * TABLES  # the bound is not idle
    caught(sum(naive[k] > theta for k in ks))
    # Neighbour: K itself for the truly robust inputs of the table.
    caught(int((certified > robust).sum()))
    assert all(robust_in_table_at(k, tried, ALPHA, GAMMA) >= robust_in_table(k, tried, ALPHA, GAMMA)
               for k in set(ks))  # fmt: skip


RADII = np.linspace(0.04, 0.96, 24)
TRIED = 300


@cache
def curves() -> tuple[np.ndarray, np.ndarray]:
    """For each table and radius, how many are truly robust and how many are certified.

    True radii are uniform; a certificate is right, or false at every radius, α often.
    """
    rng = np.random.default_rng(3)
    true = rng.uniform(size=(TABLES, TRIED, 1))
    claimed = np.where(rng.uniform(size=true.shape) < ALPHA, 2.0, true)
    return (true >= RADII).sum(1), (claimed >= RADII).sum(1)


def somewhere(wrong: Callable[[int, int, float], bool]) -> int:
    """In how many tables a statement (of T, K and the true share) is wrong at some radius."""
    known = cache(wrong)
    robust, certified = curves()
    return sum(
        any(known(t, k, 1 - r) for t, k, r in zip(ts, ks, RADII.tolist(), strict=True))
        for ts, ks in zip(robust.tolist(), certified.tolist(), strict=True)
    )


def test_one_radius_is_not_all_radii_of_the_table() -> None:
    at_most(somewhere(lambda t, k, _: robust_in_table(k, TRIED, ALPHA, GAMMA) > t), TABLES, GAMMA)
    caught(somewhere(lambda t, k, _: robust_in_table_at(k, TRIED, ALPHA, GAMMA) > t))


def test_one_radius_is_not_a_curve_of_the_population() -> None:
    def wrong(bound: Callable[..., float], gamma: float) -> int:
        return somewhere(lambda _, k, share: bound(k, TRIED, ALPHA, gamma) > share)

    at_most(wrong(robust_curve_in_population, GAMMA), TABLES, GAMMA)
    assert wrong(robust_curve_in_population, GAMMA) > 0.2 * GAMMA * TABLES
    at_most(wrong(robust_in_population, GAMMA / len(RADII)), TABLES, GAMMA)
    caught(wrong(robust_in_population, GAMMA))


# Holm and Bonferroni: probabilities so far apart that at each input's own true radius all inputs
# with larger ones are certified and no other is. There Holm's level has grown the most.

N_VOTES = 10_000
TRUE = special.ndtr(np.linspace(0.3, 2.9, 12))


@pytest.fixture
def cached(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[tuple[float, int], float] = {}

    def remembered(question: Question, ballot: together.Ballot) -> float:
        key = question.claim.alpha, ballot[1].counts[0]
        if key not in known:
            known[key] = right(question, ballot)
        return known[key]

    right = together._radius
    monkeypatch.setattr(together, "_radius", remembered)


@cache
def question() -> Question:
    return Question(claim=checks.claim(), dimension=1)


def tables(p: np.ndarray, number: int) -> list[list[together.Ballot]]:
    counts = np.random.default_rng(4).binomial(N_VOTES, p, (number, len(p)))
    return [[(0, cb.Votes(counts=(k, N_VOTES - k))) for k in row] for row in counts.tolist()]


def just_above(p: float) -> float:
    """The least radius that is false of an input with this probability."""
    return float(np.nextafter(checks.LAW.sigma * special.ndtri(p), np.inf)) * (1 + 1e-12)


@pytest.mark.slow
@pytest.mark.usefixtures("cached")
def test_holm_at_one_radius_is_no_curve() -> None:
    drawn, radii = tables(TRUE, 500), [just_above(p) for p in TRUE]
    curve = bonferroni = alone = 0
    for ballots in drawn:
        # Neighbour: certified somewhere by Holm beyond the input's own true radius.
        curve += any(certified_together(question(), ballots, r)[i] for i, r in enumerate(radii))
        found = radii_together(question(), ballots)
        bonferroni += any(claimed >= r for claimed, r in zip(found, radii, strict=True))
        each = [radii_together(question(), [ballot])[0] for ballot in ballots]
        alone += any(claimed >= r for claimed, r in zip(each, radii, strict=True))
    at_most(bonferroni, len(drawn), ALPHA)
    caught(curve, len(drawn), ALPHA)
    caught(alone, len(drawn), ALPHA)
    # Above by 1 − ∏(1 − α/i), and near to it.
    most = 1 - np.prod(1 - ALPHA / np.arange(1, len(TRUE) + 1))
    assert 0.8 * most < curve / len(drawn) < 1.2 * most


@pytest.mark.usefixtures("cached")
@pytest.mark.parametrize("robust", [0, 5, 9])
def test_holm_at_its_radius(robust: int) -> None:
    p0 = 0.84
    p = np.array([0.95] * robust + [p0] * (10 - robust))
    radius, holm, plain, gained = just_above(p0), 0, 0, 0
    drawn = tables(p, 500)
    for ballots in drawn:
        found = certified_together(question(), ballots, radius)
        holm += any(found[robust:])
        plain += any(
            radii_together(question(), [ballot])[0] >= radius for ballot in ballots[robust:]
        )
        simple = [r >= radius for r in radii_together(question(), ballots)]
        assert all(mine >= theirs for mine, theirs in zip(found, simple, strict=True))
        gained += sum(found) - sum(simple)
    at_most(holm, len(drawn), ALPHA)
    assert holm > 0.5 * ALPHA * len(drawn)  # all of α is used, whatever is robust
    if robust < 9:
        caught(plain, len(drawn), ALPHA)  # neighbour: each at level α
    assert gained > 0 or robust == 0


def test_holm_is_the_step_down_procedure_on_p_values() -> None:
    rng, p0 = np.random.default_rng(6), 0.84
    n, tried = 500, 30
    for _ in range(20):
        counts = rng.binomial(n, rng.uniform(0.82, 0.92, tried))
        p_values = stats.binom.sf(counts - 1, n, p0)
        order = np.argsort(p_values)
        passed = p_values[order] <= ALPHA / (tried - np.arange(tried))
        rejected = set(order[: tried if passed.all() else int(np.argmin(passed))].tolist())
        ballots = [(0, cb.Votes(counts=(int(k), int(n - k)))) for k in counts]
        found = certified_together(question(), ballots, float(checks.LAW.sigma * special.ndtri(p0)))
        assert {i for i, sure in enumerate(found) if sure} == rejected


def test_inputs_without_votes_stay_in_n() -> None:
    ballot = (0, cb.Votes(counts=(N_VOTES - 40, 40)))
    few, many = (radii_together(question(), [ballot, *[None] * more]) for more in (0, 99))
    assert few[0] > many[0] > 0
    assert set(many[1:]) == {0.0}
    votes = ballot[1]
    at_level = vote_bounds(replace(question().claim, alpha=ALPHA / 100), votes, 0)
    assert many[0] == pytest.approx(radius_of(question(), at_level), rel=1e-9)
    assert certified_together(question(), [None, ballot], 0.1) == (False, True)


def test_stopped_and_randomized_votes_are_read_by_bounds_that_hold() -> None:
    stopped = cb.Votes(counts=(990, 10), design=cb.Votes(counts=(1, 1)).design.STOPPED)
    with pytest.raises(cb.CertiballError, match="stopped by a rule"):
        radii_together(question(), [(0, stopped)])
    mixture = replace(question(), claim=replace(question().claim, bound=cb.Bound.MIXTURE))
    assert (
        0
        < radii_together(mixture, [(0, stopped)] * 9)[0]
        < radii_together(mixture, [(0, stopped)])[0]
    )
    word_free = replace(question(), claim=replace(question().claim, bound=cb.Bound.RANDOMIZED))
    fixed = [(0, cb.Votes(counts=(990, 10)))] * 4
    assert radii_together(word_free, fixed) == radii_together(question(), fixed)


def test_bad_input() -> None:
    with pytest.raises(cb.CertiballError, match="0 tried"):
        radii_together(question(), [])
    with pytest.raises(cb.CertiballError, match="0 tried"):
        certified_together(question(), [], 0.5)
    with pytest.raises(cb.CertiballError, match="radius must be > 0, not 0"):
        certified_together(question(), [None], 0.0)
    with pytest.raises(cb.CertiballError, match="gamma must be at most ½"):
        robust_curve_in_population(1, 2, 0.1, 0.6)
