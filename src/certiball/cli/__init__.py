"""The command line: strings are parsed here, once, and nowhere else. One command per file."""

from collections.abc import Sequence

from certiball.cli.interrupted import say_interrupted

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code.

    Args:
        arguments: instead of the process's own.
    """
    try:  # it may be interrupted while the commands are still being imported
        from certiball.cli.app import main as run

        return run(arguments)
    except KeyboardInterrupt:
        return say_interrupted()
