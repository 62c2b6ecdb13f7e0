"""How far a law may be from another, in total variation, before the answer can change.

Where moving an input by δ changes the law of what is seen by at most v(δ) in total variation, no
probability changes by more, so the answer stays while v(δ) < m:

    one-sided   m = p̲ − ½
    two-class   m = (p̲ − p̄)/2

A sampled law that is off by τ is paid for at the input and again at the perturbed one: p̲ and p̄
are worth p̲ − τ and p̄ + τ, and there the ideal winner has to lead by 2τ. That takes 2τ from m.
"""

from fractions import Fraction

from certiball.theorems.bounds import Bounds


def margin(bounds: Bounds, slack: Fraction) -> Fraction:
    """The total variation m, exactly; at most 0 where nothing is proven.

    Args:
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ.

    Example:
        >>> margin(Bounds(p_lower=0.75), Fraction(0))
        Fraction(1, 4)
        >>> margin(Bounds(p_lower=0.75, p_upper=0.125), Fraction(1, 64))
        Fraction(9, 32)
    """
    return (Fraction(bounds.p_lower) - others_at_most(bounds)) / 2 - 2 * slack


def others_at_most(bounds: Bounds) -> Fraction:
    """What any other class can have: p̄, and no more than 1 − p̲ is left to it.

    So the two-class rule is never looser than the one-sided one at the same p̲.

    Example:
        >>> others_at_most(Bounds(p_lower=0.75, p_upper=0.5))
        Fraction(1, 4)
    """
    left = 1 - Fraction(bounds.p_lower)
    return left if bounds.p_upper is None else min(left, Fraction(bounds.p_upper))
