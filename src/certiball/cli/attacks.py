"""Attacks by their names on the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.balls import Norm


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What options say of an attack.

    Args:
        norm: in which it should measure; None for its usual one.
        epsilon: the largest distance of interest; None for the least.
        deviation: of the noise that the attacked model votes under; None where there is none, or
            none that has one.
    """

    norm: "Norm | None" = None
    epsilon: float | None = None
    deviation: float | None = None


@dataclass(frozen=True, kw_only=True)
class Named:
    """An attack that was named.

    Args:
        attack: with its parameters.
        on_base: whether it asks the base classifier without noise, whatever is deployed: most
            attacks by gradients do, and what they find is judged on what is deployed.
    """

    attack: Any
    on_base: bool = False


def attack_of(name: str, wish: Wish) -> Named:
    """The attack of a name such as hsja or rays.

    Raises:
        InputError: if there is none of that name, or it cannot do what is wished.
    """
    if name not in NAMES:
        near = get_close_matches(name, NAMES, 1, 0.5)
        meant = f"did you mean {near[0]}? " if near else ""
        raise InputError(
            f"--attack {name!r}: there is no such attack; {meant}there are {', '.join(NAMES)}"
        )
    return NAMES[name](wish)


def _hop_skip_jump(wish: Wish) -> Named:
    from certiball.attacks.hop_skip_jump import HopSkipJump

    return Named(attack=HopSkipJump(**_constraint(wish)))


def _adaptive_hop_skip_jump(wish: Wish) -> Named:
    from certiball.attacks.hop_skip_jump import HopSkipJump

    deviation = _deviation("hsja", wish)
    return Named(attack=HopSkipJump(**_constraint(wish), probe_deviation=deviation))


def _surfree(wish: Wish) -> Named:
    from certiball.attacks.surfree import SurFree

    _only_l2("surfree", wish)
    return Named(attack=SurFree())


def _rays(wish: Wish) -> Named:
    from certiball.attacks.rays import RayS

    return Named(attack=RayS(**_norm(wish)))


def _geoda(wish: Wish) -> Named:
    from certiball.attacks.geoda import GeoDA

    return Named(attack=GeoDA(**_norm(wish)))


def _adaptive_geoda(wish: Wish) -> Named:
    from certiball.attacks.geoda import GeoDA

    return Named(attack=GeoDA(**_norm(wish), probe_deviation=_deviation("geoda", wish)))


def _qeba(wish: Wish) -> Named:
    from certiball.attacks.qeba import QEBA

    return Named(attack=QEBA(**_constraint(wish)))


def _adaptive_qeba(wish: Wish) -> Named:
    from certiball.attacks.qeba import QEBA

    deviation = _deviation("qeba", wish)
    return Named(attack=QEBA(**_constraint(wish), probe_deviation=deviation))


def _qeba_low(wish: Wish) -> Named:
    from certiball.attacks.qeba import QEBA
    from certiball.attacks.search.subspaces import LowFrequencies

    return Named(attack=QEBA(**_constraint(wish), subspace=LowFrequencies()))


def _boundary(wish: Wish) -> Named:
    from certiball.attacks.boundary import BoundaryAttack

    _only_l2("boundary", wish)
    return Named(attack=BoundaryAttack())


def _square(wish: Wish) -> Named:
    from certiball.attacks.square import Square

    return Named(attack=Square(epsilon=_needed("square", wish), **_norm(wish)))


def _fgsm(wish: Wish) -> Named:
    from certiball.attacks.fgsm import FGSM

    return Named(attack=FGSM(**_norm(wish)), on_base=True)


def _pgd(wish: Wish) -> Named:
    from certiball.attacks.pgd import PGD

    return Named(attack=PGD(**_norm(wish)), on_base=True)


def _eot_pgd(wish: Wish) -> Named:
    from certiball.attacks.eot_pgd import EOTPGD

    return Named(attack=EOTPGD(**_norm(wish)))


def _apgd(wish: Wish) -> Named:
    from certiball.attacks.apgd import APGD

    return Named(attack=APGD(**_norm(wish)), on_base=True)


def _fab(wish: Wish) -> Named:
    from certiball.attacks.fab import FAB

    return Named(attack=FAB(**_norm(wish)), on_base=True)


def _fmn(wish: Wish) -> Named:
    from certiball.attacks.fmn import FMN

    return Named(attack=FMN(**_norm(wish)), on_base=True)


def _boundary_projection(wish: Wish) -> Named:
    from certiball.attacks.boundary_projection import BoundaryProjection

    _only_l2("bp", wish)
    return Named(attack=BoundaryProjection(), on_base=True)


def _autoattack(wish: Wish) -> Named:
    from certiball.attacks.autoattack import AutoAttack

    _needed("autoattack", wish)
    return Named(attack=AutoAttack(**_norm(wish)), on_base=True)


def _autoattack_rand(wish: Wish) -> Named:
    from certiball.attacks.autoattack import AutoAttack

    _needed("autoattack-rand", wish)
    return Named(attack=AutoAttack(version="rand", **_norm(wish)))


NAMES: dict[str, Callable[[Wish], Named]] = {
    "hsja": _hop_skip_jump,
    "hsja-adaptive": _adaptive_hop_skip_jump,
    "surfree": _surfree,
    "rays": _rays,
    "geoda": _geoda,
    "geoda-adaptive": _adaptive_geoda,
    "qeba": _qeba,
    "qeba-adaptive": _adaptive_qeba,
    "qeba-dct": _qeba_low,
    "boundary": _boundary,
    "square": _square,
    "fgsm": _fgsm,
    "pgd": _pgd,
    "eot-pgd": _eot_pgd,
    "apgd": _apgd,
    "fab": _fab,
    "fmn": _fmn,
    "bp": _boundary_projection,
    "autoattack": _autoattack,
    "autoattack-rand": _autoattack_rand,
}


def _norm(wish: Wish) -> dict[str, Any]:
    """The argument of attacks that take a norm; their own where none is wished."""
    return {} if wish.norm is None else {"norm": wish.norm}


def _constraint(wish: Wish) -> dict[str, Any]:
    """The same of those that call it as Foolbox does."""
    return {} if wish.norm is None else {"constraint": wish.norm.value}


def _deviation(name: str, wish: Wish) -> float:
    """How widely adaptive attacks probe: as the noise does."""
    if wish.deviation is None:
        raise InputError(
            f"{name}-adaptive probes as widely as the noise, and here is none with a deviation: "
            f"take {name}"
        )
    return wish.deviation


def _only_l2(name: str, wish: Wish) -> None:
    from certiball.balls import Norm

    if wish.norm not in (None, Norm.L2):
        raise InputError(f"{name} measures in L2 alone, not in {wish.norm}: leave --norm out")


def _needed(name: str, wish: Wish) -> float:
    if wish.epsilon is None:
        raise InputError(f"{name} looks for a point within a distance: give it with --epsilon")
    return wish.epsilon
