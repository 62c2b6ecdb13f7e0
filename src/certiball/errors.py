"""Every error that certiball raises on purpose.

    CertiballError
    ├── InputError (ValueError)     a value breaks a constraint; the message has the remedy
    │   └── InfeasibleError         no vote could certify: refused before sampling
    ├── ModelError                  a model's output cannot be counted as votes
    │   └── BatchError              a batch does not fit into memory
    ├── EndpointError               a live endpoint fails, or answers what is no answer
    ├── ContradictionError          an adversarial point lies where a certificate says there is none
    ├── BackendError                a backend cannot run a model here
    ├── StoreError                  a run folder cannot be read, written or shared
    │   └── SpecMismatchError       the folder holds a run of another specification
    └── MissingExtraError           an optional dependency is not installed

At the command line each is one line and exit code 2.
"""


class CertiballError(Exception):
    """The root of the tree."""


class InputError(CertiballError, ValueError):
    """A value breaks a constraint. The message gives the value, the constraint and the remedy."""


class InfeasibleError(InputError):
    """Even unanimous votes could not certify under this claim."""


class ModelError(CertiballError):
    """A model's output cannot be counted as votes (NaN, wrong shape, a class out of range)."""


class BatchError(ModelError):
    """A batch does not fit into memory; a smaller one may."""


class EndpointError(CertiballError):
    """A live endpoint fails, or answers what is no answer. What it answered before is kept."""


class ContradictionError(CertiballError):
    """An adversarial point lies where a certificate says there is none: exit code 1."""


class BackendError(CertiballError):
    """A backend cannot run a model here: a compiler is missing, or it does not take the model."""


class StoreError(CertiballError):
    """A run folder cannot be read, written or shared."""


class SpecMismatchError(StoreError):
    """The folder already holds a run of another specification; the message lists what differs."""


class MissingExtraError(CertiballError, ImportError):
    """An optional dependency is not installed; the message has the pip command."""
