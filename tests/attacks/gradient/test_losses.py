import pytest
import torch

from certiball.attacks.gradient.losses import dlr, gain, gains, margin, targeted_dlr, toward
from certiball.errors import InputError

SCORES = torch.tensor([[4.0, 1.0, 3.0, -2.0, 0.5], [0.0, 5.0, 2.0, 1.0, -1.0]])
LABELS, TARGETS = torch.tensor([0, 2]), torch.tensor([2, 3])


def test_worked_by_hand() -> None:
    assert margin(SCORES, LABELS).tolist() == [-1.0, 3.0]
    assert gain(SCORES, LABELS, TARGETS).tolist() == [-1.0, -1.0]
    # first row: best 4, 3, 1, .5; second: 5, 2, 1, 0
    assert dlr(SCORES, LABELS).tolist() == pytest.approx([-1 / 3, 3 / 4])
    assert targeted_dlr(SCORES, LABELS, TARGETS).tolist() == pytest.approx([-1 / 3.25, -1 / 4.5])


def test_what_leaves_a_class_and_what_reaches_one() -> None:
    assert toward(SCORES, LABELS, None).tolist() == [-1.0, 3.0]
    assert toward(SCORES, LABELS, TARGETS).tolist() == [-1.0, -4.0]  # less than the best of all
    assert gains(SCORES, LABELS, None).T.sort(1).values.tolist() == [
        [-6.0, -3.5, -3.0, -1.0],
        [-3.0, -2.0, -1.0, 3.0],
    ]
    assert gains(SCORES, LABELS, TARGETS).tolist() == [[-1.0, -4.0]]


def test_dlr_is_blind_to_scale_and_shift() -> None:
    for factor, shift in ((7.0, 0.0), (1.0, 40.0), (0.125, -3.0)):
        moved = factor * SCORES + shift
        assert torch.allclose(dlr(moved, LABELS), dlr(SCORES, LABELS))
        assert torch.allclose(
            targeted_dlr(moved, LABELS, TARGETS), targeted_dlr(SCORES, LABELS, TARGETS)
        )


def test_equal_scores_give_finite_losses_and_gradients() -> None:
    scores = torch.zeros(1, 5, requires_grad=True)
    loss = dlr(scores, torch.tensor([0])) + targeted_dlr(
        scores, torch.tensor([0]), torch.tensor([1])
    )
    (gradient,) = torch.autograd.grad(loss.sum(), scores)
    assert loss.item() == 0
    assert gradient.isfinite().all()


def test_few_classes_are_refused_with_a_remedy() -> None:
    with pytest.raises(InputError, match="3 best scores and the model has 2 classes"):
        dlr(torch.zeros(1, 2), torch.tensor([0]))
    with pytest.raises(InputError, match="4 best scores and the model has 3 classes"):
        targeted_dlr(torch.zeros(1, 3), torch.tensor([0]), torch.tensor([1]))
    assert dlr(torch.eye(3), torch.arange(3)).shape == (3,)
