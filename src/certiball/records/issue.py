"""From a finished run to a record: what is kept, what is left out, and what gets none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version

from certiball.certificate import Certificate
from certiball.errors import InputError
from certiball.records.canonical import canonical_bytes
from certiball.records.document import statement_of
from certiball.records.given import Begun, Given, Issued
from certiball.records.rows import Row, Status, counts_of
from certiball.records.strict import UNSEEN
from certiball.records.table import TableFile, sha256, write_table
from certiball.runs.ledger import Attempt
from certiball.runs.read import Outcome, Results
from certiball.runs.spec import RunSpec
from certiball.threats.threat import parse_threat, question

_FOLDERS = re.compile(r"(?<![\w.:/\\])(?:~|[A-Za-z]:)?(?:[/\\][\w.@+ -]*?)*[/\\](?=[\w.@+-])")
LONGEST = 1000  # characters of a reason or an outcome


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a record is asked for with.

    Args:
        issuer: who vouches for it; None for nobody.
        previous: the digest of the record that it replaces, "sha256:…".
        threats: as `parse_threat` reads them.
        table: the name of the table's file, beside the record.
        format: of the table, "tsv" or "parquet".
    """

    issuer: str | None = None
    previous: str | None = None
    threats: tuple[str, ...] = ()
    table: str = "certificate.table.tsv"
    format: str = "tsv"


def issue(results: Results, wish: Wish) -> tuple[bytes, bytes]:
    """The record of a finished run, and its table.

    Raises:
        InputError: if the model is unidentified, an input is unfinished, a wish is malformed, or a
            threat's budget seems to be in other units.
        MissingExtraError: for Parquet without pyarrow.
    """
    check_issuable(results)
    _check_wish(wish)
    for threat in wish.threats:
        question(parse_threat(threat), results.spec.claim.space, results.spec.dimension)
    rows = [row_of(outcome) for outcome in results.outcomes]
    data = write_table(rows, wish.format)
    given = Given(
        issued=Issued(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            issuer=wish.issuer,
            previous=wish.previous,
            version=version("certiball"),
        ),
        spec=without_folders(results.spec),
        draws=results.draws,
        attempts=_begun(results.attempts),
        environments=results.environments,
        tried=plain_text(next((a.tried for a in results.assumptions if a.tried), "")),
        classes=_class_names(results),
        threats=wish.threats,
        table=TableFile(name=wish.table, format=wish.format, rows=len(rows), sha256=sha256(data)),
    )
    return canonical_bytes(statement_of(given, rows)), data


def check_issuable(results: Results) -> None:
    """Refuse a run that a record could not speak for.

    Raises:
        InputError: if nothing identifies its model, or an input is neither finished nor failed.
    """
    if results.spec.model.digest is None:
        raise InputError(
            f"the model of {results.folder} is unidentified, so nothing would tie a record to it: "
            "certify again with a model that has a digest (FunctionClassifier takes a name)"
        )
    left = sum(not outcome.finished for outcome in results.outcomes)
    if left:
        raise InputError(
            f"{left} of {len(results.outcomes)} inputs of {results.folder} are unfinished, and a "
            "record of those that are done could be stopped where it looks best: let certify go "
            "on to the end, or merge the shards"
        )


def row_of(outcome: Outcome) -> Row:
    """A row of the table, from a finished outcome."""
    result, item = outcome.result, outcome.item
    seconds = round(outcome.seconds, 3)
    if result is None:
        return Row(
            index=item.input,
            content=item.content,
            label=item.label,
            status=Status.FAILED,
            clean=outcome.clean,
            seconds=seconds,
            reason=plain_text(outcome.failure or "unknown"),
        )
    radius = result.radius if isinstance(result, Certificate) else 0.0
    return Row(
        index=item.input,
        content=item.content,
        label=item.label,
        status=Status.CERTIFIED if radius > 0 else Status.ABSTAINED,
        selection=counts_of(result.selection) or None,  # none where every view votes
        estimation=counts_of(result.estimation),
        clean=outcome.clean,
        predicted=result.label,
        p_lower=result.p_lower,
        p_upper=result.p_upper,
        radius=radius,
        radius_classical=None if result.classical is None else result.classical.radius,
        verdicts=tuple(target.verdict for target in result.targets),
        seconds=seconds,
    )


def without_folders(spec: RunSpec) -> RunSpec:
    """The same run: names do not enter its digest, and folders are nobody's business."""
    return replace(
        spec,
        model=replace(spec.model, name=plain_text(spec.model.name)),
        data=replace(spec.data, name=plain_text(spec.data.name)),
    )


def plain_text(text: str) -> str:
    """A text on one line, of which absolute paths keep their last part.

    Example:
        >>> plain_text("no file /home/ada/nets/a.pt")
        'no file a.pt'
    """
    return _FOLDERS.sub("", UNSEEN.sub(" ", text[: 2 * LONGEST])).strip()[:LONGEST]


def _begun(attempts: Sequence[Attempt]) -> tuple[Begun, ...]:
    """Hosts by number, in the order of their coming; processes not at all."""
    hosts = list(dict.fromkeys(attempt.host for attempt in attempts))
    return tuple(
        Begun(
            started=attempt.started,
            ended=attempt.ended,
            outcome=None if attempt.outcome is None else plain_text(attempt.outcome),
            machine=hosts.index(attempt.host) + 1,
            environment=attempt.environment,
        )
        for attempt in attempts
    )


def _class_names(results: Results) -> tuple[str, ...]:
    """As the data has them, if they are those of the model."""
    names = results.source.classes if results.source else ()
    if len(names) != results.spec.model.classes:
        return ()
    return tuple(UNSEEN.sub(" ", name).strip()[:LONGEST] for name in names)


def _check_wish(wish: Wish) -> None:
    if not re.fullmatch(r"[^./\\][^/\\]{0,250}", wish.table) or not wish.table.isprintable():
        raise InputError(f"the table lies beside the record and cannot be called {wish.table!r}")
    if wish.issuer is not None and not (
        0 < len(wish.issuer) <= 500 and wish.issuer.isprintable() and wish.issuer.strip()
    ):
        raise InputError("the issuer must be a line of 1 to 500 printable characters")
    if wish.previous is not None and not re.fullmatch("sha256:[0-9a-f]{64}", wish.previous):
        raise InputError(
            f"the previous record is named by its digest, sha256: and 64 hexadecimal digits, not "
            f"{wish.previous[:80]!r}"
        )
