"""Levels 2 and 3 of certiball verify: votes drawn by the verifier, with model and data at hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from certiball.cli.output import Voice
from certiball.cli.subject import DataOptions, ModelOptions, inputs_of, open_data, open_model
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.records.record import Record
    from certiball.records.rows import Row
    from certiball.records.subject import Subject
    from certiball.runs.finding import Finding


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a verifier wants votes to be drawn.

    Args:
        level: 2 for the recorded seeds, 3 for fresh ones.
        model: the model at hand.
        data: the data at hand.
        inputs: how many are drawn for; None for all.
        votes: fresh ones for each, at level 3.
        false_alarm: how often an honest record may raise an alarm, at level 3.
        nonce: the verifier's; None for one from the operating system.
        backend: what runs the model at level 3; None for what the record says.
        dtype: its precision, likewise.
    """

    level: int
    model: ModelOptions
    data: DataOptions
    inputs: int | None
    votes: int
    false_alarm: float
    nonce: str | None
    backend: str | None = None
    dtype: str | None = None


def check_level(level: int, options: dict[int, dict[str, object]]) -> None:
    """Refuse options that only a higher level heeds: else they would seem to have been checked.

    Args:
        level: of the verification.
        options: by the least level that heeds them, with what was given; None or False for nothing.

    Raises:
        InputError: naming one.
    """
    for least, given in options.items():
        for name, value in given.items():
            if level < least and value is not None and value is not False:
                raise InputError(
                    f"{name} is for level {least}, and this is level {level}: add --level {least}, "
                    "or leave it out"
                )


def check_asked(asked: Asked) -> None:
    """Refuse what no check could be made with, before anything is loaded.

    Raises:
        InputError: saying which option.
    """
    from certiball.records.audit import nonce_of
    from certiball.records.fresh import Wanted

    if asked.inputs is not None and asked.inputs < 1:
        raise InputError(f"--inputs must be at least 1, not {asked.inputs}")
    nonce_of(asked.nonce)
    Wanted(votes=asked.votes, false_alarm=asked.false_alarm, key=0)


def check_votes(
    voice: Voice, record: "Record", rows: "Sequence[Row]", asked: Asked
) -> list["Finding"]:
    """Draw votes with model and data at hand, if those are the record's.

    Raises:
        CertiballError: if model or data cannot be opened or run.
    """
    from certiball.records.audit import Audit, nonce_of
    from certiball.records.fresh import Wanted, fresh
    from certiball.records.replay import replay
    from certiball.records.subject import check_subject
    from certiball.runs.finding import Finding, Level

    audit = Audit(nonce=nonce_of(asked.nonce), record=record.digest)
    subject = _opened(record, asked)
    findings = check_subject(record, rows, subject)
    if any(finding.level is Level.FAIL for finding in findings):
        text = "no vote was drawn: this is not the subject of the record"
        return [*findings, Finding(check="votes", level=Level.OPEN, text=text)]
    places = audit.choose(rows, asked.inputs)
    told = f"inputs{' and noise' if asked.level == 3 else ''} by the nonce {audit.nonce}"
    findings.append(Finding(check="choice", level=Level.OK, text=f"{len(places)} {told}"))
    what = "replay" if asked.level == 2 else "fresh votes"
    with voice.bar(what, "inputs") as tell:
        if asked.level == 2:
            return findings + replay(record, rows, subject, places, tell)
        wanted = Wanted(votes=asked.votes, false_alarm=asked.false_alarm, key=audit.key)
        return findings + fresh(record, rows, subject, places, wanted, tell)


def _opened(record: "Record", asked: Asked) -> "Subject":
    """Model and data; on the CPU and in the reals where the record was made there."""
    from certiball.records.subject import subject_of
    from certiball.spaces import Reals, exact_text

    space = record.spec.claim.space
    named = asked.data
    if named.space is None and isinstance(space, Reals):
        named = replace(named, space=f"reals:{exact_text(space.low)}:{exact_text(space.high)}")
    dataset = open_data(named)
    on_cpu = " cpu " in record.spec.model.backend and asked.backend is None
    device = asked.model.device or ("cpu" if on_cpu else None)
    seen = inputs_of(dataset, record.spec.claim.law)
    classifier = open_model(replace(asked.model, device=device), seen)
    return subject_of(record, classifier, dataset, backend=asked.backend, dtype=asked.dtype)
