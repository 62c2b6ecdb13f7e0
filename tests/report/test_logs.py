from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from certiball.errors import InputError
from certiball.report.curves import certified_accuracy, certified_count
from certiball.report.logs import OTHER_NOTES, PUBLISHED_NOTES, read_log, to_tsv
from certiball.report.study import Entry, Origin, Study

HEADER = "idx\tlabel\tpredict\tradius\tcorrect\ttime\n"


@pytest.fixture
def log(tmp_path: Path, log_text: str) -> Path:
    path = tmp_path / "sigma_0.12.tsv"
    path.write_text(log_text)
    return path


def test_a_log_is_read(log: Path) -> None:
    study = read_log(log)
    assert study.title == "sigma_0.12"
    assert study.origin is Origin.PUBLISHED
    assert (study.claim, study.n, study.notes) == (None, None, PUBLISHED_NOTES)
    assert [e.index for e in study.entries] == [0, 20, 40, 60]
    assert [e.predicted for e in study.entries] == [None, 7, 1, 5]
    assert [e.radius for e in study.entries] == [0.0, 0.0734, 0.3, 0.457]
    assert [e.seconds for e in study.entries] == [13.73608, 15.5, 86401.0, None]
    assert certified_accuracy(study, 0.3).value == 0.25


def test_writing_a_published_log_keeps_its_numbers(log: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.tsv"
    again.write_text(to_tsv(read_log(log)))
    assert read_log(again).entries == read_log(log).entries
    assert "0.0734\t1\t0:00:15.500000" in again.read_text()


def test_radii_of_a_run_are_cut(study: Study) -> None:
    lines = to_tsv(study).splitlines()
    assert lines[0] == HEADER.strip()
    # The float 0.3 is below 0.3, and 0.62 is below 0.62: four decimals must not claim more.
    assert [line.split("\t")[3] for line in lines[1:]] == [
        "0.1000", "0.2999", "0.2999", "0.4500", "0.6199", "0.0000"
    ]  # fmt: skip
    assert lines[6].split("\t")[2] == "-1"


def test_our_own_export_certifies_the_same_inputs_when_read_back(tmp_path: Path) -> None:
    radii = [i * 0.37 / 307 for i in range(1, 308)] + [i / 100 for i in range(1, 38)]
    entries = tuple(
        Entry(index=i, label=0, predicted=0, radius=radius) for i, radius in enumerate(radii)
    )
    run = Study(title="run", entries=entries, origin=Origin.RUN)
    path = tmp_path / "run.tsv"
    path.write_text(to_tsv(run))
    back = read_log(path, title="back", notes=("rounded down",))
    assert (back.title, back.notes) == ("back", ("rounded down",))
    for entry, read in zip(run.entries, back.entries, strict=True):
        assert Fraction(repr(read.radius)) <= Fraction(entry.radius)
    for i in (0, 37, 1000, 1001, 2000, 2900, 2999, 3000, 3001, 3650, 3700, 3701):
        assert certified_count(run, i / 10_000) == certified_count(back, i / 10_000)
    assert to_tsv(back) == to_tsv(run)


def test_our_own_export_is_not_called_rounded_to_nearest(tmp_path: Path, study: Study) -> None:
    path = tmp_path / "run.tsv"
    path.write_text(to_tsv(study))
    assert read_log(path).notes == OTHER_NOTES
    assert "rounded down cannot be seen" in OTHER_NOTES[0]
    assert OTHER_NOTES[1] == PUBLISHED_NOTES[1]
    abstained = replace(study, entries=(study.entries[-1],))
    path.write_text(to_tsv(abstained))
    assert "\t0.0000\t" in path.read_text()
    assert read_log(path).notes == OTHER_NOTES


@pytest.mark.parametrize(
    ("radii", "notes"),
    [
        (("0.0", "0.3", "1.25", "0.0734", "5.1e-05"), PUBLISHED_NOTES),
        (("0", "12.0", "1e+02"), PUBLISHED_NOTES),
        (("0.25", "0.1000"), OTHER_NOTES),
        (("0.25", "0.48659"), OTHER_NOTES),
    ],
)
def test_the_note_follows_the_digits(
    tmp_path: Path, radii: tuple[str, ...], notes: tuple[str, ...]
) -> None:
    path = tmp_path / "some.tsv"
    rows = [f"{place}\t3\t3\t{radius}\t1\t1.0" for place, radius in enumerate(radii)]
    path.write_text(HEADER + "\n".join(rows) + "\n")
    assert read_log(path).notes == notes


def test_a_missing_time_is_written_empty(study: Study) -> None:
    entry = replace(study.entries[0], seconds=None)
    assert to_tsv(replace(study, entries=(entry,))).endswith("\t1\t\n")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0\t3\t3\t0.1\t1", "line 2: 5 columns instead of 6"),
        ("0\t3\tx\t0.1\t1\t1", "predict is 'x', not an integer ≥ -1"),
        ("0\t3\t-2\t0.1\t0\t1", "predict is '-2'"),
        ("-1\t3\t3\t0.1\t1\t1", "idx is '-1', not an integer ≥ 0"),
        ("0\t3\t3\tbig\t1\t1", "radius is 'big', not a finite number"),
        ("0\t3\t3\tnan\t1\t1", "not a finite number ≥ 0"),
        ("0\t3\t3\t-0.1\t1\t1", "not a finite number ≥ 0"),
        ("0\t3\t-1\t0.1\t0\t1", "an abstention has radius 0"),
        ("0\t3\t3\t0.1\t0\t1", "correct is 0, but label is 3 and predict 3"),
        ("0\t3\t3\t0.1\t1\tsoon", "time is 'soon'"),
        ("0\t3\t3\t0.1\t1\t-1", "time is '-1'"),
        ("0\t3\t3\t0.1\t1\t1\n\n0\t3\t3\t0.1\t1\t1", "line 4: input 0 comes twice"),
    ],
)
def test_wrong_rows_are_named(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text(HEADER + row + "\n")
    with pytest.raises(InputError, match="bad.tsv, line") as caught:
        read_log(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the first line must be"),
        (b"a\tb\n", "the first line must be"),
        (b"idx\tlabel\tpredict\tcorrect\ttime\n0\t0\t0\t1\t1\n", "a log of predictions"),
        (HEADER.encode(), "at least 1 entry"),
        (b"\xff\xfe\x00\x81", "cannot be read"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "other.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_log(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        read_log(tmp_path / "none.tsv")


@pytest.mark.parametrize(
    ("name", "radius", "accuracy"),
    [
        ("cohen2019_cifar10/sigma_0.12", 0.25, 0.586),
        ("cohen2019_cifar10/sigma_0.25", 0.25, 0.600),
        ("cohen2019_cifar10/sigma_0.50", 0.25, 0.546),
        ("cohen2019_cifar10/sigma_1.00", 0.25, 0.392),
        ("cohen2019_cifar10/sigma_0.50", 1.0, 0.234),
        ("cohen2019_imagenet/sigma_0.50", 0.5, 0.458),
        ("cohen2019_imagenet/sigma_0.50", 1.0, 0.372),
        ("cohen2019_imagenet/sigma_0.50", 1.5, 0.286),
    ],
)
def test_published_numbers_are_reproduced(
    shared: Path, name: str, radius: float, accuracy: float
) -> None:
    study = read_log(shared / "data" / "published" / f"{name}.tsv")
    assert (study.size, study.notes) == (500, PUBLISHED_NOTES)
    assert certified_accuracy(study, radius).value == pytest.approx(accuracy, abs=1e-12)


def test_every_published_log_survives_a_round_trip(shared: Path, tmp_path: Path) -> None:
    for path in sorted((shared / "data" / "published").glob("*/sigma_*.tsv")):
        study = read_log(path)
        copy = tmp_path / "copy.tsv"
        copy.write_text(to_tsv(study))
        back = read_log(copy)
        for i in (0, 734, 2500, 4571, 10_000):
            assert certified_count(study, i / 10_000) == certified_count(back, i / 10_000)


def test_the_truncated_log_keeps_its_own_size(shared: Path) -> None:
    study = read_log(shared / "data/published/cohen2019_imagenet/sigma_0.25.tsv")
    assert study.size == 427
    assert certified_accuracy(study, 0.0).value == pytest.approx(0.667, abs=5e-4)
    assert certified_accuracy(study, 0.5).value == pytest.approx(0.494, abs=5e-4)


def test_published_predictions_are_not_certificates(shared: Path) -> None:
    path = shared / "data/published/cohen2019_imagenet/predict_noise_0.25_N_1000.tsv"
    with pytest.raises(InputError, match="which certify nothing"):
        read_log(path)


def test_radius_zero_is_never_certified(tmp_path: Path) -> None:
    path = tmp_path / "log.tsv"
    path.write_text(HEADER + "0\t3\t3\t0.0\t1\t1.0\n1\t3\t3\t0.25\t1\t1.0\n")
    study = read_log(path)
    zero = study.entries[0]
    assert (zero.predicted, zero.radius, zero.correct) == (None, 0.0, False)
    assert "certifies nothing" in (zero.reason or "")
    assert [certified_count(study, r) for r in (0.0, 0.25)] == [1, 1]
    tiny = Entry(index=0, label=3, predicted=3, radius=0.00009)
    written = to_tsv(Study(title="", entries=(tiny,), origin=Origin.RUN)).splitlines()[1]
    assert written.split("\t")[:5] == ["0", "3", "-1", "0.0000", "0"]
    with pytest.raises(InputError, match="radius of 0 certifies no class"):
        Entry(index=0, label=3, predicted=3, radius=0.0)
