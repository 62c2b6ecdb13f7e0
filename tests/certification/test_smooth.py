import numpy as np
import pytest
import torch

import certiball as cb
from certiball.certification import smooth
from certiball.errors import InfeasibleError, InputError, ModelError
from certiball.samplers.streams import Phase, Stream, random_word
from certiball.statistics.binomial import lower_bound

IMAGES = np.array([[[0, 0], [0, 0]], [[255, 255], [255, 255]], [[127, 128], [128, 127]]], np.uint8)
BRIGHT = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
G = cb.Smoothed(BRIGHT, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
PLAN = cb.FixedSamples(n0=50, n=500)


def test_black_and_white_are_certified_and_grey_is_not():
    black, white, grey = cb.certify(G, IMAGES, plan=PLAN, alpha=1e-3)
    assert isinstance(black, cb.Certificate)
    assert isinstance(white, cb.Certificate)
    assert isinstance(grey, cb.Abstention)
    assert (black.label, white.label) == (0, 1)
    assert white.estimation.total == 500
    assert white.selection.total == 50
    assert white.p_lower == lower_bound(white.estimation.counts[1], 500, 1e-3)
    assert not white.draw.chosen


def test_floats_on_the_grid_are_the_same_inputs():
    results = [
        [str(r) for r in cb.certify(G, x, plan=PLAN, seed=3)]
        for x in (IMAGES, IMAGES.astype(np.float32) / 255, torch.from_numpy(IMAGES) / 255)
    ]
    assert results[0] == results[1] == results[2]


def test_seeds_repeat_and_are_recorded():
    first, again = (cb.certify(G, IMAGES, plan=PLAN, seed=5) for _ in range(2))
    assert first == again
    assert first[0].draw.chosen
    other = cb.certify(G, IMAGES, plan=PLAN, seed=6)
    assert other[2].estimation != first[2].estimation
    free = [cb.certify(G, IMAGES, plan=PLAN)[0].draw.seed for _ in range(2)]
    assert free[0] != free[1]


def test_the_key_depends_on_the_claim():
    # otherwise the same noise would answer several claims, and the better could be picked
    plan = cb.FixedSamples(n0=50, n=20_000)
    votes = {
        cb.certify(G, IMAGES, plan=plan, seed=5, alpha=a, rule=r)[2].estimation
        for a in (0.001, 0.01)
        for r in (cb.Rule.ONE_SIDED, cb.Rule.TWO_CLASS)
    }
    assert len(votes) == 4


def test_the_key_depends_on_the_model():
    # otherwise a model could be made for the noise of a chosen seed
    def votes(weight):
        torch.manual_seed(0)
        net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
        net[1].bias.data[0] += weight
        g = cb.Smoothed(cb.TorchClassifier(net, 2), cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
        seen = []
        net.register_forward_hook(lambda m, x, y: seen.append(x[0][0].sum().item()))
        cb.certify(g, IMAGES, plan=PLAN, seed=5)
        return seen[-1]

    assert votes(0.0) == votes(0.0)
    assert votes(0.0) != votes(1e-6)


def test_the_two_class_rule_has_both_bounds():
    result = cb.certify(G, IMAGES, plan=PLAN, rule=cb.Rule.TWO_CLASS)[1]
    assert result.p_upper is not None
    assert result.radius > 0


@pytest.mark.parametrize("seed", [-1, 2**128])
def test_bad_seed(seed):
    with pytest.raises(InputError, match="seed must be from 0 to 2¹²⁸ − 1"):
        cb.certify(G, IMAGES, plan=PLAN, seed=seed)


def test_infeasible_claims_are_refused_before_sampling():
    def never(x):
        raise AssertionError("a sample was drawn")

    g = cb.Smoothed(cb.FunctionClassifier(never, 2), cb.Gaussian(sigma=1.0), space=cb.Grid.uint8())
    with pytest.raises(InfeasibleError, match="n must be at least 10"):
        cb.certify(g, IMAGES, plan=cb.FixedSamples(n=5))
    with pytest.raises(InputError, match="nan is not a finite number"):
        cb.certify(g, np.array([[np.nan]]))


def test_inputs_of_a_shape_that_the_model_does_not_take():
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(9, 2))
    g = cb.Smoothed(cb.TorchClassifier(net, 2), cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
    for ask in (lambda: cb.certify(g, IMAGES, plan=PLAN), lambda: cb.predict(g, IMAGES)):
        with pytest.raises(ModelError, match=r"does not take inputs of shape \(2, 2\): mat1 and"):
            ask()
    views = cb.Smoothed(g.classifier, cb.Ablation(keep=1, pixels=4), space=cb.Grid.uint8())
    with pytest.raises(
        ModelError, match=r"\(2, 2, 2\): mat1 .* shows the model .* of shape \(2, 2\)"
    ):
        cb.certify(views, IMAGES, plan=PLAN)


def test_randomized_bounds_end_to_end():
    plan = cb.FixedSamples(n0=50, n=500, bound=cb.Bound.RANDOMIZED)
    images = np.concatenate([IMAGES[2:], np.zeros((12, 2, 2), np.uint8)])
    grey, *blacks = results = cb.certify(G, images, plan=plan, seed=5)
    assert results == cb.certify(G, images, plan=plan, seed=5)
    assert grey.classical.radius == 0.0
    for black in blacks:
        assert black.claim.bound is cb.Bound.RANDOMIZED
        assert black.classical.p_lower == lower_bound(500, 500, 1e-3)
        assert black.radius > black.classical.radius
    # The same counts and other random words; those below one half count as one half.
    assert 1 < len({black.p_lower for black in blacks}) < len(blacks)


def test_the_random_word_is_no_word_of_the_noise():
    # A known answer: NumPy's own Philox at the address (0, 0, input, 2 · 3), for ever the same.
    key = 2**100 + 17
    counter = np.array([0, 0, 4, 6], dtype=np.uint64)
    halves = np.array([key % 2**64, key >> 64], dtype=np.uint64)
    expected = int(np.random.Philox(key=halves, counter=counter).random_raw())
    assert random_word(key, 4) == expected
    noise = {
        int(word)
        for phase in Phase
        if phase is not Phase.RANDOMIZATION
        for word in Stream(key=key, phase=phase, input=4, chunk=0).words(0, 0, 64)
    }
    assert random_word(key, 4) not in noise
    assert len({random_word(key, number) for number in range(20)}) == 20


def raises_for(bad):
    def answer(x):
        if bad(x).any():
            raise ValueError("no picture")
        return x.mean((1, 2)) > 0.5

    classifier = cb.FunctionClassifier(answer, num_classes=2)
    return cb.Smoothed(classifier, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())


def test_a_model_that_raises_for_an_input_without_noise_certifies_it_all_the_same():
    g = raises_for(lambda x: (x == 0).all((1, 2)))  # the first of the images
    results = cb.certify(g, np.repeat(np.repeat(IMAGES, 4, 1), 4, 2), plan=PLAN)
    assert [isinstance(result, cb.Certificate) for result in results[:2]] == [True, True]


@pytest.mark.parametrize("ask", [lambda g, x: cb.certify(g, x, plan=PLAN), cb.predict])
def test_what_a_model_raises_is_one_line_with_a_hint(ask):
    with pytest.raises(ModelError) as said:
        ask(G, IMAGES[0])
    assert "the model raised AxisError: " in str(said.value)
    assert str(said.value).endswith(
        "; these are 2 inputs of shape (2,): wrap a single input x as x[None]"
    )
    with pytest.raises(ModelError, match="the model raised ValueError: no picture; these are 3"):
        ask(raises_for(lambda x: x.mean((1, 2)) > 0.9), IMAGES)
    g = cb.Smoothed(
        cb.FunctionClassifier(lambda x: 1 // 0, num_classes=2), G.law, space=cb.Grid.uint8()
    )
    with pytest.raises(ModelError) as said:
        ask(g, IMAGES[:, None])
    assert str(said.value).startswith("the model raised ZeroDivisionError: ")
    assert "x[None]" not in str(said.value)


def test_the_seed_is_drawn_once_everything_else_is_fixed(monkeypatch):
    order = []
    for name in ("execution_for", "specification", "draw_seed"):
        real = getattr(smooth, name)
        monkeypatch.setattr(
            smooth, name, lambda *args, n=name, f=real: (order.append(n), f(*args))[1]
        )
    cb.certify(G, IMAGES[:1], plan=cb.FixedSamples(n0=10, n=100))
    assert order == ["execution_for", "specification", "draw_seed"]
