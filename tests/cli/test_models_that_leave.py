"""Models that end the program are in error, and no run of theirs looks as if it went well."""

import pytest

LEAVING = '''

class Leaves(Bright):
    def forward(self, x):
        raise SystemExit(0)


class Now(Bright):
    """Leaves once it is shown a batch."""

    def forward(self, x):
        if len(x) > 1:
            raise SystemExit(0)
        return super().forward(x)


def built():
    raise SystemExit(0)


class Own:
    """A classifier of the user's own, which nothing is put around."""

    num_classes = 2

    def digest(self, probes):
        return None

    def __call__(self, batch):
        raise SystemExit(0)
'''


@pytest.fixture(autouse=True)
def leaving(home):
    (home / "leaving.py").write_text((home / "nets.py").read_text() + LEAVING)
    (home / "quits.py").write_text("raise SystemExit(0)\n")


@pytest.mark.parametrize(
    "model", ["leaving:Leaves", "leaving:Now", "leaving:built", "leaving:Own", "quits:Any"]
)
def test_it_is_bad_input(certify, call, home, model):
    said = certify(model=model)
    assert said.code == 2
    assert "SystemExit" in said.err or "ended the program (exit code 0)" in said.err
    assert not (home / "run").exists()
    assert call("doctor", model, "--data", "greys.npz").code in (1, 2)
