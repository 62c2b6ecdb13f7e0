"""Certificates of robustness for any classifier, with a proof and with its limits.

Names are imported when first used, so that `import certiball` is light.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from certiball.attacks.apgd import APGD
    from certiball.attacks.attacked import Attacked
    from certiball.attacks.autoattack import AutoAttack
    from certiball.attacks.boundary import BoundaryAttack
    from certiball.attacks.boundary_projection import BoundaryProjection
    from certiball.attacks.criterion import Misclassification, TargetedMisclassification
    from certiball.attacks.denoised import denoised
    from certiball.attacks.endpoint import Endpoint
    from certiball.attacks.eot_pgd import EOTPGD
    from certiball.attacks.fab import FAB
    from certiball.attacks.fgsm import FGSM
    from certiball.attacks.fmn import FMN
    from certiball.attacks.geoda import GeoDA
    from certiball.attacks.hop_skip_jump import HopSkipJump
    from certiball.attacks.judging.judgement import Judging, Level
    from certiball.attacks.judging.level import distortion_lower_bound, pi0_threshold
    from certiball.attacks.judging.sorm import sorm_pi0
    from certiball.attacks.judging.verify import verify_attacked
    from certiball.attacks.linear import LinearOracle
    from certiball.attacks.oracle import BaseOracle, SmoothedOracle
    from certiball.attacks.pgd import PGD
    from certiball.attacks.qeba import QEBA
    from certiball.attacks.rays import RayS
    from certiball.attacks.square import Square
    from certiball.attacks.surfree import SurFree
    from certiball.balls import Ball, Norm
    from certiball.certificate import Abstention, Certificate, Target, Verdict
    from certiball.certification.compare import compare_noise
    from certiball.certification.median import MedianCertificate, certify_median
    from certiball.certification.outputs import OutputsCertificate, certify_outputs
    from certiball.certification.plan import FixedSamples
    from certiball.certification.precision import Precision
    from certiball.certification.predict import Prediction, predict
    from certiball.certification.segmentation import SegmentationCertificate, certify_segmentation
    from certiball.certification.shifts import (
        ShiftCertificate,
        certify_shifts,
        certify_shifts_of_base,
    )
    from certiball.certification.smooth import certify
    from certiball.certification.tailored import ellipsoid_of
    from certiball.certification.target_radius import TargetRadius
    from certiball.certification.top_k import TopKCertificate, certify_top_k
    from certiball.certification.warps import WarpCertificate, certify_warp
    from certiball.claim import Bound, Rule
    from certiball.classifiers.function import FunctionClassifier
    from certiball.classifiers.regressor import Regressor
    from certiball.classifiers.sklearn import SklearnClassifier
    from certiball.classifiers.torch import TorchClassifier
    from certiball.errors import CertiballError
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
    from certiball.smoothed import Smoothed
    from certiball.spaces import Grid, Reals
    from certiball.threats.threat import Threat, parse_threat
    from certiball.transforms.rotation import Rotations
    from certiball.transforms.scaling import Scalings
    from certiball.votes import Votes

_HOMES = {
    "APGD": "attacks.apgd",
    "Ablation": "laws.ablation",
    "Abstention": "certificate",
    "AnisotropicGaussian": "laws.anisotropic_gaussian",
    "Attacked": "attacks.attacked",
    "AutoAttack": "attacks.autoattack",
    "Ball": "balls",
    "Bands": "laws.bands",
    "BaseOracle": "attacks.oracle",
    "Blocks": "laws.blocks",
    "Bound": "claim",
    "BoundaryAttack": "attacks.boundary",
    "BoundaryProjection": "attacks.boundary_projection",
    "Brightness": "laws.brightness",
    "CertiballError": "errors",
    "Certificate": "certificate",
    "ContrastBrightness": "laws.contrast_brightness",
    "DeterministicSplitting": "laws.deterministic_splitting",
    "Discrete": "laws.discrete",
    "EOTPGD": "attacks.eot_pgd",
    "Endpoint": "attacks.endpoint",
    "ExponentialBlur": "laws.exponential_blur",
    "ExponentialPower": "laws.exponential_power",
    "FAB": "attacks.fab",
    "FGSM": "attacks.fgsm",
    "FMN": "attacks.fmn",
    "FixedSamples": "certification.plan",
    "FoldedNormalBlur": "laws.folded_normal_blur",
    "FunctionClassifier": "classifiers.function",
    "Gaussian": "laws.gaussian",
    "GeoDA": "attacks.geoda",
    "Grid": "spaces",
    "HopSkipJump": "attacks.hop_skip_jump",
    "Judging": "attacks.judging.judgement",
    "Laplace": "laws.laplace",
    "Level": "attacks.judging.judgement",
    "LinearOracle": "attacks.linear",
    "MaxExponential": "laws.max_exponential",
    "MedianCertificate": "certification.median",
    "Misclassification": "attacks.criterion",
    "Norm": "balls",
    "OutputsCertificate": "certification.outputs",
    "PGD": "attacks.pgd",
    "Pareto": "laws.pareto",
    "Precision": "certification.precision",
    "Prediction": "certification.predict",
    "QEBA": "attacks.qeba",
    "RayS": "attacks.rays",
    "Reals": "spaces",
    "Regressor": "classifiers.regressor",
    "Rotations": "transforms.rotation",
    "Rule": "claim",
    "Scalings": "transforms.scaling",
    "SegmentationCertificate": "certification.segmentation",
    "ShiftCertificate": "certification.shifts",
    "SklearnClassifier": "classifiers.sklearn",
    "Smoothed": "smoothed",
    "SmoothedOracle": "attacks.oracle",
    "SphericalExponential": "laws.spherical_exponential",
    "Splitting": "laws.splitting",
    "Square": "attacks.square",
    "SurFree": "attacks.surfree",
    "Target": "certificate",
    "TargetRadius": "certification.target_radius",
    "TargetedMisclassification": "attacks.criterion",
    "Threat": "threats.threat",
    "TopKCertificate": "certification.top_k",
    "TorchClassifier": "classifiers.torch",
    "Translation": "laws.translation",
    "Uniform": "laws.uniform",
    "UniformBall": "laws.uniform_ball",
    "UniformBlur": "laws.uniform_blur",
    "Verdict": "certificate",
    "Votes": "votes",
    "WarpCertificate": "certification.warps",
    "certify": "certification.smooth",
    "certify_median": "certification.median",
    "certify_outputs": "certification.outputs",
    "certify_segmentation": "certification.segmentation",
    "certify_shifts": "certification.shifts",
    "certify_shifts_of_base": "certification.shifts",
    "certify_top_k": "certification.top_k",
    "certify_warp": "certification.warps",
    "compare_noise": "certification.compare",
    "denoised": "attacks.denoised",
    "distortion_lower_bound": "attacks.judging.level",
    "ellipsoid_of": "certification.tailored",
    "parse_threat": "threats.threat",
    "pi0_threshold": "attacks.judging.level",
    "predict": "certification.predict",
    "sorm_pi0": "attacks.judging.sorm",
    "verify_attacked": "attacks.judging.verify",
}

__all__ = [
    "APGD",
    "EOTPGD",
    "FAB",
    "FGSM",
    "FMN",
    "PGD",
    "QEBA",
    "Ablation",
    "Abstention",
    "AnisotropicGaussian",
    "Attacked",
    "AutoAttack",
    "Ball",
    "Bands",
    "BaseOracle",
    "Blocks",
    "Bound",
    "BoundaryAttack",
    "BoundaryProjection",
    "Brightness",
    "CertiballError",
    "Certificate",
    "ContrastBrightness",
    "DeterministicSplitting",
    "Discrete",
    "Endpoint",
    "ExponentialBlur",
    "ExponentialPower",
    "FixedSamples",
    "FoldedNormalBlur",
    "FunctionClassifier",
    "Gaussian",
    "GeoDA",
    "Grid",
    "HopSkipJump",
    "Judging",
    "Laplace",
    "Level",
    "LinearOracle",
    "MaxExponential",
    "MedianCertificate",
    "Misclassification",
    "Norm",
    "OutputsCertificate",
    "Pareto",
    "Precision",
    "Prediction",
    "RayS",
    "Reals",
    "Regressor",
    "Rotations",
    "Rule",
    "Scalings",
    "SegmentationCertificate",
    "ShiftCertificate",
    "SklearnClassifier",
    "Smoothed",
    "SmoothedOracle",
    "SphericalExponential",
    "Splitting",
    "Square",
    "SurFree",
    "Target",
    "TargetRadius",
    "TargetedMisclassification",
    "Threat",
    "TopKCertificate",
    "TorchClassifier",
    "Translation",
    "Uniform",
    "UniformBall",
    "UniformBlur",
    "Verdict",
    "Votes",
    "WarpCertificate",
    "certify",
    "certify_median",
    "certify_outputs",
    "certify_segmentation",
    "certify_shifts",
    "certify_shifts_of_base",
    "certify_top_k",
    "certify_warp",
    "compare_noise",
    "denoised",
    "distortion_lower_bound",
    "ellipsoid_of",
    "parse_threat",
    "pi0_threshold",
    "predict",
    "sorm_pi0",
    "verify_attacked",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'certiball' has no attribute {name!r}")
    return getattr(importlib.import_module(f"certiball.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
