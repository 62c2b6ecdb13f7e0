"""Transformations of an image by random parameters, in floating point.

Parameters and pixels are computed in float64, and the model sees float32. Certificates with this
noise assume exact real arithmetic, as those with any noise in floating point do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from certiball.laws.brightness import Brightness
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.folded_normal_blur import FoldedNormalBlur
from certiball.laws.gaussian import Gaussian
from certiball.laws.translation import PIXEL, Translation
from certiball.laws.uniform_blur import UniformBlur
from certiball.samplers.brightness import BrightnessOnGrid
from certiball.samplers.streams import Stream
from certiball.samplers.translation import TranslationSampler
from certiball.shapes import Array, Rows, Values
from certiball.spaces import Grid, Space
from certiball.transforms.blur import blur
from certiball.transforms.brightness import brightness
from certiball.transforms.contrast_brightness import contrast_brightness

Parameters: TypeAlias = Array  # float64 [samples, parameters]


@dataclass(frozen=True, kw_only=True, eq=False)
class ParameterSampler:
    """An image under a transformation whose parameters are drawn.

    Args:
        draw: so many parameters from a generator, one row for each sample.
        apply: images [samples, …], each by its row.
        shape: of an image, [C, H, W] or [H, W].
    """

    draw: Callable[[np.random.Generator, int], Parameters]
    apply: Callable[[Tensor, Tensor], Tensor]
    shape: tuple[int, ...]

    def noisy(self, clean: Values, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Transformed copies [samples, features] of an image [features], in `out` if given."""
        parameters = torch.from_numpy(self.draw(stream.generator(), samples))
        image = torch.tensor(clean, dtype=torch.float64).reshape(1, *self.shape)
        made = self.apply(image.expand(samples, *self.shape), parameters)
        rows: Rows = made.float().reshape(samples, -1).numpy()
        if out is None:
            return rows
        out[...] = rows
        return out

    def clean(self, clean: Values) -> Rows:
        """The image [features] as it is, [1, features]."""
        return clean.reshape(1, -1)


def brightness_sampler(
    law: Brightness, space: Space, shape: tuple[int, ...]
) -> BrightnessOnGrid | ParameterSampler:
    """Exact on a grid, in floating point elsewhere."""
    if isinstance(space, Grid):
        return BrightnessOnGrid(law=Gaussian(sigma=law.sigma).on_grid(space.step), grid=space)
    return ParameterSampler(
        draw=lambda generator, n: law.sigma * generator.standard_normal((n, 1)),
        apply=lambda images, b: brightness(images, b[:, 0]),
        shape=shape,
    )


def contrast_brightness_sampler(
    law: ContrastBrightness, space: Space, shape: tuple[int, ...]
) -> ParameterSampler:
    """In the reals.

    Raises:
        InputError: on a grid.
    """
    _refuse_grid(law, space)
    spreads = np.array([law.contrast, law.brightness])
    return ParameterSampler(
        draw=lambda generator, n: spreads * generator.standard_normal((n, 2)),
        apply=lambda images, both: contrast_brightness(images, both[:, 0], both[:, 1]),
        shape=shape,
    )


def blur_sampler(
    law: ExponentialBlur | UniformBlur | FoldedNormalBlur, space: Space, shape: tuple[int, ...]
) -> ParameterSampler:
    """In the reals.

    Raises:
        InputError: on a grid.
    """
    _refuse_grid(law, space)
    return ParameterSampler(
        draw=lambda generator, n: _variances(law, generator, n),
        apply=lambda images, variances: blur(images[:1], variances[:, 0]),  # they are all the same
        shape=shape,
    )


def translation_sampler(
    law: Translation, space: Space, shape: tuple[int, ...]
) -> TranslationSampler:
    """The same whole numbers in every space."""
    thresholds = Gaussian(sigma=law.sigma).on_grid(PIXEL)
    return TranslationSampler(law=thresholds, space=space, shape=shape)


def _variances(
    law: ExponentialBlur | UniformBlur | FoldedNormalBlur, generator: np.random.Generator, n: int
) -> Parameters:
    if isinstance(law, ExponentialBlur):
        return law.scale * generator.standard_exponential((n, 1))
    if isinstance(law, UniformBlur):
        return law.scale * generator.random((n, 1))
    return law.sigma * np.abs(generator.standard_normal((n, 1)))


def _refuse_grid(law: Any, space: Space) -> None:
    law.slack(space.step if isinstance(space, Grid) else None, 1)


SAMPLERS: dict[type, Callable[[Any, Space, tuple[int, ...]], Any]] = {
    Brightness: brightness_sampler,
    ContrastBrightness: contrast_brightness_sampler,
    ExponentialBlur: blur_sampler,
    UniformBlur: blur_sampler,
    FoldedNormalBlur: blur_sampler,
    Translation: translation_sampler,
}
