"""What is taken for granted is in every report of a run."""

from dataclasses import replace

from certiball.certification.assumptions import ASSUMED, assumed
from certiball.report.export import to_json
from certiball.report.granted import granted
from certiball.report.html import render


def test_each_assumption_says_whether_it_was_looked_at(study):
    looked = replace(study, assumptions=assumed("16 noisy inputs asked again: the same answers"))
    first, *others = granted(looked)
    assert first.head == "A function of one input."
    assert first.text.endswith("run: 16 noisy inputs asked again: the same answers.")
    assert [other.text.endswith("Not checked.") for other in others] == [True] * 3
    page = render([looked])
    assert "What they take for granted" in page
    assert "nor on the other inputs of its batch" in page
    assert ASSUMED[0].text in to_json(looked)


def test_published_logs_say_nothing_of_it(study):
    assert granted(study) == ()
    assert "What they take for granted" not in render([study])
