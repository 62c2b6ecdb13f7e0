"""Are points adversarial, and how near are adversarial ones? Judged by noise that found none.

Queries answered by chance make an attack believe too much: a point may have been lucky. What it
found is judged again on fresh noise with a confidence bound, and so are points nearer to the
input, on the ray from it through that point, or further away where it does not pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from torch import Tensor

from certiball.attacks.attacked import Attacked, shown
from certiball.attacks.criterion import Wanted, criterion_of
from certiball.attacks.judging.bench import Bench, bench_for
from certiball.attacks.judging.fresh import first_number, fresh
from certiball.attacks.judging.judgement import Judging, Level
from certiball.attacks.judging.walk import Ray, Trial, Verdict, Walk, walk
from certiball.attacks.oracle import Oracle
from certiball.attacks.units import length_between, plain
from certiball.errors import InputError
from certiball.shapes import Array, Batch, Labels
from certiball.smoothed import Inputs, encode, encode_nearest
from certiball.spaces import Space


@dataclass(frozen=True, kw_only=True, eq=False)
class Verified:
    """What fresh noise confirms of an attack's points, and what that cost.

    Args:
        level: how they were judged.
        attacked: the attack's result with `verified_distance`, and with `verified_level` where
            the rule proves one.
        points: the closest verified points [n, ...], as the model is shown them; the clean input
            where none was verified.
        distance: of these points [n], rounded up; ∞ where none was verified.
        forwards: calls of the base classifier [n] that judging took.
    """

    level: Level
    attacked: Attacked
    points: Batch
    distance: Array
    forwards: Labels


def verify_attacked(  # noqa: PLR0913 (the parts of one question, each named)
    oracle: Oracle,
    inputs: Inputs,
    criterion: Wanted,
    attacked: Attacked,
    *,
    level: Level | None = None,
    seed: int | None = None,
    numbers: Sequence[int] | None = None,
) -> Verified:
    """Judge what an attack found, and find the nearest points on its rays that pass.

    Points are rounded to the grid before they are judged; distances are measured after that, and
    rounded up. All that is said of one input, by a rule that proves, is false with probability α
    at most. An input costs at most thirteen times `level.votes` forwards by the rule LEVEL, and by
    CALLS as many times those of one judgement.

    Args:
        oracle: what is deployed. Smoothed oracles answer from streams that no attack is answered
            from, and frozen noise is thawed. An oracle without noise is asked once.
        inputs: the clean inputs [n, ...] that were attacked.
        criterion: the labels [n] to leave, or a criterion; the rule LEVEL is for labels.
        attacked: the attack's result, for no ε or for one.
        level: which level, by which rule, from how many votes and at which α; `Level()` by default.
        seed: of the noise; None for the oracle's own, whose streams for judging are others.
        numbers: of the inputs, which noise is addressed by; by default 0, 1, ….

    Raises:
        InputError: where rule, oracle and criterion do not go together, or arrays do not fit.
        InfeasibleError: if no votes could prove the level.
        ModelError: if the classifier's answers are not votes, or it raises.

    Example:
        >>> from certiball.attacks.linear import LinearOracle
        >>> from certiball.attacks.rays import RayS
        >>> oracle = LinearOracle(weights=np.ones(64), bias=-40.0, sigma=0.25, n=11)
        >>> x = np.full((1, 64), 0.5)  # at distance .125 from the boundary, in L∞
        >>> found = RayS()(oracle, x, [0], max_queries=300, seed=1)
        >>> verified = verify_attacked(oracle, x, [0], found, level=Level(P_a=0.8))
        >>> 0.125 < verified.attacked.verified_distance[0].item() < 0.3
        True
    """
    level = level or Level()
    clean = encode(oracle.space, inputs)
    wanted = criterion_of(criterion, len(clean), oracle.num_classes)
    far = encode_nearest(oracle.space, _found(attacked, clean))
    bench = bench_for(fresh(oracle, seed), wanted, level, clean[0].size)
    rays = [
        Ray(clean=x, far=y, bounds=oracle.space.bounds)
        for x, y in zip(plain(oracle.space, clean), plain(oracle.space, far), strict=True)
    ]
    walks = [
        Walker(number=number, place=place, ray=rays[place], walk=walk(level.alpha, moved=moved))
        for place, number in enumerate(range(len(clean)) if numbers is None else numbers)
        for moved in [rays[place].moved]
        if np.isfinite(attacked.distance[place])
    ]
    _carry_out(bench, oracle.space, walks)
    return _filled(bench, oracle.space, clean, attacked, walks)


@dataclass(kw_only=True, eq=False)
class Walker:
    """The search of one input's ray as it goes on; it moves when it is told a verdict.

    Args:
        number: of the input, which noise is addressed by.
        place: of the input in the criterion.
        ray: what is searched.
        walk: how.
    """

    number: int
    place: int
    ray: Ray
    walk: Walk
    forwards: int = 0
    trials: int = 0
    level: float = 0.0
    nearest: float | None = None
    trial: Trial | None = field(init=False)  # None once it has ended

    def __post_init__(self) -> None:
        self.trial = next(self.walk)

    def tell(self, verdict: Verdict, forwards: int) -> None:
        """Move on."""
        self.forwards += forwards
        self.trials += 1
        try:
            self.trial = self.walk.send(verdict)
        except StopIteration as end:
            self.trial = None
            self.level, self.nearest = end.value


def _carry_out(bench: Bench, space: Space, walks: Sequence[Walker]) -> None:
    """Judge in rounds, all proofs of a round together and all looks."""
    while live := [walker for walker in walks if walker.trial]:
        for proof in (True, False):
            group = [each for each in live if each.trial and each.trial.proof is proof]
            if group:
                _round(bench, space, group, proof=proof)


def _round(bench: Bench, space: Space, group: Sequence[Walker], *, proof: bool) -> None:
    trials = [walker.trial for walker in group if walker.trial]
    points = [walker.ray.at(trial.place) for walker, trial in zip(group, trials, strict=True)]
    verdicts = bench.verdicts(
        trials,
        encode_nearest(space, np.stack(points)),
        np.array([walker.place for walker in group]),
        np.array([walker.number for walker in group]),
        np.array([first_number(bench.oracle) + walker.trials * bench.spent for walker in group]),
    )
    for walker, verdict in zip(group, verdicts, strict=True):
        walker.tell(verdict, bench.forwards(proof=proof))


def _filled(
    bench: Bench, space: Space, clean: Batch, attacked: Attacked, walks: Sequence[Walker]
) -> Verified:
    """The result: what was not walked has level 0 and distance ∞."""
    count = len(clean)
    points, forwards = clean.copy(), np.zeros(count, dtype=np.int64)
    levels, distances = np.zeros(count), np.full(count, np.inf)
    for walker in walks:
        place = walker.place
        forwards[place], levels[place] = walker.forwards, walker.level
        if walker.nearest is not None:
            points[place] = encode_nearest(space, walker.ray.at(walker.nearest)[None])[0]
            distances[place] = length_between(space, clean[place], points[place], attacked.norm)
    proves = bench.level.judging is not Judging.MAHO
    return Verified(
        level=bench.level,
        attacked=replace(
            attacked,
            verified_level=levels if proves else None,
            verified_distance=distances,
        ),
        points=shown(space, points),
        distance=distances,
        forwards=forwards,
    )


def _found(attacked: Attacked, clean: Batch) -> Array:
    """The attack's points [n, ...].

    Raises:
        InputError: if they are lists, for several ε, or do not fit the inputs.
    """
    raw = attacked.raw.numpy(force=True) if isinstance(attacked.raw, Tensor) else attacked.raw
    if not isinstance(raw, np.ndarray):
        raise InputError(
            f"this result is for {len(raw)} values of ε: verify each, with its own raw points"
        )
    if raw.shape != clean.shape:
        raise InputError(f"points of shape {raw.shape} were not found for inputs {clean.shape}")
    return raw
