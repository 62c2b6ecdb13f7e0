"""A run's specification out of JSON that does not tell 1 from 1.0."""

from dataclasses import fields
from typing import Any, get_args

from certiball.errors import CertiballError, InputError
from certiball.laws.names import NAMES
from certiball.records.canonical import canonical_bytes
from certiball.runs.spec import PLANS, SPACES, Json, RunSpec, from_json, to_json


def specification_of(value: Json, digest: str) -> RunSpec:
    """The specification of a record: canonical JSON writes 1.0 as 1, and its digest was of 1.0.

    Args:
        value: as it stands in the record, of the schema's form.
        digest: as stated there, which is checked elsewhere; it tells here how ends of an interval
            were given, for those alone may be either.

    Raises:
        InputError: if it cannot be read, or is not written as certiball writes it.
    """
    try:
        spec = from_json(_with_floats(value, [NAMES, PLANS, SPACES]))
        if spec.digest != digest:
            whole = from_json(_with_floats(value, [NAMES, PLANS]))
            spec = whole if whole.digest == digest else spec
    except (CertiballError, ArithmeticError) as error:
        raise InputError(f"the record's specification is refused: {error}") from None
    if canonical_bytes(to_json(spec)) != canonical_bytes(value):
        raise InputError("the record's specification is not written as certiball writes it")
    return spec


def _with_floats(value: Json, tables: list[dict[str, type]]) -> Json:
    kinds = {name: kind for table in tables for name, kind in table.items()}
    claim = value["claim"]
    parts = {name: _floated(kinds, claim[name]) for name in ("law", "space")}
    return {
        **value,
        "claim": {**claim, **parts, "alpha": float(claim["alpha"])},
        "plan": _floated(kinds, value["plan"]),
    }


def _floated(kinds: dict[str, type], value: Json) -> Json:
    """The same, with floats where the class has floats."""
    if value["kind"] not in kinds:
        return value
    hints = {field.name: field.type for field in fields(kinds[value["kind"]])}
    real = {name for name, hint in hints.items() if hint is float or float in get_args(hint)}
    return {name: _float(item) if name in real else item for name, item in value.items()}


def _float(value: Any) -> Any:
    if isinstance(value, list):
        return [_float(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
