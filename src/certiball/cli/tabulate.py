"""A study in one of the formats of export."""

from pathlib import Path
from typing import TYPE_CHECKING, get_args

from certiball.cli.names import Format
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.report.study import Study


def tabulate(study: "Study", form: Format | None, out: Path | None) -> str | bytes:
    """A study as a table.

    Args:
        study: what to write.
        form: the format; None takes it from the file's name, or tsv.
        out: the file that it is for.

    Raises:
        InputError: if the file's name ends in what is no format, and none is given; or if the
            format has no column for what was read of all inputs at once.
    """
    from certiball.report.export import to_csv, to_json, to_parquet
    from certiball.report.logs import to_tsv

    chosen = form or _format_of(out)
    if chosen == "parquet":
        return to_parquet(study)
    if chosen == "tsv" and study.family is not None:
        raise InputError(
            "a tsv has no column for what holds of all inputs at once: take --format csv"
        )
    return {"tsv": to_tsv, "csv": to_csv, "json": to_json}[chosen](study)


def _format_of(out: Path | None) -> str:
    """The format that a file's name says; tsv where it says none."""
    suffix = out.suffix.lower().removeprefix(".") if out else ""
    if suffix and suffix not in get_args(Format):
        known = " ".join(f".{name}" for name in get_args(Format))
        raise InputError(f"{out} ends in none of {known}: rename it, or give --format")
    return suffix or "tsv"
