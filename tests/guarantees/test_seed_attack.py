"""Noise that is known beforehand: what is made to fit it is certified, and fresh noise is not.

The key of the noise is a hash of the seed and of everything that is asked, the model's digest and
the inputs included, so neither can be fitted to it by a slope. What is left to somebody who knows
the seed: to try many inputs and keep a lucky one, or to hand in a model that no digest identifies
and that remembers the noise. Here both classes are equally likely, so every certificate is false.
"""

import numpy as np
import torch
from scipy import stats

import certiball as cb
from certiball.certification.plan import FixedSamples
from certiball.laws.gaussian import Gaussian
from certiball.spaces import Grid

PUBLISHED = 7
GRID = Grid.fixed_point(8, low=-8, high=8)
LAW = Gaussian(sigma=0.25)


def first_sign(batch):
    """The sign of the first number that is not 0, of three; the fourth does not matter.

    At (0, 0, 0) classes are equally likely, but for 10⁻⁶ where all three stay 0.
    """
    signs = np.sign(batch[:, :3])
    return (signs @ np.array([4, 2, 1]) > 0).astype(np.int64)


def test_an_input_found_by_trying_is_certified_under_the_published_noise_alone():
    alpha, plan = 0.05, FixedSamples(n0=32, n=256)
    classifier = cb.FunctionClassifier(first_sign, num_classes=2, name="the first sign")
    g = cb.Smoothed(classifier, LAW, space=GRID)

    def certified(inputs, seed):
        results = cb.certify(g, inputs, plan=plan, alpha=alpha, seed=seed)
        return [result for result in results if isinstance(result, cb.Certificate)]

    candidates = ([[0, 0, 0, level]] for level in range(200))
    lucky = np.array(next(x for x in candidates if certified(np.array(x), PUBLISHED)))
    [false] = certified(lucky, PUBLISHED)  # as often as one likes
    assert false.radius > 0
    assert false.draw.chosen
    assert "the seed was chosen" in str(false)
    tries = 200
    fresh = certified(np.repeat(lucky, tries, axis=0), None)
    assert len(fresh) <= stats.binom.ppf(1 - 1e-6, tries, alpha)
    assert not any(result.draw.chosen for result in fresh)


def coin(rows):
    """Even or odd sums of levels: as likely as each other under noise, to far more than 10⁻⁹."""
    return (torch.round(rows.double() * 256).sum(1) % 2).long()


class Remembers(torch.nn.Module):
    """A coin, but class 1 for each row that it was told."""

    def __init__(self, rows):
        super().__init__()
        self.register_buffer("rows", rows)

    def forward(self, batch):
        known = (batch[:, None] == self.rows).all(2).any(1)
        return torch.where(known, 1, coin(batch))


INPUT = np.array([[10, 20, 30, 40]])
PLAN = FixedSamples(n0=32, n=500)


def as_function(module):
    return cb.FunctionClassifier(module, num_classes=2, takes="torch")


def as_module(module):
    return cb.TorchClassifier(module.eval(), num_classes=2)


def asked(classifier, seed):
    [result] = cb.certify(cb.Smoothed(classifier, LAW, space=GRID), INPUT, plan=PLAN, seed=seed)
    return result


def shown_under_published_noise(wrap):
    """All the noisy inputs that a model without memory is shown."""
    spy, seen = Remembers(torch.empty(0, 4)), []
    spy.register_forward_pre_hook(lambda _, arguments: seen.append(arguments[0].clone()))
    assert isinstance(asked(wrap(spy), PUBLISHED), cb.Abstention)
    return torch.unique(torch.cat(seen), dim=0)


def test_a_model_that_remembers_published_noise_is_certified_under_it_alone():
    model = as_function(Remembers(shown_under_published_noise(as_function)))
    false = asked(model, PUBLISHED)
    assert false.estimation.counts == (0, 500)
    assert false.radius > 0.5
    assert false.draw.chosen
    fresh = asked(model, None)
    assert isinstance(fresh, cb.Abstention)
    assert max(fresh.estimation.counts) < 330
    g = cb.Smoothed(model, LAW, space=GRID)
    [answer] = cb.predict(g, INPUT, n=500)
    assert isinstance(answer, cb.certification.predict.Undecided)


def test_a_digest_takes_the_noise_away_from_a_model_that_remembers_it():
    """What is remembered is part of a module's state, so its key is another."""
    model = as_module(Remembers(shown_under_published_noise(as_module)))
    assert isinstance(asked(model, PUBLISHED), cb.Abstention)
