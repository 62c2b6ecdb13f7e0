"""Mistakes about adversarial points: each must break a guarantee's check."""

from dataclasses import replace

import pytest

from certiball.attacks.judging import bench, evidence, judgement, level, walk
from certiball.attacks.judging.level import Tie
from guarantees import levels


def caught(check, *arguments, **named):
    with pytest.raises(AssertionError):
        check(*arguments, **named)


def test_a_tie_that_is_always_the_adversarys(monkeypatch):
    monkeypatch.setattr(judgement, "deployed_tie", lambda label, rival=None: Tie.ADVERSARY)
    caught(levels.proven_levels_hold, [0.45, 0.55], 2, 0)


def test_a_share_instead_of_a_bound(monkeypatch):
    monkeypatch.setattr(judgement, "lower_bound", lambda k, n, alpha: k / n)
    caught(levels.proven_levels_hold, [0.45, 0.55], 3, 0)
    caught(levels.proven_levels_hold, [0.5, 0.5, 0.0], 5, 0, rival=1)


def test_the_two_class_rule_for_more_classes(monkeypatch):
    def as_two(counts, label, n, alpha, rival=None):
        total = int(counts.sum())
        q = judgement.lower_bound(total - int(counts[label]), total, alpha)
        return level.level_of(q, n)

    monkeypatch.setattr(judgement, "proven_level", as_two)
    caught(levels.proven_levels_hold, [0.4, 0.3, 0.3], 5, 0, rival=1)


def test_the_papers_form_for_even_numbers(monkeypatch):
    right = level._parameters
    monkeypatch.setattr(level, "_parameters", lambda n, tie: right(n, Tie.PAPER))
    caught(levels.thresholds_are_those_of_votes)
    caught(levels.no_point_is_nearer_than_the_bound)


def test_a_threshold_to_nearest_or_above(monkeypatch):
    right = level.lower_bound
    monkeypatch.setattr(level, "lower_bound", lambda k, n, a: right(k, n, a) * (1 + 1e-12))
    caught(levels.thresholds_are_those_of_votes)


def test_the_whole_level_for_every_try(monkeypatch):
    monkeypatch.setattr(walk, "alpha_of_try", lambda alpha, j: alpha)
    caught(levels.tries_share_alpha)


def test_proofs_that_only_look(monkeypatch):
    right = bench.Bench._verdict
    monkeypatch.setattr(
        bench.Bench,
        "_verdict",
        lambda self, trial, *rest: right(self, replace(trial, alpha=0.5), *rest),
    )
    caught(levels.verified_points_are_adversarial)


def test_the_likeliest_rival_without_bonferroni(monkeypatch):
    right = evidence.denial

    def best_of_all(votes, certificate, dimension):
        p_value, rival = right(votes, certificate, dimension)
        return p_value / (len(votes.counts) - 1), rival

    monkeypatch.setattr(evidence, "denial", best_of_all)
    caught(levels.denials_are_rare)
