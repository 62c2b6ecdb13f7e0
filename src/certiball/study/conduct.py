"""The whole study, part by part; each is kept in a file, so that it goes on where it stopped."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from certiball.runs.lock import locked
from certiball.spaces import Grid
from certiball.study.asking import answers
from certiball.study.cells import Cell, attack_cell, cells, row_of, seed_of
from certiball.study.certified import certified_defences, certify_defence, run_of
from certiball.study.crossing import Crossing
from certiball.study.endpoints import Endpoints
from certiball.study.figures import figure_parts
from certiball.study.parts import Part, claim_folder, kept
from certiball.study.plan import StudyPlan
from certiball.study.slices import Slice
from certiball.study.subject import Subject, check_count
from certiball.study.table import Certified, Results, Row, slug

LOCK = "study.lock"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One part of the study that is done.

    Args:
        done: how many are.
        total: how many there are.
        what: this one.
    """

    done: int
    total: int
    what: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """Everything that is drawn and judged.

    Args:
        plan: how large it is.
        data: name of the data set.
        shape: of an image.
        classes: their names.
        results: the table, and what was certified.
        crossings: figure 1.
        map: figure 2.
        endpoints: figure 3.
        runs: the run folders that figure 4 is of, by title.
        step: of the images' grid; None where they have none.
    """

    plan: StudyPlan
    data: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    results: Results
    crossings: tuple[Crossing, ...]
    map: Slice
    endpoints: tuple[Endpoints, ...]
    runs: dict[str, Path]
    step: float | None = None


@dataclass(kw_only=True)
class Found:
    """What is there so far."""

    figures: dict[str, Any] = field(default_factory=dict)
    certified: list[Certified] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def conduct(home: Path, subject: Subject, plan: StudyPlan) -> Iterator[Step | Study]:
    """Carry out what is missing of a study; yields each part once it is done, then the study.

    Args:
        home: its folder.
        subject: networks and images.
        plan: how large it is.

    Raises:
        SpecMismatchError: if the folder holds another study.
        StoreError: if it is in use, damaged, or cannot be written.
        InputError: if images and plan do not fit.
    """
    check_count(subject.in_space(plan.space), plan.most_images)
    home.mkdir(parents=True, exist_ok=True)
    found = Found()
    with locked(home, LOCK):
        claim_folder(home, subject, plan)
        parts = list(_parts(home, subject, plan, found))
        for number, (what, carry_out) in enumerate(parts, start=1):
            carry_out()
            yield Step(done=number, total=len(parts), what=what)
    dataset = subject.dataset
    yield Study(
        plan=plan,
        data=dataset.name,
        shape=tuple(dataset[0][0].shape),
        classes=tuple(dataset.classes),
        results=Results(rows=tuple(found.rows), certified=tuple(found.certified), space=plan.space),
        runs={each.without_votes: run_of(home, each) for each in certified_defences(subject, plan)},
        step=float(dataset.space.step) if isinstance(dataset.space, Grid) else None,
        **found.figures,
    )


def _parts(
    home: Path, subject: Subject, plan: StudyPlan, found: Found
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Figures first, for they are quick; then certificates and the table."""
    for name, part in figure_parts(home, subject, plan).items():
        yield name, partial(_figure, home / "parts" / f"{name}.json", name, part, found)
    for defence in certified_defences(subject, plan):
        certificates = Part(
            compute=partial(certify_defence, home, subject, plan, defence),
            write=asdict,
            read=lambda plain: Certified(**{**plain, "radii": tuple(plain["radii"])}),
        )
        name = f"certified-{slug(defence)}"
        yield name, partial(_append, home / "parts" / f"{name}.json", certificates, found.certified)
    for cell in cells(subject, plan):
        yield cell.name, partial(_cell, home, subject, plan, cell, found)


def _figure(path: Path, name: str, part: Part[Any], found: Found) -> None:
    found.figures[name] = kept(path, part)


def _append(path: Path, part: Part[Certified], certified: list[Certified]) -> None:
    certified.append(kept(path, part))


def _cell(home: Path, subject: Subject, plan: StudyPlan, cell: Cell, found: Found) -> None:
    name = f"accuracy-{slug(cell.defence)}-{cell.space}.json"
    clean = kept(
        home / "parts" / name,
        Part[float](compute=partial(accuracy, subject, plan, cell), write=float, read=float),
    )
    attack_cell(home, cell, subject, plan)
    found.rows.append(row_of(home, cell, clean))


def accuracy(subject: Subject, plan: StudyPlan, cell: Cell) -> float:
    """How often a defence answers clean images rightly, one answer for each."""
    images = subject.images(cell.space, plan.counted)
    oracle = subject.oracle(
        cell.defence, cell.space, seed_of(plan, f"accuracy {cell.defence} {cell.space}")
    )
    found = answers(oracle, images.inputs, times=1)[:, 0]
    return float((found == images.labels).mean())
