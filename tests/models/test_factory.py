import sys

import pytest
from torch import nn

from certiball.errors import InputError
from certiball.models.factory import is_factory
from certiball.models.files import load_model

CODE = """
from torch import nn
def good():
    return nn.Dropout().train()
def bad():
    raise RuntimeError("no weights")
def other():
    return 3
number = 4
def tree():
    from sklearn.tree import DecisionTreeClassifier
    return DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1])
def unfitted():
    from sklearn.tree import DecisionTreeClassifier
    return DecisionTreeClassifier()
def function():
    from certiball.classifiers.function import FunctionClassifier
    return FunctionClassifier(lambda x: [0] * len(x), num_classes=2)
def wrapped():
    from certiball.classifiers.torch import TorchClassifier
    return TorchClassifier(nn.Linear(2, 3), num_classes=3)
def uncallable():
    class Some:
        num_classes = 2
    return Some()
def unmade():
    from certiball.classifiers.function import FunctionClassifier
    return FunctionClassifier
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("certiball_toy_nets", "certiball_toy_broken"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "certiball_toy_nets.py").write_text(CODE)
    (tmp_path / "certiball_toy_broken.py").write_text("1 / 0")
    return tmp_path


def test_the_current_folder_can_be_imported_and_the_model_is_in_eval_mode(here):
    loaded = load_model("certiball_toy_nets:good")
    assert isinstance(loaded.model, nn.Dropout)
    assert not loaded.model.training
    assert (loaded.architecture, loaded.path) == (None, None)
    assert load_model("certiball_toy_nets:good").model is not loaded.model


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tree", "DecisionTreeClassifier"),
        ("function", "FunctionClassifier"),
        ("wrapped", "TorchClassifier"),
    ],
)
def test_an_estimator_or_a_classifier_is_returned_as_it_is(here, name, kind):
    loaded = load_model(f"certiball_toy_nets:{name}")
    assert type(loaded.model).__name__ == kind
    assert (loaded.architecture, loaded.path) == (None, None)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("certiball_no_such:f", r"cannot import certiball_no_such \(ModuleNotFoundError: .*check"),
        ("certiball_toy_broken:f", "cannot import certiball_toy_broken .ZeroDivisionError"),
        ("certiball_toy_nets:gone", "certiball_toy_nets has no function 'gone'"),
        ("certiball_toy_nets:number", "has no function 'number'"),
        ("certiball_toy_nets:bad", r"bad\(\) failed \(RuntimeError: no weights\): .*no arguments"),
        ("certiball_toy_nets:other", r"other\(\) returned int: return a torch.nn.Module, a fit"),
        ("certiball_toy_nets:unfitted", r"returned DecisionTreeClassifier without classes_: "),
        ("certiball_toy_nets:uncallable", "returned Some: return .* or an object with num_classes"),
        ("certiball_toy_nets:unmade", "the class FunctionClassifier: return an object of it"),
    ],
)
def test_what_cannot_be_is_refused(here, source, message):
    with pytest.raises(InputError, match=message):
        load_model(source)


def test_what_names_a_factory():
    assert is_factory("a.b_c:d")
    for text in ("a", "a:", ":b", "a/b.pt", "C:\\model.pt", "1a:b", "a:b:c"):
        assert not is_factory(text)
