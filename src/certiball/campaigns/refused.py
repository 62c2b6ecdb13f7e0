"""What a refused campaign leaves behind: nothing, if nothing was answered."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from certiball.campaigns.store import FILE, FORM, LOCK, has_campaigns
from certiball.campaigns.tables import has_answers
from certiball.errors import CertiballError, StoreError
from certiball.runs import lock
from certiball.runs.store import SIDES, open_for_reading


@contextmanager
def leaving_nothing(folder: Path) -> Iterator[None]:
    """Remove the store that is made inside, if the campaign is refused before any answer.

    A store that was there before is left as it is, and so is the folder of a run.
    """
    existed, stored = folder.exists(), has_campaigns(folder)
    try:
        yield
    except CertiballError:
        if not stored and folder.is_dir():
            with suppress(OSError, StoreError):  # why it was refused says more
                _remove_unused(folder)
                if not existed:
                    folder.rmdir()  # of what is empty alone
        raise


def _remove_unused(folder: Path) -> None:
    with lock.locked(folder, LOCK):
        if has_campaigns(folder):
            with open_for_reading(folder, FORM) as connection:
                if has_answers(connection):
                    raise StoreError(f"{folder} holds answers")
        for name in (FILE, *(f"{FILE}-{side}" for side in SIDES)):
            (folder / name).unlink(missing_ok=True)
