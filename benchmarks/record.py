"""Claim: a record of 100,000 rows is verified at level 1 in less than 10 seconds.

The claim is for bounds that depend on counts alone, of plans with a fixed number of votes and of
those that stop: equal counts are judged once. With the randomized bound each input has a random
number of its own, so each row is judged anew. Its time is shown for fewer rows, outside the claim.

    rows      Rows of --rows inputs with random counts, nearly all different, by the plan of each
              case: a fixed number by the one-sided and the two-class rule, votes that stop at a
              target, and a twentieth as many by the randomized bound.
    verify    Reading and parsing the table, and all of levels 0 and 1, in this process.
    whole     `certiball verify` as a command, start and all.

The counts are made up, so that no model is needed; the records are issued as any others are.

    python benchmarks/record.py [--rows 100000] [--cases fixed two-class targets randomized]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from certiball.balls import Norm
from certiball.certification.looks import looks
from certiball.certification.plan import FixedSamples, Plan
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Bound, Claim, Draw, Rule
from certiball.execution import Execution
from certiball.laws.gaussian import Gaussian
from certiball.records.canonical import canonical_bytes
from certiball.records.document import statement_of
from certiball.records.given import Given, Issued
from certiball.records.record import read_record, read_rows
from certiball.records.recount import Recount
from certiball.records.rows import Row, Status
from certiball.records.table import TableFile, sha256, write_table
from certiball.records.verify import check_counts, check_files
from certiball.runs.finding import Level
from certiball.runs.shards import WHOLE
from certiball.runs.spec import DataId, ModelId, RunSpec
from certiball.shapes import Array
from certiball.spaces import Grid
from certiball.votes import Votes

CLASSES = 10
LIMIT = 10.0  # seconds
FEWER = 20  # times, where each row is judged anew
CASES: dict[str, tuple[Plan, Rule]] = {
    "fixed": (FixedSamples(n0=100, n=100_000), Rule.ONE_SIDED),
    "two-class": (FixedSamples(n0=100, n=100_000), Rule.TWO_CLASS),
    "targets": (TargetRadius((0.25, 0.5), max_n=100_000), Rule.ONE_SIDED),
    "randomized": (FixedSamples(n0=100, n=100_000, bound=Bound.RANDOMIZED), Rule.ONE_SIDED),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    options = parser.parse_args()
    for case in options.cases:
        claimed = CASES[case][0].bound is not Bound.RANDOMIZED
        rows = options.rows if claimed else max(1, options.rows // FEWER)
        with tempfile.TemporaryDirectory() as name:
            path = write_record(Path(name), case, rows)
            inside, whole = timed(path), timed_command(path)
            distinct = len({row_key(row) for row in read_rows(read_record(path))})
        verdict = "holds" if whole < LIMIT else "FAILS"
        verdict = f"claim {verdict}" if claimed else "no claim"
        print(
            f"{case:<10} {rows:,} rows, {distinct:,} different counts: levels 0 and 1 in "
            f"{inside:.1f} s, the command in {whole:.1f} s: {verdict}"
        )


def timed(path: Path) -> float:
    """Seconds for reading and both levels; refuses a record in which a fault is found."""
    begin = time.perf_counter()
    record = read_record(path)
    findings = check_files(record, table=None, expect=None)
    findings += check_counts(record, read_rows(record))
    seconds = time.perf_counter() - begin
    wrong = [finding.text for finding in findings if finding.level is Level.FAIL]
    if wrong:
        raise SystemExit(f"the record is not sound: {wrong}")
    return seconds


def timed_command(path: Path) -> float:
    """Seconds for the command."""
    begin = time.perf_counter()
    program = "import sys; from certiball.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "verify", str(path), "--level", "1", "--quiet"]
    subprocess.run(command, check=True)
    return time.perf_counter() - begin


def row_key(row: Row) -> tuple[int, int]:
    """What bounds depend on, besides the random number."""
    counts = row.estimation or {}
    return max(counts.values()), sum(counts.values())


def write_record(folder: Path, case: str, count: int) -> Path:
    """A record of made-up counts, and its table beside it."""
    given = given_of(case, count)
    recount = Recount(given=given)
    rows = [recount.row(place, row) for place, row in enumerate(drawn_rows(given.spec))]
    table = write_table(rows, "tsv")
    stated = TableFile(name="certificate.table.tsv", format="tsv", rows=count, sha256=sha256(table))
    given = Given(**{**vars(given), "table": stated})
    path = folder / "certificate.json"
    path.write_bytes(canonical_bytes(statement_of(given, rows)))
    (folder / stated.name).write_bytes(table)
    return path


def given_of(case: str, count: int) -> Given:
    """What a record of a case is told."""
    plan, rule = CASES[case]
    claim = Claim(
        law=Gaussian(sigma=0.5),
        norm=Norm.L2,
        rule=rule,
        alpha=0.001,
        space=Grid(step=Fraction(1, 255), low=0, high=255),
        bound=plan.bound,
    )
    data = DataId(
        name="made up", digest="0" * 64, every=1, first=None, count=count, shape=(3, 32, 32)
    )
    spec = RunSpec(
        model=ModelId(name="none", digest="0" * 64, classes=CLASSES, backend=claim.backend),
        data=data,
        claim=claim,
        plan=plan,
        execution=Execution(batch=256, threads=1),
    )
    return Given(
        issued=Issued(
            created="2026-01-01T00:00:00+00:00", issuer=None, previous=None, version="benchmark"
        ),
        spec=spec,
        draws={WHOLE: Draw(seed=1, chosen=False)},
        attempts=(),
        environments={},
        tried="",
        classes=(),
        threats=("linf:8/255",),
        table=TableFile(name="-", format="tsv", rows=count, sha256="0" * 64),
    )


def drawn_rows(spec: RunSpec) -> list[Row]:
    """Rows with votes by random shares, as many as the plan ends with, and nothing derived yet."""
    chance = np.random.default_rng(1)
    rows = []
    for index in range(spec.data.count):
        top = 1 - 0.5 * chance.random() ** 2
        shares = np.array([top, *(1 - top) * chance.dirichlet(np.ones(CLASSES - 1))])
        selection, estimation = ended(spec, chance, shares)
        rows.append(
            Row(
                index=index,
                content=f"{index:032x}",
                label=0,
                status=Status.ABSTAINED,
                selection=selection,
                estimation=estimation,
                clean=0,
                seconds=0.01,
            )
        )
    return rows


def ended(
    spec: RunSpec,
    chance: np.random.Generator,
    shares: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> tuple[dict[int, int], dict[int, int]]:
    """Counts of both phases at the first look where the plan ends."""
    plan = spec.plan
    selection = chance.multinomial(plan.selection, shares)
    votes = np.zeros(CLASSES, dtype=np.int64)
    for look in looks(plan.most) if isinstance(plan, TargetRadius) else (plan.most,):
        votes = votes + chance.multinomial(look - votes.sum(), shares)
        held = Votes(counts=tuple(selection.tolist())), Votes(counts=tuple(votes.tolist()))
        if plan.wanted(spec.question, *held)[1] == look:
            break
    return sparse(selection), sparse(votes)


def sparse(votes: Array) -> dict[int, int]:
    """The classes that have votes."""
    return {label: count for label, count in enumerate(votes.tolist()) if count}


if __name__ == "__main__":
    main()
