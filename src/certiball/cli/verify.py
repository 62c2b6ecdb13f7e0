"""certiball verify: check a record, and say what was checked and what was not."""

import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certiball.cli import options
from certiball.cli.output import Voice, printable
from certiball.cli.subject import DataOptions, ModelOptions
from certiball.cli.verify_votes import Asked, check_asked, check_level, check_votes
from certiball.errors import CertiballError, InputError
from certiball.reading import is_there

if TYPE_CHECKING:
    from certiball.records.record import Record
    from certiball.runs.finding import Finding

INPUTS, VOTES, FALSE_ALARM = 20, 10_000, 0.001  # unless the options say otherwise
INDENT = 21  # columns before a finding's text


def verify(
    record: Annotated[Path, typer.Argument(help="A record, as certiball record writes it.")],
    table: Annotated[
        Path | None, typer.Option(help="Its table; by default the file beside it.")
    ] = None,
    expect: Annotated[
        str | None, typer.Option(help="The digest that it must have: sha256:…")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option(help="The PEM file of whoever must have signed it.")
    ] = None,
    level: Annotated[
        Literal["0", "1", "2", "3"],
        typer.Option(
            help="0: form, digests, signature. 1: all that follows from the counts. 2 and 3, with "
            "--model and --data: 1, and votes drawn again with the recorded seeds, or fresh ones."
        ),
    ] = "1",
    model: Annotated[
        str | None, typer.Option(help="Level 2, 3: the model, as for certify.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="Level 2, 3: the data, as for certify.")] = None,
    inputs: Annotated[
        int | None,
        typer.Option(
            help="Level 2, 3: for how many inputs, chosen by the nonce.", show_default=str(INPUTS)
        ),
    ] = None,
    every_input: Annotated[bool, typer.Option("--all", help="Level 2, 3: for all inputs.")] = False,
    votes: Annotated[
        int | None,
        typer.Option(help="Level 3: fresh votes for each input.", show_default=str(VOTES)),
    ] = None,
    false_alarm: Annotated[
        float | None,
        typer.Option(
            help="Level 3: how often an honest record may raise an alarm.",
            show_default=str(FALSE_ALARM),
        ),
    ] = None,
    nonce: Annotated[
        str | None,
        typer.Option(help="Level 2, 3: your own, unknown to the author; drawn by the system else."),
    ] = None,
    backend: options.Backend = None,
    dtype: options.Dtype = None,
    arch: options.Arch = None,
    mean: options.Mean = None,
    std: options.Std = None,
    classes: options.Classes = None,
    trust_pickle: options.TrustPickle = False,
    device: options.Device = None,
    resize: options.Resize = None,
    crop: options.Crop = None,
    grayscale: options.Grayscale = False,
    space: options.SpaceText = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Verify a record: without model or torch up to level 1. Exit code 1 if anything fails."""
    from certiball.records.record import read_record
    from certiball.records.signature import check_signature
    from certiball.runs.finding import Level

    voice = Voice(as_json=as_json, quiet=quiet)
    from_2: dict[str, object] = {
        "--model": model,
        "--data": data,
        "--inputs": inputs,
        "--all": every_input,
        "--nonce": nonce,
        "--arch": arch,
        "--mean": mean,
        "--std": std,
        "--classes": classes,
        "--trust-pickle": trust_pickle,
        "--device": device,
        "--resize": resize,
        "--crop": crop,
        "--grayscale": grayscale,
        "--space": space,
    }
    from_3: dict[str, object] = {
        "--votes": votes,
        "--false-alarm": false_alarm,
        "--backend": backend,
        "--dtype": dtype,
    }
    check_level(int(level), {2: from_2, 3: from_3})
    _check_known(expect, public_key)
    asked = None
    if level in ("2", "3"):
        if model is None or data is None:
            raise InputError(f"level {level} draws votes: give --model and --data")
        asked = Asked(
            level=int(level),
            model=ModelOptions(
                text=model,
                arch=arch,
                mean=mean,
                std=std,
                classes=classes,
                trust_pickle=trust_pickle,
                device=device,
            ),
            data=DataOptions(text=data, resize=resize, crop=crop, grayscale=grayscale, space=space),
            inputs=None if every_input else INPUTS if inputs is None else inputs,
            votes=VOTES if votes is None else votes,
            false_alarm=FALSE_ALARM if false_alarm is None else false_alarm,
            nonce=nonce,
            backend=backend,
            dtype=dtype,
        )
        check_asked(asked)
    with _never_a_traceback(record):
        found = read_record(record)
        findings = [check_signature(found, public_key)]
        findings += _findings(found, table, expect, int(level))
        if asked is not None:
            findings += _votes(voice, found, table, asked, findings)
    for line in _headline(found):
        _say(voice, line)
    for finding in findings:
        _say(voice, _row(finding), " " * INDENT)
        if finding.level is Level.FAIL:
            voice.blame(_row(finding))
    passed = all(finding.level is not Level.FAIL for finding in findings)
    voice.give(
        {
            "passed": passed,
            "level": int(level),
            "integrity": _integrity(findings),
            "table": _table(findings),
            "digest": found.digest,
            "findings": [
                {"check": f.check, "level": f.level.value, "text": f.text, "remedy": f.remedy}
                for f in findings
            ],
        }
    )
    voice.say(_verdict(findings, level, passed))
    if not passed:
        raise typer.Exit(1)


def _check_known(expect: str | None, public_key: Path | None) -> None:
    """Refuse what a record would be compared with, before anything of it is read."""
    from certiball.records.keys import read_public_key
    from certiball.records.verify import check_expected

    check_expected(expect)
    if public_key is not None:
        read_public_key(public_key)


@contextmanager
def _never_a_traceback(record: Path) -> Iterator[None]:
    """Whatever a stranger's record does to the checks, it has passed none: one line says so."""
    try:
        yield
    except (CertiballError, OSError, MemoryError, ModuleNotFoundError):
        raise  # the program has its own words for these
    except Exception as error:
        first = next(iter(str(error).splitlines()), "")
        raise InputError(
            f"{record} could not be checked ({type(error).__name__}: {first[:200]}): trust nothing "
            "in it, and tell us if it is no forgery"
        ) from error


def _findings(
    record: "Record", table: Path | None, expect: str | None, level: int
) -> list["Finding"]:
    """What the checks of a level and of those below it find."""
    from certiball.records.randomness import check_randomness
    from certiball.records.record import read_rows, table_path
    from certiball.records.trust import left_to_trust
    from certiball.records.verify import check_counts, check_files
    from certiball.runs.finding import Finding, Level

    path = table_path(record, table)
    if level > 0 and not is_there(path):
        raise InputError(
            f"{path} is not there, and level {level} needs the table: name it with --table, or "
            "verify at --level 0"
        )
    findings = check_files(record, table=table, expect=expect)
    if level == 0:
        return findings
    if any(f.check == "table" and f.level is Level.FAIL for f in findings):
        text = "not compared with the table, which is another"
        return [*findings, Finding(check="rows", level=Level.OPEN, text=text)]
    counts = check_counts(record, read_rows(record, table))
    return [*findings, *counts, check_randomness(record, level), left_to_trust(record, level)]


def _votes(
    voice: Voice, record: "Record", table: Path | None, asked: Asked, below: list["Finding"]
) -> list["Finding"]:
    """What drawing votes finds, unless a level below has failed."""
    from certiball.records.record import read_rows
    from certiball.runs.finding import Finding, Level

    if any(finding.level is Level.FAIL for finding in below):
        text = "no vote was drawn, for what is above has failed"
        return [Finding(check="votes", level=Level.OPEN, text=text)]
    return check_votes(voice, record, read_rows(record, table), asked)


def _headline(record: "Record") -> list[str]:
    """What the record says, before whether that is so."""
    issued, told = record.given.issued, record.statement["predicate"]
    by = f"says that “{issued.issuer}” issued it" if issued.issuer else "names no issuer"
    return [
        f"{record.path} {by}, and is dated {issued.created}",
        f"model “{record.spec.model.name}”, {told['summary']['inputs']:,} inputs of "
        f"“{record.spec.data.name}”",
        f"it claims: {told['claim']['sentence']}",
        *(
            f"threat “{each['threat']}”: {each['sentence']}"
            for each in told["threatModel"]["threats"]
        ),
    ]


def _row(finding: "Finding") -> str:
    text = f"{finding.text} → {finding.remedy}" if finding.remedy else finding.text
    return f"{finding.level.value:<5} {finding.check:<14} {text}"


def _verdict(findings: list["Finding"], level: str, passed: bool) -> str:
    from certiball.runs.finding import Level

    times = {each: sum(f.level is each for f in findings) for each in Level}
    if not passed:
        return f"FAILED at level {level}: {times[Level.FAIL]} of {len(findings)} findings"
    left = times[Level.OPEN] + times[Level.WARN]
    return f"level {level}: {times[Level.OK]} checks passed, {left} things are not established"


def _integrity(findings: list["Finding"]) -> str:
    """Whether a signature or an expected digest shows that nobody has changed the record."""
    from certiball.runs.finding import Level

    said = {f.level for f in findings if f.check in ("signature", "digest")}
    return "established" if Level.OK in said and Level.FAIL not in said else "not established"


def _table(findings: list["Finding"]) -> str:
    from certiball.runs.finding import Level

    right = any(f.check == "table" and f.level is Level.OK for f in findings)
    return "checked" if right else "not checked"


def _say(voice: Voice, text: str, indent: str = "") -> None:
    for line in _wrapped(printable(text), indent):
        voice.say(line)


def _wrapped(text: str, indent: str) -> list[str]:
    """A text in lines of the terminal's width; in files a line stays a line."""
    if not sys.stdout.isatty():
        return [text]
    width = max(40, shutil.get_terminal_size().columns)
    return textwrap.wrap(
        text,
        width,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,  # digests are to be copied
    )
