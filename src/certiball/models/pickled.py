"""Files that can run code when they are read: opened only on the user's word."""

import warnings
import zipfile
from pathlib import Path
from typing import Any, NoReturn

import torch

from certiball.errors import InputError
from certiball.reading import check_swelling, open_plain

PICKLES = (".pkl", ".pickle", ".joblib")


def refuse_code(path: Path, why: str) -> NoReturn:
    """Say that a file could run code.

    Raises:
        InputError: always.
    """
    raise InputError(
        f"{path} {why}, which can run any code when it is read: use safetensors, or weights with "
        "a named architecture; if you trust its author, --trust-pickle (trust_pickle=True)"
    )


def check_archive(path: Path) -> None:
    """Refuse what is no plain file, or an archive that unpacks to far more than it is.

    Raises:
        InputError: if it is one of these, or cannot be read.
    """
    with open_plain(path) as file:
        try:
            sizes = [info.file_size for info in zipfile.ZipFile(file).infolist()]
        except Exception:  # none of today's archives: its reader will say more
            return
        check_swelling(path, path.stat().st_size, sum(sizes))


def torch_load(path: Path, *, weights_only: bool) -> Any:
    """What `torch.load` reads, onto the processor; quiet about TorchScript archives.

    Raises:
        Exception: any, as torch and what is pickled raise them.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'torch.load' received a zip file that looks like")
        warnings.filterwarnings("ignore", ".torch.jit.load. is deprecated")
        return torch.load(path, map_location="cpu", weights_only=weights_only)


def load_trusted(path: Path) -> Any:
    """Whatever the file holds. Only for files whose author the user trusts.

    Raises:
        InputError: if the file cannot be read.

    Example:
        >>> load_trusted(Path("forest.joblib"))  # doctest: +SKIP
    """
    try:
        if path.suffix == ".pt2":
            return torch.export.load(path).module()
        if path.suffix in PICKLES:
            import joblib  # comes with scikit-learn; reads plain pickles too

            return joblib.load(path)
        return torch_load(path, weights_only=False)
    except Exception as error:  # a pickle may raise anything
        reason = str(error).partition("\n")[0]
        raise InputError(
            f"cannot read {path} ({type(error).__name__}: {reason}): "
            "check that it is whole, and that the packages it needs are installed"
        ) from error
