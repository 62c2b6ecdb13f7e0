"""What a certificate takes for granted, because no look at a model can prove it.

The theorem is about a function of one input under noise of a known law. That votes came from such
a function, and that the same function is deployed, are facts about programs: some breaches can be
found before sampling, and those are refused; what is left is said with every run.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from certiball.errors import StoreError


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A fact that a certificate needs and that is not proven.

    Args:
        name: a few words, the same for ever.
        text: the fact, as a sentence.
        tried: how it was looked at before the first sample; empty where nothing here can.
    """

    name: str
    text: str
    tried: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.tried or 'not checked'})"


ALONE = Assumption(
    name="a function of one input",
    text="The base classifier answers each input by itself: its answer depends neither on chance, "
    "nor on earlier calls, nor on the other inputs of its batch.",
)
DEPLOYED = Assumption(
    name="the same model",
    text="The model that is deployed is the one that was sampled: the same weights and code, in "
    "eval mode, run by the same backend in the same precision; under autocast it is another.",
)
NOISE_LAST = Assumption(
    name="nothing after the noise",
    text="In deployment too, this law acts on the input in the units of its space, and what it "
    "makes of it (a sum with noise, the part that is shown, the image transformed) goes to the "
    "base classifier as it is: nothing clips, rounds, resizes, compresses or normalises it but "
    "what is part of the base classifier.",
)
PREPARED = Assumption(
    name="the same preparation",
    text="In deployment inputs are decoded, resized and scaled as these were, before the noise. A "
    "perturbation is measured after that: of changes to what is prepared nothing is said.",
)
ASSUMED = (ALONE, DEPLOYED, NOISE_LAST, PREPARED)


def assumed(tried: str) -> tuple[Assumption, ...]:
    """All assumptions of a run.

    Args:
        tried: how it was looked at whether the classifier is a function of one input.

    Example:
        >>> [each.name for each in assumed("32 inputs asked again")][:2]
        ['a function of one input', 'the same model']
    """
    return (replace(ALONE, tried=tried), *ASSUMED[1:])


def to_json(assumptions: Sequence[Assumption]) -> dict[str, Any]:
    """As plain JSON values, in their order."""
    return {"assumptions": [asdict(each) for each in assumptions]}


def from_json(value: Any) -> tuple[Assumption, ...]:
    """What `to_json` wrote.

    Raises:
        StoreError: if it is something else.
    """
    try:
        return tuple(
            Assumption(name=str(each["name"]), text=str(each["text"]), tried=str(each["tried"]))
            for each in value["assumptions"]
        )
    except (KeyError, TypeError) as error:
        raise StoreError(
            "the stored assumptions cannot be read: use the certiball version that wrote them"
        ) from error
