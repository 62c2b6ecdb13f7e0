"""Certificates of robustness for any classifier, with a proof and with its limits.

Names are imported when first used, so that `import certiball` is light.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from certiball.balls import Ball, Norm
    from certiball.certificate import Abstention, Bound, Certificate, Rule, Target, Verdict
    from certiball.certification.median import MedianCertificate, certify_median
    from certiball.certification.outputs import OutputsCertificate, certify_outputs
    from certiball.certification.plan import FixedSamples
    from certiball.certification.precision import Precision
    from certiball.certification.predict import Prediction, predict
    from certiball.certification.segmentation import SegmentationCertificate, certify_segmentation
    from certiball.certification.smooth import certify
    from certiball.certification.target_radius import TargetRadius
    from certiball.certification.top_k import TopKCertificate, certify_top_k
    from certiball.classifiers.function import FunctionClassifier
    from certiball.classifiers.regressor import Regressor
    from certiball.classifiers.sklearn import SklearnClassifier
    from certiball.classifiers.torch import TorchClassifier
    from certiball.errors import CertiballError
    from certiball.laws.ablation import Ablation
    from certiball.laws.discrete import Discrete
    from certiball.laws.exponential_power import ExponentialPower
    from certiball.laws.gaussian import Gaussian
    from certiball.laws.laplace import Laplace
    from certiball.laws.max_exponential import MaxExponential
    from certiball.laws.pareto import Pareto
    from certiball.laws.spherical_exponential import SphericalExponential
    from certiball.laws.splitting import Splitting
    from certiball.laws.uniform import Uniform
    from certiball.laws.uniform_ball import UniformBall
    from certiball.smoothed import Smoothed
    from certiball.spaces import Grid, Reals
    from certiball.votes import Votes

_HOMES = {
    "Ablation": "laws.ablation",
    "Abstention": "certificate",
    "Ball": "balls",
    "Bound": "certificate",
    "CertiballError": "errors",
    "Certificate": "certificate",
    "Discrete": "laws.discrete",
    "ExponentialPower": "laws.exponential_power",
    "FixedSamples": "certification.plan",
    "FunctionClassifier": "classifiers.function",
    "Gaussian": "laws.gaussian",
    "Grid": "spaces",
    "Laplace": "laws.laplace",
    "MaxExponential": "laws.max_exponential",
    "MedianCertificate": "certification.median",
    "Norm": "balls",
    "OutputsCertificate": "certification.outputs",
    "Pareto": "laws.pareto",
    "Precision": "certification.precision",
    "Prediction": "certification.predict",
    "Reals": "spaces",
    "Regressor": "classifiers.regressor",
    "Rule": "certificate",
    "SegmentationCertificate": "certification.segmentation",
    "SklearnClassifier": "classifiers.sklearn",
    "Smoothed": "smoothed",
    "SphericalExponential": "laws.spherical_exponential",
    "Splitting": "laws.splitting",
    "Target": "certificate",
    "TargetRadius": "certification.target_radius",
    "TopKCertificate": "certification.top_k",
    "TorchClassifier": "classifiers.torch",
    "Uniform": "laws.uniform",
    "UniformBall": "laws.uniform_ball",
    "Verdict": "certificate",
    "Votes": "votes",
    "certify": "certification.smooth",
    "certify_median": "certification.median",
    "certify_outputs": "certification.outputs",
    "certify_segmentation": "certification.segmentation",
    "certify_top_k": "certification.top_k",
    "predict": "certification.predict",
}

__all__ = [
    "Ablation",
    "Abstention",
    "Ball",
    "Bound",
    "CertiballError",
    "Certificate",
    "Discrete",
    "ExponentialPower",
    "FixedSamples",
    "FunctionClassifier",
    "Gaussian",
    "Grid",
    "Laplace",
    "MaxExponential",
    "MedianCertificate",
    "Norm",
    "OutputsCertificate",
    "Pareto",
    "Precision",
    "Prediction",
    "Reals",
    "Regressor",
    "Rule",
    "SegmentationCertificate",
    "SklearnClassifier",
    "Smoothed",
    "SphericalExponential",
    "Splitting",
    "Target",
    "TargetRadius",
    "TopKCertificate",
    "TorchClassifier",
    "Uniform",
    "UniformBall",
    "Verdict",
    "Votes",
    "certify",
    "certify_median",
    "certify_outputs",
    "certify_segmentation",
    "certify_top_k",
    "predict",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'certiball' has no attribute {name!r}")
    return getattr(importlib.import_module(f"certiball.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
