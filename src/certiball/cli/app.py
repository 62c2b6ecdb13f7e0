"""The program: its commands, and how every error becomes one line and an exit code.

0 ok, 1 the property failed, 2 bad input, 3 partial result, 130 interrupted.
"""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from types import FrameType
from typing import Annotated, Any

import typer
from typer import TyperException
from typer.core import TyperGroup

from certiball.cli.attack import attack
from certiball.cli.certify import certify
from certiball.cli.compare_noise import compare_noise
from certiball.cli.demo import demo
from certiball.cli.doctor import doctor
from certiball.cli.export import export
from certiball.cli.import_log import import_log
from certiball.cli.interrupted import say_interrupted
from certiball.cli.keygen import keygen
from certiball.cli.merge import merge
from certiball.cli.output import printable
from certiball.cli.plan import plan
from certiball.cli.predict import predict
from certiball.cli.record import record
from certiball.cli.report import report
from certiball.cli.status import status
from certiball.cli.study import study
from certiball.cli.threat import threat
from certiball.cli.top_k import top_k
from certiball.cli.train import train
from certiball.cli.verify import verify
from certiball.errors import CertiballError
from certiball.process import settle_process

WORDS = {
    "Value error, ": "",
    "Input should be a valid number, unable to parse string as a number": (
        "must be a number such as .05"
    ),
    "Input should be a valid integer, unable to parse string as an integer": (
        "must be a whole number such as 100"
    ),
}

NEEDED = {  # what certiball installs, by the names that are imported
    *("torch", "numpy", "scipy", "sklearn", "PIL", "safetensors", "jinja2", "matplotlib"),
    *("platformdirs", "jaxtyping", "cloudpickle"),
}


class Commands(TyperGroup):
    """The commands; one that is interrupted, and has no word of its own for it, has ours."""

    def make_context(self, *args: Any, **more: Any) -> Any:
        """Read what was typed."""
        with _told_of_interruptions():
            return super().make_context(*args, **more)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was named."""
        with _told_of_interruptions():
            return super().invoke(ctx)


@contextmanager
def _told_of_interruptions() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(say_interrupted()) from None


app = typer.Typer(
    cls=Commands,
    name="certiball",
    help="Certificates of robustness for any classifier, with a proof and with its limits.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    demo,
    train,
    doctor,
    plan,
    certify,
    predict,
    attack,
    status,
    merge,
    report,
    threat,
    study,
    export,
    record,
    verify,
):
    app.command()(command)
app.command("compare-noise")(compare_noise)
app.command("import-log")(import_log)
app.command()(keygen)
app.command("top-k")(top_k)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code.

    Args:
        arguments: instead of the process's own.
    """
    settle_process()
    try:
        with _terminated_like_interrupted():
            code = app(args=arguments, prog_name="certiball", standalone_mode=False)
    except TyperException as error:
        return _refuse(_plainly(getattr(error, "format_message", error.__str__)()))
    except CertiballError as error:
        return _refuse(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _refuse(f"{where}{error.strerror or error}; check paths, disks and permissions")
    except SystemExit as error:
        return _left(error)
    except MemoryError as error:
        why = f" ({error})" if str(error) else ""
        return _refuse(f"the memory is full{why}: give less at once, or a larger machine")
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in NEEDED:
            raise
        return _refuse(f"this needs {name}, which is not installed: pip install certiball")
    return code if isinstance(code, int) else 0


def _left(error: SystemExit) -> int:
    """No code here leaves so: a model did, or who read our lines has gone, as head does."""
    if isinstance(error.__context__, BrokenPipeError):
        return 130
    return _refuse(
        f"the model, or other code that was named, ended the program (exit code {error}): "
        "let it raise an error instead"
    )


def _plainly(message: str) -> str:
    """What the reader of options says, as everything else here says it."""
    for theirs, ours in WORDS.items():
        message = message.replace(theirs, ours)
    return message


def _refuse(message: str) -> int:
    lines = [line.strip() for line in message.splitlines()]
    sys.stderr.write(f"error: {printable(' '.join(filter(None, lines)))}\n")
    return 2


def _show_version(asked: bool) -> bool:
    if asked:
        typer.echo(f"certiball {version('certiball')}")
        raise typer.Exit
    return asked


@app.callback()
def _options(
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    pass


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let a batch system's SIGTERM end a run as cleanly as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
