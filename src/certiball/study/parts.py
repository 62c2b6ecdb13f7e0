"""The parts of a study as files: what is there already is not computed again."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from certiball.atomic import write_atomically
from certiball.campaigns import store as campaign_store
from certiball.errors import InputError, SpecMismatchError, StoreError
from certiball.reading import is_there, read_plain
from certiball.runs import store as run_store
from certiball.study.plan import StudyPlan
from certiball.study.subject import Subject
from certiball.train import state as training_state

T = TypeVar("T")

PLAN_FILE = "study.json"
FOREIGN = {
    run_store.FILE: "a certification run",
    campaign_store.FILE: "attacks",
    training_state.FILE: "a training",
    "model.safetensors": "a model",
}
LARGEST = 2**28  # bytes of a part


@dataclass(frozen=True, kw_only=True)
class Part(Generic[T]):
    """Something that is computed once.

    Args:
        compute: makes it.
        write: makes plain JSON values of it.
        read: makes it from those.
    """

    compute: Callable[[], T]
    write: Callable[[T], Any]
    read: Callable[[Any], T]


def check_folder(home: Path, plan: StudyPlan) -> None:
    """Refuse a folder of something else, or of a study of another plan, before networks are made.

    Raises:
        InputError: if it holds what is no study.
        SpecMismatchError: listing what differs.
        StoreError: if the folder's file is damaged.
    """
    path = home / PLAN_FILE
    if is_there(path):
        stored = _read(path)
        wanted = json.loads(json.dumps(asdict(plan)))  # tuples are lists there
        _check_same(home, {key: stored.get(key) for key in wanted}, wanted)
        return
    held = next((what for name, what in FOREIGN.items() if is_there(home / name)), None)
    if held is not None:
        raise InputError(f"{home} holds {held}, no study: choose another folder")


def claim_folder(home: Path, subject: Subject, plan: StudyPlan) -> None:
    """Write down what the folder's study is about, or see that it is the same.

    Raises:
        SpecMismatchError: listing what differs.
        StoreError: if the folder's file is damaged, or cannot be written.
    """
    wanted = {**asdict(plan), **subject.identity(plan)}
    wanted = json.loads(json.dumps(wanted))  # tuples are lists there
    path = home / PLAN_FILE
    if not is_there(path):
        write_atomically(path, json.dumps(wanted, indent=1, ensure_ascii=False) + "\n")
        return
    _check_same(home, _read(path), wanted)


def _check_same(home: Path, stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    differences = [
        f"{key}: {stored.get(key)} → {wanted.get(key)}"
        for key in sorted(stored.keys() | wanted.keys())
        if stored.get(key) != wanted.get(key)
    ]
    if differences:
        raise SpecMismatchError(
            f"{home} holds another study ({'; '.join(differences)}): choose another folder"
        )


def kept(path: Path, part: Part[T]) -> T:
    """A part of a study: read if it is there, else computed and written in one step.

    Raises:
        StoreError: if the file is damaged, or cannot be written.
    """
    if is_there(path):
        plain = _read(path)
        try:
            return part.read(plain)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _damaged(path, error) from error
    value = part.compute()
    write_atomically(path, json.dumps(part.write(value), ensure_ascii=False) + "\n")
    return value


def _read(path: Path) -> Any:
    try:
        return json.loads(read_plain(path, most=LARGEST))
    except ValueError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> StoreError:
    reason = f"{type(error).__name__}: {error}"
    return StoreError(f"{path} is damaged ({reason}): remove it to have it computed again")
