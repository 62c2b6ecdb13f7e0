"""A refused run leaves no folder behind; one that holds votes, or that was there before, stays."""

import pytest

from certiball.errors import ModelError
from certiball.runs.execute import execute

REFUSED = '''

class Small(Bright):
    """Takes batches of at most eight."""

    def forward(self, x):
        if len(x) > 8:
            raise ValueError("too many")
        return super().forward(x)


class Training(Bright):
    """Puts a part of itself into train mode."""

    def __init__(self):
        super().__init__()
        self.part = torch.nn.Dropout(0.5)

    def forward(self, x):
        self.part.train()
        return super().forward(x)
'''


@pytest.fixture(autouse=True)
def refused(home):
    (home / "refused.py").write_text((home / "nets.py").read_text() + REFUSED)


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": -1},
        {"seed": 2**128},
        {"model": "nets:Broken"},
        {"model": "refused:Small"},
        {"model": "refused:Training"},
        {"commit": " "},
    ],
    ids=str,
)
@pytest.mark.parametrize("existed", [False, True])
def test_it_is_gone(certify, home, changes, existed):
    if existed:
        (home / "run").mkdir()
    assert certify(**changes).code == 2
    assert (home / "run").exists() is existed


def test_votes_stay(certify, home, monkeypatch):
    def stopped(run, *others, **options):
        for progress in execute(run, *others, **options):
            yield progress
            if progress.done:
                raise ModelError("the machine failed")

    with monkeypatch.context() as patched:
        patched.setattr("certiball.runs.execute.execute", stopped)
        assert certify().code == 2
    assert (home / "run" / "run.sqlite").exists()
    assert certify().code == 0
