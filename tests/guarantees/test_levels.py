import pytest

from guarantees import levels


def test_thresholds_are_those_of_votes():
    levels.thresholds_are_those_of_votes()


def test_no_point_is_nearer_than_the_bound():
    levels.no_point_is_nearer_than_the_bound()


@pytest.mark.parametrize("n", [1, 2, 3, 10])
@pytest.mark.parametrize("label", [0, 1])
def test_proven_levels_of_two_classes_hold(n, label):
    p = [0.45, 0.55] if label == 0 else [0.55, 0.45]
    levels.proven_levels_hold(p, n, label)


@pytest.mark.parametrize("label", [0, 2])
@pytest.mark.parametrize("n", [2, 5])
def test_proven_levels_of_more_classes_hold(n, label):
    levels.proven_levels_hold([0.4, 0.5, 0.1], n, label, rival=1)
    levels.proven_levels_hold([0.5, 0.5, 0.0], n, 0, rival=1)


def test_verified_points_are_adversarial():
    levels.verified_points_are_adversarial()


def test_tries_share_alpha():
    levels.tries_share_alpha()


def test_denials_are_rare():
    levels.denials_are_rare()


@pytest.mark.slow
@pytest.mark.parametrize(("P_a", "n"), [(0.5, 4), (0.8, 1), (0.95, 11)])
def test_more_verified_points_are_adversarial(P_a, n):
    levels.verified_points_are_adversarial(P_a, n, inputs=800)


@pytest.mark.slow
@pytest.mark.parametrize("label", [0, 1, 3])
def test_proven_levels_of_four_classes_hold(label):
    p = [0.3, 0.1, 0.2, 0.4]
    rival = 0 if label == 3 else 3
    levels.proven_levels_hold(p, 6, label, rival, votes=1000)
