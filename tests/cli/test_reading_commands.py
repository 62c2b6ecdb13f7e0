"""status, report, export, import-log: what is made of stored runs."""

import csv
import io
import json

import numpy as np
import pytest

LOG = "idx\tlabel\tpredict\tradius\tcorrect\ttime\n" + "".join(
    f"{i}\t1\t{label}\t{radius}\t{int(label == 1)}\t0:00:01.5\n"
    for i, (label, radius) in enumerate([(1, 0.6), (1, 0.3), (0, 0.2), (-1, 0.0)])
)


@pytest.fixture
def run(certify):
    assert certify("--seed", 7).code == 0
    return "run"


def test_status_tells_how_far_and_how(call, run):
    said = call("status", run)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0] == "run: 100.0% (3,240 of 3,240 samples)"
    assert "nets:Bright on 6 inputs of greys.npz" in lines[1]
    assert lines[2].startswith("shard 1/1: 3,240 of 3,240 samples, seed 0x0")
    assert "chosen by the user" in lines[2]
    assert lines[3].startswith("attempt ")
    assert "done" in lines[3]


def test_status_of_a_stopped_run_has_a_rate(call, certify, monkeypatch):
    monkeypatch.setattr("certiball.runs.execute.FIRST_BUNDLE", 1)
    assert certify("--max-seconds", "1e-9", n=3000).code == 3
    said = call("status", "run")
    assert "to go at that rate" in said.out
    found = json.loads(call("status", "run", "--json").out)
    assert 0 < found["done"] < found["total"]
    assert found["shards"][0]["chosen"] is False
    assert found["attempts"][0]["outcome"] == "stopped early"
    assert found["spec"]["plan"] == {"kind": "fixed", "n": 3000, "n0": 40}


@pytest.mark.parametrize("command", ["status", "report", "export"])
def test_what_is_no_run_is_refused(call, home, command):
    said = call(command, "absent")
    assert said.code == 2
    assert "is not a run folder" in said.err


def test_a_report_of_a_run_and_a_log(call, run, home):
    (home / "log.tsv").write_text(LOG)
    said = call("report", run, "log.tsv", "--out", "page.html", "--title", "Greys")
    assert said.code == 0, said.err
    assert "report: page.html" in said.out
    page = (home / "page.html").read_text()
    assert "Greys" in page
    assert "σ = 0.25" in page
    assert "data:image/png" in page
    assert "nets:Bright" in page
    assert said.err == ""


def test_a_model_of_more_classes_than_the_data_names_is_reported(call, certify):
    assert certify(model="nets:Last").code == 0
    assert call("report", "run").code == 0
    assert call("export", "run").out.splitlines()[1].startswith("0\t0\t4\t")


def test_a_report_without_its_data_has_no_pictures(call, run, home):
    (home / "greys.npz").rename(home / "gone.npz")
    said = call("report", run)
    assert said.code == 0
    assert "no pictures of run: no data at 'greys.npz'" in said.err
    assert "data:image/png" not in (home / "report.html").read_text()
    np.savez(home / "greys.npz", x=np.zeros((6, 1, 2, 2), np.uint8), y=np.zeros(6, np.int64))
    assert "holds other data by now" in call("report", run).err


def test_two_runs_of_one_noise_are_told_apart(call, run, certify):
    certify("--seed", 8, out="again")
    found = json.loads(call("report", run, "again", "--json").out)
    assert [study["title"] for study in found["studies"]] == ["σ = 0.25 (run)", "σ = 0.25 (again)"]


def test_the_status_of_a_plan_that_stops_counts_inputs(call, certify):
    options = {"n": None, "n0": None, "target-radius": 0.2, "max-n": 2000}
    words = [w for name, value in options.items() if value for w in (f"--{name}", value)]
    shown = ("--model", "nets:Bright", "--data", "greys.npz", "--sigma", 0.25, "--batch", 64)
    assert call("certify", *shown, "--out", "run", *words).code == 0
    first, *rest = call("status", "run").out.splitlines()
    assert first.startswith("run: 100.0% (6 of 6 inputs settled, ")
    assert first.endswith(" samples, at most 12,384)")
    assert any(" of at most 12,384 samples" in line for line in rest)
    found = json.loads(call("status", "run", "--json").out)
    assert (found["settled"], found["inputs"], found["complete"]) == (6, 6, True)
    assert found["done"] < found["total"]


def test_a_run_is_named_once(call, run):
    said = call("report", run, f"./{run}")
    assert said.code == 2
    assert "run is given 2 times: name it once" in said.err


def test_nothing_finished_is_no_report(call, certify, monkeypatch):
    monkeypatch.setattr("certiball.runs.execute.FIRST_BUNDLE", 0.01)
    assert certify("--max-seconds", "1e-9", n=3000).code == 3
    assert "has no finished input yet" in call("report", "run").err


@pytest.mark.parametrize("form", ["tsv", "csv", "json", "parquet"])
def test_a_run_is_exported(call, run, home, form):
    said = call("export", run, "--format", form, "--out", f"table.{form}")
    assert said.code == 0, said.err
    assert "6 inputs written to" in said.out
    content = (home / f"table.{form}").read_bytes()
    if form == "tsv":
        header, first, *rest = content.decode().splitlines()
        assert header == "idx\tlabel\tpredict\tradius\tcorrect\ttime"
        assert first.startswith("0\t0\t0\t0.5")
        assert len(rest) == 5
    elif form == "csv":
        rows = list(csv.DictReader(io.StringIO(content.decode())))
        assert [row["clean"] for row in rows] == ["0", "0", "0", "1", "1", "1"]
    elif form == "json":
        assert json.loads(content)["seed"]["chosen"] is True
    else:
        assert content.startswith(b"PAR1")


def test_the_name_of_the_file_says_the_format(call, run, home):
    assert call("export", run, "--out", "a.csv", "--quiet").out == ""
    assert (home / "a.csv").read_text().startswith("index,")
    said = call("export", run, "--out", "a.txt")
    assert said.code == 2
    assert "a.txt ends in none of .tsv .csv .json .parquet: rename it, or give" in said.err
    assert not (home / "a.txt").exists()
    assert call("export", run, "--out", "a.txt", "--format", "tsv").code == 0
    assert (home / "a.txt").read_text().startswith("idx\t")
    assert call("export", run).out.startswith("idx\t")
    assert "parquet is not text" in call("export", run, "--format", "parquet").err


def test_an_export_that_cannot_be_written_is_one_line(call, run, home):
    assert "cannot write" in call("export", run, "--out", "greys.npz/a.csv").err


def test_a_published_log_is_checked_and_converted(call, home):
    (home / "log.tsv").write_text(LOG)
    said = call("import-log", "log.tsv", "--out", "log.json", "--title", "Theirs")
    assert said.code == 0
    assert "Theirs, 4 inputs" in said.out
    assert "50.0% at 0" in said.out
    assert "note: Radii were rounded to nearest" in said.out
    assert json.loads((home / "log.json").read_text())["title"] == "Theirs"
    found = json.loads(call("import-log", "log.tsv", "--json").out)
    assert found["certified_accuracy"]["0.5"] == 0.25
    assert call("import-log", "log.tsv", "--quiet").out == ""


def test_a_wrong_log_is_refused_naming_its_line(call, home):
    (home / "log.tsv").write_text(LOG.replace("0.3", "much"))
    said = call("import-log", "log.tsv")
    assert said.code == 2
    assert "log.tsv, line 3: radius is 'much'" in said.err


def test_published_numbers_are_reproduced(call, shared):
    log = shared / "data" / "published" / "cohen2019_cifar10" / "sigma_0.25.tsv"
    found = json.loads(call("import-log", log, "--json").out)
    assert found["certified_accuracy"]["0.25"] == pytest.approx(0.600, abs=5e-4)


def test_radii_of_all_inputs_at_once_are_read_on_request(call, run, home):
    assert call("report", run, "--simultaneous", "--holm", "0.1", "--out", "page.html").code == 0
    page = (home / "page.html").read_text()
    assert "All inputs at once" in page
    assert "Exploratory" in page
    out = call("export", run, "--format", "csv", "--simultaneous", "--holm", "0.1").out
    header, *rows = out.splitlines()
    assert header.split(",")[-2:] == ["radius_simultaneous", "certified_holm"]
    assert len(rows) == 6
    assert "no column" in call("export", run, "--simultaneous").err
    assert "radius must be > 0" in call("report", run, "--holm", "0").err
