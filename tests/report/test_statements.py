from dataclasses import replace

from certiball.balls import Norm
from certiball.claim import Draw
from certiball.laws.ablation import Ablation
from certiball.laws.brightness import Brightness
from certiball.report.differences import differences
from certiball.report.statements import missing, said, unsaid
from certiball.report.study import Origin, Study
from certiball.spaces import Reals


def _text(statements: tuple) -> str:
    return " ".join(f"{s.head} {s.text}" for s in statements)


def test_a_lattice_claim_says_which_grid_and_what_alpha_means(study: Study) -> None:
    text = _text(said(study))
    for words in (
        "‖δ‖ < R in L2 (Euclidean) norm",
        "The inequality is strict",
        "The smoothed classifier, not the base one",
        "the grid 0, 1/256, …, 1",
        "max(R/2, R − h√d/2)",
        "h = 1/256, d = 64, and h√d/2 is at most 0.0157",
        "α = 0.001 for each input",
        "N = 6 inputs tried: at most αN = 0.006 false certificates",
        "the probability of any is at most 0.006.",
        "Lattice mode: inputs and noise are whole steps of the grid",
        "A seed that nobody chose. The seed 0x",
        "Fresh noise: the operating system draws the seed after model, inputs and claim",
        "No radius above 0.6301",
        "n = 1,000 votes",
    ):
        assert words in text
    assert "In L∞ a radius R is worth R/√d, here R/8.00." in _text(unsaid(study))
    assert "2207.07209" not in _text(unsaid(study))


def test_no_bound_is_printed_as_less_than_it_is(study: Study) -> None:
    assert study.claim is not None
    fine = replace(study, claim=replace(study.claim, alpha=0.00123456789), unfinished=999_994)
    text = _text(said(fine))
    assert "α = 0.00123456789 for each input" in text
    assert "αN = 1234.56789 false" in text
    assert "No radius above 0.6001." in _text(said(replace(study, largest=0.60003)))


def test_float_mode_warns_and_a_chosen_seed_is_named(in_float: Study) -> None:
    text = _text(said(in_float))
    assert "Exact arithmetic only. Float mode: inputs live in the real interval" in text
    assert "A seed that somebody chose. Known noise: " in text
    assert "not on the grid" not in text
    assert unsaid(in_float)[0].head == "Safety from floating point."
    assert "arXiv 2207.07209" in unsaid(in_float)[0].text


def test_one_chosen_seed_among_those_of_a_merged_run_is_named(study: Study) -> None:
    drawn, chosen = Draw(seed=5, chosen=False), Draw(seed=6, chosen=True)
    text = _text(said(replace(study, draw=None, draws=(drawn, chosen))))
    assert "A seed that somebody chose." in text
    assert "Here 1 of 2 seeds were chosen." in text
    text = _text(said(replace(study, draw=None, draws=(drawn, replace(drawn, seed=7)))))
    assert "Seeds that nobody chose. 2 seeds. Fresh noise: the operating system draws" in text


def test_unknown_dimension_and_votes_leave_their_numbers_out(study: Study) -> None:
    text = _text(said(replace(study, dimension=None, n=None)))
    assert "Here h =" not in text
    assert "L∞" not in _text(unsaid(replace(study, dimension=None)))
    assert "rule, α. Curves" in text


def test_other_norms_are_named(study: Study) -> None:
    assert study.claim is not None
    other = replace(study, claim=replace(study.claim, norm=Norm.L1))
    assert "‖δ‖ < R in L1 norm" in _text(said(other))
    assert "max(R/2, R − h·d/2)" in _text(said(other))
    assert "h·d/2 is at most 0.1250" in _text(said(other))  # 64 / 512
    assert "in any norm but L1" in _text(unsaid(other))
    assert "worth R/d, here R/64." in _text(unsaid(other))
    other = replace(study, claim=replace(study.claim, norm=Norm.LINF))
    assert "max(R/2, R − h/2)" in _text(said(other))
    assert "h/2 is at most 0.0020" in _text(said(other))  # 1 / 512


def test_counts_of_pixels_are_said_in_pixels(study: Study) -> None:
    assert study.claim is not None
    law = Ablation(keep=5, pixels=64)
    claim = replace(study.claim, law=law, norm=Norm.L0, strict=False)
    for space in (claim.space, Reals(low=0.0, high=1.0)):
        text = _text(said(replace(study, claim=replace(claim, space=space))))
        assert "for every change of at most R pixels, the smoothed classifier" in text
        assert "R itself is included." in text
        assert "strict" not in text
        assert "not on the grid" not in text  # a pixel that is the same stays the same
        assert "floating point cannot break the proof" in text
        assert "floating point" not in _text(unsaid(replace(study, claim=claim)))


def test_transformations_are_said_by_their_parameter(study: Study) -> None:
    assert study.claim is not None
    claim = replace(study.claim, law=Brightness(sigma=0.2), norm=Norm.PARAMETER)
    assert "for every x + b, one number |b| below R for all pixels" in _text(
        said(replace(study, claim=claim))
    )
    text = _text(unsaid(replace(study, claim=claim)))
    assert "Nothing is said of single pixels" in text
    assert "L∞" not in text


def test_logs_say_what_is_missing(study: Study) -> None:
    log = replace(study, claim=None, draw=None, largest=None, origin=Origin.PUBLISHED)
    noted = replace(log, notes=("Radii were rounded.",))
    assert "the norm that the publisher states" in _text(said(log))
    assert "α" not in _text(said(log))
    assert missing(study) == ()
    assert [s.head for s in missing(noted)] == ["No claim in the log.", "Note."]
    assert [s.text for s in missing(replace(noted, claim=study.claim))] == ["Radii were rounded."]


def test_differences_are_listed(study: Study, in_float: Study) -> None:
    assert differences([study, study]) == ()
    assert differences([study]) == ()
    fewer = replace(study, entries=study.entries[:3])
    assert "differ in the inputs and the numbers of inputs." in differences([study, fewer])[0]
    sentence = differences([study, in_float])[0]
    assert sentence.startswith(
        "These studies differ in the spaces of the inputs, the models and the data."
    )
    log = replace(study, claim=None)
    assert "the noise laws, the norms, the radius rules" in differences([study, log])[0]
    assert study.claim is not None
    lower = replace(study, claim=replace(study.claim, backend="torch cpu bfloat16"))
    assert "differ in what runs the models." in differences([study, lower])[0]
    votes = differences([study, replace(study, n=5)])[0]
    assert votes.startswith("These studies differ in the numbers of votes.")
