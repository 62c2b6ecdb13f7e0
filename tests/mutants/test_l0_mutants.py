"""Mistakes in the theorems of L0, written into their source one at a time: each must be caught."""

import inspect
from fractions import Fraction

import pytest

from certiball.theorems import ablation_l0, discrete_l0
from guarantees import l0


def mutant(module, right, wrong):
    """The names of a module's source with one piece of it replaced."""
    source = inspect.getsource(module)
    assert source.count(right) == 1
    names = {}
    exec(compile(source.replace(right, wrong), module.__name__, "exec"), names)  # noqa: S102
    return names


def caught(check, *arguments):
    with pytest.raises(AssertionError):
        check(*arguments)


def test_choices_with_replacement():
    names = mutant(
        ablation_l0,
        "Fraction(perm(law.pixels - many, few), perm(law.pixels, few))",
        "Fraction(law.pixels - law.keep, law.pixels) ** changed",
    )
    caught(l0.losses_are_those_of_all_choices, names["loss"])
    caught(l0.random_ablation_classifiers, names["radius"])


def test_one_pixel_more():
    names = mutant(ablation_l0, "float(bisect_left(", "float(1 + bisect_left(")
    caught(l0.every_ablation_classifier, names["radius"])


def test_ablation_at_the_boundary_itself():
    names = mutant(ablation_l0, "changed) >= margin", "changed) > margin")
    caught(l0.ablation_boundary, names["radius"])


def test_the_factor_of_two_classes_lost():
    names = mutant(ablation_l0, "1 - p_lower)) / 2 -", "1 - p_lower)) -")
    caught(l0.random_ablation_classifiers, names["radius"])
    caught(l0.ablation_boundary, names["radius"])


def test_slack_paid_once():
    for right, wrong in (
        ("Fraction(1, 2) - 2 * slack", "Fraction(1, 2) - slack"),
        (" / 2 - 2 * slack", " / 2 - slack"),
    ):
        caught(l0.ablation_slack, mutant(ablation_l0, right, wrong)["radius"])
    for right, wrong in (
        ("Fraction(1, 2) + slack) + slack", "Fraction(1, 2)) + slack"),
        ("Fraction(1, 2) + slack) + slack", "Fraction(1, 2) + slack)"),
        ("other) > 2 * slack", "other) > 0"),
        ("Fraction(bounds.p_lower) + slack", "Fraction(bounds.p_lower)"),
        ("1 - Fraction(bounds.p_lower)) + slack", "1 - Fraction(bounds.p_lower))"),
    ):
        names = mutant(discrete_l0, right, wrong)
        caught(l0.discrete_slack, names["radius"])


def test_discrete_at_the_boundary_itself():
    names = mutant(discrete_l0, "bounds.p_lower > _threshold", "bounds.p_lower >= _threshold")
    caught(l0.discrete_boundary, names["radius"])
    names = mutant(discrete_l0, "other) > 2 * slack", "other) >= 2 * slack")
    caught(l0.discrete_boundary, names["radius"])


def test_the_chance_of_another_level_too_small_by_one():
    names = mutant(discrete_l0, "law.levels - 1\n", "law.levels\n")
    caught(every_discrete_worst_case, names["needed"])


def test_outcomes_that_say_nothing_forgotten():
    names = mutant(discrete_l0, "(others - 1) * other", "0")
    caught(every_discrete_worst_case, names["needed"])


def test_the_least_likely_outcomes_first():
    names = mutant(discrete_l0, "zip(reversed(ways), ways,", "zip(ways, reversed(ways),")
    caught(every_discrete_worst_case, names["needed"])
    caught(l0.every_discrete_classifier, names["radius"])


def test_levels_that_are_not_split():
    names = mutant(discrete_l0, "here + from_x * (wanted - there) / from_other", "Fraction(here)")
    caught(l0.every_discrete_classifier, names["radius"])


def test_the_other_class_not_moved():
    names = mutant(discrete_l0, "needed(law, changed, other) >", "other >")
    caught(l0.every_discrete_classifier_of_three_classes, names["radius"])


def every_discrete_worst_case(needed):
    for keep, levels, changed in ((0.75, 2, 2), (0.4, 3, 3), (0.3, 4, 2)):
        law = discrete_l0.Discrete(keep=keep, levels=levels)
        half = Fraction(1, 2)
        assert needed(law, changed, half) == l0.worst_case(law, changed, changed, half)
