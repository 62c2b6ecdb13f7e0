"""What a campaign is going to do: all that its answers and its verdicts may depend on."""

import hashlib
from dataclasses import asdict, dataclass, fields
from enum import Enum
from typing import Any, TypeAlias

from certiball.attacks.judging.judgement import Judging, Level
from certiball.balls import Norm
from certiball.errors import InputError, StoreError
from certiball.runs.columns import built
from certiball.runs.spec import DataId, ModelId, canonical

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is attacked. One folder holds campaigns against one subject.

    Args:
        model: the base classifier, or a live endpoint.
        data: the inputs that may be attacked.
        space: where they live, such as "Grid(step=Fraction(1, 255), low=0, high=255)".
    """

    model: ModelId
    data: DataId
    space: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """What answers: the base classifier, or the smoothed one by so many votes.

    Args:
        law: the noise, such as "Gaussian(sigma=0.25)"; None for none.
        n: votes for each answer; 1 without noise.
        frozen: whether every question meets the same noise, or an endpoint always answers the same.
    """

    law: str | None = None
    n: int = 1
    frozen: bool = False

    def __str__(self) -> str:
        if self.law is None:
            return "without noise"
        return f"{self.law}, n = {self.n}{', frozen' if self.frozen else ''}"


@dataclass(frozen=True, kw_only=True)
class CampaignSpec:
    """What a campaign is going to do: any class but an input's own will do.

    Args:
        subject: the model and the inputs.
        target: how it answers.
        name: of the attack, for people.
        attack: the attack with its parameters, such as "RayS(norm=…)".
        norm: in which the attack measures.
        max_queries: questions about one input, at most; None for the attack's own end.
        epsilon: the largest distance of interest, for attacks at a fixed one; None for the least.
        level: how points are judged afterwards.

    Raises:
        InputError: if a number is out of range.
    """

    subject: Subject
    target: Target
    name: str
    attack: str
    norm: Norm
    max_queries: int | None
    epsilon: float | None = None
    level: Level

    def __post_init__(self) -> None:
        if self.max_queries is not None and self.max_queries < 1:
            raise InputError(
                f"max_queries must be at least 1, not {self.max_queries}: leave it out for the "
                "attack's own end"
            )
        if self.epsilon is not None and not self.epsilon > 0:
            raise InputError(f"epsilon must be > 0, not {self.epsilon}")

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, names left out."""
        return hashlib.sha256(canonical(_identity(to_json(self))).encode()).hexdigest()


def to_json(spec: CampaignSpec) -> Json:
    """A specification as plain JSON values.

    Example:
        >>> _plain({"judging": Judging.LEVEL, "shape": (1, 8, 8)})
        {'judging': 'level', 'shape': [1, 8, 8]}
    """
    plain: Json = _plain(asdict(spec))
    return plain


def from_json(value: Json) -> CampaignSpec:
    """The specification that `to_json` wrote.

    Raises:
        StoreError: if a part is missing or unknown.
    """
    try:
        subject, level = value["subject"], value["level"]
        parts = {
            "subject": subject_from_json(subject),
            "target": built(Target, value["target"]),
            "norm": Norm(value["norm"]),
            "level": built(Level, {**level, "judging": Judging(level["judging"])}),
        }
        return built(CampaignSpec, {**value, **parts})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreError(
            f"a stored campaign cannot be read ({error}): use the certiball version that wrote it"
        ) from error


def subject_from_json(value: Json) -> Subject:
    """The subject of a specification's JSON.

    Raises:
        KeyError: if a part is missing, like TypeError if it is unknown or no value of its kind.
    """
    data = value["data"]
    return Subject(
        model=built(ModelId, value["model"]),
        data=built(DataId, {**data, "shape": tuple(data["shape"])}),
        space=value["space"],
    )


def subject_to_json(subject: Subject) -> Json:
    """A subject as plain JSON values."""
    plain: Json = _plain(asdict(subject))
    return plain


def differences(stored: Subject, asked: Subject) -> list[str]:
    """What differs between two subjects, as "data.digest: 9f2c… → 77ab…"; names do not count."""
    before, after = (_known(each) for each in (stored, asked))
    return [
        f"{name}: {str(before[name])[:32]} → {str(after[name])[:32]}"
        for name in before
        if before[name] != after[name]
    ]


def _known(subject: Subject) -> Json:
    known = {"space": subject.space}
    for part, value in (("model", subject.model), ("data", subject.data)):
        known |= {f"{part}.{field.name}": getattr(value, field.name) for field in fields(value)}
    del known["data.name"]
    if subject.model.digest is not None:  # else a model is its name
        del known["model.name"]
    return known


def _identity(value: Json) -> Json:
    """What two campaigns must share to be one: the names of the attack and of the data are not."""
    subject = value["subject"]
    model = dict(subject["model"])
    if model["digest"] is not None:
        del model["name"]
    data = {name: item for name, item in subject["data"].items() if name != "name"}
    kept = {name: item for name, item in value.items() if name != "name"}
    return {**kept, "subject": {**subject, "model": model, "data": data}}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, Enum) else value
