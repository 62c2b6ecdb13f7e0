"""The laws by name: on the command line and in stored specifications. One table, no other."""

from certiball.laws.ablation import Ablation
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.bands import Bands
from certiball.laws.blocks import Blocks
from certiball.laws.brightness import Brightness
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.laws.discrete import Discrete
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.folded_normal_blur import FoldedNormalBlur
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.pareto import Pareto
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.splitting import Splitting
from certiball.laws.translation import Translation
from certiball.laws.uniform import Uniform
from certiball.laws.uniform_ball import UniformBall
from certiball.laws.uniform_blur import UniformBlur

NAMES: dict[str, type] = {
    "gaussian": Gaussian,
    "laplace": Laplace,
    "uniform": Uniform,
    "pareto": Pareto,
    "exponential-power": ExponentialPower,
    "anisotropic-gaussian": AnisotropicGaussian,
    "uniform-ball": UniformBall,
    "spherical-exponential": SphericalExponential,
    "max-exponential": MaxExponential,
    "splitting": Splitting,
    "brightness": Brightness,
    "contrast-brightness": ContrastBrightness,
    "exponential-blur": ExponentialBlur,
    "folded-normal-blur": FoldedNormalBlur,
    "uniform-blur": UniformBlur,
    "translation": Translation,
    "ablation": Ablation,
    "discrete": Discrete,
    "bands": Bands,
    "blocks": Blocks,
    "deterministic-splitting": DeterministicSplitting,
}
