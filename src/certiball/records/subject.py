"""Whether a model and data at hand are those that a record speaks of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend as words
from certiball.classifiers.backend import run_by, settings
from certiball.classifiers.forward import DTYPES
from certiball.classifiers.torch import TorchClassifier
from certiball.datasets import Dataset
from certiball.errors import InputError, ModelError
from certiball.records.record import Record
from certiball.records.rows import Row
from certiball.runs.environment import changes, environment
from certiball.runs.finding import Finding, Level
from certiball.runs.identity import data_id, model_id
from certiball.runs.items import list_items
from certiball.sampling import misfits_explained
from certiball.smoothed import Smoothed

LEGIBLE = 16  # characters of a digest in a message


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model and data at hand, to draw votes with as a record says.

    Args:
        g: the smoothed classifier: the model at hand, the law and space of the record.
        dataset: the data at hand.
        alike: whether backend and environment are those of the record, so that votes must be.
    """

    g: Smoothed
    dataset: Dataset
    alike: bool


def subject_of(
    record: Record,
    classifier: Classifier,
    dataset: Dataset,
    *,
    backend: str | None = None,
    dtype: str | None = None,
) -> Subject:
    """What votes are drawn with: the model, run as the record says or as is asked for.

    Raises:
        InputError: for a backend or precision that such a model has not.
    """
    spec = record.spec
    held = settings(spec.model.backend)
    if held is not None and isinstance(classifier, TorchClassifier):
        classifier = run_by(classifier, backend=backend or held[0])
        own = settings(words(classifier))
        if dtype is None and own is not None and own[1] != held[1] and held[1] in DTYPES:
            dtype = held[1]
    classifier = run_by(classifier, backend=backend, dtype=dtype)
    g = Smoothed(classifier, spec.claim.law, space=spec.claim.space)
    return Subject(g=g, dataset=dataset, alike=not _unlike(record, classifier))


def check_subject(record: Record, rows: Sequence[Row], subject: Subject) -> list[Finding]:
    """Whether model, inputs and labels are the record's, and what differs in how they are run.

    Args:
        record: whose statement names them by digests.
        rows: of its table.
        subject: the ones at hand.
    """
    findings = [_model(record, subject), _data(record, subject)]
    if findings[-1].level is Level.OK:
        findings.append(_inputs(record, rows, subject))
    return [*findings, _environment(record, subject)]


def _model(record: Record, subject: Subject) -> Finding:
    stated, classifier = record.spec.model, subject.g.classifier
    shape = record.spec.data.shape
    try:
        with misfits_explained(shape, subject.g.law):
            found = model_id(classifier, stated.name, subject.g.space, subject.g.law.seen(shape))
    except ModelError as error:
        return Finding(check="model", level=Level.FAIL, text=f"another model: {error}")
    # Where it runs otherwise, that is said apart.
    if replace(found, backend=stated.backend) == stated and found.digest is not None:
        text = f"its digest is {str(found.digest)[:LEGIBLE]}…, as the record says"
        return Finding(check="model", level=Level.OK, text=text)
    return Finding(
        check="model",
        level=Level.FAIL,
        text=f"another model: the record's digest is {stated.digest} ({stated.classes} classes), "
        f"this one's {found.digest} ({found.classes} classes)",
        remedy=""
        if subject.alike
        else "run it as recorded: labels of fixed probes are a part of "
        "the digest, and may be others here",
    )


def _data(record: Record, subject: Subject) -> Finding:
    stated = record.spec.data
    try:
        found = data_id(subject.dataset, every=stated.every, first=stated.first)
    except InputError as error:
        return Finding(check="data", level=Level.FAIL, text=f"other data: {error}")
    if (found.digest, found.count, found.shape) == (stated.digest, stated.count, stated.shape):
        text = f"the digest of {stated.count:,} inputs is {stated.digest[:LEGIBLE]}…, as it says"
        return Finding(check="data", level=Level.OK, text=text)
    return Finding(
        check="data",
        level=Level.FAIL,
        text=f"other data: the record's digest is {stated.digest} ({stated.count:,} inputs of "
        f"shape {stated.shape}), this one's {found.digest} ({found.count:,} of {found.shape})",
        remedy="give --space, --resize, --crop and --grayscale as when it was certified",
    )


def _inputs(record: Record, rows: Sequence[Row], subject: Subject) -> Finding:
    """Labels and hashes of all rows: the digest of the data says nothing of the table's."""
    spec = record.spec
    items = list_items(
        subject.dataset, classes=spec.model.classes, every=spec.data.every, first=spec.data.first
    )
    wrong = [
        row.index
        for row, item in zip(rows, items, strict=False)
        if (row.index, row.label) != (item.input, item.label)
        or row.content not in (None, item.content)
    ]
    if not wrong and len(rows) == len(items):
        text = f"label and hash of {len(rows):,} rows are those of the data"
        return Finding(check="labels", level=Level.OK, text=text)
    first = f", first of input {wrong[0]}" if wrong else ""
    return Finding(
        check="labels",
        level=Level.FAIL,
        text=f"{len(wrong):,} of {len(rows):,} rows have another label or input than the data, "
        f"which has {len(items):,}{first}",
    )


def _environment(record: Record, subject: Subject) -> Finding:
    unlike = _unlike(record, subject.g.classifier)
    if not unlike:
        text = f"{record.spec.model.backend}, versions and hardware are those of the record"
        return Finding(check="environment", level=Level.OK, text=text)
    return Finding(
        check="environment",
        level=Level.OPEN,
        text=f"not as recorded ({'; '.join(unlike)}): a vote may flip where scores nearly tie",
    )


def _unlike(record: Record, classifier: Classifier) -> list[str]:
    """How this machine differs from every environment that the record names."""
    stated, here = record.spec.model.backend, words(classifier)
    other = [f"backend: {stated} → {here}"] if stated != here else []
    known = list(record.given.environments.values())
    facts = environment(here)
    if len(known) == 1 and known[0] == facts:
        return other
    if len(known) > 1:
        return [*other, f"{len(known)} environments computed the record's votes"]
    return [*other, *(changes(known[0], facts) if known else ["the record names none"])]
