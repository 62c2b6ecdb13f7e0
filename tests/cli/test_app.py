"""The program as a whole: light to start, one line for every mistake, exit codes."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from certiball.cli import app as module
from certiball.cli import main
from certiball.errors import StoreError

COMMANDS = (
    "demo train doctor plan certify predict status merge report export import-log "  # noqa: SIM905
    "record verify keygen threat attack study compare-noise top-k".split()
)


def _python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_help_imports_nothing_heavy():
    done = _python(
        "import sys\n"
        "from certiball.cli import main\n"
        "main(['--help'])\n"
        "heavy = {'torch', 'numpy', 'scipy', 'sklearn', 'matplotlib', 'PIL', 'jinja2'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    assert done.returncode == 0, done.stderr
    for command in COMMANDS:
        assert command in done.stdout


def test_help_is_quick():
    """Imports count by the processor's time, so that a busy machine fails nobody."""
    code = (
        "import time; begin = time.process_time()\n"
        "from certiball.cli import main\n"
        "main(['--help'])\n"
        "import sys; sys.stderr.write(str(time.process_time() - begin))"
    )
    assert min(float(_python(code).stderr) for _ in range(3)) < 0.4


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(call, command):
    said = call(command, "--help")
    assert said.code == 0
    assert "Usage: certiball" in said.out


def test_the_version(call):
    assert call("--version").out.startswith("certiball 0.")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nonsense"], "No such command"),
        (["certify"], "Missing option"),
        (["status"], "Missing argument"),
        (["status", "run", "--loud"], "No such option"),
        (
            ["train", "--sigma", "much", "--data", "digits", "--out", "m"],
            "Invalid value for '--sigma'",
        ),
        (["export", "run", "--format", "doc"], "'doc' is not one of"),
    ],
)
def test_mistakes_in_the_command_are_one_line(call, arguments, words):
    said = call(*arguments)
    assert said.code == 2
    assert words in said.err


def test_no_arguments_show_the_help(capfd):
    assert main([]) == 2
    assert "Usage: certiball" in "".join(capfd.readouterr())


def test_errors_of_several_lines_become_one(call, monkeypatch):
    def refuse(path):
        raise StoreError("first\n\n  second")

    monkeypatch.setattr("certiball.runs.status.read_status", refuse)
    said = call("status", "run")
    assert (said.code, said.err) == (2, "error: first second\n")


@pytest.mark.parametrize(("error", "words"), [((), "is full:"), (("8 EiB",), "is full (8 EiB):")])
def test_a_full_memory_is_one_line(call, monkeypatch, error, words):
    def fill(path):
        raise MemoryError(*error)

    monkeypatch.setattr("certiball.runs.status.read_status", fill)
    said = call("status", "run")
    assert said.code == 2
    assert words in said.err


def test_what_is_not_installed_is_named():
    """In a place where a record can be verified at level 1, and no more."""
    done = _python(
        "import sys\n"
        "for name in ('torch', 'jaxtyping', 'sklearn', 'PIL', 'jinja2', 'matplotlib'):\n"
        "    sys.modules[name] = None\n"
        "from certiball.cli import main\n"
        "model = ['--model', 'a.pt', '--data', 'digits']\n"
        "run = ['certify', *model, '--sigma', '.25', '--out', 'r']\n"
        "codes = main(run), main(['doctor', *model]), main(['report', 'r'])\n"
        "sys.exit(0 if codes == (2, 2, 2) else str(codes))"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("error: ") == 3
    assert "which is not installed: pip install certiball" in done.stderr


def test_modules_of_other_people_are_not_taken_for_ours(monkeypatch):
    def missing(path):
        raise ModuleNotFoundError("No module named 'certiball.lost'", name="certiball.lost")

    monkeypatch.setattr("certiball.runs.status.read_status", missing)
    with pytest.raises(ModuleNotFoundError):
        main(["status", "run"])


def test_sigterm_ends_like_ctrl_c(call, monkeypatch):
    def killed(path):
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("certiball.runs.status.read_status", killed)
    assert call("status", "run").code == 130
    assert signal.getsignal(signal.SIGTERM) is before


def test_other_threads_leave_signals_alone(capfd):
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(["--version"])))
    thread.start()
    thread.join()
    assert codes == [0]


def test_every_command_is_listed():
    names = {
        command.name or command.callback.__name__ for command in module.app.registered_commands
    }
    assert names == set(COMMANDS)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--precision", "5%", "Invalid value for '--precision': must be a number such as .05"),
        ("--n", "many", "Invalid value for '--n': must be a whole number such as 100"),
        ("--executor", "proc", "'--executor': 'proc' is not one of 'serial', 'processes', 'ray'"),
    ],
)
def test_values_that_are_none_are_refused_plainly(certify, option, value, words):
    said = certify(option, value)
    assert said.code == 2
    assert words in said.err


def test_a_reader_that_leaves_is_no_error():
    command = [sys.executable, "-c", "from certiball.cli import main; raise SystemExit(main())"]
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run([*command, "--help"], stdout=write, stderr=subprocess.PIPE, text=True)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize("heavy", ["certiball.cli.status", "certiball.attacks.epsilons"])
def test_an_interruption_during_imports_is_one_line(heavy, home):
    """While the commands are imported, and while one of them imports what it needs."""
    code = (
        "import sys\n"
        "class Pressed:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {heavy!r}:\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Pressed())\n"
        "from certiball.cli import main\n"
        "sys.exit(main(['attack', '--attack', 'rays', '--model', 'nets:Bright', '--data',\n"
        "               'greys.npz', '--out', 'there', '--max-queries', '5']))"
    )
    done = _python(code, PYTHONPATH=str(home))
    assert done.returncode == 130
    assert done.stderr == (
        "interrupted; what was stored is safe: repeat the same command to go on\n"
    )
    assert not (home / "there").exists()
