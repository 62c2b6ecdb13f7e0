"""Models that a user's own code builds: "package.module:factory"."""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

from torch import nn

from certiball.errors import InputError

FACTORY = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


def is_factory(text: str) -> bool:
    """Whether a string names a factory.

    Example:
        >>> is_factory("mynets.wide:build"), is_factory("mynets/wide.pt")
        (True, False)
    """
    return FACTORY.fullmatch(text) is not None


def from_factory(text: str) -> Any:
    """What a factory returns when it is called with no arguments: a module is put in eval mode.

    It may be a `torch.nn.Module`, a fitted scikit-learn classifier (it has `predict` and
    `classes_`), or a classifier of `certiball` (it is called, and has `num_classes`).

    The current directory can be imported from. This runs the user's code.

    Raises:
        InputError: if the module cannot be imported, has no such name, the call fails, or what it
            returns is none of these.

    Example:
        >>> from_factory("torch.nn:Identity")
        Identity()
    """
    module_name, _, name = text.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except (Exception, SystemExit) as error:  # the user's code may raise anything
        raise InputError(
            f"cannot import {module_name} ({type(error).__name__}: {error}): "
            f"check the name, or run in the folder that holds it ({here} is searched)"
        ) from error
    factory = getattr(module, name, None)
    if not callable(factory):
        raise InputError(f"{module_name} has no function {name!r}: give package.module:factory")
    try:
        model = factory()
    except (Exception, SystemExit) as error:
        raise InputError(
            f"{text}() failed ({type(error).__name__}: {error}): it is called with no arguments"
        ) from error
    if isinstance(model, nn.Module):
        return model.eval()
    _refuse_other(model, text)
    return model


def _refuse_other(model: Any, text: str) -> None:
    if isinstance(model, type):  # the name of a class has all that its objects have
        raise InputError(f"{text}() returned the class {model.__name__}: return an object of it")
    if hasattr(model, "predict") and hasattr(model, "classes_"):
        return
    if hasattr(model, "num_classes") and callable(model):
        return
    name = type(model).__name__
    if hasattr(model, "predict"):
        raise InputError(f"{text}() returned {name} without classes_: return a fitted classifier")
    raise InputError(
        f"{text}() returned {name}: return a torch.nn.Module, a fitted scikit-learn classifier, "
        "or an object with num_classes that is called with a batch, such as FunctionClassifier"
    )
