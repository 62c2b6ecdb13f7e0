"""What is studied: networks, the images that they are to be attacked on, and the defences."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from certiball.attacks.oracle import BaseOracle, Oracle, SmoothedOracle
from certiball.classifiers.torch import TorchClassifier
from certiball.datasets import Dataset
from certiball.datasets.digest import digest
from certiball.datasets.in_reals import InReals
from certiball.datasets.select import select
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.shapes import Array, Batch, Labels
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals
from certiball.study.plan import StudyPlan
from certiball.study.rounding import RoundedOracle
from certiball.study.table import Defence, Network

ROUNDED = "rounded"  # a deployment that rounds to its grid, unknown to its attacker
BATCH = 512  # rows that a network is shown at once


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """Some inputs of a data set.

    Args:
        inputs: [n, ...], encoded in its space.
        labels: [n].
        numbers: of each in the data set.
    """

    inputs: Batch
    labels: Labels
    numbers: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What is studied.

    Args:
        dataset: the images, on their grid or in the reals.
        networks: by their weights, and for those trained on noise by its σ; the base network at
            least, and all as they are to be run.

    Raises:
        InputError: if there is no base network.
    """

    dataset: Dataset
    networks: Mapping[tuple[str, float | None], TorchClassifier]

    def __post_init__(self) -> None:
        if (Network.BASE.value, None) not in self.networks:
            raise InputError("a study needs a base network: give one")

    def in_space(self, space: str) -> Dataset:
        """The images where a cell has them, as `in_space`."""
        return in_space(self.dataset, space)

    def images(self, space: str, count: int) -> Images:
        """So many images, spread evenly over the data set.

        Raises:
            InputError: if there are fewer.
        """
        dataset = self.in_space(space)
        check_count(dataset, count)
        numbers = select(len(dataset), every=len(dataset) // count, first=count)
        items = [dataset[number] for number in numbers]
        return Images(
            inputs=np.stack([item[0] for item in items]),
            labels=np.array([item[1] for item in items], dtype=np.int64),
            numbers=tuple(numbers),
        )

    def values(self, space: str, inputs: Array) -> Array:
        """Encoded inputs in the units that distances are measured in, float64."""
        lives = self.in_space(space).space
        step = float(lives.step) if isinstance(lives, Grid) else 1.0
        return inputs.astype(np.float64) * step

    def classifier(self, defence: Defence) -> TorchClassifier:
        """The network of a defence: for noise-trained ones, the one of its σ."""
        sigma = defence.sigma if defence.network == Network.NOISE.value else None
        return self.networks[defence.network, sigma]

    def oracle(self, defence: Defence, space: str, seed: int) -> Oracle:
        """A defence as it is deployed: every call answers once."""
        if space == ROUNDED:
            return RoundedOracle(self.oracle(defence, "grid", seed))
        classifier, lives = self.classifier(defence), self.in_space(space).space
        if defence.sigma is None or defence.n is None:
            return BaseOracle(classifier, lives, BATCH)
        g = Smoothed(classifier, Gaussian(sigma=defence.sigma), lives)
        return SmoothedOracle(g, n=defence.n, seed=seed, batch=BATCH)

    def identity(self, plan: StudyPlan) -> dict[str, str]:
        """Digests of the images that are studied, and of each network."""
        dataset = self.in_space(plan.space)
        probes = torch.from_numpy(np.stack([np.asarray(self._values(i)) for i in range(2)]))
        found = {"data": digest(dataset, range(len(dataset)))[:16]}
        for (network, trained), classifier in self.networks.items():
            name = network if trained is None else f"{network} at σ = {trained:g}"
            eager = replace(classifier, backend="eager", dtype=None)
            text = f"{classifier.backend} {eager.digest(probes)}"
            found[name] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return found

    def _values(self, index: int) -> Array:
        item, own = self.dataset[index][0], self.dataset.space
        return own.values(item) if isinstance(own, Grid) else item


def in_space(dataset: Dataset, space: str) -> Dataset:
    """Images in the reals, or on their grid.

    Args:
        dataset: on a grid or in the reals.
        space: "grid", "reals", or `ROUNDED`, where attacks move in the reals.

    Raises:
        InputError: if they are to be on a grid and have none.
    """
    own = dataset.space
    if space == "grid":
        if not isinstance(own, Grid):
            raise InputError(f"{dataset.name} has no grid: study it in the space reals")
        return dataset
    if not isinstance(own, Grid):
        return dataset
    low, high = own.bounds
    return InReals(data=dataset, space=Reals(low=low, high=high))


def check_count(dataset: Dataset, count: int) -> None:
    """Refuse more images than there are.

    Raises:
        InputError: with what to ask for less of.
    """
    if count > len(dataset):
        raise InputError(
            f"{dataset.name} has {len(dataset)} images, and {count} are asked for: attack, count "
            "or certify fewer"
        )


def defences(subject: Subject, plan: StudyPlan) -> Iterator[Defence]:
    """Everything that is attacked, in the order of the table."""
    base = Network.BASE.value
    yield Defence(network=base)
    if (Network.PGD.value, None) in subject.networks:
        yield Defence(network=Network.PGD.value)
    for sigma in plan.sigmas:
        for n in plan.votes:
            yield Defence(network=base, sigma=sigma, n=n)
    for network, trained in sorted(subject.networks, key=str):
        if network == Network.NOISE.value:
            yield Defence(network=network, sigma=trained, n=max(plan.votes))
