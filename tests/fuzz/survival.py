"""What every fuzzer asks: a value or one line of refusal, and nothing written anywhere else."""

import contextlib
import io
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from certiball.cli import main
from certiball.errors import CertiballError

# The same examples in every run, so that CI is as green tomorrow as it is today.
STEADY = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
QUICK = settings(STEADY, max_examples=25)
DEEP = settings(STEADY, max_examples=200)


LOG = (
    "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"
    "0\t3\t3\t0.486\t1\t0:00:02.5\n1\t2\t-1\t0.0\t0\t0:00:01.000000\n2\t2\t1\t.25\t0\t7\n"
)


class Canary:
    """Whose unpickling makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


class Spoilt(bytes):
    """A damaged file, of which a failing test shows the size alone."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


def survives(function: Callable[..., Any], *arguments: Any) -> Any:
    """The function's value, or None if it refused in a message that makes one short line."""
    try:
        return function(*arguments)
    except CertiballError as error:
        said = " ".join(str(error).split())
        assert said
        assert len(said) < 9000, said[:300]
        return None


def tree(folder: Path) -> dict[str, bytes | str]:
    """Everything below a folder, with its content."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"link to {path.readlink()}"
        else:
            found[name] = path.read_bytes() if path.is_file() else "folder"
    return found


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """A file with some bytes changed, cut out, doubled or put in, or its end cut off."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        length = draw(st.sampled_from([1, 1, 1, 2, 4, 8, 64]))
        match draw(st.sampled_from(["change", "cut", "double", "insert", "end"])):
            case "change":
                fresh = draw(st.binary(min_size=length, max_size=length))
                data[place : place + length] = fresh
            case "cut":
                del data[place : place + length]
            case "double":
                data[place:place] = data[place : place + length]
            case "insert":
                data[place:place] = draw(st.sampled_from([b"\0" * 8, b"\xff" * 8, b"9" * 20]))
            case _:
                del data[place:]
    return Spoilt(data)


def call(*words: object) -> tuple[int, str, str]:
    """A command's exit code and what it said: at most one line when it refuses."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(word) for word in words])
    said, refused = out.getvalue(), err.getvalue()
    assert code in (0, 1, 2, 3)
    if code == 2:
        assert refused.startswith("error: ")
        assert refused.count("\n") == 1
    odd = {c for c in said + refused if unicodedata.category(c) in ("Cc", "Cf", "Cs")}
    assert odd <= {"\n", "\t"}, odd
    return code, said, refused
