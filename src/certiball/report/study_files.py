"""The data of a study as CSV files, one for each figure and one for the table."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from certiball.atomic import write_atomically
from certiball.study.compared import Measure
from certiball.study.conduct import Study
from certiball.study.findings import findings
from certiball.study.table import csv_text, table_csv

Lines = Iterator[Sequence[object]]


def write_tables(folder: Path, study: Study) -> None:
    """Write table.csv, claims.csv, and crossing, map, endpoints and certified likewise.

    Raises:
        StoreError: if a file cannot be written.
    """
    texts = {
        "table": table_csv(study.results.rows),
        "claims": csv_text(_claims(study)),
        "crossing": csv_text(_crossing(study)),
        "map": csv_text(_map(study)),
        "endpoints": csv_text(_endpoints(study)),
        "certified": csv_text(_certified(study)),
    }
    for name, text in texts.items():
        write_atomically(folder / f"{name}.csv", text)


def _claims(study: Study) -> Lines:
    yield "number", "claim", "distances", "verdict", "these images", "figures"
    for measure in Measure:
        for each in findings(study.results, measure):
            said = (each.verdict.value, each.leaning.value, "; ".join(each.figures))
            yield each.number, each.claim, measure.value, *said


def _crossing(study: Study) -> Lines:
    yield "n", "place", "wrong", "calls"
    for line in study.crossings:
        for place, wrong in zip(line.places, line.wrong, strict=True):
            yield line.n, place, wrong, line.calls


def _map(study: Study) -> Lines:
    yield "map", "row", "column", "label"
    for title, labels in study.map.maps.items():
        for row, values in enumerate(labels.tolist()):
            for column, label in enumerate(values):
                yield title, row, column, label


def _endpoints(study: Study) -> Lines:
    yield "n", "place"
    for each in study.endpoints:
        for place in each.places:
            yield each.n, place


def _certified(study: Study) -> Lines:
    """Each right certificate; images without one have no line."""
    yield "network", "sigma", "images", "radius"
    for each in study.results.certified:
        for radius in each.radii:
            yield each.network, each.sigma, each.images, radius
