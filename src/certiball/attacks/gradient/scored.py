"""A classifier that tells its scores, for attacks that search by shares of the votes."""

from dataclasses import dataclass

import torch

from certiball.attacks.attacked import shown
from certiball.attacks.gradient.scene import Scene
from certiball.attacks.oracle import Questions
from certiball.errors import InputError, ModelError
from certiball.shapes import Counts
from certiball.spaces import Space

VOTES = 2**62
WIDEST = 2.0**20  # between two scores, as far as they are told apart


@dataclass(frozen=True, eq=False)
class ScoredOracle:
    """The images' classifier without noise; differences of its shares are those of its scores.

    A class has 1/classes of all votes, and more or fewer as its score is above or below the mean,
    so the margin that Square descends is the published one, of scores. These votes are no samples
    of anything, and nothing is certified by them.

    Args:
        scene: the images, whose forwards are counted there.
    """

    scene: Scene

    @property
    def space(self) -> Space:
        """Where inputs live."""
        return self.scene.space

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return self.scene.gradients.classifier.num_classes

    @property
    def forwards(self) -> int:
        """One."""
        return 1

    @property
    def random(self) -> bool:
        """No."""
        return False

    def counts(self, questions: Questions) -> Counts:
        """The scores on the scale of votes, int64 [m, classes].

        Raises:
            ModelError: if a score is no number.
        """
        gradients = self.scene.gradients
        points = gradients.tensor(shown(self.space, questions.points))
        scores = gradients.scores(points, torch.from_numpy(questions.owners)).double()
        if not bool(scores.isfinite().all()):
            raise ModelError("the model's scores are not all finite, so none of them is a margin")
        middle = scores - scores.mean(1, keepdim=True)
        shares = (1 + middle.clamp(-WIDEST / 2, WIDEST / 2) / WIDEST) / scores.shape[1]
        counts: Counts = (shares * VOTES).round().long().cpu().numpy()
        return counts


def check_pictures(scene: Scene) -> None:
    """Refuse inputs that Square cannot change.

    Raises:
        InputError: unless they are pictures [C, H, W] or [H, W].
    """
    if scene.encoded.ndim not in (3, 4):
        raise InputError(
            f"inputs of shape {scene.encoded.shape[1:]} are no pictures, which Square changes by "
            "squares: shape them [C, H, W], or take APGD and FAB alone"
        )
