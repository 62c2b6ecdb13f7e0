"""What is said when somebody presses Ctrl-C where no command has a better word."""

import sys

CODE = 130


def say_interrupted() -> int:
    """One line on standard error; the exit code."""
    sys.stderr.write("interrupted; what was stored is safe: repeat the same command to go on\n")
    return CODE
