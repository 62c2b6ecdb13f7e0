"""Many searches at once: the questions of all that are alive are packed into full batches.

A search is a function of its input, its seed and the answers. So what is asked together changes
nothing, and the answers alone are enough to go on later.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from certiball.attacks.attacked import Attacked, Status, shown, within
from certiball.attacks.criterion import Criterion, Wanted, criterion_of
from certiball.attacks.epsilons import Epsilons, check_epsilons
from certiball.attacks.oracle import Oracle, Questions
from certiball.attacks.search.ask import QueryAttack, Task
from certiball.attacks.search.hunt import CHECKS, UNLIMITED, Hunt, Reply
from certiball.attacks.search.start import starts_of
from certiball.attacks.units import length_between, plain
from certiball.certification.smooth import draw_seed
from certiball.classifiers import Classifier
from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.samplers.streams import run_key
from certiball.shapes import Array, Batch
from certiball.smoothed import Inputs, encode, encode_nearest
from certiball.spaces import Grid, Space

AT_ONCE = 2**25  # numbers in the points of a round: what they take in memory is eight times that


def attack_all(  # noqa: PLR0913 (the parts of one question, each named)
    attack: QueryAttack,
    model: Oracle | Classifier,
    inputs: Inputs,
    criterion: Wanted,
    *,
    epsilons: Epsilons = None,
    starting_points: Inputs | None = None,
    max_queries: int | None = None,
    seed: int | None = None,
) -> Attacked:
    """Search for the closest adversarial point of each input; attacks are called so.

    Args:
        attack: how to search; as a method of one, itself.
        model: the oracle that is asked.
        inputs: clean inputs [n, ...] of its space.
        criterion: the labels [n] to leave, or a criterion.
        epsilons: one radius, several, or None for none: what counts as a success.
        starting_points: adversarial points [n, ...] to begin at.
        max_queries: questions about each input, at most; None for the attack's own end.
        seed: of the attack's own randomness; None for some that nobody chose.

    Raises:
        InputError: for inputs, labels, ε or points that do not fit the oracle.
    """
    if not isinstance(model, Oracle):
        raise InputError(
            f"{type(model).__name__} is no oracle: give BaseOracle(classifier, space), or "
            "SmoothedOracle(g, n=100)"
        )
    clean = encode(model.space, inputs)
    wanted = criterion_of(criterion, len(clean), model.num_classes)
    check_epsilons(epsilons, attack.norm, model.space, clean[0].size)  # before anything is asked
    tasks = tasks_of(
        model.space, clean, wanted, key_of(attack, seed), budget_of(max_queries), starting_points
    )
    hunts = hunts_of(attack, model, tasks)
    for _ in advance(model, hunts, wanted):
        pass
    return within(gather(attack, model, clean, hunts), model.space, inputs, epsilons)


def key_of(attack: QueryAttack, seed: int | None) -> int:
    """The 128-bit key of an attack's own randomness."""
    return run_key(draw_seed(seed).seed, f"attack\n{attack!r}")


def budget_of(max_queries: int | None) -> int:
    """How many questions an input may cost.

    Raises:
        InputError: if none are allowed.
    """
    if max_queries is None:
        return UNLIMITED
    if as_whole("max_queries", max_queries) < 1:
        raise InputError(f"max_queries must be at least 1, not {max_queries}")
    return max_queries


def tasks_of(  # noqa: PLR0913 (what tasks are made of)
    space: Space,
    clean: Batch,
    criterion: Criterion,
    key: int,
    budget: int,
    starting_points: Inputs | None = None,
    numbers: Sequence[int] | None = None,
) -> list[Task]:
    """What the attack is told of each input.

    Args:
        space: where inputs live.
        clean: encoded inputs [n, ...].
        criterion: the classes to leave or to reach.
        key: of the attack's own randomness.
        budget: questions about each, at most.
        starting_points: points [n, ...] to begin at.
        numbers: of the inputs, which their randomness hangs on; by default 0, 1, ….

    Raises:
        InputError: as `starts_of`, for the starting points.
    """
    low, high = space.bounds
    starts = None if starting_points is None else starts_of(space, starting_points, clean)
    exact = plain(space, clean)
    targets = criterion.targets()
    names = range(len(clean)) if numbers is None else numbers
    return [
        Task(
            x=exact[place],
            low=low,
            high=high,
            rng=randomness(key, number),
            label=int(criterion.labels()[place]),
            target=None if targets is None else int(targets[place]),
            budget=budget,
            start=None if starts is None else plain(space, starts)[place],
            step=float(space.step) if isinstance(space, Grid) else 0.0,
        )
        for place, number in enumerate(names)
    ]


def randomness(key: int, number: int) -> np.random.Generator:
    """An input's own random numbers, whatever else is attacked."""
    halves = np.array([key & (2**64 - 1), key >> 64], dtype=np.uint64)
    counter = np.array([0, 0, number, 2**63], dtype=np.uint64)  # far from any stream of noise
    return np.random.Generator(np.random.Philox(key=halves, counter=counter))


def hunts_of(
    attack: QueryAttack,
    oracle: Oracle,
    tasks: Sequence[Task],
    numbers: Sequence[int] | None = None,
    told: Mapping[int, Array] | None = None,
) -> list[Hunt]:
    """Searches ready to begin, or to go on from the answers of an earlier attempt.

    Args:
        attack: how to search.
        oracle: what will be asked.
        tasks: of the inputs.
        numbers: of the inputs; by default 0, 1, ….
        told: the answers that some have had, by number: `Hunt.transcript`.
    """
    names = range(len(tasks)) if numbers is None else numbers
    return [
        Hunt(
            attack=attack,
            task=task,
            place=place,
            number=number,
            checks=min(CHECKS, task.budget) if oracle.random else 1,
            told=None if told is None else told.get(number),
        )
        for place, (task, number) in enumerate(zip(tasks, names, strict=True))
    ]


def advance(oracle: Oracle, hunts: Sequence[Hunt], criterion: Criterion) -> Iterator[None]:
    """Ask and tell, round by round, until every search has ended.

    After each round the hunts hold all answers; whoever stops there loses nothing.

    Raises:
        CertiballError: what the oracle says; the answers before it are held.
    """
    for hunt in hunts:
        _repeat(hunt, criterion)
    while live := [hunt for hunt in hunts if hunt.status is None]:
        for group in _groups(live):
            _round(oracle, group, criterion)
            yield


def _groups(live: Sequence[Hunt]) -> Iterator[list[Hunt]]:
    """Hunts whose asks fit into memory together, at least one."""
    group: list[Hunt] = []
    size = 0
    for hunt in live:
        size += hunt.ask.points.size
        if group and size > AT_ONCE:
            yield group
            group, size = [], hunt.ask.points.size
        group.append(hunt)
    yield group


def _round(oracle: Oracle, group: Sequence[Hunt], criterion: Criterion) -> None:
    sizes = [len(hunt.ask.points) for hunt in group]
    points = np.concatenate([hunt.ask.points for hunt in group])
    numbers = [np.arange(hunt.queries, hunt.queries + size) for hunt, size in _with(group, sizes)]
    questions = Questions(
        points=encode_nearest(oracle.space, points),
        owners=np.repeat([hunt.number for hunt in group], sizes),
        numbers=np.concatenate(numbers),
    )
    counts = oracle.counts(questions)
    labels = counts.argmax(axis=1)  # the first of the largest: a tie goes to the lower class
    met = criterion.met(labels, np.repeat([hunt.place for hunt in group], sizes))
    start = 0
    for hunt, size in _with(group, sizes):
        mine = slice(start, start + size)
        _tell(hunt, labels[mine], met[mine], counts[mine])
        start += size


def _with(group: Sequence[Hunt], values: Sequence[Any]) -> Iterator[tuple[Hunt, Any]]:
    return zip(group, values, strict=True)


def _tell(hunt: Hunt, labels: Array, met: Array, counts: Array) -> None:
    answers = counts if hunt.attack.answers == "shares" else labels
    hunt.tell(Reply(adversarial=met, counts=counts), answers)


def _repeat(hunt: Hunt, criterion: Criterion) -> None:
    """Go through what an earlier attempt was answered."""
    while hunt.status is None:
        answers = hunt.repeat(len(hunt.ask.points))
        if answers is None:
            return
        votes = answers if hunt.attack.answers == "shares" else np.zeros((len(answers), 0))
        labels = votes.argmax(axis=1) if hunt.attack.answers == "shares" else answers
        met = criterion.met(labels, np.full(len(labels), hunt.place))
        _tell(hunt, labels, met, votes)


def gather(attack: QueryAttack, oracle: Oracle, clean: Batch, hunts: Sequence[Hunt]) -> Attacked:
    """The results of searches that have ended; points and distances are those after rounding."""
    space = oracle.space
    best = np.stack([hunt.task.x if hunt.best is None else hunt.best for hunt in hunts])
    points = encode_nearest(space, best)
    distance = [
        np.inf if hunt.best is None else length_between(space, x, point, attack.norm)
        for hunt, x, point in zip(hunts, clean, points, strict=True)
    ]
    status = tuple(hunt.status or Status.BUDGET for hunt in hunts)
    queries = np.array([hunt.queries for hunt in hunts])
    raw = shown(space, points)
    return Attacked(
        norm=attack.norm,
        raw=raw,
        clipped=raw,
        success=np.isfinite(distance),
        queries=queries,
        forwards=queries * oracle.forwards,
        backwards=np.zeros_like(queries),
        distance=np.array(distance, dtype=np.float64),
        status=status,
        history=tuple(hunt.history for hunt in hunts),
    )
