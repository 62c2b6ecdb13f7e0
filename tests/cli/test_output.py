"""What is printed where."""

import sys

from certiball.cli.output import Voice, duration


def test_bars_show_rate_and_time_left_on_a_terminal(monkeypatch, capfd):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with Voice().bar("certify", "samples") as tell:
        tell(0.0, 100.0, 0.0)
        tell(50.0, 100.0, 25.0)
    shown = capfd.readouterr().err
    assert "25 samples/s, 0:00:02 left" in shown
    assert "50%" in shown


def test_without_a_terminal_there_are_no_bars(monkeypatch, capfd):
    for voice in (Voice(), Voice(quiet=True)):
        with voice.bar("certify", "samples") as tell:
            tell(1, 2, 3.0)
    assert capfd.readouterr() == ("", "")


def test_notes_go_beside_the_results(capfd):
    Voice(as_json=True).note("beside")
    Voice(as_json=True).say("nowhere")
    Voice(as_json=True).give({"α": 1})
    Voice(quiet=True).note("nowhere")
    assert capfd.readouterr() == ('{"α": 1}\n', "beside\n")


def test_durations():
    assert duration(59.9) == "0:00:59"
    assert duration(90_000.0) == "1 day, 1:00:00"
