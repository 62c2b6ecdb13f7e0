"""A run's specification: everything that its votes may depend on, fixed before the first sample."""

import hashlib
import json
import math
from dataclasses import dataclass, fields
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar

from certiball.balls import Norm
from certiball.certification.every_view import EveryView, settled
from certiball.certification.pending import BLOCK
from certiball.certification.plan import FixedSamples, Plan
from certiball.certification.precision import Precision
from certiball.certification.question import Question
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Bound, Claim, Rule
from certiball.errors import InputError, StoreError
from certiball.execution import Execution
from certiball.laws import Law
from certiball.laws.names import NAMES
from certiball.runs.columns import built
from certiball.spaces import Grid, Reals
from certiball.theorems import ball_of

Json: TypeAlias = dict[str, Any]
T = TypeVar("T")

MOST_CLASSES, MOST_NUMBERS = 10**6, 2**28  # of a model, and of one input
MOST_COUNTS = 2**26  # chunks × classes of a block, which are unpacked at once
MOST_BLOCKS = 2**20  # of one input: 10⁹ samples in blocks of the usual size
LONGEST = 80  # characters of a fraction

PLANS: dict[str, type] = {
    "fixed": FixedSamples,
    "target-radius": TargetRadius,
    "precision": Precision,
    "every-view": EveryView,
}
SPACES: dict[str, type] = {"grid": Grid, "reals": Reals}


@dataclass(frozen=True, kw_only=True)
class ModelId:
    """Which classifier. The name is for people; the digest, where there is one, decides.

    Args:
        name: what people call it.
        digest: identifies it; None for a function that has no name of its own.
        classes: how many.
        backend: what runs it, such as "torch cpu float32".
        probes: where there is no digest, a hash of its labels for fixed inputs. It identifies
            nothing, but another function will often have another.
    """

    name: str
    digest: str | None
    classes: int
    backend: str
    probes: str | None = None


@dataclass(frozen=True, kw_only=True)
class DataId:
    """Which inputs: every `every`-th of a data set, at most `first` of them, as decoded."""

    name: str
    digest: str
    every: int
    first: int | None
    count: int
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """What a run is going to do.

    Args:
        model: the base classifier.
        data: the inputs.
        claim: law, norm, rule, α and space.
        plan: how many samples.
        execution: the shape that is executed; votes of networks may depend on it.
        block: chunks per stored block.
    """

    model: ModelId
    data: DataId
    claim: Claim
    plan: Plan
    execution: Execution
    block: int = BLOCK

    def __post_init__(self) -> None:
        if self.block < 1:
            raise InputError(f"block must be at least 1 chunk, not {self.block}")
        self._check_sizes()
        self.claim.law.seen(self.data.shape)  # refuses a law that is for other inputs
        _ = self.question  # or for another space
        if self.claim.bound is not self.plan.bound:
            raise InputError(
                f"the claim is about the {self.claim.bound.value} bound, and {self.plan} is for "
                f"the {self.plan.bound.value} bound: they must be the same"
            )
        settled(self.claim.law, self.plan, self.claim.alpha, self.claim.rule)
        if self.claim.backend != self.model.backend:
            raise InputError(
                f"the claim is about a classifier run by {self.claim.backend}, and the model is "
                f"run by {self.model.backend}: they must be the same"
            )

    def _check_sizes(self) -> None:
        """Numbers that nobody's run has, but that a stranger's may claim: they cost memory."""
        samples = self.block * self.execution.chunk
        sizes = (
            ("classes of the model", self.model.classes, 2, MOST_CLASSES),
            ("inputs", self.data.count, 1, 2**53),
            ("numbers of an input", self.dimension, 1, MOST_NUMBERS),
            ("axes of an input", len(self.data.shape), 0, 32),
            ("counts of a block", self.block * self.model.classes, 1, MOST_COUNTS),
            ("blocks of an input", self.plan.most // samples, 0, MOST_BLOCKS),
        )
        for what, size, least, most in sizes:
            if not least <= size <= most:
                raise InputError(f"a run has from {least} to {most} {what}, not {size}")

    @property
    def dimension(self) -> int:
        """Numbers per input."""
        return math.prod(self.data.shape)

    @property
    def question(self) -> Question:
        """What is asked of every input."""
        return Question(claim=self.claim, dimension=self.dimension)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, names left out: two machines name one file differently."""
        return hashlib.sha256(canonical(_identity(self)).encode()).hexdigest()


def canonical(value: Json) -> str:
    """The one JSON text of a value: sorted keys, no spaces, no NaN."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False
    )


def to_json(spec: RunSpec) -> Json:
    """A specification as plain JSON values; fractions as "1/255", infinities as "inf"."""
    claim = spec.claim
    return {
        "model": _model(spec.model),
        "data": _plain(spec.data),
        "claim": {
            "law": _tagged(NAMES, claim.law),
            "norm": claim.norm.value,
            "rule": claim.rule.value,
            "alpha": claim.alpha,
            "space": _tagged(SPACES, claim.space),
        },
        "plan": _tagged(PLANS, spec.plan),
        "execution": _plain(spec.execution),
        "block": spec.block,
    }


def from_json(value: Json) -> RunSpec:
    """The specification that `to_json` wrote.

    Raises:
        StoreError: if a part is missing or unknown.
    """
    try:
        claim, data = value["claim"], value["data"]
        plan: Plan = _untagged(PLANS, value["plan"])
        law: Law = _untagged(NAMES, claim["law"])
        norm = Norm(claim["norm"])
        return RunSpec(
            model=built(ModelId, value["model"]),
            data=built(DataId, {**data, "shape": tuple(data["shape"])}),
            claim=Claim(
                law=law,
                norm=norm,
                strict=ball_of(law, norm)[1],
                rule=Rule(claim["rule"]),
                alpha=claim["alpha"],
                space=_untagged(SPACES, claim["space"]),
                bound=plan.bound,
                backend=value["model"]["backend"],
            ),
            plan=plan,
            execution=built(Execution, value["execution"]),
            block=value["block"],
        )
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise StoreError(
            f"the stored specification cannot be read ({error}): "
            "use the certiball version that wrote it"
        ) from error


def differences(stored: RunSpec, asked: RunSpec) -> list[str]:
    """What differs, as "plan.n: 10000 → 100000" (stored → asked); empty for the same run."""
    before, after = _flat(_identity(stored)), _flat(_identity(asked))
    return [
        f"{field}: {before.get(field, 'absent')} → {after.get(field, 'absent')}"
        for field in sorted(before | after)
        if before.get(field) != after.get(field)
    ]


def _identity(spec: RunSpec) -> Json:
    """What two runs must share to be the same run. Without a digest a model is its name."""
    value = to_json(spec)
    del value["data"]["name"]
    if spec.model.digest is not None:
        del value["model"]["name"]
    return value


def _model(model: ModelId) -> Json:
    """Without a hash of probes where there is none: so older specifications stay as they were."""
    value = _plain(model)
    if model.probes is None:
        del value["probes"]
    return value


def _plain(value: Any) -> Json:
    return {field.name: _encode(getattr(value, field.name)) for field in fields(value)}


def _tagged(kinds: dict[str, type], value: Any) -> Json:
    kind = next((name for name, kind in kinds.items() if type(value) is kind), None)
    if kind is None:
        raise InputError(f"a run cannot store {value}: it knows {', '.join(kinds)}")
    plain = _plain(value)
    if plain.get("bound") == Bound.CLOPPER_PEARSON.value:  # as before there were others
        del plain["bound"]
    return {"kind": kind, **plain}


def _untagged(kinds: dict[str, type[T]], value: Json) -> T:
    arguments = {name: _decode(item) for name, item in value.items() if name != "kind"}
    if "bound" in arguments:
        arguments["bound"] = Bound(arguments["bound"])
    return built(kinds[value["kind"]], arguments)


def _encode(value: Any) -> Any:
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _decode(value: Any) -> Any:
    if value in ("inf", "-inf"):
        return float(value)
    if isinstance(value, str) and "/" in value and len(value) <= LONGEST:
        return Fraction(value)
    return value


def _flat(value: Json, prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, item in value.items():
        if isinstance(item, dict):
            flat |= _flat(item, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = str(item)
    return flat
