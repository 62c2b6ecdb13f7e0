"""In this process, one bundle after the other."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from certiball.executors.work import Bundle, Drawn, Work, draw


@dataclass(kw_only=True)
class Serial:
    """Draws a bundle when it is asked for."""

    work: Work
    slots: int = 1
    waiting: deque[Bundle] = field(default_factory=deque)

    def submit(self, bundle: Bundle) -> None:
        """Keep a bundle for later."""
        self.waiting.append(bundle)

    def collect(self) -> Drawn:
        """Draw the bundle that has waited longest."""
        return draw(self.work, self.waiting.popleft())


@contextmanager
def serial(work: Work) -> Iterator[Serial]:
    """This process as an executor.

    Example:
        >>> from certiball import FunctionClassifier, Gaussian, Grid, Smoothed
        >>> from certiball.executors import Bundle, Work
        >>> from certiball.execution import Execution
        >>> import numpy as np
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> work = Work(g=g, key=1, execution=Execution(batch=32))
        >>> with serial(work) as executor:
        ...     executor.submit(Bundle(number=0, inputs={5: np.full((2, 2), 255)}))
        ...     executor.collect().labels
        {5: 1}
    """
    yield Serial(work=work)
