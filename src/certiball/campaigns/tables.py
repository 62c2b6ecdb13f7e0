"""Rows of the store of campaigns: what each table says, as values."""

import json
import math
import re
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from certiball.attacks.attacked import History, Status
from certiball.campaigns.packed import pack_answers, pack_point, unpack_answers, unpack_point
from certiball.campaigns.rows import Outcome, Row, Verdict
from certiball.campaigns.spec import CampaignSpec, from_json, to_json
from certiball.claim import Draw
from certiball.runs.columns import damaged, parse_json
from certiball.runs.environment import Facts
from certiball.runs.spec import canonical
from certiball.shapes import Array

MOST_QUESTIONS = 2**26  # of one row of answers, times classes: they are unpacked at once


def write_campaign(
    connection: sqlite3.Connection, spec: CampaignSpec, draw: Draw, planned: int, facts: Facts
) -> int:
    """Fix what a campaign is going to do, and its seed; its number."""
    row = (
        spec.digest,
        canonical(to_json(spec)),
        f"{draw.seed:032x}",
        draw.chosen,
        planned,
        datetime.now(UTC).isoformat(timespec="seconds"),
        canonical(facts),
    )
    found = connection.execute(
        "INSERT INTO campaigns (digest, spec, seed, chosen, planned, started, environment) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        row,
    )
    return int(found.fetchone()[0])


def write_planned(connection: sqlite3.Connection, campaign: int, planned: int) -> None:
    """Note that more inputs are to be attacked; fewer take nothing back."""
    connection.execute(
        "UPDATE campaigns SET planned = max(planned, ?) WHERE id = ?", (planned, campaign)
    )


def read_campaigns(connection: sqlite3.Connection) -> list[Row]:
    """All campaigns, oldest first.

    Raises:
        StoreError: if one was edited, or is none.
    """
    rows = connection.execute(
        "SELECT id, digest, spec, seed, chosen, planned, environment FROM campaigns ORDER BY id"
    )
    found = []
    for number, digest, text, seed, chosen, planned, facts in rows:
        spec = from_json(parse_json(text, "campaign"))
        if spec.digest != digest:
            damaged("a campaign is not the one that its answers were given to: it was edited")
        if re.fullmatch("[0-9a-f]{32}", seed) is None or not 0 < planned <= spec.subject.data.count:
            damaged(f"campaign {number} has no seed, or {planned} inputs")
        draw = Draw(seed=int(seed, 16), chosen=bool(chosen))
        known = parse_json(facts, "environment")
        found.append(Row(id=number, spec=spec, draw=draw, planned=planned, environment=known))
    return found


def write_inputs(connection: sqlite3.Connection, inputs: Mapping[int, tuple[int, Array]]) -> None:
    """Keep what is attacked: the label and the encoded input, by its number."""
    rows = [(number, label, pack_point(x)) for number, (label, x) in inputs.items()]
    connection.executemany("INSERT OR IGNORE INTO inputs VALUES (?, ?, ?)", rows)


def read_inputs(
    connection: sqlite3.Connection, shape: tuple[int, ...], *, levels: bool
) -> dict[int, Array]:
    """The encoded inputs that were attacked, by number.

    Raises:
        StoreError: if one is none.
    """
    rows = connection.execute("SELECT input, point FROM inputs ORDER BY input")
    return {number: unpack_point(point, shape, levels=levels) for number, point in rows}


def write_answers(
    connection: sqlite3.Connection, campaign: int, number: int, first: int, answers: Array
) -> None:
    """Store the answers to the questions of an input from the first-th on."""
    row = (campaign, number, first, len(answers), pack_answers(answers))
    connection.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", row)


def read_answers(
    connection: sqlite3.Connection, campaign: int, number: int, classes: int | None
) -> list[Array]:
    """The answers about one input so far, piece by piece.

    Args:
        connection: to the store.
        campaign: its number.
        number: of the input.
        classes: of the model, where votes are stored; None for classes alone.

    Raises:
        StoreError: if a piece is missing or is none.
    """
    rows = connection.execute(
        "SELECT first, questions, packed FROM answers WHERE campaign = ? AND input = ? "
        "ORDER BY first",
        (campaign, number),
    )
    pieces: list[Array] = []
    asked = 0
    for first, questions, packed in rows:
        if first != asked or not 0 < questions * (classes or 1) <= MOST_QUESTIONS:
            damaged(f"the answers about input {number} have a gap at question {asked}")
        pieces.append(unpack_answers(packed, questions, classes))
        asked += questions
    return pieces


def has_answers(connection: sqlite3.Connection) -> bool:
    """Whether any question was answered, or any input attacked by gradients."""
    found = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM answers) OR EXISTS (SELECT 1 FROM results)"
    )
    return bool(found.fetchone()[0])


def write_outcomes(
    connection: sqlite3.Connection, campaign: int, outcomes: Sequence[Outcome]
) -> None:
    """Store results; one that is there already stays as it is."""
    rows = [
        (
            campaign,
            each.input,
            each.status.value,
            each.queries,
            each.forwards,
            each.backwards,
            _finite(each.distance),
            json.dumps([[queries, _finite(distance)] for queries, distance in each.history]),
            pack_point(each.point),
        )
        for each in outcomes
    ]
    statement = "INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    connection.executemany(statement, rows)


def read_outcomes(
    connection: sqlite3.Connection, campaign: int, shape: tuple[int, ...], *, levels: bool
) -> list[Outcome]:
    """The results of a campaign, by input.

    Raises:
        StoreError: if one is none.
    """
    rows = connection.execute(
        "SELECT input, status, queries, forwards, backwards, distance, history, point "
        "FROM results WHERE campaign = ? ORDER BY input",
        (campaign,),
    )
    known = {status.value: status for status in Status}
    found = []
    for number, status, queries, forwards, backwards, distance, history, point in rows:
        if status not in known:
            damaged(f"input {number} came to {status!r:.40}")
        found.append(
            Outcome(
                input=number,
                status=known[status],
                queries=queries,
                forwards=forwards,
                backwards=backwards,
                distance=math.inf if distance is None else distance,
                history=_history(history, number),
                point=unpack_point(point, shape, levels=levels),
            )
        )
    return found


def write_verdicts(
    connection: sqlite3.Connection, campaign: int, verdicts: Sequence[Verdict]
) -> None:
    """Store verdicts; one that is there already stays, so that nobody judges until it suits."""
    rows = [
        (
            campaign,
            each.input,
            each.level,
            _finite(each.distance),
            each.forwards,
            pack_point(each.point),
        )
        for each in verdicts
    ]
    connection.executemany("INSERT OR IGNORE INTO verdicts VALUES (?, ?, ?, ?, ?, ?)", rows)


def read_verdicts(
    connection: sqlite3.Connection, campaign: int, shape: tuple[int, ...], *, levels: bool
) -> list[Verdict]:
    """The verdicts of a campaign, by input.

    Raises:
        StoreError: if one is none.
    """
    rows = connection.execute(
        "SELECT input, level, distance, forwards, point FROM verdicts WHERE campaign = ? "
        "ORDER BY input",
        (campaign,),
    )
    return [
        Verdict(
            input=number,
            level=level,
            distance=math.inf if distance is None else distance,
            forwards=forwards,
            point=unpack_point(point, shape, levels=levels),
        )
        for number, level, distance, forwards, point in rows
    ]


def _finite(distance: float) -> float | None:
    return distance if math.isfinite(distance) else None


def _history(text: str, number: int) -> History:
    try:
        pairs = json.loads(text)
        return tuple(
            (int(queries), math.inf if distance is None else float(distance))
            for queries, distance in pairs
        )
    except (ValueError, TypeError, RecursionError):
        damaged(f"the history of input {number} cannot be read")
