from fractions import Fraction

import numpy as np
import pytest

import certiball as cb
from certiball.certificate import Draw
from certiball.certification.predict import Undecided, answer, check_decidable
from certiball.errors import InfeasibleError, InputError

BRIGHT = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
G = cb.Smoothed(BRIGHT, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
DRAW = Draw(seed=1, chosen=True)


def test_answers_and_abstentions():
    images = np.stack([np.zeros((2, 2)), np.full((2, 2), 1.3), np.full((2, 2), 0.5)])
    black, white, grey = cb.predict(G, images, n=200, alpha=1e-3)
    assert (black.label, white.label) == (0, 1)
    assert black.p_value <= 1e-3
    assert str(black).startswith("class 0 (")
    # every vote of an exact half that is rounded to level 128 is a fair coin or nearly so
    assert isinstance(grey, Undecided | cb.Prediction)


def test_an_undecided_answer_says_between_what():
    votes = cb.Votes(counts=(52, 3, 48))
    undecided = answer(votes, 0.001, DRAW)
    assert isinstance(undecided, Undecided)
    assert str(undecided).startswith("undecided between classes 0 and 2 (52 and 48 of 103 votes")


def test_the_rule_at_its_threshold():
    # 11 of 11 votes: p = 2·2⁻¹¹ < .001; 10 of 10: .00195
    assert isinstance(answer(cb.Votes(counts=(11, 0)), 0.001, DRAW), cb.Prediction)
    assert isinstance(answer(cb.Votes(counts=(10, 0)), 0.001, DRAW), Undecided)
    slack = Fraction(1, 10_000)
    assert isinstance(answer(cb.Votes(counts=(11, 0)), 0.001, DRAW, slack), Undecided)


def test_requests_draw_fresh_noise():
    image = np.full((1, 2, 2), 0.55)
    votes = {cb.predict(G, image, n=300)[0].votes for _ in range(4)}
    assert len(votes) > 1
    assert cb.predict(G, image, n=300, seed=4) == cb.predict(G, image, n=300, seed=4)


def test_other_inputs_are_rounded_to_the_grid():
    off, on = np.full((1, 2, 2), 0.3001), np.full((1, 2, 2), 77 / 255)
    a, b = (cb.predict(G, x, n=100, seed=9)[0].votes for x in (off, on))
    assert a == b


def test_numbers_that_always_abstain_are_refused():
    with pytest.raises(InfeasibleError, match=r"n = 10 votes cannot decide at alpha = 0.001 .*11"):
        cb.predict(G, np.zeros((1, 2, 2)), n=10)
    check_decidable(11, 0.001)
    with pytest.raises(InfeasibleError, match="choose a larger alpha"):
        check_decidable(10, 1e-9, Fraction(1))
    with pytest.raises(InputError, match="alpha must lie"):
        check_decidable(100, 0.0)
    with pytest.raises(InputError, match="n must be from 1"):
        check_decidable(0, 0.1)


def test_space_of_reals():
    g = cb.Smoothed(BRIGHT, cb.Gaussian(sigma=0.25), space=cb.Reals())
    assert cb.predict(g, np.zeros((1, 2, 2)), n=50)[0].label == 0
