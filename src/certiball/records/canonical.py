"""JSON of which each value has one text (RFC 8785), so that a digest of it means something."""

import math
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from certiball.errors import InputError

LARGEST = 2**53 - 1  # beyond it readers that hold numbers as floats round
_WORDS = {None: "null", True: "true", False: "false"}


def canonical_bytes(value: Any) -> bytes:
    """The one text of a JSON value: keys sorted by UTF-16, numbers as ECMAScript writes them.

    Raises:
        InputError: for what JSON cannot say alike everywhere: NaN, infinities, integers beyond
            2⁵³ − 1 (write them as strings), lone surrogates, other types.

    Example:
        >>> canonical_bytes({"b": 1e21, "a": [1.0, 2**53 - 1, None]})
        b'{"a":[1,9007199254740991,null],"b":1e+21}'
    """
    try:
        return _text(value).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{error.object!r} has half of a surrogate pair: it is no text") from None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)  # as json.dumps without ensure_ascii
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise InputError(f"{value} is beyond 2⁵³ − 1: write it as a string")
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(key)}:{_text(value[key])}" for key in keys) + "}"
    raise InputError(f"JSON has no {type(value).__name__} such as {value!r}")


def _number(value: float) -> str:
    """As ECMAScript's Number.prototype.toString: the shortest digits that give the float back."""
    if not math.isfinite(value):
        raise InputError(f"JSON has no {value}: write it as a string")
    if value == 0:
        return "0"
    sign, figures, exponent = Decimal(repr(value)).as_tuple()
    digits = "".join(map(str, figures)).rstrip("0")
    point = int(exponent) + len(figures)  # digits before the decimal point
    return ("-" if sign else "") + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{point - 1:+d}"
