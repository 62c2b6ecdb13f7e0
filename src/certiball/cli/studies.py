"""Run folders and published logs, as studies."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from certiball.cli.output import Voice
from certiball.cli.subject import DataOptions, open_data
from certiball.errors import CertiballError, InputError

if TYPE_CHECKING:
    from certiball.datasets import Dataset
    from certiball.report.study import Study
    from certiball.runs.read import Results


def read_studies(paths: Sequence[Path], voice: Voice, *, pictures: bool = False) -> list["Study"]:
    """One study for each path, with titles that differ.

    Raises:
        CertiballError: if a path is neither a run folder nor a log, or is given twice.
    """
    _check_distinct(paths)
    studies = [read_study(path, voice, pictures=pictures) for path in paths]
    times = Counter(study.title for study in studies)
    return [
        study if times[study.title] == 1 else replace(study, title=f"{study.title} ({path})")
        for study, path in zip(studies, paths, strict=True)
    ]


def _check_distinct(paths: Sequence[Path]) -> None:
    times = Counter(path.resolve() for path in paths)
    twice = next((path for path in paths if times[path.resolve()] > 1), None)
    if twice is not None:
        raise InputError(f"{twice} is given {times[twice.resolve()]} times: name it once")


def read_study(path: Path, voice: Voice, *, pictures: bool = False) -> "Study":
    """A run folder or a published log as a study.

    Args:
        path: a folder or a file.
        voice: tells where pictures cannot be shown.
        pictures: whether to open the run's data for them.

    Raises:
        CertiballError: if it is neither.
    """
    from certiball.campaigns.store import has_campaigns
    from certiball.report.from_run import study_of_run
    from certiball.report.logs import read_log
    from certiball.runs.read import read_run

    if path.is_file():
        return read_log(path)
    results = read_run(path)
    study = study_of_run(results, dataset=_pictured(results, voice) if pictures else None)
    if not has_campaigns(path):
        return study
    from certiball.campaigns.read import read_stored
    from certiball.report.from_attacks import with_attacks

    return with_attacks(study, results, read_stored(path))


def _pictured(results: "Results", voice: Voice) -> "Dataset | None":
    """The run's data, if it is still where it was and still the same."""
    from certiball.runs.identity import data_id

    source, data = results.source, results.spec.data
    if source is None:
        return None
    try:
        dataset = open_data(
            DataOptions(
                text=source.text,
                resize=source.resize,
                crop=source.crop,
                grayscale=source.grayscale,
                space=source.space,
            )
        )
        same = data_id(dataset, every=data.every, first=data.first).digest == data.digest
    except CertiballError as error:
        voice.note(f"no pictures of {results.folder}: {error}")
        return None
    if not same:
        voice.note(f"no pictures of {results.folder}: {source.text} holds other data by now")
        return None
    return dataset
