"""What is done to images: known values, two in a row are one, gradients, refusals."""

import numpy as np
import pytest
import torch

from certiball.errors import InputError
from certiball.transforms.blur import blur
from certiball.transforms.brightness import brightness
from certiball.transforms.contrast_brightness import contrast_brightness
from certiball.transforms.translation import translation


def images(seed=0, shape=(3, 2, 6, 7)):
    return torch.from_numpy(np.random.default_rng(seed).random(shape))


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)


ONE_PARAMETER = {
    "brightness": (brightness, (numbers(0.3, -0.2, 0.0), numbers(-0.5, 0.1, 0.4))),
    "blur": (blur, (numbers(0.1, 0.0, 3.0), numbers(0.1, 2.0, 40.0))),
}


@pytest.mark.parametrize("name", ONE_PARAMETER)
def test_two_in_a_row_are_one_by_the_sum(name):
    act, (first, second) = ONE_PARAMETER[name]
    x = images()
    torch.testing.assert_close(act(act(x, first), second), act(x, first + second))
    assert not torch.allclose(act(x, first), act(x, first + second))


def test_two_changes_of_contrast_and_brightness_are_one():
    x, k, b = images(), numbers(0.3, -0.4, 0.0), numbers(0.2, -0.1, 0.3)
    more_k, more_b = numbers(-0.6, 0.2, 0.5), numbers(0.1, 0.3, -0.4)
    twice = contrast_brightness(contrast_brightness(x, k, b), more_k, more_b)
    once = contrast_brightness(x, k + more_k, b + (-k).exp() * more_b)
    torch.testing.assert_close(twice, once)
    torch.testing.assert_close(  # the other way to write it
        contrast_brightness(x, k, (-k).exp() * b),
        k.exp()[:, None, None, None] * x + b[:, None, None, None],
    )


def shifts(border, size=5, reach=4):
    """Whether each two shifts of an image make the third, for shifts on one axis."""
    x = torch.arange(1, size + 1)[None, None]
    none = torch.tensor([0])

    def moved(image, by):
        return translation(image, none, torch.tensor([by]), border)

    pairs = [(a, b) for a in range(-reach, reach + 1) for b in range(-reach, reach + 1)]
    return [torch.equal(moved(moved(x, a), b), moved(x, a + b)) for a, b in pairs]


def test_rolls_add_up_and_other_borders_do_not():
    assert len(shifts("circular")) == 81
    assert all(shifts("circular"))
    assert shifts("reflect").count(False) > 40
    assert shifts("black").count(False) > 30


def test_a_roll_is_that_of_torch_and_of_numpy():
    x = images(shape=(4, 3, 5, 7))
    down, right = torch.tensor([0, 1, -2, 6]), torch.tensor([3, -1, 9, 0])
    moved = translation(x, down, right)
    for i in range(4):
        rolled = torch.roll(x[i], (int(down[i]), int(right[i])), (1, 2))
        assert torch.equal(moved[i], rolled)
    padded = np.pad(x[0].numpy(), ((0, 0), (4, 4), (4, 4)), mode="reflect")
    one = translation(x[:1], torch.tensor([2]), torch.tensor([-3]), "reflect")
    assert np.array_equal(one[0].numpy(), padded[:, 2:7, 7:14])
    black = np.pad(x[0].numpy(), ((0, 0), (4, 4), (4, 4)))
    one = translation(x[:1], torch.tensor([2]), torch.tensor([-3]), "black")
    assert np.array_equal(one[0].numpy(), black[:, 2:7, 7:14])
    flat = translation(x[:, 0], down, right, "black")
    assert torch.equal(flat, translation(x, down, right, "black")[:, 0])


@pytest.mark.parametrize("amount", [0.1, 0.5, 2.0, 9.0])
def test_the_variance_of_a_blurred_point_is_the_parameter(amount):
    size = 81
    point = torch.zeros(1, size, size, dtype=torch.float64)
    point[0, 40, 40] = 1
    kernel = blur(point, numbers(amount))[0]
    place = torch.arange(size, dtype=torch.float64) - 40
    assert float(kernel.sum()) == pytest.approx(1)
    assert float((kernel.sum(1) * place**2).sum()) == pytest.approx(amount, rel=1e-9)
    assert float((kernel.sum(0) * place**2).sum()) == pytest.approx(amount, rel=1e-9)
    assert float(kernel.min()) > -1e-12


def test_blur_is_the_heat_equation_with_mirrored_edges():
    x, amount = images(shape=(1, 5, 4)), 0.7
    steps = 4000
    heat = x[0].clone()
    for _ in range(steps):
        padded = torch.nn.functional.pad(heat[None, None], (1, 1, 1, 1), mode="replicate")[0, 0]
        around = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
        heat = heat + amount / steps / 2 * (around - 4 * heat)
    torch.testing.assert_close(blur(x, numbers(amount))[0], heat, rtol=1e-4, atol=1e-5)


def test_much_blur_is_the_mean():
    x = images(shape=(2, 3, 4, 5))
    mean = x.mean((2, 3), keepdim=True).expand_as(x)
    torch.testing.assert_close(blur(x, numbers(1e4, 1e5)), mean)


def test_gradients_are_right():
    x = images(shape=(2, 1, 3, 4)).requires_grad_()
    b, k = numbers(0.1, 0.4).requires_grad_(), numbers(-0.2, 0.3).requires_grad_()
    assert torch.autograd.gradcheck(brightness, (x, b))
    assert torch.autograd.gradcheck(contrast_brightness, (x, k, b))
    assert torch.autograd.gradcheck(blur, (x, b))
    one = torch.tensor([1, -2])
    assert torch.autograd.gradcheck(lambda x: translation(x, one, one, "reflect"), (x,))


def test_refusals():
    x = images()
    with pytest.raises(InputError, match=r"with a parameter for each, \[n\], not of shapes"):
        brightness(x, numbers(1.0))
    with pytest.raises(InputError, match="images must be"):
        blur(x[0, 0], numbers(1.0, 2.0))
    with pytest.raises(InputError, match=r"a blur's variance must be ≥ 0, not -1"):
        blur(x, numbers(1.0, -1.0, 2.0))
    with pytest.raises(
        InputError, match="border must be one of circular, black, reflect, not 'wrap'"
    ):
        translation(x, torch.tensor([1, 1, 1]), torch.tensor([1, 1, 1]), "wrap")
