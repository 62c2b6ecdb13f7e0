"""A study as CSV, JSON or Parquet (`logs.to_tsv` writes the published format).

Radii and bounds are exact here: texts that give back the same float, and that claim no more than
it does if they are read as decimals. Votes are a JSON object of the classes that have any, such as
{"3": 9981, "8": 19}; verdicts are one of the radii that were asked for, such as
{"0.5": "certified"}. In CSV and Parquet numbers of votes and verdicts stand once more in columns
of their own, after all others. So does what was read of all inputs at once, which is no
certificate of a single input, and what attacks found: an upper bound beside the lower one.
"""

import csv
import io
import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from certiball.claim import Draw, arithmetic
from certiball.errors import MissingExtraError
from certiball.report.family import family_sentences
from certiball.report.off_grid import off_grid_radius
from certiball.report.study import Entry, Study
from certiball.report.texts import plain
from certiball.statistics.rounding import exact_down, exact_up
from certiball.votes import Votes

FORMAT = "certiball study"
VERSION = 1
ABSTAINS = "abstains"  # in the column `answer`; an empty cell means that nobody asked

EXACT: dict[str, Callable[[float], str]] = {
    "radius": exact_down,
    "radius_off_grid": exact_down,
    "radius_classical": exact_down,
    "radius_simultaneous": exact_down,
    "p_lower": exact_down,
    "p_upper": exact_up,
    "distance_verified": exact_up,
    "distance_claimed": exact_up,
}
# Indented JSON has each name at the start of a line, where no text of anyone's can stand.
_BOUND = re.compile(rf'^( +"({"|".join(EXACT)})": )([0-9.e+-]+)', re.MULTILINE)


def to_json(study: Study) -> str:
    """Everything in a study but its pictures, as one JSON object: the claim, then the rows."""
    document = {"format": FORMAT, "version": VERSION, **_head(study)}
    attacked = _of_attacks(study)
    document["rows"] = [
        {**_row(study, entry), **_of_family(study, place), **attacked.get(entry.index, {})}
        for place, entry in enumerate(study.entries)
    ]
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    return _BOUND.sub(lambda found: found[1] + EXACT[found[2]](float(found[3])), text) + "\n"


def to_csv(study: Study) -> str:
    """One line per input with every column; votes as JSON text, and their number beside."""
    text = io.StringIO()
    rows = _flat_rows(study)
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _cell(name, value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(name: str, value: Any) -> Any:
    return EXACT[name](value) if name in EXACT and value is not None else value


def to_parquet(study: Study) -> bytes:
    """One row per input, as in the CSV; the claim is in the schema's metadata, as JSON.

    Raises:
        MissingExtraError: if pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingExtraError(
            "Parquet needs pyarrow: pip install 'certiball[parquet]'"
        ) from error
    types = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}
    kinds = _TYPES | dict.fromkeys(_verdict_columns(study).values(), str) | _family_types(study)
    kinds |= {} if study.attacks is None else _ATTACK_TYPES
    fields = [pa.field(name, types[kind]) for name, kind in kinds.items()]
    metadata = {FORMAT: json.dumps({"version": VERSION, **_head(study)}, ensure_ascii=False)}
    table = pa.Table.from_pylist(_flat_rows(study), schema=pa.schema(fields, metadata=metadata))
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


_TYPES: dict[str, type] = {
    "index": int,
    "label": int,
    "predicted": int,
    "radius": float,
    "radius_off_grid": float,
    "correct": bool,
    "seconds": float,
    "clean": int,
    "answer": str,
    "p_lower": float,
    "p_upper": float,
    "selection": str,
    "estimation": str,
    "reason": str,
    "targets": str,
    "radius_classical": float,
    "selection_total": int,
    "estimation_total": int,
}


_ATTACK_TYPES: dict[str, type] = {
    "attacked": bool,
    "distance_verified": float,
    "distance_claimed": float,
    "attacked_by": str,
}


def _seed(draw: Draw) -> dict[str, Any]:
    seed: dict[str, Any] = {"value": f"{draw.seed:#034x}", "chosen": draw.chosen}
    if draw.announced is not None:
        seed |= {"announced": draw.announced, "beacon": draw.beacon}
    return seed


def _head(study: Study) -> dict[str, Any]:
    claim = study.claim
    # JSON numbers end at 2⁵³ in many readers; a seed has 128 bits.
    seeds = [_seed(draw) for draw in study.randomness]
    return {
        "title": study.title,
        "origin": study.origin.value,
        "claim": None
        if claim is None
        else {
            "law": str(claim.law),
            "norm": claim.norm.value,
            "rule": claim.rule.value,
            "bound": claim.bound.value,
            "backend": claim.backend,
            "alpha": claim.alpha,
            "space": str(claim.space),
            "mode": arithmetic(claim.space),
        },
        "seed": seeds[0] if len(seeds) == 1 else None,
        "seeds": seeds,
        "inputs": study.size,
        "unfinished": study.unfinished,
        "n0": study.n0,
        "n": study.n,
        "asked": None if study.asked is None else asdict(study.asked),
        "dimension": study.dimension,
        "largest_radius": study.largest,
        "classes": list(study.classes),
        "notes": list(study.notes),
        "facts": dict(study.facts),
        "together": _together(study),
        "assumptions": [asdict(each) for each in study.assumptions],
    }


def _row(study: Study, entry: Entry) -> dict[str, Any]:
    answer = entry.answer
    return {
        "index": entry.index,
        "label": entry.label,
        "predicted": entry.predicted,
        "radius": entry.radius,
        "radius_off_grid": off_grid_radius(entry.radius, study.claim, study.dimension),
        "correct": entry.correct,
        "seconds": entry.seconds,
        "clean": entry.clean,
        "answer": None if answer is None else _answer(answer.label),
        "p_lower": entry.p_lower,
        "p_upper": entry.p_upper,
        "selection": _counts(entry.selection),
        "estimation": _counts(entry.estimation),
        "reason": entry.reason,
        "targets": {plain(t.radius): t.verdict.value for t in entry.targets} or None,
        "radius_classical": None if entry.classical is None else entry.classical.radius,
    }


def _together(study: Study) -> dict[str, Any] | None:
    """What was read of all inputs at once, and what that says."""
    if study.family is None:
        return None
    return {
        "holm": study.family.holm,
        "declared": study.family.declared,
        "sentences": list(family_sentences(study)),
    }


def _family_types(study: Study) -> dict[str, type]:
    known: dict[str, type] = {"radius_simultaneous": float, "certified_holm": bool}
    return {name: known[name] for name in _family_columns(study)}


def _family_columns(study: Study) -> dict[str, Sequence[float] | Sequence[bool]]:
    """A value for each entry, by the name of the column; none where nothing was asked."""
    if study.family is None:
        return {}
    columns = {"radius_simultaneous": study.family.radii, "certified_holm": study.family.certified}
    return {name: values for name, values in columns.items() if values is not None}


def _of_family(study: Study, place: int) -> dict[str, float | bool]:
    return {name: values[place] for name, values in _family_columns(study).items()}


def _of_attacks(study: Study) -> dict[int, dict[str, float | str | bool | None]]:
    """How far each input can be moved at most, by its number; nothing where nobody attacked.

    A distance that is infinite is left out: nothing was verified, or claimed. `attacked` says
    whether anybody tried.
    """
    if study.attacks is None:
        return {}
    untried = dict.fromkeys(_ATTACK_TYPES) | {"attacked": False}
    return {entry.index: untried for entry in study.entries} | {
        breach.index: {
            "attacked": True,
            "distance_verified": _finite(breach.verified),
            "distance_claimed": _finite(breach.claimed),
            "attacked_by": breach.attack,
        }
        for breach in study.attacks.breaches
    }


def _finite(distance: float) -> float | None:
    return distance if distance < math.inf else None


def _answer(label: int | None) -> int | str:
    return ABSTAINS if label is None else label


def _counts(votes: Votes | None) -> dict[str, int] | None:
    if votes is None:
        return None
    return {str(label): count for label, count in enumerate(votes.counts) if count}


def _flat_rows(study: Study) -> list[dict[str, Any]]:
    """Rows whose cells are numbers and texts only."""
    attacked = _of_attacks(study)
    return [
        {**_flat_row(study, entry), **_of_family(study, place), **attacked.get(entry.index, {})}
        for place, entry in enumerate(study.entries)
    ]


def _flat_row(study: Study, entry: Entry) -> dict[str, Any]:
    row = _row(study, entry)
    for name in ("selection", "estimation", "targets"):
        row[name] = None if row[name] is None else json.dumps(row[name])
    row["answer"] = None if row["answer"] is None else str(row["answer"])
    row["selection_total"] = None if entry.selection is None else entry.selection.total
    row["estimation_total"] = None if entry.estimation is None else entry.estimation.total
    verdicts = {target.radius: target.verdict.value for target in entry.targets}
    for radius, name in _verdict_columns(study).items():
        row[name] = verdicts.get(radius)
    return row


def _verdict_columns(study: Study) -> dict[float, str]:
    """The column of each radius that was asked for."""
    return {radius: f"verdict_{plain(radius)}" for radius in study.targets}
