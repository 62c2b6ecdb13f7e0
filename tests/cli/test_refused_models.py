"""Models that are no functions of one input are refused in one line, before there is a run."""

import pytest

RELATIVE = '''

class Relative(Bright):
    """Compares each picture with the brightest of its batch."""

    def forward(self, x):
        return super().forward(x / x.abs().max().clamp_min(1e-3))


class Forgetful(Bright):
    """Drops half of its inputs, whatever the mode."""

    def forward(self, x):
        return super().forward(torch.nn.functional.dropout(x, 0.5, training=True))
'''


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("Fickle", "is no function of its input"),
        ("Forgetful", "dropout(training=True)"),
        ("Relative", "depends on the other inputs of its batch"),
    ],
)
def test_no_run_is_begun(home, certify, model, words):
    nets = home / "planted.py"
    nets.write_text((home / "nets.py").read_text() + RELATIVE)
    said = certify(model=f"planted:{model}")
    assert said.code == 2
    assert words in said.err
    assert not (home / "run").exists()


def test_a_run_says_what_it_takes_for_granted(home, call, certify):
    assert certify().code == 0
    assert call("report", "run", "--out", "page.html").code == 0
    page = (home / "page.html").read_text()
    assert "What they take for granted" in page
    assert "16 noisy inputs asked again, in other places, beside other inputs" in page
