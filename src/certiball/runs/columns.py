"""What a store says, checked before it is believed: a run folder may come from a stranger.

SQLite keeps any type in any column, and JSON holds anything at all.
"""

import json
import math
import sqlite3
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from fractions import Fraction
from inspect import signature
from typing import Any, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from certiball.errors import StoreError

T = TypeVar("T")

LARGEST = 2**53  # a whole number; all that are counted here are far smaller
FAST = 1e12  # seconds; likewise
# What a column of each declared type may hold, as a condition of SQL.
_HOLDS = {
    "INTEGER": f"typeof({{0}}) = 'integer' AND {{0}} BETWEEN 0 AND {LARGEST}",
    "REAL": f"typeof({{0}}) = 'real' AND {{0}} BETWEEN 0 AND {FAST}",
    "TEXT": "typeof({0}) = 'text'",
    "BLOB": "typeof({0}) = 'blob'",
}


def check_columns(connection: sqlite3.Connection) -> None:
    """Refuse a store whose columns hold what certiball never writes there.

    Raises:
        StoreError: naming the first table and column.
    """
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for _, column, kind, required, _, key in connection.execute(f"PRAGMA table_info({table})"):
            absent = "" if required or key else f"{column} IS NULL OR "
            found = connection.execute(
                f"SELECT typeof({column}) FROM {table} "
                f"WHERE NOT ({absent}{_HOLDS[kind].format(column)}) LIMIT 1"
            ).fetchone()
            if found is not None:
                damaged(f"{table}.{column} holds a {found[0]} that cannot be there")
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        damaged("a row names another that is not there")


def damaged(what: str) -> NoReturn:
    """Say that a store is not what certiball wrote.

    Raises:
        StoreError: always.
    """
    raise StoreError(
        f"the store is damaged ({what}): restore it from a copy, or start again in a new folder"
    )


def parse_json(text: str, what: str) -> dict[str, Any]:
    """A JSON object of a store.

    Raises:
        StoreError: if it is none, or has what certiball's never have: NaN, broken text.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        damaged(f"its {what} cannot be read: {type(error).__name__}")
    if not isinstance(value, dict):
        damaged(f"its {what} is no JSON object")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def built(kind: type[T], values: Mapping[str, Any]) -> T:
    """A dataclass from values of JSON, each of the type that its field has.

    Raises:
        TypeError: naming a field that is missing, unknown or of another type.

    Example:
        >>> from certiball.spaces import Reals
        >>> built(Reals, {"low": 0, "high": "1"})
        Traceback (most recent call last):
        TypeError: high is '1'
    """
    hints = get_type_hints(kind)
    known = signature(kind).parameters
    for name, value in values.items():
        if name not in known:
            raise TypeError(f"{name!r:.60} is unknown")
        if not _fits(value, hints[name]):
            raise TypeError(f"{name} is {value!r:.60}")
    return kind(**values)


def _fits(value: Any, hint: Any) -> bool:
    if get_origin(hint) in (Union, types.UnionType):
        return any(_fits(value, each) for each in get_args(hint))
    if get_origin(hint) in (tuple, Sequence):
        return isinstance(value, tuple | list) and all(_fits(v, get_args(hint)[0]) for v in value)
    if hint is float:
        return type(value) in (int, float) and not math.isnan(value)
    if hint is int:
        return type(value) is int and abs(value) <= LARGEST
    if hint is Fraction:
        return isinstance(value, Fraction)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return isinstance(value, hint) or any(value == member.value for member in hint)
    return isinstance(hint, type) and isinstance(value, hint)
