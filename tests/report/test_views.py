from dataclasses import replace

import pytest

from certiball.claim import Draw
from certiball.report.html import render
from certiball.report.radii import default_radii
from certiball.report.statements import said
from certiball.report.study import Entry, Origin, Study
from certiball.report.texts import at_least
from certiball.report.views import merged, study_view
from certiball.statistics.multiplicity import GAMMA, robust_in_population
from certiball.statistics.steps import USUAL
from certiball.votes import Votes


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (0.457, (0.0, 0.25)),
        (0.98, (0.0, 0.25, 0.5, 0.75)),
        (1.6, (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)),
        (5.0, USUAL),
        (0.1, (0.0, 0.02, 0.04, 0.06, 0.08, 0.1)),
        (40.0, (0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0)),
        (0.0, (0.0,)),
        (None, USUAL),
    ],
)
def test_radii_follow_the_field(largest: float | None, expected: tuple[float, ...]) -> None:
    entry = Entry(index=0, label=0, predicted=0, radius=0.01)
    study = Study(title="", entries=(entry,), origin=Origin.RUN, largest=largest)
    assert default_radii([study]) == expected
    assert default_radii([study, replace(study, largest=None)]) == USUAL
    assert default_radii([replace(study, largest=0.0), study]) == expected


def test_the_curve_holds_for_new_inputs_less_a_distance(study: Study) -> None:
    # √(ln 1000/2N) + .001 is .08412 for N = 500.
    many = tuple(Entry(index=i, label=0, predicted=0, radius=0.3) for i in range(500))
    one = replace(study, entries=many, picture=None)
    assert study_view(one, (0.25,), 0).below_curve == "8.5"
    assert "at most 8.5 percentage points below" in " ".join(render([one]).split())
    assert study_view(replace(one, unfinished=1), (0.25,), 0).below_curve == ""
    assert study_view(replace(one, claim=None), (0.25,), 0).below_curve == ""


def test_results_choose_neither_the_radii_nor_their_error_rate(study: Study) -> None:
    # One input fewer certified at the largest radius: the statement at .25 must not move.
    lower = replace(
        study, entries=tuple(replace(e, radius=min(e.radius, 0.3)) for e in study.entries)
    )
    assert default_radii([study]) == default_radii([lower]) == (0.0, 0.25, 0.5)
    many = [Entry(index=i, label=0, predicted=0, radius=0.3) for i in range(1000)]
    for largest in (0.63, 3.8):
        one = replace(study, entries=tuple(many), largest=largest, picture=None)
        radii = default_radii([one])
        view = study_view(one, radii, 0)
        assert len(view.proofs) == 3  # 0, .25 and the first with none
        bound = robust_in_population(1000, 1000, 0.001, GAMMA / len(radii))
        assert view.proofs[1].population == at_least(bound)


def test_tiles_and_rows_of_a_run(study: Study) -> None:
    view = study_view(study, (0.0, 0.25, 0.5, 0.75, 1.0), 0)
    assert [t.value for t in view.tiles] == [
        "83.3\u202f%", "66.6\u202f%", "66.6\u202f%", "16.7\u202f%", "0.219", "0.630"
    ]  # fmt: skip
    assert [(p.radius, p.certified) for p in view.proofs] == [
        ("0", "4 of 6"), ("0.25", "3 of 6"), ("0.5", "1 of 6"), ("0.75", "0 of 6")
    ]  # fmt: skip
    # P(Bin(6, .001) > 1) is 1.5e-5 and P(> 0) is .006: one of the six may be false.
    assert [p.table for p in view.proofs] == ["≥ 3", "≥ 2", "≥ 0", "≥ 0"]
    assert view.notes == ()
    facts = dict(view.facts)
    assert facts["randomness"].startswith("seed 0x8000")
    shards = (Draw(seed=5, chosen=False), Draw(seed=6, chosen=True))
    merged_run = study_view(replace(study, draw=None, draws=shards), (0.0,), 0)
    assert dict(merged_run.facts)["randomness"] == "2 seeds, 1 of them chosen by the user"
    assert facts["votes"] == "100 to select, 1000 to estimate"
    assert "published log" not in view.subtitle


def test_cards_show_votes_names_and_radii(study: Study) -> None:
    cards = {c.title: c for g in study_view(study, (0.0,), 0).groups for c in g.cards}
    best = cards["<b>dog</b> · input 40"]
    assert (best.radius, best.off_grid) == ("R = 0.6199", "0.6043 off the grid")
    assert best.votes == "<b>dog</b>:\u00a01000"
    wrong = cards["cat · input 30, certified as <b>dog</b>"]
    assert wrong.votes == "<b>dog</b>:\u00a0960\u00a0· owl:\u00a040"
    none = cards["owl · input 50"]
    assert (none.radius, none.off_grid) == ("abstained", None)
    assert cards["owl · input 20"].picture is None


def test_a_third_class_is_counted_with_the_others(study: Study) -> None:
    entry = replace(study.entries[0], estimation=Votes(counts=(700, 250, 50)))
    (group,) = study_view(replace(study, entries=(entry,), picture=None), (0.0,), 0).groups
    assert (
        group.cards[0].votes == "cat:\u00a0700\u00a0· <b>dog</b>:\u00a0250\u00a0· others:\u00a050"
    )


def test_a_log_has_no_proofs_and_no_cards(study: Study) -> None:
    entries = tuple(replace(e, estimation=None, clean=None, answer=None) for e in study.entries)
    log = replace(
        study, entries=entries, claim=None, draw=None, n0=None, n=None, dimension=None,
        picture=None, largest=None, origin=Origin.PUBLISHED,
    )  # fmt: skip
    view = study_view(log, (0.0, 0.25), 0)
    assert view.groups == ()
    assert {p.table for p in view.proofs} == {None}
    assert view.tiles[0].detail == "not in the log"
    assert view.subtitle.endswith("published log")
    assert view.facts == (("origin", "published log"), *study.facts)
    with_pictures = replace(log, picture=study.picture)
    assert study_view(with_pictures, (0.0,), 0).groups[0].cards[0].bar is None


def test_guarantees_count_unfinished_inputs_as_not_certified(study: Study) -> None:
    study = replace(study, picture=None)
    partial = study_view(replace(study, unfinished=994), (0.0, 0.25), 0)
    failed = [
        Entry(index=i, label=0, predicted=None, radius=0.0, reason="failed: the disk")
        for i in range(1000, 1994)
    ]
    whole = study_view(replace(study, entries=(*study.entries, *failed)), (0.0, 0.25), 0)
    assert partial.proofs == whole.proofs
    assert partial.proofs[0].certified == "4 of 1000"
    assert partial.proofs[0].table == "≥ 0"  # P(Bin(1000, .001) > 4) is .0037, above γ
    assert partial.subtitle.startswith("6 of 1000 inputs finished")
    # The rate is of the finished inputs; its interval takes in what the others may give.
    assert partial.tiles[2].value == "66.6\u202f%"
    assert partial.tiles[2].detail == "0.1–100.0 (95\u202f%)"


def test_failures_have_a_group_and_a_reason(study: Study) -> None:
    failed = Entry(index=60, label=1, predicted=None, radius=0.0, reason="failed: a <bad> file")
    mixed = replace(study, entries=(*study.entries, failed))
    view = study_view(mixed, (0.0,), 0)
    assert view.groups[-1].title == "Failed"
    assert view.groups[-1].explanation == "1 in all, counted as not certified."
    (card,) = view.groups[-1].cards
    assert (card.radius, card.reason) == ("failed", "a <bad> file")
    assert [c.title for c in view.groups[-2].cards] == ["owl · input 50"]
    assert view.proofs[0].certified == "4 of 7"
    assert view.tiles[3].name == "Abstentions and failures"
    assert view.tiles[3].value == "28.6\u202f%"
    alone = replace(study, entries=(failed,), picture=None)
    assert [g.title for g in study_view(alone, (0.0,), 0).groups] == ["Failed"]


def test_statements_are_merged_and_tagged(study: Study, in_float: Study) -> None:
    pairs = dict(merged([study, in_float], said))
    heads = {statement.head: about for statement, about in pairs.items()}
    assert heads["One input at a time."] == ()
    assert heads["Exact arithmetic only."] == ("float & <i>risky</i>",)
    assert heads["A seed that nobody chose."] == ("σ = 0.25",)
