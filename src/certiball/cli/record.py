"""certiball record: a finished run as one document that others can verify."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from certiball.cli import options
from certiball.cli.keygen import PassphraseFile, open_key
from certiball.cli.output import Voice
from certiball.errors import InputError


def record(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The record's file.")] = Path(
        "certificate.json"
    ),
    form: Annotated[
        Literal["tsv", "parquet"],
        typer.Option("--format", help="Of the table that is written beside it."),
    ] = "tsv",
    threat: Annotated[
        list[str] | None,
        typer.Option(help="A threat to be judged, such as linf:8/255 or l2:.5; repeat for more."),
    ] = None,
    issuer: Annotated[str | None, typer.Option(help="Who vouches for the record.")] = None,
    previous: Annotated[
        str | None, typer.Option(help="The digest of the record that it replaces: sha256:…")
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Sign it with this private key, of certiball keygen.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Write a finished run as a record: what is claimed, by what right, and the counts behind."""
    from certiball.atomic import write_atomically
    from certiball.records.envelope import seal
    from certiball.records.issue import Wish, issue
    from certiball.records.record import record_of
    from certiball.records.table import read_table
    from certiball.records.verify import check_counts
    from certiball.runs.finding import Level
    from certiball.runs.read import read_run

    voice = Voice(as_json=as_json, quiet=quiet)
    signer = None if key is None else open_key(key, passphrase_file)
    if not out.name:
        raise InputError(f"--out {out} is no name of a file: give one such as certificate.json")
    if not out.parent.is_dir():
        raise InputError(
            f"there is no folder {out.parent} for --out {out}: make it, or name another"
        )
    table = out.with_name(f"{out.stem}.table.{form}")
    wish = Wish(
        issuer=issuer,
        previous=previous,
        threats=tuple(threat or ()),
        table=table.name,
        format=form,
    )
    payload, rows = issue(read_run(run), wish)
    made = record_of(payload, out)
    wrong = [f.text for f in check_counts(made, read_table(rows, form)) if f.level is Level.FAIL]
    if wrong:
        raise InputError(f"the record of {run} would not be verified: {'; '.join(wrong)}")
    write_atomically(table, rows)
    write_atomically(out, payload if signer is None else seal(payload, signer))
    told = made.statement["predicate"]
    voice.give(
        {
            "record": str(out),
            "digest": made.digest,
            "signed_by": None if signer is None else signer.public.name,
            "table": str(table),
            "inputs": told["summary"]["inputs"],
            "certified": told["summary"]["certified"],
            "threats": told["threatModel"]["threats"],
        }
    )
    voice.say(f"{out}: {told['claim']['sentence']}")
    for each in told["threatModel"]["threats"]:
        voice.say(f"threat “{each['threat']}”: {each['sentence']}")
    if not told["threatModel"]["threats"]:
        voice.say("no threat was named: --threat linf:8/255 says whether the radii are enough")
    voice.say(f"table of {len(rows):,} bytes beside it: {table.name}")
    voice.say(f"digest {made.digest}")
    if signer is not None:
        voice.say(
            f"signed by {signer.public.name}: verify --public-key names the key's public half"
        )
        return
    voice.say(
        "unsigned: whoever is given this digest by you can verify that the record is yours "
        "(certiball verify --expect)"
    )
