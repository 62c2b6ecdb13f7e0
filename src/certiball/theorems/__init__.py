"""Which radius follows from which noise: one theorem per file, and the table of valid pairs.

A theorem's radius is a function of the law, the bounds on the class probabilities, the slack of
the arithmetic and the dimension. It is rounded down, 0 where nothing is proven. No torch.
"""

from collections.abc import Iterable

from certiball.balls import Norm
from certiball.claim import Claim, Rule
from certiball.errors import InputError
from certiball.laws import Law
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
from certiball.theorems import (
    ablation_l0,
    anisotropic_gaussian_l2,
    bands_patch,
    blocks_patch,
    brightness_parameter,
    contrast_brightness_parameter,
    deterministic_splitting_l1,
    discrete_l0,
    exponential_blur_parameter,
    exponential_power_l1,
    folded_normal_blur_parameter,
    gaussian_l1,
    gaussian_l2,
    gaussian_linf,
    laplace_l1,
    laplace_linf,
    max_exponential_l1,
    max_exponential_linf,
    pareto_l1,
    spherical_exponential_l2,
    splitting_l1,
    translation_parameter,
    uniform_ball_l2,
    uniform_blur_parameter,
    uniform_l1,
    uniform_linf,
)
from certiball.theorems.counts import CountTheorem
from certiball.theorems.theorem import Theorem

# The first norm that is listed for a law is the one it is taken for unless another is named.
TABLE: dict[tuple[type, Norm], Theorem] = {
    (Gaussian, Norm.L2): gaussian_l2.THEOREM,
    (Gaussian, Norm.L1): gaussian_l1.THEOREM,
    (Gaussian, Norm.LINF): gaussian_linf.THEOREM,
    (Laplace, Norm.L1): laplace_l1.THEOREM,
    (Laplace, Norm.LINF): laplace_linf.THEOREM,
    (Uniform, Norm.L1): uniform_l1.THEOREM,
    (Uniform, Norm.LINF): uniform_linf.THEOREM,
    (Pareto, Norm.L1): pareto_l1.THEOREM,
    (ExponentialPower, Norm.L1): exponential_power_l1.THEOREM,
    (AnisotropicGaussian, Norm.L2): anisotropic_gaussian_l2.THEOREM,
    (UniformBall, Norm.L2): uniform_ball_l2.THEOREM,
    (SphericalExponential, Norm.L2): spherical_exponential_l2.THEOREM,
    (MaxExponential, Norm.LINF): max_exponential_linf.THEOREM,
    (MaxExponential, Norm.L1): max_exponential_l1.THEOREM,
    (Splitting, Norm.L1): splitting_l1.THEOREM,
    (Ablation, Norm.L0): ablation_l0.THEOREM,
    (Discrete, Norm.L0): discrete_l0.THEOREM,
    (Brightness, Norm.PARAMETER): brightness_parameter.THEOREM,
    (ContrastBrightness, Norm.PARAMETER): contrast_brightness_parameter.THEOREM,
    (ExponentialBlur, Norm.PARAMETER): exponential_blur_parameter.THEOREM,
    (FoldedNormalBlur, Norm.PARAMETER): folded_normal_blur_parameter.THEOREM,
    (UniformBlur, Norm.PARAMETER): uniform_blur_parameter.THEOREM,
    (Translation, Norm.PARAMETER): translation_parameter.THEOREM,
}

# Of laws whose views are listed: their radii follow from the votes of all of them.
COUNTS: dict[tuple[type, Norm], CountTheorem] = {
    (Bands, Norm.PATCH): bands_patch.THEOREM,
    (Blocks, Norm.PATCH): blocks_patch.THEOREM,
    (DeterministicSplitting, Norm.L1): deterministic_splitting_l1.THEOREM,
}


def theorem(law: Law, norm: Norm) -> Theorem:
    """The theorem for a law and a norm.

    Raises:
        InputError: if there is none; the message lists the pairs that have one.

    Example:
        >>> theorem(Gaussian(sigma=0.25), Norm.L2).source
        'arXiv:1902.02918, Theorem 1'
    """
    if (type(law), norm) in TABLE:
        return TABLE[type(law), norm]
    pairs = _listed((*TABLE, *COUNTS))
    raise InputError(f"no theorem gives a radius for {law} in {norm}; there is one for: {pairs}")


def count_theorem(law: Law, norm: Norm) -> CountTheorem:
    """The theorem about the votes of all views of a law.

    Raises:
        InputError: if there is none; the message lists the pairs that have one.

    Example:
        >>> count_theorem(Bands(width=4, columns=28), Norm.PATCH).source
        'arXiv:2002.10733'
    """
    if (type(law), norm) in COUNTS:
        return COUNTS[type(law), norm]
    raise InputError(
        f"no theorem about all views gives a radius for {law} in {norm}; there is one for: "
        f"{_listed(COUNTS)}"
    )


def usual_norm(law: Law) -> Norm:
    """The norm that a law is taken for where none is named.

    Raises:
        InputError: if no theorem speaks of the law.
    """
    for kind, norm in (*TABLE, *COUNTS):
        if kind is type(law):
            return norm
    pairs = _listed((*TABLE, *COUNTS))
    raise InputError(f"no theorem speaks of {law}; there is one for: {pairs}")


def ball_of(law: Law, norm: Norm | None = None) -> tuple[Norm, bool]:
    """The norm that is named, or the law's usual one, and whether its balls are open.

    Raises:
        InputError: if it is no norm, or no theorem speaks of the law in it.

    Example:
        >>> ball_of(Gaussian(sigma=0.25))
        (<Norm.L2: 'l2'>, True)
    """
    settled = usual_norm(law) if norm is None else norm
    if settled not in tuple(Norm):
        names = ", ".join(f"Norm.{each.name}" for each in Norm)
        raise InputError(f"norm must be one of {names}, not {settled!r}")
    counted = (type(law), settled) in COUNTS
    return settled, not counted and theorem(law, settled).strict


def theorem_of(claim: Claim) -> Theorem:
    """The theorem that a claim rests on.

    Raises:
        InputError: if there is none, it has no two-class rule and the claim is by it, or the
            claim's ball is not the theorem's, open or closed.
    """
    found = theorem(claim.law, claim.norm)
    if found.formula(claim.rule) is None:
        ruled = {pair: each for pair, each in TABLE.items() if each.formula(claim.rule)}
        raise InputError(
            f"no {claim.rule.value} radius is proven for {claim.law} in {claim.norm}; there is one "
            f"for: {_listed(ruled)}; use the {Rule.ONE_SIDED.value} rule"
        )
    if found.strict is not claim.strict:
        kind = {True: "open", False: "closed"}
        raise InputError(
            f"the theorem for {claim.law} in {claim.norm} is about {kind[found.strict]} balls, and "
            f"the claim about {kind[claim.strict]} ones"
        )
    return found


def _listed(pairs: Iterable[tuple[type, Norm]]) -> str:
    return ", ".join(f"{kind.__name__} in {norm}" for kind, norm in pairs)
