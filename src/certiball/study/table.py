"""The table of the study: what each attack achieved against each defence."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from enum import Enum

from certiball.errors import InputError


class Network(Enum):
    """Which weights a defence has."""

    BASE = "base"
    PGD = "PGD-trained"
    NOISE = "noise-trained"


@dataclass(frozen=True, kw_only=True, order=True)
class Defence:
    """A network, and the noise and votes that it is deployed with.

    Args:
        network: its weights, a value of `Network`.
        sigma: of the noise; None for none.
        n: votes for each answer; None where there is no noise.

    Raises:
        InputError: if one of σ and n is given without the other.

    Example:
        >>> str(Defence(network="base", sigma=0.25, n=10)), str(Defence(network="base"))
        ('RS σ = 0.25, n = 10', 'no defence')
    """

    network: str
    sigma: float | None = None
    n: int | None = None

    def __post_init__(self) -> None:
        Network(self.network)
        if (self.sigma is None) != (self.n is None):
            raise InputError(f"sigma = {self.sigma} and n = {self.n}: give both or neither")

    @property
    def smoothed(self) -> bool:
        """Whether it answers under noise."""
        return self.sigma is not None

    @property
    def without_votes(self) -> str:
        """The network and σ: what certificates are about."""
        return str(self).partition(", n =")[0]

    def __str__(self) -> str:
        bare = "no defence" if self.network == Network.BASE.value else self.network
        if self.sigma is None:
            return bare
        prefix = "RS" if self.network == Network.BASE.value else self.network
        return f"{prefix} σ = {self.sigma:g}, n = {self.n}"


def slug(defence: Defence) -> str:
    """A defence as a part of a file's name.

    Example:
        >>> slug(Defence(network="base", sigma=0.25, n=10))
        'base-sigma0.25-n10'
    """
    if defence.sigma is None:
        return defence.network.lower()
    return f"{defence.network.lower()}-sigma{defence.sigma:g}-n{defence.n}"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attack against one defence, over all images.

    Distances are in L2. Means are over the images for which there is a distance, and medians over
    all that were attacked, ∞ where there is none.

    Args:
        defence: what was attacked.
        attack: its name.
        level: how often a point is to be answered adversarially, P_a; None without noise.
        space: "reals", or "grid" where points were rounded as a deployment rounds them.
        accuracy: of the defence on clean images.
        images: how many were attacked.
        misclassified: how many more were not, for they are answered wrongly as they are.
        found: how many the attack believes to have moved to another class.
        mean_claimed: distance, as the attack reports it; NaN where it found none.
        median_claimed: likewise.
        verified: of how many a point was confirmed at the level on fresh noise.
        mean_verified: distance of the closest confirmed points; NaN where there is none.
        median_verified: likewise.
        queries: answers that were asked for, on average.
        forwards: calls of the network, in all.
    """

    defence: Defence
    attack: str
    level: float | None
    space: str
    accuracy: float
    images: int
    misclassified: int
    found: int
    mean_claimed: float
    median_claimed: float
    verified: int
    mean_verified: float
    median_verified: float
    queries: float
    forwards: int


@dataclass(frozen=True, kw_only=True)
class Certified:
    """What certification proves of a network under noise.

    Args:
        network: its weights, a value of `Network`.
        sigma: of the noise.
        images: how many were tried.
        radii: certified radii in L2 of those with a right certified class, ascending.
    """

    network: str
    sigma: float
    images: int
    radii: tuple[float, ...]

    @property
    def largest(self) -> float:
        """The end of the curve; NaN where nothing is certified."""
        return self.radii[-1] if self.radii else math.nan


@dataclass(frozen=True, kw_only=True)
class Results:
    """Everything that the claims are judged by.

    Args:
        rows: of the table.
        certified: one for each network and σ.
        space: the one of the study; rows in another are asides.
    """

    rows: tuple[Row, ...]
    certified: tuple[Certified, ...]
    space: str = "reals"

    def of(self, attack: str, *networks: Network) -> Iterator[Row]:
        """The rows of an attack in the study's own space, of some networks."""
        chosen = {network.value for network in networks or Network}
        for row in self.rows:
            if row.attack == attack and row.space == self.space and row.defence.network in chosen:
                yield row

    def bare(self, attack: str) -> Row | None:
        """What the attack does to the undefended network."""
        rows = (row for row in self.of(attack, Network.BASE) if not row.defence.smoothed)
        return next(rows, None)


def mean_and_median(distances: Sequence[float]) -> tuple[float, float]:
    """The mean of the finite ones (NaN for none), and the median of all.

    Example:
        >>> mean_and_median([1.0, 3.0, math.inf])
        (2.0, 3.0)
    """
    finite = [each for each in distances if math.isfinite(each)]
    mean = math.fsum(finite) / len(finite) if finite else math.nan
    ordered = sorted(distances)
    if not ordered:
        return mean, math.nan
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return mean, low if low == high else (low + high) / 2


def table_csv(rows: Iterable[Row]) -> str:
    """The table as CSV, one line for each row.

    Example:
        >>> table_csv([]).split(",")[:4]
        ['network', 'sigma', 'n', 'attack']
    """
    parts = [field.name for field in fields(Defence)]
    columns = [field.name for field in fields(Row) if field.name != "defence"]
    lines = [[*parts, *columns]]
    for row in rows:
        cells = [getattr(row.defence, name) for name in parts]
        lines.append([*cells, *(getattr(row, name) for name in columns)])
    return csv_text(lines)


def csv_text(lines: Iterable[Sequence[object]]) -> str:
    """Lines of cells as CSV; None is an empty cell."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()
