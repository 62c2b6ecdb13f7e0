"""The published format of certification logs: `idx label predict radius correct time`.

Tab-separated, one row per input; −1 in `predict` is an abstention. Files of this form came with
arXiv 1902.02918 and with many articles since.
"""

import re
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path

from certiball.errors import InputError
from certiball.reading import read_plain
from certiball.report.study import Entry, Origin, Study
from certiball.statistics.rounding import format_down

COLUMNS = ("idx", "label", "predict", "radius", "correct", "time")
DIGITS = 4  # of a radius that is written
PUBLISHED_DIGITS = 3  # significant digits of the radii that came with articles
NO_COUNTS = "The log carries no counts of votes, so no radius in it can be checked."
PUBLISHED_NOTES = (
    "Radii were rounded to nearest by the publisher, to about three digits: "
    "a radius may be stated larger than it was proven.",
    NO_COUNTS,
)
OTHER_NOTES = (
    "Radii are as the log states them; whether they were rounded down cannot be seen from it.",
    NO_COUNTS,
)
LARGEST = 2**28  # bytes of a log: some millions of inputs
FARTHEST = 1e9  # a radius; in no units do images lie so far apart
LONGEST = 1e9  # seconds for one input: thirty years
_DURATION = re.compile(
    r"(?:(\d{1,5}) days?, )?(\d{1,9}):([0-5]\d):([0-5]\d(?:\.\d{1,20})?)", re.ASCII
)
_NUMBER = re.compile(r"(\d{1,20}(\.\d{0,40})?|\.\d{1,40})([eE][-+]?\d{1,3})?", re.ASCII)


def read_log(
    path: Path, *, title: str | None = None, notes: tuple[str, ...] | None = None
) -> Study:
    """A published log as a study without claim and counts.

    Args:
        path: the file.
        title: its name in a report; the file's name by default.
        notes: what a reader must know of these radii, where the caller knows it, as of our own
            export. By default `PUBLISHED_NOTES` where no radius has more than three significant
            digits, as published, and else `OTHER_NOTES`.

    Raises:
        InputError: if the file cannot be read, naming the first wrong line.
    """
    try:
        text = read_plain(path, most=LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: cannot be read as a text file ({error}); check it") from error
    lines = text.replace("\r\n", "\n").split("\n")  # splitlines has a dozen other ends
    columns = _header(path, lines[0])
    entries: dict[int, Entry] = {}
    digits = 0
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        try:
            entry = _entry(line, columns)
        except InputError as error:
            raise InputError(f"{path}, line {number}: {error}") from error
        if entry.index in entries:
            raise InputError(
                f"{path}, line {number}: input {entry.index} comes twice; each counts once"
            )
        entries[entry.index] = entry
        digits = max(digits, _digits(line.split("\t")[columns.index("radius")]))
    if notes is None:
        notes = PUBLISHED_NOTES if digits <= PUBLISHED_DIGITS else OTHER_NOTES
    return Study(
        title=title or path.stem,
        entries=tuple(entries.values()),
        origin=Origin.PUBLISHED,
        notes=notes,
        facts=(("log", path.name),),
    )


def to_tsv(study: Study) -> str:
    """A study in the published format, radii rounded down to 4 decimals.

    A radius below .0001 would be written as 0, which certifies nothing: it becomes an abstention.

    Example:
        >>> entry = Entry(index=0, label=3, predicted=3, radius=0.48659, seconds=2.5)
        >>> text = to_tsv(Study(title="run", entries=(entry,), origin=Origin.RUN))
        >>> text.splitlines()[1].split()
        ['0', '3', '3', '0.4865', '1', '0:00:02.500000']
    """
    rows = ["\t".join(COLUMNS)]
    for entry in study.entries:
        seconds = "" if entry.seconds is None else _duration(entry.seconds)
        radius = _cut(entry.radius, study.origin)
        # What is cut to 0 certifies nothing, and must not be read as a certificate.
        predicted = -1 if entry.predicted is None or not float(radius) else entry.predicted
        correct = int(predicted == entry.label)
        cells = (entry.index, entry.label, predicted, radius, correct, seconds)
        rows.append("\t".join(str(cell) for cell in cells))
    return "\n".join(rows) + "\n"


def _header(path: Path, line: str) -> tuple[str, ...]:
    columns = tuple(line.strip().split("\t"))
    if columns == COLUMNS:
        return columns
    if "predict" in columns and "radius" not in columns:
        raise InputError(
            f"{path} has no column 'radius': it is a log of predictions, which certify nothing; "
            "give a log of certification"
        )
    raise InputError(
        f"{path}: the first line must be '{' '.join(COLUMNS)}', separated by tabs, "
        f"not {line[:80]!r}"
    )


def _entry(line: str, columns: tuple[str, ...]) -> Entry:
    cells = line.split("\t")
    if len(cells) != len(columns):
        raise InputError(f"{len(cells)} columns instead of {len(columns)}; repair the row")
    row = dict(zip(columns, cells, strict=True))
    predict, radius = _integer(row["predict"], "predict", least=-1), _radius(row["radius"])
    nothing = "abstained, as the log says" if predict == -1 else "radius 0, which certifies nothing"
    certified = predict != -1 and radius != 0
    entry = Entry(
        index=_integer(row["idx"], "idx"),
        label=_integer(row["label"], "label"),
        predicted=predict if certified else None,
        radius=radius,
        seconds=_seconds(row["time"]),
        reason=None if certified else nothing,
    )
    if _integer(row["correct"], "correct") != (predict == entry.label):
        raise InputError(
            f"correct is {row['correct']}, but label is {row['label']} and predict "
            f"{row['predict']}; repair the row"
        )
    return entry


def _integer(text: str, column: str, least: int = 0) -> int:
    if not re.fullmatch(r"-?[0-9]{1,15}", text.strip()) or int(text) < least:
        raise InputError(f"{column} is {text!r:.80}, not an integer ≥ {least}; repair the row")
    return int(text)


def _radius(text: str) -> float:
    text = text.strip()
    if _NUMBER.fullmatch(text) is None:
        raise InputError(f"radius is {text!r:.80}, not a finite number ≥ 0; repair the row")
    if float(text) > FARTHEST:
        raise InputError(f"radius is {text}, more than {FARTHEST:g}; repair the row")
    return float(text)


def _digits(text: str) -> int:
    """Significant digits as they are written: 3 of 0.0734, 4 of 0.1000; decimals of a zero."""
    radius = Decimal(text.strip()).as_tuple()
    return len(radius.digits) if any(radius.digits) else -int(radius.exponent)


def _seconds(text: str) -> float | None:
    if not text.strip():
        return None
    if match := _DURATION.fullmatch(text.strip()):
        days, hours, minutes, seconds = match.groups(default="0")
        return 86400 * int(days) + 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    if _NUMBER.fullmatch(text.strip()) is None or float(text) > LONGEST:
        raise InputError(f"time is {text!r:.80}, not seconds or h:mm:ss; repair the row")
    return float(text)


def _duration(seconds: float) -> str:
    # str(timedelta) leaves out ".000000"; published logs always have the six digits.
    text = str(timedelta(seconds=seconds))
    return text if "." in text else text + ".000000"


def _cut(radius: float, origin: Origin) -> str:
    """Decimals that claim no more: of the exact float, or of the decimal that a log stated."""
    if origin is Origin.RUN:
        return format_down(radius, DIGITS)
    return str(Decimal(repr(radius)).quantize(Decimal(1).scaleb(-DIGITS), ROUND_FLOOR))
