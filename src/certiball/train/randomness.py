"""Random numbers of an epoch: functions of the seed and the epoch, so none need saving."""

import hashlib

import torch


def epoch_seed(seed: int, epoch: int, purpose: str) -> int:
    """A seed of 32 bits: torch's CPU generator reads no more of it.

    Example:
        >>> epoch_seed(0, 1, "noise") == epoch_seed(0, 1, "shuffle")
        False
    """
    text = f"certiball train {seed} {epoch} {purpose}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "little")


def epoch_generator(seed: int, epoch: int, purpose: str, device: torch.device) -> torch.Generator:
    """A generator for one purpose in one epoch, on a device."""
    return torch.Generator(device).manual_seed(epoch_seed(seed, epoch, purpose))
