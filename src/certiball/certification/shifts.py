"""Certificates for shifts by whole pixels, whatever comes in at the borders: each one is asked.

Only rolls add up, so for black or reflected borders noise on the shift proves nothing. But an
image has few shifts within a few pixels, and each is an input of its own.
"""

from dataclasses import dataclass
from typing import TypeAlias

import torch

from certiball.certificate import Certificate
from certiball.certification.plan import FixedSamples, Plan
from certiball.certification.single_input import check_single
from certiball.certification.smooth import certify, hinted
from certiball.errors import InputError
from certiball.laws.images import image_shape
from certiball.numbers import as_float, as_whole
from certiball.sampling import clean_labels
from certiball.shapes import Array, Batch
from certiball.smoothed import Inputs, Smoothed, encode
from certiball.statistics.multiplicity import shared_level
from certiball.transforms.translation import translation
from certiball.tuning import usual_execution

Shift: TypeAlias = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class ShiftCertificate:
    """The answer is `label` for the image and all of its shifts.

    Args:
        label: the class.
        reach: up to so many pixels up, down, left and right, together.
        border: what came in from outside.
        alpha: how often, at most, this may be false; 0 where the base classifier itself was asked
            for every shift.
        votes: answers of the base classifier.
    """

    label: int
    reach: int
    border: str
    alpha: float
    votes: int

    def __str__(self) -> str:
        chance = f"; false with probability at most {self.alpha}" if self.alpha else ", each asked"
        return (
            f"class {self.label} for all {(2 * self.reach + 1) ** 2} shifts by up to {self.reach} "
            f"pixels with {self.border} borders{chance} ({self.votes} votes)"
        )


@dataclass(frozen=True, kw_only=True)
class ShiftAbstention:
    """Nothing is claimed about an image's shifts.

    Args:
        label: of the image itself.
        failing: the first shift, (down, right), that has another class or no certificate.
        reason: a sentence.
        votes: answers of the base classifier.
    """

    label: int
    failing: Shift
    reason: str
    votes: int

    def __str__(self) -> str:
        return f"abstains: {self.reason}"


ShiftResult: TypeAlias = ShiftCertificate | ShiftAbstention


def certify_shifts(
    g: Smoothed,
    images: Inputs,
    *,
    reach: int,
    border: str = "black",
    plan: Plan = FixedSamples(),
    alpha: float = 1e-3,
) -> list[ShiftResult]:
    """Certify the smoothed class of each image under all shifts within reach, at α together.

    It costs a certificate for each of the (2 reach + 1)² shifts, at α divided by their number.

    Args:
        g: the smoothed classifier, with any noise that has a certificate.
        images: [n, H, W] or [n, C, H, W], of the space of g.
        reach: pixels along each axis.
        border: black, reflect or circular, as in `transforms.translation`.
        plan: how many samples each shift takes.
        alpha: how often, at most, what is said of one image may be false.

    Returns:
        One `ShiftCertificate` or `ShiftAbstention` for each image, in order.

    Raises:
        InputError: for what are no images of the space, a reach below 0 or no such border.

    Example:
        >>> import numpy as np
        >>> from certiball import FixedSamples, FunctionClassifier, Gaussian, Grid
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.3, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> white = np.full((1, 6, 6), 255, dtype=np.uint8)
        >>> print(certify_shifts(g, white, reach=1, plan=FixedSamples(n0=20, n=200))[0])
        class 1 for all 9 shifts by up to 1 pixels with black borders; false with ... (1980 votes)
    """
    inputs, alpha = encode(g.space, images), as_float("alpha", alpha)
    shifts = _shifts(reach)
    found: list[ShiftResult] = []
    for image in inputs:
        every = _shifted(g, image, shifts, border)
        results = certify(g, every, plan=plan, alpha=shared_level(alpha, len(shifts)))
        label = results[shifts.index((0, 0))].label
        held = [isinstance(each, Certificate) and each.label == label for each in results]
        votes = sum(each.selection.total + each.estimation.total for each in results)
        if all(held):
            found.append(
                ShiftCertificate(label=label, reach=reach, border=border, alpha=alpha, votes=votes)
            )
            continue
        failing = held.index(False)
        found.append(_abstention(label, shifts[failing], str(results[failing]), votes))
    return found


def certify_shifts_of_base(
    g: Smoothed, images: Inputs, *, reach: int, border: str = "black"
) -> list[ShiftResult]:
    """Ask the base classifier itself about every shift within reach: no noise, no chance of error.

    Args:
        g: has the base classifier and the space; its noise plays no part.
        images: [n, H, W] or [n, C, H, W], of the space.
        reach: pixels along each axis.
        border: black, reflect or circular, as in `transforms.translation`.

    Raises:
        InputError: for what are no images of the space, a reach below 0 or no such border.
        ModelError: if the classifier's answers are no labels, or hang on more than the input.

    Example:
        >>> import numpy as np
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> white = np.full((1, 6, 6), 255, dtype=np.uint8)
        >>> for reach in (1, 2):
        ...     print(certify_shifts_of_base(g, white, reach=reach)[0])
        class 1 for all 9 shifts by up to 1 pixels with black borders, each asked (9 votes)
        abstains: the image has class 1, and shifted by (-2, -2) class 0
    """
    inputs = encode(g.space, images)
    shifts = _shifts(reach)
    execution = usual_execution(inputs[0])
    found: list[ShiftResult] = []
    for image in inputs:
        every = _shifted(g, image, shifts, border)
        with hinted(g.law, inputs):
            check_single(g, every[:2], execution)
            labels = clean_labels(g, dict(enumerate(every)), execution)
        label = labels[shifts.index((0, 0))]
        wrong = [place for place in range(len(shifts)) if labels[place] != label]
        if not wrong:
            found.append(
                ShiftCertificate(
                    label=label, reach=reach, border=border, alpha=0.0, votes=len(shifts)
                )
            )
            continue
        first = wrong[0]
        found.append(_abstention(label, shifts[first], f"class {labels[first]}", len(shifts)))
    return found


def _abstention(label: int, shift: Shift, what: str, votes: int) -> ShiftAbstention:
    reason = f"the image has class {label}, and shifted by {shift} {what}"
    return ShiftAbstention(label=label, failing=shift, reason=reason, votes=votes)


def _shifts(reach: int) -> list[Shift]:
    if as_whole("reach", reach) < 0:
        raise InputError(f"reach must be at least 0 pixels, not {reach}")
    sides = range(-reach, reach + 1)
    return [(down, right) for down in sides for right in sides]


def _shifted(g: Smoothed, image: Array, shifts: list[Shift], border: str) -> Batch:
    """All shifts of an encoded image, encoded."""
    image_shape(g.law, image.shape)
    moves = torch.tensor(shifts)
    copies = torch.tensor(image).expand(len(shifts), *image.shape)
    return translation(copies, moves[:, 0], moves[:, 1], border).numpy()
