"""Claim: at equal counted queries no attack finds points that are farther than the peers' do.

On one deterministic network, the small CNN trained on the spot, attacks of Foolbox 3.3.4 at batch 1
(its HopSkipJump normalises gradients over the whole batch) and ours get the same budget for each
input. Every query of the peer goes through a counter, and the closest adversarial point that it
ever asked about counts for it, whatever it returns. PGD and EOT-PGD have the same number of
gradients; of those the smallest of a row of ε counts at which a point succeeds. EOT-PGD is
torchattacks 3.5.1's PGDRSL2, on a network that was trained under noise; its points and ours are
judged by the same fresh noise. The median over the inputs of ours has to be at most 1.1 times the
peer's.

It needs an environment of its own:

    make .venv-peers/.installed
    .venv-peers/bin/python benchmarks/attacks_peers.py [--inputs 32] [--queries 1000]
        [--data FOLDER] [--rows "HSJA L2,Boundary"]
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import certiball as cb
from certiball.attacks.attacked import Attacked
from certiball.attacks.boundary import BoundaryAttack
from certiball.attacks.eot_pgd import EOTPGD
from certiball.attacks.hop_skip_jump import HopSkipJump
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.attacks.pgd import PGD
from certiball.balls import Norm
from certiball.datasets.digits import digits
from certiball.datasets.idx import idx
from certiball.models.architecture import Architecture, build

try:
    import foolbox
    import torchattacks
except ImportError:
    foolbox = torchattacks = None

CLAIMED = 1.1  # times the peer's median, at most
SIGMA = 0.25
UNIT = cb.Reals(low=0.0, high=1.0)
LADDER = 1.08  # from one ε to the next
STEPS = {Norm.L2: 50, Norm.LINF: 40}  # Foolbox's
EOT_STEPS, EOT_SAMPLES, JUDGES = 20, 32, 1000
SEED = 1


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """What is attacked: a network, and test images that it classifies rightly."""

    model: nn.Module
    images: Tensor
    labels: Tensor
    data: str

    @property
    def classifier(self) -> cb.TorchClassifier:
        """The network as our oracles take it."""
        return cb.TorchClassifier(self.model, 10)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attack: median distances, ours and the peer's, and what they cost."""

    attack: str
    peer: str
    ours: float
    theirs: float
    inputs: int
    queries: tuple[float, float]  # mean, ours and theirs: questions, or gradients
    seconds: tuple[float, float]

    @property
    def ratio(self) -> float:
        """Ours by theirs."""
        return self.ours / self.theirs

    @property
    def holds(self) -> bool:
        """Whether the claim holds."""
        return self.ratio <= CLAIMED


class SpentError(Exception):
    """The peer's queries are spent."""


class Counter(nn.Module):
    """Counts the rows that a network is shown, and remembers the closest adversarial one."""

    def __init__(self, subject: Subject, number: int, norm: Norm, budget: int) -> None:
        super().__init__()
        self.model, self.norm, self.budget = subject.model, norm, budget
        self.x, self.label = subject.images[number : number + 1], int(subject.labels[number])
        self.asked, self.closest = 0, float("inf")

    def forward(self, batch: Tensor) -> Tensor:
        """Scores, until the budget is spent."""
        room = self.budget - self.asked
        if room <= 0:
            raise SpentError
        scores: Tensor = self.model(batch)
        self.asked += min(len(batch), room)
        order = 2.0 if self.norm is Norm.L2 else torch.inf
        sizes = torch.linalg.vector_norm((batch - self.x).flatten(1), order, dim=1)[:room]
        adversarial = scores.argmax(1)[:room] != self.label
        if bool(adversarial.any()):
            self.closest = min(self.closest, float(sizes[adversarial].min()))
        if len(batch) > room:
            raise SpentError
        return scores


def subject(data: Path, inputs: int, noise: float) -> Subject:
    """The network, trained for some seconds: on MNIST's test images, most of them, or the digits.

    MNIST is taken where its 10,000 test images are; they are split.
    """
    file = data / "mnist" / "t10k-images-idx3-ubyte.gz"
    if file.is_file():
        found, name, epochs = idx(file), "MNIST's test images", 4
        x, y = torch.from_numpy(found.inputs / np.float32(255)), torch.tensor(found.labels)
        split = 8000
    else:
        parts, name, epochs = [digits("train"), digits("test")], "the bundled digits", 60
        x = torch.from_numpy(np.concatenate([d.inputs for d in parts]) / np.float32(256))
        y, split = torch.from_numpy(np.concatenate([d.labels for d in parts])), 1297
    x, y = x.float(), y.long()
    model = trained(x[:split], y[:split], epochs, noise)
    with torch.inference_mode():
        right = torch.nonzero(model(x[split:]).argmax(1) == y[split:])[:inputs, 0] + split
    return Subject(model=model, images=x[right], labels=y[right], data=name)


def trained(x: Tensor, y: Tensor, epochs: int, noise: float) -> nn.Module:
    """The small CNN, by Adam."""
    mean, std = (float(x.mean()),), (float(x.std()),)
    shape = (1, int(x.shape[2]), int(x.shape[3]))
    named = Architecture(name="small-cnn", classes=10, shape=shape, mean=mean, std=std)
    model = build(named, seed=SEED)
    torch.manual_seed(SEED)
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    for _ in range(epochs):
        for rows in torch.split(torch.randperm(len(x)), 128):
            optimiser.zero_grad()
            batch = x[rows] + noise * torch.randn_like(x[rows])
            torch.autograd.backward(nn.functional.cross_entropy(model(batch), y[rows]))
            optimiser.step()
    for weight in model.parameters():
        weight.requires_grad_(False)
    return model.eval()


def decisions(s: Subject, name: str, ours: Any, theirs: Any, queries: int) -> Row:
    """A decision-based attack of ours and the peer's, each with so many questions an input."""
    start = time.perf_counter()
    found: Attacked = ours(
        BaseOracle(s.classifier, UNIT),
        s.images.numpy(),
        s.labels.numpy(),
        max_queries=queries,
        seed=SEED,
    )
    middle = time.perf_counter()
    counters = [asked(s, number, ours.norm, theirs, queries) for number in range(len(s.images))]
    end = time.perf_counter()
    return Row(
        attack=name,
        peer=f"Foolbox {foolbox.__version__}",
        ours=statistics.median(found.distance.tolist()),
        theirs=statistics.median(counter.closest for counter in counters),
        inputs=len(s.images),
        queries=(float(found.queries.mean()), statistics.mean(c.asked for c in counters)),
        seconds=(middle - start, end - middle),
    )


def asked(s: Subject, number: int, norm: Norm, attack: Any, queries: int) -> Counter:
    """What the peer asks about one input."""
    torch.manual_seed(SEED + number)
    np.random.seed(SEED + number)  # noqa: NPY002 (Foolbox draws from it)
    counter = Counter(s, number, norm, queries).eval()
    model = foolbox.PyTorchModel(counter, bounds=(0, 1), device="cpu")
    one = slice(number, number + 1)
    try:
        attack(model, s.images[one], s.labels[one], epsilons=None)
    except SpentError:
        return counter
    return counter


def gradients(s: Subject, norm: Norm) -> Row:
    """PGD: the smallest ε at which it succeeds, of a row of them."""
    kinds = {
        Norm.L2: foolbox.attacks.L2ProjectedGradientDescentAttack,
        Norm.LINF: foolbox.attacks.LinfProjectedGradientDescentAttack,
    }
    steps, epsilons = STEPS[norm], ladder(0.7, 3.5) if norm is Norm.L2 else ladder(0.05, 0.25)
    torch.manual_seed(SEED)
    start = time.perf_counter()
    attack, oracle = PGD(norm=norm, steps=steps), BaseOracle(s.classifier, UNIT)
    found = attack(oracle, s.images.numpy(), s.labels.numpy(), epsilons=epsilons, seed=SEED)
    middle = time.perf_counter()
    model = foolbox.PyTorchModel(s.model, bounds=(0, 1), device="cpu")
    _, _, success = kinds[norm](steps=steps)(model, s.images, s.labels, epsilons=epsilons)
    end = time.perf_counter()
    return Row(
        attack=f"PGD {norm}",
        peer=f"Foolbox {foolbox.__version__}",
        ours=middle_of(found.success, epsilons),
        theirs=middle_of(success.numpy(), epsilons),
        inputs=len(s.images),
        queries=(float(found.backwards.mean()), float(steps * len(epsilons))),
        seconds=(middle - start, end - middle),
    )


def ladder(least: float, most: float) -> list[float]:
    """A row of ε."""
    count = int(np.log(most / least) / np.log(LADDER)) + 1
    return [float(least * LADDER**k) for k in range(count)]


def middle_of(success: np.ndarray, epsilons: list[float]) -> float:
    """The median over inputs of the smallest ε with a success, [K, n]."""
    smallest = [
        epsilons[int(column.argmax())] if column.any() else float("inf") for column in success.T
    ]
    return statistics.median(smallest)


def averaged(s: Subject) -> Row:
    """EOT-PGD on the soft smoothed classifier: the smallest ε at which the majority changes."""
    g = cb.Smoothed(s.classifier, cb.Gaussian(sigma=SIGMA), space=UNIT)
    epsilons = ladder(1.2, 4.0)
    labels = s.labels.numpy()

    def of_ours(epsilon: float) -> Attacked:
        attack = EOTPGD(norm=Norm.L2, steps=EOT_STEPS, samples=EOT_SAMPLES)
        return attack(
            SmoothedOracle(g, 100, seed=SEED), s.images.numpy(), labels, epsilons=epsilon, seed=SEED
        )

    def of_theirs(epsilon: float) -> Tensor:
        attack = torchattacks.PGDRSL2(
            s.model,
            eps=epsilon,
            alpha=2 * epsilon / EOT_STEPS,  # its own share: .2 for ε = 1 and 10 steps
            steps=EOT_STEPS,
            noise_sd=SIGMA,
            noise_batch_size=EOT_SAMPLES,
        )
        points: Tensor = attack(s.images, s.labels)
        return points

    torch.manual_seed(SEED)
    start = time.perf_counter()
    found = [of_ours(epsilon) for epsilon in epsilons]
    middle = time.perf_counter()
    theirs = [majority_left(s, of_theirs(epsilon)) for epsilon in epsilons]
    end = time.perf_counter()
    ours = [majority_left(s, torch.from_numpy(np.asarray(each.clipped))) for each in found]
    return Row(
        attack="EOT-PGD L2",
        peer=f"torchattacks {torchattacks.__version__} PGDRSL2",
        ours=middle_of(np.array(ours), epsilons),
        theirs=middle_of(np.array(theirs), epsilons),
        inputs=len(s.images),
        queries=(
            float(sum(each.backwards.mean() for each in found)),
            float(EOT_STEPS * EOT_SAMPLES * len(epsilons)),
        ),
        seconds=(middle - start, end - middle),
    )


@torch.inference_mode()
def majority_left(s: Subject, points: Tensor) -> np.ndarray:
    """Whether most of fresh noisy copies have another class, [n]; the noise is the same for all."""
    noise = torch.Generator().manual_seed(SEED)
    left = []
    for point, label in zip(points, s.labels, strict=True):
        copies = point + SIGMA * torch.randn(JUDGES, *point.shape, generator=noise)
        votes = torch.bincount(s.model(copies.float()).argmax(1), minlength=10)
        left.append(int(votes.argmax()) != int(label))
    return np.array(left)


def rows_of(data: Path, inputs: int, queries: int) -> dict[str, Callable[[], Row]]:
    """All comparisons by name; networks are trained when they are wanted."""
    made: dict[float, Subject] = {}

    def plain(noise: float = 0.0) -> Subject:
        if noise not in made:
            made[noise] = subject(data, inputs, noise)
        return made[noise]

    hops = {Norm.L2: "l2", Norm.LINF: "linf"}
    rows: dict[str, Callable[[], Row]] = {}
    for norm, word in hops.items():
        rows[f"HSJA {norm}"] = lambda norm=norm, word=word: decisions(  # type: ignore[misc]
            plain(),
            f"HSJA {norm}",
            HopSkipJump(constraint=word),
            foolbox.attacks.HopSkipJumpAttack(constraint=word),
            queries,
        )
    rows["Boundary L2"] = lambda: decisions(
        plain(), "Boundary L2", BoundaryAttack(), foolbox.attacks.BoundaryAttack(), queries
    )
    for norm in hops:
        rows[f"PGD {norm}"] = lambda norm=norm: gradients(plain(), norm)  # type: ignore[misc]
    rows["EOT-PGD L2"] = lambda: averaged(plain(SIGMA))
    return rows


def main() -> int:
    """Print a line for each comparison, and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=32)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--rows", help="those whose names hold one of these texts, by commas")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    arguments = parser.parse_args()
    if foolbox is None:
        print("error: Foolbox or torchattacks is not installed here: make .venv-peers/.installed")
        return 2
    data = Path(os.environ.get("CERTIBALL_DATA", arguments.data))
    found = []
    for name, row_of in rows_of(data, arguments.inputs, arguments.queries).items():
        if arguments.rows and not any(text in name for text in arguments.rows.split(",")):
            continue
        row = row_of()
        found.append(row)
        print(
            f"{row.attack:12} ours {row.ours:7.4f}  {row.peer} {row.theirs:7.4f}  ratio "
            f"{row.ratio:.3f} ({row.inputs} inputs; {row.queries[0]:.0f} and {row.queries[1]:.0f} "
            f"queries; {row.seconds[0]:.1f} and {row.seconds[1]:.1f} s)  "
            f"{'holds' if row.holds else 'DOES NOT HOLD'}",
            flush=True,
        )
    print(json.dumps([asdict(row) | {"ratio": row.ratio, "holds": row.holds} for row in found]))
    return 0 if all(row.holds for row in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
