"""A live endpoint as an oracle: what answers inputs with classes, such as a service over HTTP."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import numpy as np

from certiball.attacks.oracle import Questions
from certiball.errors import EndpointError, InputError
from certiball.numbers import as_whole
from certiball.shapes import Batch, Counts
from certiball.spaces import Grid, Space

LONGEST = 2**24  # bytes of an answer that are read
LEGIBLE = 80  # characters of an answer that a message quotes


@dataclass(frozen=True, kw_only=True, eq=False)
class Endpoint:
    """Anything that answers float32 inputs [m, ...] with m classes.

    Its noise, if it has any, is its own: no question of this oracle meets the same twice, and a
    campaign that goes on later asks nothing again that was answered.

    Args:
        ask: gives a class for each input, whole numbers [m], or raises.
        num_classes: how many classes there are.
        space: where inputs live; points are rounded to its grid before they are sent.
        forwards: calls of a base classifier that one answer costs, if its owner says so; else 0.
        random: whether the same input may be answered otherwise next time; if so, its answers are
            believed only by many of them.
        batch: inputs that are sent at once, at most.

    Raises:
        InputError: for numbers out of range.

    Example:
        >>> bright = Endpoint(ask=lambda x: x.mean(1) > 0.5, num_classes=2, space=Grid.uint8())
        >>> points, ones = np.array([[10, 20], [200, 250]]), np.zeros(2, dtype=np.int64)
        >>> bright.counts(Questions(points=points, owners=ones, numbers=ones)).tolist()
        [[1, 0], [0, 1]]
    """

    ask: Callable[[Batch], Any]
    num_classes: int
    space: Space
    forwards: int = 0
    random: bool = True
    batch: int = 128

    def __post_init__(self) -> None:
        for name, least in (("num_classes", 2), ("forwards", 0), ("batch", 1)):
            if as_whole(name, getattr(self, name)) < least:
                raise InputError(f"{name} must be at least {least}, not {getattr(self, name)}")

    def counts(self, questions: Questions) -> Counts:
        """One vote for each question, int64 [m, classes].

        Raises:
            EndpointError: if it fails, or answers anything but a class for each input.
        """
        points = questions.points
        rows = self.space.values(points) if isinstance(self.space, Grid) else points
        parts = [rows[i : i + self.batch] for i in range(0, len(rows), self.batch)]
        labels = np.concatenate([self._labels(part) for part in parts])
        counts: Counts = np.eye(self.num_classes, dtype=np.int64)[labels]
        return counts

    def _labels(self, rows: Batch) -> Any:
        try:
            answer = self.ask(rows)
        except EndpointError:
            raise
        except Exception as error:  # a user's function may raise anything
            said = next(iter(str(error).splitlines()), "")
            raise EndpointError(
                f"the endpoint failed ({type(error).__name__}: {said}): see to it, and go on"
            ) from error
        try:
            labels = np.asarray(answer)
        except ValueError:  # lists within lists of different lengths
            labels = np.zeros(0)
        if labels.shape != (len(rows),):
            raise EndpointError(
                f"the endpoint answered {_cut(answer)} for {len(rows)} inputs: it must give one "
                "class for each"
            )
        if labels.dtype.kind not in "iub":
            raise EndpointError(
                f"the endpoint answered {_cut(answer)}: classes must be whole numbers"
            )
        labels = labels.astype(np.int64)
        wrong = labels[(labels < 0) | (labels >= self.num_classes)]
        if len(wrong):
            raise EndpointError(
                f"the endpoint answered class {wrong[0]}, and there are 0…{self.num_classes - 1}: "
                "check the number of classes"
            )
        return labels


@dataclass(frozen=True, kw_only=True)
class Http:
    """Asks a URL: POST {"inputs": [...]} as JSON, answered by {"labels": [...]}.

    Args:
        url: http:// or https://.
        timeout: seconds that one request may take, all of it.

    Raises:
        InputError: for another URL, or a timeout that is none.

    Example:
        >>> Http(url="file:///etc/passwd")
        Traceback (most recent call last):
        certiball.errors.InputError: an endpoint's URL begins with http:// or https://, not 'file...
    """

    url: str
    timeout: float = 30.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InputError(
                f"an endpoint's URL begins with http:// or https://, not {self.url[:LEGIBLE]!r}"
            )
        if not 0 < self.timeout < math.inf:
            raise InputError(f"timeout must be a number of seconds above 0, not {self.timeout}")

    def __call__(self, inputs: Batch) -> list[int]:
        """The classes that the URL answers.

        Args:
            inputs: float32 [m, ...], in the units of the space; sent as nested lists.

        Raises:
            EndpointError: if it cannot be reached, takes too long, refuses, or answers anything
                but {"labels": [...]} with whole numbers.
        """
        answer = self._answer(json.dumps({"inputs": inputs.tolist()}).encode())
        try:
            labels = json.loads(answer)["labels"]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise EndpointError(
                f"{self.url} answered {_cut(answer.decode(errors='replace'))}: it must be JSON "
                'such as {"labels": [3, 5]}'
            ) from None
        if not isinstance(labels, list) or not all(type(label) is int for label in labels):
            raise EndpointError(
                f"{self.url} answered the labels {_cut(labels)}: they must be a list of whole "
                "numbers"
            )
        if any(abs(label) >= 2**31 for label in labels):
            raise EndpointError(f"{self.url} answered classes beyond 2³¹: they count from 0")
        return labels

    def _answer(self, body: bytes) -> bytes:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        request = Request(self.url, data=body, headers=headers, method="POST")
        try:
            return self._read(request)
        except HTTPError as error:
            error.close()
            raise EndpointError(
                f"{self.url} refused ({error.code} {error.reason}): see to it, and go on"
            ) from None
        except TimeoutError:
            raise self._late() from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                raise self._late() from None
            raise EndpointError(
                f"{self.url} cannot be asked ({reason or type(error).__name__}): see to it, and go "
                "on"
            ) from None

    def _read(self, request: Request) -> bytes:
        """The whole answer, however slowly it drips."""
        end = time.monotonic() + self.timeout
        found = b""
        with build_opener(_Stay).open(request, timeout=self.timeout) as reply:
            while piece := reply.read1(2**16):
                found += piece
                if len(found) > LONGEST:
                    raise EndpointError(f"{self.url} answered more than {LONGEST:,} bytes")
                if time.monotonic() > end:
                    raise self._late()
        return found

    def _late(self) -> EndpointError:
        return EndpointError(
            f"{self.url} did not answer within {self.timeout:g} seconds: see to it, or allow more"
        )


class _Stay(HTTPRedirectHandler):
    """No answer is fetched from elsewhere: inputs go where the user said, and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _cut(value: Any) -> str:
    text = " ".join(str(value).split())
    return repr(text if len(text) <= LEGIBLE else text[:LEGIBLE] + "…")
