"""The table of a record: a line per input, as text or as Parquet, and its digest."""

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from certiball.certificate import Verdict
from certiball.errors import InputError, MissingExtraError
from certiball.records.rows import COLUMNS, Row, Status, parse_row, row_line

HEAD = "\t".join(COLUMNS)
MOST_BYTES = 2**31
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """The file that a record's rows lie in.

    Args:
        name: of the file, beside the record.
        format: "tsv" or "parquet".
        rows: how many there are.
        sha256: of the file's bytes, hexadecimal.
    """

    name: str
    format: str
    rows: int
    sha256: str


def write_table(rows: Sequence[Row], form: str) -> bytes:
    """The bytes of a table, "tsv" or "parquet".

    Raises:
        MissingExtraError: for Parquet without pyarrow.
    """
    if form == "parquet":
        return _parquet(rows)
    return "".join(f"{line}\n" for line in (HEAD, *map(row_line, rows))).encode()


def read_table(data: bytes, form: str) -> list[Row]:
    """The rows of a table.

    Raises:
        InputError: naming the first line that certiball would not have written.
        MissingExtraError: for Parquet without pyarrow.
    """
    if form == "parquet":
        return _from_parquet(data)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"the table is not UTF-8 (byte {error.start})") from None
    if _CONTROL.search(text) or not text.endswith("\n"):
        raise InputError("the table has control characters, or no end of its last line")
    head, *lines = text[:-1].split("\n")
    if head != HEAD:
        raise InputError(f"the table's first line must name the columns: {', '.join(COLUMNS)}")
    return _parse(lines)


def sha256(data: bytes) -> str:
    """The digest of bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _parse(lines: Sequence[str]) -> list[Row]:
    rows = []
    for number, line in enumerate(lines):
        try:
            rows.append(parse_row(line))
        except InputError as error:
            raise InputError(f"row {number} of the table (from 0) is refused: {error}") from None
    return rows


def _parquet(rows: Sequence[Row]) -> bytes:
    pa, pq = _arrow()
    kinds = {"index": pa.int64(), "label": pa.int64(), "clean": pa.int64(), "predicted": pa.int64()}
    floats = ("p_lower", "p_upper", "radius", "radius_classical", "seconds")
    kinds |= dict.fromkeys(floats, pa.float64())
    fields = [pa.field(name, kinds.get(name, pa.string())) for name in COLUMNS]
    table = pa.Table.from_pylist([_cells(row) for row in rows], schema=pa.schema(fields))
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def _cells(row: Row) -> dict[str, Any]:
    """A row's numbers as they are, its texts as in a line."""
    texts = dict(zip(COLUMNS, row_line(row).split("\t"), strict=True))
    return {
        name: value if isinstance(value := getattr(row, name), int | float) else texts[name] or None
        for name in COLUMNS
    }


def _from_parquet(data: bytes) -> list[Row]:
    pa, pq = _arrow()
    try:
        found = pq.read_table(io.BytesIO(data)).to_pylist()
        rows = [_row_of(cells) for cells in found]
    except (pa.ArrowException, KeyError, TypeError, ValueError, AttributeError) as error:
        first = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(f"the table is not the Parquet that certiball writes: {first}") from None
    return _parse([row_line(row) for row in rows])


def _row_of(cells: dict[str, Any]) -> Row:
    if tuple(cells) != COLUMNS:
        raise InputError(f"its columns must be {', '.join(COLUMNS)}")
    votes = {
        name: None
        if cells[name] is None
        else {int(k): int(n) for k, n in (pair.split(":") for pair in cells[name].split(","))}
        for name in ("selection", "estimation")
    }
    verdicts = filter(None, (cells["verdicts"] or "").split(","))
    given = cells | votes | {"reason": cells["reason"] or ""}
    return Row(
        **given | {"status": Status(cells["status"]), "verdicts": tuple(map(Verdict, verdicts))}
    )


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError(
            "Parquet needs pyarrow: pip install 'certiball[parquet]'"
        ) from error
    return pa, pq
