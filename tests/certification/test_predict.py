from fractions import Fraction

import numpy as np
import pytest

import certiball as cb
from certiball.certification.predict import Undecided, answer, check_decidable
from certiball.claim import Draw
from certiball.errors import InfeasibleError, InputError
from certiball.statistics.binomial import top_two_p_value
from certiball.statistics.mixture import decided_p_value
from certiball.votes import Design

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


def test_clear_answers_need_few_votes_and_close_ones_the_most():
    images = np.stack([np.zeros((2, 2)), np.full((2, 2), 0.5), np.ones((2, 2))])
    black, grey, white = cb.predict(G, images, max_n=640, alpha=1e-3, seed=3)
    assert (black.label, white.label) == (0, 1)
    assert black.votes.total == white.votes.total == 32
    assert black.votes.design is grey.votes.design is Design.STOPPED
    assert isinstance(grey, Undecided)
    assert grey.votes.total == 640
    assert black.p_value <= 1e-3 < grey.p_value


def test_stopped_votes_get_the_p_value_that_holds_at_any_stop():
    counts = (40, 10, 2)
    fixed = answer(cb.Votes(counts=counts), 0.0003, DRAW)
    stopped = answer(cb.Votes(counts=counts, design=Design.STOPPED), 0.0003, DRAW)
    assert fixed.p_value == top_two_p_value(40, 10)
    assert stopped.p_value == decided_p_value(40, 10, 2) > fixed.p_value
    assert isinstance(fixed, cb.Prediction)
    assert isinstance(stopped, Undecided)


@pytest.mark.parametrize("share", [0.5, 0.6, 0.75, 0.9, 1.0])
def test_votes_stop_at_the_first_look_that_decides(share):
    # Votes that are the input's own: the k-th of a fixed sequence, whatever is in the batch.
    heads = np.random.default_rng(int(100 * share)).random(3000) < share
    seen = 0

    def label(x):
        nonlocal seen
        labels = np.zeros(len(x), dtype=np.int64)
        labels[:32] = heads[seen : seen + 32]
        seen += 32
        return labels

    function = cb.FunctionClassifier(label, num_classes=2)
    g = cb.Smoothed(function, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
    votes = cb.predict(g, np.zeros((1, 2, 2)), max_n=96, alpha=0.01)[0].votes
    tops = [int(heads[:look].sum()) for look in (32, 64, 96)]
    pairs = [(max(k, n - k), min(k, n - k)) for k, n in zip(tops, (32, 64, 96), strict=True)]
    decided = [sum(p) for p in pairs if decided_p_value(*p, 1) <= 0.01]
    assert votes.total == (decided[0] if decided else 96)
    assert votes.counts[1] == tops[votes.total // 32 - 1]


def test_an_answer_does_not_depend_on_what_else_is_asked_in_a_block(monkeypatch):
    images = np.stack([np.full((2, 2), level) for level in (0.45, 0.52, 0.6)])
    whole = cb.predict(G, images, max_n=4000, seed=9)
    monkeypatch.setattr("certiball.certification.predict.BLOCK", 2)
    assert cb.predict(G, images, max_n=4000, seed=9) == whole


def test_one_of_n_and_max_n():
    with pytest.raises(InputError, match="n = 5 and max_n = 9 contradict each other"):
        cb.predict(G, np.zeros((1, 2, 2)), n=5, max_n=9)
    with pytest.raises(InfeasibleError, match=r"max_n = 11 votes cannot decide .*at least 12$"):
        cb.predict(G, np.zeros((1, 2, 2)), max_n=11)
    with pytest.raises(InputError, match="max_n must be from 1"):
        cb.predict(G, np.zeros((1, 2, 2)), max_n=0)


@pytest.mark.parametrize("size", [{"n": 40}, {"max_n": 40}])
def test_the_slack_of_all_the_noise_is_added(size, monkeypatch):
    """So much that one vote's share is harmless, and that of all of them forbids every answer."""
    monkeypatch.setattr(type(G.law), "slack", lambda self, step, dimension: Fraction(1, 50_000))
    with pytest.raises(InfeasibleError, match="votes cannot decide at alpha = 0.0005"):
        cb.predict(G, np.zeros((1, 2, 2)), **size, alpha=5e-4)
    [black] = cb.predict(G, np.zeros((1, 2, 2)), **size, alpha=5e-3)
    assert black.p_value >= 40 / 50_000
