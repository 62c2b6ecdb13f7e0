"""The command line: strings are parsed here, once, and nowhere else. One command per file."""

from certiball.cli.app import main

__all__ = ["main"]
