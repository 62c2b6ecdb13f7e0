import numpy as np
import pytest
import torch

import certiball as cb
from certiball.errors import InfeasibleError, InputError, ModelError
from certiball.laws.bands import Bands
from certiball.laws.laplace import Laplace
from certiball.statistics.holm import above_p_values, rejected
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds

LAW = cb.Gaussian(sigma=0.25)
PLAN = cb.FixedSamples(n0=20, n=300)


def scene():
    """A bright disc on a dark ground, with a grey ring around it."""
    y, x = np.mgrid[:16, :16] - 7.5
    distance = np.hypot(x, y)
    return np.where(distance < 4, 250, np.where(distance < 6, 128, 5)).astype(np.uint8)


def bright(x):
    return (x > 0.5).astype(int)


def smoothed(model=bright, law=LAW, classes=2):
    return cb.Smoothed(cb.FunctionClassifier(model, num_classes=classes), law, cb.Grid.uint8())


def test_sure_pixels_are_certified_and_others_abstain():
    image = scene()
    [result] = cb.certify_segmentation(smoothed(), image[None], plan=PLAN, seed=1)
    assert result.certified[image == 250].all()
    assert result.certified[image == 5].all()
    assert not result.certified[image == 128].any()
    assert (result.shown == np.where(image == 128, -1, image == 250)).all()
    slack = LAW.slack(cb.Grid.uint8().step, image.size)
    assert result.radius == gaussian_l2.radius(LAW, Bounds(p_lower=0.75), slack)
    expected = rejected(above_p_values(result.counts, 300, 0.75), 1e-3)
    assert (result.certified == expected).all()
    assert "pixels keep their classes for every perturbation of L2 norm below 0.1686" in str(result)
    assert result.ball.strict


def test_scores_and_labels_are_the_same():
    class Two(torch.nn.Module):
        def forward(self, x):
            return torch.stack([0.5 - x, x - 0.5], 1)

    scored = cb.Smoothed(cb.TorchClassifier(Two(), num_classes=2), LAW, cb.Grid.uint8())
    image = scene()[None]
    [result] = cb.certify_segmentation(scored, image, plan=PLAN, seed=1)
    [labelled] = cb.certify_segmentation(smoothed(), image, plan=PLAN, seed=1)
    assert (result.shown == labelled.shown).all()
    assert result.labels.shape == result.counts.shape == (16, 16)


def test_the_same_seed_gives_the_same_votes_for_each_input():
    images = np.stack([scene(), 255 - scene()])
    one, two = (cb.certify_segmentation(smoothed(), images, plan=PLAN, seed=1) for _ in range(2))
    for first, again in zip(one, two, strict=True):
        assert (first.counts == again.counts).all()
    assert (one[0].labels[images[0] == 250] == 1).all()
    assert (one[1].labels[images[0] == 250] == 0).all()


def test_a_larger_tau_certifies_fewer_pixels_further():
    image = np.linspace(0, 255, 256).astype(np.uint8).reshape(1, 16, 16)
    low, high = (
        cb.certify_segmentation(smoothed(), image, plan=PLAN, tau=tau, seed=1)[0]
        for tau in (0.6, 0.9)
    )
    assert low.radius < high.radius
    assert low.certified.sum() > high.certified.sum() > 0


def test_other_laws_give_their_own_radius():
    law = Laplace(scale=0.2)
    [result] = cb.certify_segmentation(smoothed(law=law), scene()[None], plan=PLAN)
    assert result.claim.norm is cb.Norm.L1
    assert 0 < result.radius <= 0.2 * np.log(2)


@pytest.mark.parametrize(
    ("law", "said"),
    [
        (cb.Translation(sigma=2.0), "every roll of the image by whole pixels, √(dx² + dy²) below"),
        (cb.Discrete(keep=0.1, levels=256), "every change of at most 5 numbers on the same grid"),
    ],
)
def test_what_is_said_is_of_the_law(law, said):
    [result] = cb.certify_segmentation(smoothed(law=law), scene()[None], plan=PLAN, tau=0.9)
    assert said in str(result)


def test_another_norm_may_be_asked_for():
    [result] = cb.certify_segmentation(smoothed(), scene()[None], plan=PLAN, norm=cb.Norm.LINF)
    [usual] = cb.certify_segmentation(smoothed(), scene()[None], plan=PLAN)
    assert result.claim.norm is cb.Norm.LINF
    assert result.radius == pytest.approx(usual.radius / 16, rel=1e-9)
    with pytest.raises(InputError, match="no theorem gives a radius for"):
        cb.certify_segmentation(smoothed(), scene()[None], plan=PLAN, norm=cb.Norm.L0)


def test_refusals():
    g, images = smoothed(), scene()[None]
    with pytest.raises(InputError, match=r"tau = 0.5 gives no radius .* must exceed one half"):
        cb.certify_segmentation(g, images, plan=PLAN, tau=0.5)
    with pytest.raises(InputError, match="tau must lie between 0 and 1, not 1"):
        cb.certify_segmentation(g, images, plan=PLAN, tau=1.0)
    with pytest.raises(
        InfeasibleError, match="n = 20 votes certify none of 256 places .* at least 44"
    ):
        cb.certify_segmentation(g, images, plan=cb.FixedSamples(n0=5, n=20))
    with pytest.raises(InputError, match="plan must be FixedSamples"):
        cb.certify_segmentation(g, images, plan=cb.TargetRadius(radii=(0.1,)))
    bands = cb.Smoothed(g.classifier, Bands(width=4, columns=16), cb.Grid.uint8())
    with pytest.raises(InputError, match="lists its views and has no samples"):
        cb.certify_segmentation(bands, images, plan=PLAN)


def test_answers_that_are_no_classes_of_pixels():
    images = scene()[None]
    with pytest.raises(ModelError, match="it must return scores"):
        cb.certify_segmentation(smoothed(lambda x: bright(x).mean((1, 2)) > 0.5), images, plan=PLAN)
    with pytest.raises(ModelError, match="must return scores"):
        cb.certify_segmentation(smoothed(lambda x: x[:, None]), images, plan=PLAN)
    with pytest.raises(ModelError, match="not one of 0…1"):
        cb.certify_segmentation(smoothed(lambda x: bright(x) + 1), images, plan=PLAN)

    def torn(x):
        scores = np.stack([0.5 - x, x - 0.5], 1)
        scores[x.max((1, 2)) > 1.6] = np.nan
        return scores

    with pytest.raises(ModelError, match="input 0: the model's scores have NaN"):
        cb.certify_segmentation(smoothed(torn), images, plan=cb.FixedSamples(n0=100, n=500))
