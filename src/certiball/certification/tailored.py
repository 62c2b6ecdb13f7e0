"""The whole set that a certificate under anisotropic noise proves, beyond its L2 ball."""

from certiball.certificate import Certificate
from certiball.certification.question import Question
from certiball.errors import InputError
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.theorems.anisotropic_gaussian_l2 import ellipsoid
from certiball.theorems.bounds import Bounds
from certiball.theorems.ellipsoid import Ellipsoid


def ellipsoid_of(certificate: Certificate, dimension: int) -> Ellipsoid:
    """The certified ellipsoid, from the same votes, bounds and α: it costs no second claim.

    The L2 ball of the certificate lies in it, and it holds whenever the ball does, for both
    follow from the same event about the class probabilities.

    Args:
        certificate: under `AnisotropicGaussian`.
        dimension: numbers per input.

    Raises:
        InputError: for another law, or inputs that do not fit it.

    Example:
        >>> import numpy as np
        >>> import certiball as cb
        >>> bright = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> g = cb.Smoothed(bright, AnisotropicGaussian(deviations=(0.1, 0.5)), cb.Grid.uint8())
        >>> white = np.full((1, 2, 2), 255, dtype=np.uint8)
        >>> [result] = cb.certify(g, white, plan=cb.FixedSamples(n0=100, n=1000))
        >>> found = ellipsoid_of(result, 4)
        >>> upper, lower = np.array([[0.5, 0], [0, 0]]), np.array([[0, 0], [0.5, 0]])
        >>> result.radius < 0.25, found.covers(upper), found.covers(lower)
        (True, False, True)
    """
    law = certificate.claim.law
    if not isinstance(law, AnisotropicGaussian):
        raise InputError(f"{law} certifies no ellipsoid: its certificate is the ball, and no more")
    question = Question(claim=certificate.claim, dimension=dimension)
    bounds = Bounds(p_lower=certificate.p_lower, p_upper=certificate.p_upper)
    found = ellipsoid(law, bounds, question.slack, dimension)
    if found is None:
        raise InputError("the bounds of this certificate prove nothing: it is none")
    return found
