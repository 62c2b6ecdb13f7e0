"""A record as a value, and how to read one that a stranger wrote."""

from dataclasses import dataclass
from pathlib import Path

from certiball.claim import Draw
from certiball.errors import InputError
from certiball.reading import read_plain
from certiball.records.canonical import canonical_bytes
from certiball.records.document import given_of
from certiball.records.envelope import Signature, open_envelope
from certiball.records.given import Given
from certiball.records.rows import Row
from certiball.records.schema import check_schema
from certiball.records.strict import MOST_BYTES, parse_strict
from certiball.records.table import MOST_BYTES as LARGEST_TABLE
from certiball.records.table import read_table, sha256
from certiball.runs.shards import Shard
from certiball.runs.spec import Json, RunSpec


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record: well formed, with nothing else checked yet.

    Args:
        path: of its file.
        payload: the bytes of the statement, canonical JSON; their digest is the record's.
        statement: the same, parsed.
        given: what it was told, as against what follows from that.
        signatures: those of its envelope; none where there is no envelope.
    """

    path: Path
    payload: bytes
    statement: Json
    given: Given
    signatures: tuple[Signature, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the statement, as "sha256:…": what --expect and --previous name."""
        return f"sha256:{sha256(self.payload)}"

    @property
    def spec(self) -> RunSpec:
        """What was asked; the names of model and data without folders."""
        return self.given.spec

    @property
    def draws(self) -> dict[Shard, Draw]:
        """The seed of each shard."""
        return self.given.draws


def read_record(path: Path) -> Record:
    """A record from its file: a bare statement, or a DSSE envelope around one.

    Raises:
        InputError: if it cannot be read or is not exactly what certiball could have written.
    """
    data = read_plain(path, most=MOST_BYTES)
    signatures: tuple[Signature, ...] = ()
    value = parse_strict(data, str(path))
    if isinstance(value, dict) and "payloadType" in value:
        data, signatures = open_envelope(data)
    return record_of(data, path, signatures)


def record_of(payload: bytes, path: Path, signatures: tuple[Signature, ...] = ()) -> Record:
    """A record from the bytes of its statement.

    Raises:
        InputError: as `read_record`.
    """
    statement = parse_strict(payload, str(path))
    check_schema(statement)
    if canonical_bytes(statement) != payload:
        raise InputError(
            f"{path} is not canonical JSON (RFC 8785), so its digest means nothing: it was "
            "formatted or edited after it was written"
        )
    return Record(
        path=path,
        payload=payload,
        statement=statement,
        given=given_of(statement),
        signatures=signatures,
    )


def table_path(record: Record, named: Path | None = None) -> Path:
    """Where the table is: as named, or beside the record under the name that it states."""
    return named or record.path.parent / record.given.table.name


def read_rows(record: Record, table: Path | None = None) -> list[Row]:
    """The rows of a record's table, whose digest is checked first.

    Raises:
        InputError: if it is not the table that the record names, or not one that certiball wrote.
    """
    path, stated = table_path(record, table), record.given.table
    data = read_plain(path, most=LARGEST_TABLE)
    if sha256(data) != stated.sha256:
        raise InputError(f"{path} is not the table of {record.path}: its digest is another")
    return read_table(data, stated.format)
