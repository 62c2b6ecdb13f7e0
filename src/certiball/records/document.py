"""A record as an in-toto Statement: from what is given and the rows, and back."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from certiball.claim import Draw
from certiball.errors import CertiballError, InputError
from certiball.records import claims
from certiball.records.given import Begun, Given, Issued
from certiball.records.rows import COLUMNS, Row
from certiball.records.specification import specification_of
from certiball.records.summary import guarantees_of, summary_of
from certiball.records.table import TableFile
from certiball.records.threats import threat_model
from certiball.runs.shards import Shard
from certiball.runs.spec import Json, to_json

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:certiball:record:v1"
VERSION = 1


def statement_of(given: Given, rows: Sequence[Row]) -> Json:
    """The whole record: what is given, and everything that follows from it and the rows."""
    spec = given.spec
    summary = summary_of(spec, rows)
    predicate = {
        **_told(given),
        "specificationDigest": spec.digest,
        "randomness": {
            **claims.randomness_of(given.spec.claim, given.draws.values()),
            "draws": _draws(given),
        },
        "claim": claims.claim_of(spec, summary),
        "threatModel": threat_model(spec, rows, given.threats),
        "method": claims.method_of(spec),
        "statistics": claims.statistics_of(spec),
        "data": claims.sampling_of(spec),
        "summary": summary,
        "guarantees": guarantees_of(spec, rows),
        "limits": claims.limits_of(spec),
    }
    return {
        "_type": STATEMENT,
        "subject": _subject(given),
        "predicateType": PREDICATE,
        "predicate": predicate,
    }


def given_of(statement: Json) -> Given:
    """What a statement that fits the schema was told.

    Raises:
        InputError: if the specification, a date or a seed cannot be read, or is not written as
            certiball writes it.
    """
    told = statement["predicate"]
    _check_dates(told)
    draws = told["randomness"]["draws"]
    try:
        return Given(
            issued=Issued(
                created=told["issued"]["created"],
                issuer=told["issued"]["issuer"],
                previous=told["issued"]["previous"],
                version=told["issued"]["tool"]["version"],
            ),
            spec=specification_of(told["specification"], told["specificationDigest"]),
            draws={Shard(number=draw["shard"], of=draw["of"]): _draw(draw) for draw in draws},
            attempts=tuple(Begun(**attempt) for attempt in told["attempts"]),
            environments={each["number"]: each["facts"] for each in told["environments"]},
            tried=told["assumptions"][0]["tried"],
            classes=tuple(told["classes"]),
            threats=tuple(each["threat"] for each in told["threatModel"]["threats"]),
            table=TableFile(**{name: told["table"][name] for name in _TABLE}),
        )
    except CertiballError as error:
        raise InputError(f"the record is refused: {error}") from None


def _check_dates(told: Json) -> None:
    begun = [attempt[name] for attempt in told["attempts"] for name in ("started", "ended")]
    for text in (told["issued"]["created"], *begun):
        try:
            datetime.fromisoformat(text or "2000-01-01")
        except ValueError:
            raise InputError(f"the record is refused: {text} is no date") from None


_TABLE = ("name", "format", "rows", "sha256")


def _told(given: Given) -> Json:
    issued = given.issued
    return {
        "version": VERSION,
        "issued": {
            "created": issued.created,
            "issuer": issued.issuer,
            "previous": issued.previous,
            "tool": {"name": "certiball", "version": issued.version},
        },
        "specification": to_json(given.spec),
        "classes": list(given.classes),
        "attempts": [asdict(each) for each in given.attempts],
        "environments": [
            {"number": number, "facts": facts} for number, facts in given.environments.items()
        ],
        "assumptions": claims.assumptions_of(given.tried),
        "table": {**asdict(given.table), "columns": list(COLUMNS)},
    }


def _subject(given: Given) -> list[Json]:
    spec, table = given.spec, given.table
    return [
        {"name": spec.model.name, "digest": {"certiballModel": spec.model.digest}},
        {"name": spec.data.name, "digest": {"certiballInputs": spec.data.digest}},
        {"name": table.name, "digest": {"sha256": table.sha256}},
    ]


def _draws(given: Given) -> list[Json]:
    return [
        {
            "shard": shard.number,
            "of": shard.of,
            "seed": f"{draw.seed:#034x}",
            "chosen": draw.chosen,
            "announced": draw.announced,
            "beacon": draw.beacon,
        }
        for shard, draw in given.draws.items()
    ]


def _draw(value: Json) -> Draw:
    return Draw(
        seed=int(value["seed"], 16),
        chosen=value["chosen"],
        announced=value["announced"],
        beacon=value["beacon"],
    )
