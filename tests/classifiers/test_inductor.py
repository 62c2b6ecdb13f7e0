"""What torch.compile is asked for, and how its failures read; with a compiler that does nothing."""

import pytest
import torch
from torch import nn
from torch._dynamo import config, exc

from certiball.classifiers import inductor
from certiball.classifiers.inductor import compiled
from certiball.errors import BackendError

BATCH = torch.zeros(2, 4)


@pytest.fixture
def asked(monkeypatch):
    """The options of each call; compiled functions are the modules themselves."""
    calls = []

    def compile(model, **options):
        calls.append(options)
        return model

    monkeypatch.setattr(torch, "compile", compile)
    return calls


def test_every_shape_is_compiled_for_itself_with_the_options_asked_for(asked, monkeypatch):
    model = nn.Linear(4, 2)
    assert torch.equal(compiled(model, freezing=False)(BATCH), model(BATCH))
    compiled(model, freezing=True)
    monkeypatch.setattr(inductor, "_on_cuda", lambda model: True)
    compiled(model, freezing=False)
    assert asked == [
        {"dynamic": False, "options": {}},
        {"dynamic": False, "options": {"freezing": True}},
        {"dynamic": False, "options": {"triton.cudagraphs": True}},
    ]


class Limits(nn.Linear):
    """Notes torch's limits while it runs."""

    def forward(self, x):
        self.seen = (config.recompile_limit, config.fail_on_recompile_limit_hit)
        return super().forward(x)


def test_torch_may_not_go_on_uncompiled(asked):
    before = (config.recompile_limit, config.fail_on_recompile_limit_hit)
    model = Limits(4, 2)
    compiled(model, freezing=False)(BATCH)
    assert model.seen == (inductor.SHAPES, True)
    assert (config.recompile_limit, config.fail_on_recompile_limit_hit) == before


class Failing(nn.Module):
    """Fails as it is told to."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def forward(self, x):
        raise self.error


class InvalidCxxCompiler(Exception):  # noqa: N818
    """Named as torch's own."""


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (ValueError("no such thing\nand more"), r"\(no such thing\): take --backend eager"),
        (ImportError("/cache/x.main.so: file too short"), r"x.main.so: .*remove this half-written"),
        (InvalidCxxCompiler("No working C++"), r"no working C\+\+ compiler was found\): install"),
    ],
)
def test_failures_are_one_line_with_a_remedy(asked, cause, words):
    failed = exc.BackendCompilerFailed(compiled, cause, None)
    with pytest.raises(BackendError, match=words) as caught:
        compiled(Failing(failed), freezing=False)(BATCH)
    assert "\n" not in str(caught.value)


def test_shapes_that_do_not_fit_raise_as_uncompiled(asked):
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        compiled(nn.Linear(5, 2), freezing=False)(BATCH)
