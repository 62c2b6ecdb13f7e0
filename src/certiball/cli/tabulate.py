"""A study in one of the formats of export."""

from pathlib import Path
from typing import TYPE_CHECKING, get_args

from certiball.cli.names import Format

if TYPE_CHECKING:
    from certiball.report.study import Study


def tabulate(study: "Study", form: Format | None, out: Path | None) -> str | bytes:
    """A study as a table.

    Args:
        study: what to write.
        form: the format; None takes it from the file's name, or tsv.
        out: the file that it is for.
    """
    from certiball.report.export import to_csv, to_json, to_parquet
    from certiball.report.logs import to_tsv

    suffix = out.suffix.removeprefix(".") if out else ""
    chosen = form or (suffix if suffix in get_args(Format) else "tsv")
    if chosen == "parquet":
        return to_parquet(study)
    return {"tsv": to_tsv, "csv": to_csv, "json": to_json}[chosen](study)
