"""Where points are judged: what a rule draws of them, and what it makes of the answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy import special

from certiball.attacks.criterion import Criterion, Misclassification
from certiball.attacks.judging.fresh import Draws, Voting, micro_decisions
from certiball.attacks.judging.judgement import (
    Judging,
    Level,
    called_level,
    check_provable,
    proven_level,
    votes_needed,
    wrong_votes,
)
from certiball.attacks.judging.walk import TRIES, Trial, Verdict, alpha_of_try
from certiball.attacks.oracle import Oracle
from certiball.errors import InputError
from certiball.shapes import Array, Batch, Labels

PART = 4  # what proves nothing, guides or chooses a rival, has a quarter of the votes


@dataclass(frozen=True, kw_only=True, eq=False)
class Bench:
    """Judges points by a rule.

    Args:
        oracle: a fresh one.
        criterion: what is adversarial.
        level: the rule.
        proving: what a proof draws of each point.
        looking: what a look draws, that guides the search.
        choosing: what is drawn to choose a rival class before a proof; None where none is needed.
    """

    oracle: Oracle
    criterion: Criterion
    level: Level
    proving: Draws
    looking: Draws
    choosing: Draws | None = None

    def forwards(self, *, proof: bool) -> int:
        """Calls of the base classifier for one trial."""
        if not proof:
            return self.looking.forwards
        return self.proving.forwards + (self.choosing.forwards if self.choosing else 0)

    def verdicts(
        self, trials: Sequence[Trial], points: Batch, places: Labels, owners: Labels, first: Labels
    ) -> list[Verdict]:
        """What becomes of points [m, ...], all of proofs or all of looks.

        Args:
            trials: m of them.
            points: encoded.
            places: of their inputs in the criterion [m].
            owners: the numbers of their inputs [m].
            first: the number [m] of each one's first question; `spent` of them are used.
        """
        draws = self.proving if trials[0].proof else self.looking
        votes = draws.ask(points, owners, first)
        chosen = votes
        if trials[0].proof and self.choosing:
            chosen = self.choosing.ask(points, owners, first + draws.times)
        return [
            self._verdict(trial, int(place), counts, other.sum(0))
            for trial, place, counts, other in zip(trials, places, votes, chosen, strict=True)
        ]

    @property
    def spent(self) -> int:
        """Questions that one trial may take."""
        return self.proving.times + self.looking.times + (self.choosing or self.looking).times

    def _verdict(self, trial: Trial, place: int, counts: Array, chosen: Array) -> Verdict:
        """Of one point.

        Args:
            trial: what was asked.
            place: of the input in the criterion.
            counts: votes [questions, classes].
            chosen: votes [classes] that a rival is chosen by.
        """
        met = self.criterion.met(counts.argmax(axis=1), np.full(len(counts), place))
        if not self.oracle.random:
            return Verdict(level=float(met[0]), passed=bool(met[0]))
        if self.level.judging is Judging.MAHO:
            return self._by_shortcut(trial, place, counts)
        # A look is read as if it had as many answers as the proof, which it foretells.
        if self.level.judging is Judging.CALLS:
            weight = 1 if trial.proof else self.proving.times // self.looking.times
            found = called_level(weight * int(met.sum()), weight * len(met), trial.alpha)
        else:
            weight = 1 if trial.proof else self.proving.forwards // self.looking.forwards
            label = int(self.criterion.labels()[place])
            rival = int(np.where(np.arange(len(chosen)) == label, -1, chosen).argmax())
            votes = weight * counts.sum(0)
            found = proven_level(votes, label, self.oracle.forwards, trial.alpha, rival)
        return Verdict(level=found, passed=found >= self.level.P_a)

    def _by_shortcut(self, trial: Trial, place: int, counts: Array) -> Verdict:
        """Whether one call passes, or, for a look, whether it would more often than not."""
        total, wrong = int(counts.sum()), wrong_votes(self.criterion, place, counts)
        if trial.proof:
            return Verdict(level=0.0, passed=wrong >= votes_needed(total, self.level.P_a))
        n = self.oracle.forwards
        least = votes_needed(n, self.level.P_a)
        often = float(special.betainc(float(least), n - least + 1.0, wrong / total))
        return Verdict(level=0.0, passed=often >= 0.5)


def bench_for(oracle: Oracle, criterion: Criterion, level: Level, size: int) -> Bench:
    """A bench for a rule, if the oracle and the criterion allow it.

    Args:
        oracle: a fresh one.
        criterion: what is adversarial.
        level: the rule.
        size: numbers of an input.

    Raises:
        InputError: if the rule needs micro-decisions and the oracle has none to give, or it is
            LEVEL and the criterion is another than labels to leave.
        InfeasibleError: if no votes could prove the level.
    """
    bench = partial(Bench, oracle=oracle, criterion=criterion, level=level)
    once = Draws(oracle=oracle, times=1)
    if not oracle.random:
        return bench(proving=once, looking=once)
    last = alpha_of_try(level.alpha, TRIES)
    if level.judging is Judging.CALLS:
        times = level.calls(max(1, oracle.forwards), last)
        some = replace(once, times=max(1, times // PART))
        return bench(proving=replace(once, times=times), looking=some)
    if not isinstance(oracle, Voting):
        raise InputError(
            f"the votes behind the answers of {type(oracle).__name__} cannot be asked for, so its "
            "points are judged by whole calls: Level(judging=Judging.CALLS)"
        )
    part = micro_decisions(oracle, -(-level.votes // PART), size)
    if level.judging is Judging.MAHO:
        return bench(proving=once, looking=part)
    if not isinstance(criterion, Misclassification):
        raise InputError(
            "micro-decisions prove a level for labels to leave alone; for a target or several "
            "criteria take Level(judging=Judging.CALLS)"
        )
    check_provable(level, oracle.num_classes, oracle.n, last)
    whole = micro_decisions(oracle, level.votes, size)
    choosing = part if oracle.num_classes > 2 and oracle.n > 1 else None
    return bench(proving=whole, looking=part, choosing=choosing)
