import numpy as np
import pytest

import certiball as cb
from certiball.certification import top_k
from certiball.certification.top_k import top_k_result
from certiball.errors import InfeasibleError, InputError
from certiball.laws.laplace import Laplace
from certiball.statistics.multinomial import simultaneous_bounds
from certiball.theorems import top_k as theorem

LAW = cb.Gaussian(sigma=0.25)
PLAN = cb.FixedSamples(n0=50, n=1000)
IMAGES = np.array([[[128, 128]], [[255, 255]]], dtype=np.uint8)


def shade(x):
    return np.digitize(x.reshape(len(x), -1).mean(1), (0.25, 0.5, 0.75))


def smoothed(law=LAW, space=None):
    classifier = cb.FunctionClassifier(shade, num_classes=4, name="shade")
    return cb.Smoothed(classifier, law, space=space or cb.Grid.uint8())


def test_the_radius_is_that_of_the_votes():
    results = cb.certify_top_k(smoothed(), IMAGES, k=2, plan=PLAN, seed=1)
    for result in results:
        assert result.selection.total == 50
        assert result.estimation.total == 1000
        assert result.label == result.selection.winner
        bounds = simultaneous_bounds(result.estimation, result.label, 1e-3)
        assert (result.p_lower, result.others) == bounds
        slack = LAW.slack(cb.Grid.uint8().step, 2)
        assert result.radius == theorem.radius(LAW, *bounds, 2, slack)
        assert result.ball.strict
    assert "among the 2 likeliest for every perturbation of L2 norm below" in str(results[0])
    assert "on the same grid" in str(results[0])


def test_a_chosen_seed_repeats_and_a_fresh_one_does_not():
    first, again = (cb.certify_top_k(smoothed(), IMAGES, k=2, plan=PLAN, seed=1) for _ in range(2))
    assert first == again
    fresh, other = (cb.certify_top_k(smoothed(), IMAGES[:1], k=2, plan=PLAN) for _ in range(2))
    assert fresh[0].estimation != other[0].estimation
    another = cb.certify_top_k(smoothed(), IMAGES, k=1, plan=PLAN, seed=1)
    assert another[0].estimation != first[0].estimation  # the question enters the key


def test_a_given_class_needs_no_selection():
    results = cb.certify_top_k(smoothed(), IMAGES, k=2, plan=PLAN, labels=[1, 0], seed=1)
    assert [r.label for r in results] == [1, 0]
    assert all(r.selection.total == 0 for r in results)
    assert isinstance(results[0], cb.TopKCertificate)
    assert isinstance(results[1], cb.Abstention)
    assert "does not prove that it is among the 2 likeliest" in str(results[1])


def test_in_the_reals_it_says_so():
    images = IMAGES[:1].astype(np.float32) / 255
    g = smoothed(space=cb.Reals(low=0.0, high=1.0))
    [result] = cb.certify_top_k(g, images, k=3, plan=PLAN)
    assert "in exact reals" in str(result)


def test_refusals():
    g = smoothed()
    with pytest.raises(InputError, match=r"k must be from 1 to 3, fewer than there are classes"):
        cb.certify_top_k(g, IMAGES, k=4, plan=PLAN)
    with pytest.raises(InputError, match="k must be from 1"):
        cb.certify_top_k(g, IMAGES, k=0, plan=PLAN)
    with pytest.raises(InputError, match="k must be a whole number"):
        cb.certify_top_k(g, IMAGES, k=True, plan=PLAN)
    with pytest.raises(InputError, match="one for each input, 2 and not 1"):
        cb.certify_top_k(g, IMAGES, k=2, plan=PLAN, labels=[0])
    with pytest.raises(InputError, match="label 4 is none of 0…3"):
        cb.certify_top_k(g, IMAGES, k=2, plan=PLAN, labels=[4, 0])
    with pytest.raises(InfeasibleError, match="n = 3 votes cannot certify"):
        cb.certify_top_k(g, IMAGES, k=2, plan=cb.FixedSamples(n0=5, n=3))
    with pytest.raises(InputError, match="plan must be FixedSamples"):
        cb.certify_top_k(g, IMAGES, k=2, plan=cb.TargetRadius(radii=(0.1,)))
    with pytest.raises(InputError, match="plan must be FixedSamples"):
        cb.certify_top_k(g, IMAGES, k=2, plan=cb.FixedSamples(n=1000, bound=cb.Bound.RANDOMIZED))
    with pytest.raises(InputError, match="top-k radii are proven for Gaussian noise in L2 alone"):
        cb.certify_top_k(smoothed(law=Laplace(scale=0.2)), IMAGES, k=2, plan=PLAN)


def test_stopped_votes_are_refused():
    [result] = cb.certify_top_k(smoothed(), IMAGES[:1], k=2, plan=PLAN)
    question = top_k.Question(claim=result.claim, dimension=2)
    stopped = cb.Votes(counts=(900, 50, 50, 0), design=cb.votes.Design.STOPPED)
    with pytest.raises(InputError, match="stopped by a rule"):
        top_k_result(question, result.draw, 2, (stopped, stopped))
