"""Models that would end the program that asks them."""

from collections.abc import Iterator
from contextlib import contextmanager

from certiball.errors import ModelError


@contextmanager
def staying() -> Iterator[None]:
    """Take what a model raises to leave the program as an error of the model.

    Else a model that exits with code 0 would look like a run that went well.

    Raises:
        ModelError: for SystemExit and all else that is no Exception, but for Ctrl-C.

    Example:
        >>> with staying():
        ...     raise SystemExit(0)
        Traceback (most recent call last):
        certiball.errors.ModelError: the model raised SystemExit (0), which would end the ...
    """
    try:
        yield
    except (Exception, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        first = next(iter(str(error).splitlines()), "")
        said = f"{type(error).__name__} ({first})" if first else type(error).__name__
        raise ModelError(
            f"the model raised {said}, which would end the program: "
            "let it raise an error, or give scores"
        ) from error
