"""What the training loop tells its caller."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The state after one batch.

    Args:
        epoch: from 0.
        epochs: how many there are.
        batch: from 0, in this epoch.
        batches: how many an epoch has.
        loss: mean over this epoch's inputs so far.
        accuracy: on what the loss showed the model (noisy inputs, for Gaussian augmentation),
            over this epoch so far; None if the loss did not call the model on the whole batch.

    Example:
        >>> Progress(epoch=0, epochs=9, batch=0, batches=1, loss=0.1, accuracy=0.9).ends_epoch
        True
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    accuracy: float | None

    @property
    def ends_epoch(self) -> bool:
        """Whether this was the last batch of its epoch."""
        return self.batch + 1 == self.batches
