"""PGD on the soft smoothed classifier: expectation over the noise, estimated anew at each step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from certiball.attacks.attacked import Attacked
from certiball.attacks.criterion import Wanted
from certiball.attacks.epsilons import Epsilons
from certiball.attacks.gradient.at_radius import attack_at_radius
from certiball.attacks.gradient.attempt import Attempt
from certiball.attacks.gradient.projection import check_norm, steepest
from certiball.attacks.oracle import Oracle, SmoothedOracle
from certiball.attacks.pgd import check_walk, strides_of
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.smoothed import Inputs, Smoothed
from certiball.spaces import Grid

LEAST = 1e-20  # of a mean probability whose logarithm is taken
AT_ONCE = 2**25  # numbers in the noisy copies of a round


def attack_smoothed(  # noqa: PLR0913 (the parts of one question, each named)
    attack: "EOTPGD",
    model: Oracle,
    inputs: Inputs,
    criterion: Wanted,
    *,
    epsilons: Epsilons = None,
    starting_points: Inputs | None = None,
    max_queries: int | None = None,
    seed: int | None = None,
    numbers: Sequence[int] | None = None,
) -> Attacked:
    """`attack_at_radius`, of smoothed classifiers alone.

    Raises:
        InputError: as that, and for models without noise, or whose noise is not added.
    """
    smoothed_of(model)  # before anything is asked
    return attack_at_radius(
        attack,
        model,
        inputs,
        criterion,
        epsilons=epsilons,
        starting_points=starting_points,
        max_queries=max_queries,
        seed=seed,
        numbers=numbers,
    )


@dataclass(frozen=True, kw_only=True)
class EOTPGD:
    """PGD on −log(mean softmax f(x + δ + noise)_y) (arXiv 1906.04584, equation 6).

    Probabilities are averaged, over noise that is fresh at every step; the image is kept in its
    bounds, and the noisy copies are not. The last iterate counts: the best of noisy estimates
    would be the luckiest. It is judged by one answer of the model; judge it again by many.

    The noise is drawn by the sampler of the certificates' own law, Gaussian or any other that is
    added, at the points of the grid where there is one.

    Args:
        norm: L2 or L∞.
        steps: gradients of each attempt, every one the mean over so many `samples`.
        samples: noisy copies at each step.
        rel_stepsize: length of a step as a share of ε; by default 2.5/steps.
        abs_stepsize: length of a step in the units of the inputs, instead.
        random_start: whether to begin at a random point of the ball, and not at the image.
        restarts: attempts at each image, until one succeeds.

    Raises:
        InputError: for another norm, or numbers out of range.

    Example:
        >>> EOTPGD(norm=Norm.L2, steps=20, samples=32).random_start
        False
    """

    norm: Norm = Norm.L2
    steps: int = 20
    samples: int = 32
    rel_stepsize: float | None = None
    abs_stepsize: float | None = None
    random_start: bool = False
    restarts: int = 1

    def __post_init__(self) -> None:
        check_norm("EOTPGD", self.norm)
        check_walk(self, self.restarts)
        if self.samples < 1:
            raise InputError(f"samples must be at least 1, not {self.samples}")

    __call__ = attack_smoothed

    def walk(self, attempt: Attempt) -> Tensor:
        """Where the steps from each image end, [m, d]."""
        g = smoothed_of(attempt.model)
        strides = strides_of(self, attempt.radii)
        points = attempt.begin(self.random_start)
        size = max(1, AT_ONCE // (self.samples * points.shape[1]))
        everyone = torch.arange(len(points), device=points.device)
        for _ in range(self.steps):
            if attempt.scene.spent(attempt.owners):
                break
            slopes = torch.zeros_like(points)
            for rows in torch.split(everyone, size):
                noise = noise_for(g, attempt, rows, self.samples)
                slopes[rows] = soft(attempt, points[rows], rows, noise)[1]
            points = attempt.moved(points + strides * steepest(self.norm, slopes))
        return points


def soft(attempt: Attempt, points: Tensor, rows: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """The loss −log(mean probability of the label), and its slope; its negative for a target.

    Args:
        attempt: of the attack.
        points: [k, d] of the images `rows` [k].
        rows: of the attempt.
        noise: what is added to each point, [k, samples, d].

    Returns:
        Losses [k], which grow towards success, and their gradients [k, d], float64.
    """
    scene = attempt.scene
    wanted, sign = (scene.labels, -1) if scene.targets is None else (scene.targets, 1)
    count, samples = noise.shape[:2]

    def logarithm(scores: Tensor, owners: Tensor) -> Tensor:
        # In float64: of a network that is sure the probability 1 − 10⁻⁹ has a slope.
        return scores.double().log_softmax(1).gather(1, wanted[owners][:, None])[:, 0]

    shown = (scene.nearest(points)[:, None] + noise).float()
    owners = attempt.owners[rows].repeat_interleave(samples)
    copies = shown.reshape(-1, *scene.encoded.shape[1:])
    _, logarithms, slopes = scene.gradients.of(copies, owners, logarithm)
    logarithms = logarithms.view(count, samples)
    # ∇ log Σ pᵢ = Σ (pᵢ / Σ pⱼ) ∇ log pᵢ: each copy counts by its probability.
    shares = logarithms.softmax(1)[:, :, None]
    total = (shares * slopes.double().view(count, samples, -1)).sum(1)
    means = logarithms.logsumexp(1) - math.log(samples)
    return sign * means.clamp(min=math.log(LEAST)), sign * total


def noise_for(g: Smoothed, attempt: Attempt, rows: Tensor, samples: int) -> Tensor:
    """Noise of the law of g, [k, samples, d], for each image of `rows` [k] from its own stream."""
    shape = attempt.scene.encoded.shape[1:]
    sampler = sampler_for(g.law, g.space, shape)
    kind = np.int64 if isinstance(g.space, Grid) else np.float32
    nowhere = np.zeros(math.prod(shape), dtype=kind)
    drawn = [sampler.noisy(nowhere, _fresh(attempt.rngs[row]), samples) for row in rows.tolist()]
    return attempt.scene.gradients.tensor(np.stack(drawn))


def smoothed_of(model: Oracle) -> Smoothed:
    """The smoothed classifier behind an oracle.

    Raises:
        InputError: if there is none, or its law adds no noise.
    """
    if not isinstance(model, SmoothedOracle):
        raise InputError(
            f"EOTPGD attacks smoothed classifiers, not a {type(model).__name__}: give "
            "SmoothedOracle(g, n), or take PGD for a model without noise"
        )
    if model.g.law.deviation(1) is None:  # in any dimension
        raise InputError(
            f"EOTPGD needs noise that is added to every number, and {model.g.law} adds none: "
            "take an attack that asks for labels, such as HopSkipJump"
        )
    return model.g


def _fresh(rng: np.random.Generator) -> Stream:
    """The address of noise that was never drawn before, by the next of an image's own words."""
    high, low = rng.integers(2**64, size=2, dtype=np.uint64).tolist()
    return Stream(key=high << 64 | low, phase=Phase.ATTACK, input=0, chunk=0)
