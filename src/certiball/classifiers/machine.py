"""Errors that are the machine's, and neither a model's nor an input's."""

import torch

# The second is there from torch 2.8 on.
ACCELERATOR = (torch.OutOfMemoryError, getattr(torch, "AcceleratorError", torch.OutOfMemoryError))


def lacks_memory(error: BaseException) -> bool:
    """Whether memory did not suffice, on the CPU or on an accelerator."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "allocate" in str(error)


def machine_failed(error: BaseException) -> bool:
    """Whether memory or an accelerator failed."""
    return lacks_memory(error) or isinstance(error, ACCELERATOR)
