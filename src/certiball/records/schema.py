"""The published JSON Schema of records, applied without a library for it.

Only the words that the schema uses are understood; a test sees to it that it uses no others.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from certiball.errors import InputError

FILE = Path(__file__).with_name("schema.json")  # the same as docs/record.schema.json
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
OTHERS = {  # handled elsewhere, or for people
    *("$ref", "properties", "required", "additionalProperties", "items"),
    *("$schema", "$id", "$defs", "title", "description"),
}


def check_schema(value: Any) -> None:
    """Refuse what is no record by its form.

    Raises:
        InputError: naming the first place that does not fit, such as predicate.summary.inputs.
    """
    place, fault = next(_faults(value, schema(), ""), ("", ""))
    if fault:
        raise InputError(f"this is no record of version 1: {place or 'the document'} {fault}")


@cache
def schema() -> dict[str, Any]:
    """The schema as a value."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def _faults(value: Any, rule: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    if "$ref" in rule:
        yield from _faults(value, schema()["$defs"][rule["$ref"].removeprefix("#/$defs/")], place)
    for word, wanted in rule.items():
        if word in CHECKS and not CHECKS[word](value, wanted):
            yield place, f"breaks “{word}: {str(wanted)[:80]}”"
    if isinstance(value, dict):
        yield from _members(value, rule, place)
    if isinstance(value, list) and "items" in rule:
        for number, item in enumerate(value):
            yield from _faults(item, rule["items"], f"{place}[{number}]")


def _members(value: dict[str, Any], rule: dict[str, Any], place: str) -> Iterator[tuple[str, str]]:
    known, others = rule.get("properties", {}), rule.get("additionalProperties", {})
    for name in rule.get("required", ()):
        if name not in value:
            yield place, f"has no {name}"
    for name, item in value.items():
        inner = f"{place}.{name}".removeprefix(".")
        if name not in known and others is False:
            yield inner, "is unknown"
        else:
            yield from _faults(item, known.get(name, others), inner)


def _is(value: Any, wanted: str | list[str]) -> bool:
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if isinstance(value, bool):
        return "boolean" in kinds
    return any(isinstance(value, _TYPES[kind]) for kind in kinds)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _matches(wanted: str, text: str) -> bool:
    # In JSON Schema $ is the end; in Python it may stand before a last line feed.
    return re.search(wanted.removesuffix("$") + r"\Z" * wanted.endswith("$"), text) is not None


CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "type": _is,
    "const": lambda value, wanted: type(value) is type(wanted) and value == wanted,
    "enum": lambda value, wanted: isinstance(value, str) and value in wanted,
    "pattern": lambda value, wanted: not isinstance(value, str) or _matches(wanted, value),
    "maxLength": lambda value, wanted: not isinstance(value, str) or len(value) <= wanted,
    "minimum": lambda value, wanted: not _number(value) or value >= wanted,
    "maximum": lambda value, wanted: not _number(value) or value <= wanted,
    "minItems": lambda value, wanted: not isinstance(value, list) or len(value) >= wanted,
    "maxItems": lambda value, wanted: not isinstance(value, list) or len(value) <= wanted,
}
