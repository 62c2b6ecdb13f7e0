"""JSON from strangers: what two readers could understand in two ways is refused."""

import json
import math
import re
from typing import Any, NoReturn

from certiball.errors import InputError
from certiball.records.canonical import LARGEST

MOST_BYTES = 64 * 2**20
DEEPEST = 32  # nested lists and objects; records have a quarter of it
# Control and format characters: what nobody sees, or what lets others be seen otherwise.
UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f"
    r"\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e007f]+"
)
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')


def parse_strict(data: bytes, what: str = "this file") -> Any:
    """The value of a JSON text in UTF-8.

    Args:
        data: the text.
        what: it is called in messages.

    Raises:
        InputError: if it is no JSON, not UTF-8, too large or too deep, or if it has a key twice,
            NaN, a number that is no float or integers beyond 2⁵³ − 1, or half a surrogate pair.

    Example:
        >>> parse_strict(b'{"n": 100000}')
        {'n': 100000}
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"{what} has {len(data):,} bytes, more than {MOST_BYTES:,}: no record")
    try:
        text = data.decode()
        _check_depth(text)
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=_integer,
            parse_float=_float,
        )
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(f"{what} has half of a surrogate pair: it is no text") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is not UTF-8 (byte {error.start}): it is no record") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{what} is not JSON: {error}") from None
    except _RefusalError as error:
        raise InputError(f"{what} is refused: {error}") from None
    return value


class _RefusalError(Exception):
    """Why a text that is JSON is refused all the same."""


def _check_depth(text: str) -> None:
    depth = deepest = 0
    for mark in re.findall(r"[\[\]{}]", _STRINGS.sub("", text)):
        depth += 1 if mark in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise _RefusalError(f"it is nested {deepest} deep, and records at most {DEEPEST}")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RefusalError(f"it has the key {twice!r} twice")
    return value


def _no_constant(text: str) -> NoReturn:
    raise _RefusalError(f"{text} is no number of JSON")


def _integer(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST:
        raise _RefusalError(f"the integer {text[:20]} is beyond 2⁵³ − 1")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _RefusalError(f"{text[:20]} is beyond the floats")
    return value
