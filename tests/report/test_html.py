from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from certiball.balls import Norm
from certiball.errors import InputError, StoreError
from certiball.laws.ablation import Ablation
from certiball.report.html import render, write_report
from certiball.report.logs import read_log
from certiball.report.plots import curve_figure
from certiball.report.study import Study

VOID = {"meta", "img", "link", "br", "hr", "input"}
LOADING = {"src", "href", "xlink:href", "data", "action", "poster", "srcset"}


class Page(HTMLParser):
    """Tags in balance, what would be loaded, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [value or "" for name, value in attrs if name in LOADING]
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_page_is_whole_and_loads_nothing(study: Study, in_float: Study) -> None:
    text = render([study, in_float], "Digits")
    page = Page(text)
    assert page.loads
    assert all(load.startswith("data:image/png;base64,") for load in page.loads)
    assert "script" not in page.tags
    assert "link" not in page.tags
    style = text.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "http" not in text


def test_the_page_has_the_numbers(study: Study) -> None:
    page = Page(render([study], "Digits"))
    assert "50.0 % of 6 inputs keep their right class" in page.text
    assert "every perturbation of L2 norm below 0.25" in page.text
    assert "fail with probability at most 0.001 each" in page.text
    for words in (
        "66.6 % 22.2–95.7",
        "R = 0.6199",
        "0.6043 off the grid",
        "What these certificates say",
        "What they do not say",
        "αN = 0.006",
        "model digest 9f2c",
        "the radii come from the claim, not from the results",
    ):
        assert words in page.text
    assert "These studies differ" not in page.text
    assert "Floating point." not in page.text
    assert "leave out" not in page.text


def test_names_cannot_break_the_page(study: Study, in_float: Study) -> None:
    text = render([study, in_float], "<script>alert(1)</script>")
    page = Page(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "i" not in page.tags
    assert "&lt;b&gt;dog&lt;/b&gt;" in text


def test_float_mode_and_differences_stand_at_the_top(study: Study, in_float: Study) -> None:
    text = Page(render([study, in_float])).text
    warning = text.index("Floating point. float & <i>risky</i>")
    assert warning < text.index("These studies differ in") < text.index("radius (L2)")


def test_radii_of_several_norms_share_no_axis(study: Study) -> None:
    """Here the same radii, once in L2 and once in pixels, with a second study in L2 after them."""
    assert study.claim is not None
    law = Ablation(keep=1, pixels=4)
    counted = replace(study.claim, law=law, norm=Norm.L0, strict=False)
    few = tuple(replace(e, radius=1.0 if e.radius else 0.0) for e in study.entries)
    pixels = replace(study, title="in pixels", claim=counted, largest=3.0, entries=few)
    page = render([study, pixels, replace(study, title="twice")])
    charts = page.split('<figure class="chart">')[1:]
    assert len(charts) == 2
    named = [
        [s in chart.partition("</figure>")[0] for s in ("twice", "in pixels")] for chart in charts
    ]
    assert named == [[True, False], [False, True]]
    assert 'scope="row">0.25<' in charts[0]
    table = charts[1].partition("</section>")[0]
    assert 'scope="row">1<' in table
    assert 'scope="row">0.25<' not in table
    assert "share a chart, and no others" in Page(page).text
    with pytest.raises(InputError, match="no axis in common"):
        curve_figure([study, pixels])


def test_logs_say_what_they_leave_out(tmp_path: Path, log_text: str) -> None:
    path = tmp_path / "sigma_0.12.tsv"
    path.write_text(log_text)
    text = Page(render([read_log(path)])).text
    assert "What the published logs leave out" in text
    assert "rounded to nearest by the publisher" in text
    assert "as its publisher says" in text
    assert "not in the log" in text
    assert "25.0 % 0.6–80.6" in text
    assert "largest radius possible</li>" not in text


def test_notes_of_a_run_stand_with_its_study(study: Study) -> None:
    text = Page(render([replace(study, notes=("Only 6 of 9 inputs are finished.",))])).text
    assert text.count("Only 6 of 9 inputs are finished.") == 1


def test_an_unfinished_run_says_so_before_its_numbers(study: Study, in_float: Study) -> None:
    text = Page(render([replace(study, unfinished=994), in_float])).text
    notice = text.index("σ = 0.25: 994 of 1000 inputs are not finished.")
    assert notice < text.index("The share of all finished inputs whose")
    for words in (
        "50.0 % of 6 finished inputs keep their right class",
        "σ = 0.25 (finished inputs only)",
        "σ = 0.25 finished inputs float",
        "Unfinished inputs count as not certified.",
        "N = 1,000 inputs tried (994 of them not finished)",
    ):
        assert words in text
    assert text.count("are not finished.") == 1
    assert "finished" not in Page(render([in_float])).text


def test_a_failed_input_stands_on_the_page_with_its_reason(study: Study) -> None:
    failed = replace(study.entries[5], reason="failed: a <bad> file", estimation=None)
    text = Page(render([replace(study, entries=(*study.entries[:5], failed))])).text
    assert "failed owl · input 50 a <bad> file" in text
    assert "50.0 % of 6 inputs keep" in text


def test_radii_can_be_given(study: Study) -> None:
    text = Page(render([study], radii=(0.1, 0.3))).text
    assert "below 0.1" in text
    assert "if the radii were fixed beforehand" in text
    assert "come from the claim" not in text
    with pytest.raises(InputError, match="finite and ≥ 0"):
        render([study], radii=(-1.0,))


def test_a_study_that_certifies_nothing_has_a_page(study: Study) -> None:
    text = Page(render([replace(study, entries=study.entries[5:])])).text
    assert "0.0 % of 1 inputs keep their right class under every" in text
    assert "0 of 1" in text


def test_no_study_is_refused() -> None:
    with pytest.raises(InputError, match="at least 1 study"):
        render([])


def test_the_page_is_written(tmp_path: Path, study: Study) -> None:
    path = tmp_path / "out" / "report.html"
    write_report(path, [study], "Digits")
    assert path.read_text(encoding="utf-8") == render([study], "Digits")


def test_a_folder_that_cannot_be_written_is_a_store_error(tmp_path: Path, study: Study) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot write"):
        write_report(tmp_path / "file" / "report.html", [study])
