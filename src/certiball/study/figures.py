"""Figures 1 to 3 of a study: on one image, at its smallest σ, for each of its numbers of votes."""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from certiball.attacks.boundary_projection import BoundaryProjection
from certiball.attacks.oracle import BaseOracle, Oracle
from certiball.errors import InputError
from certiball.study.cells import seed_of
from certiball.study.crossing import Crossing, crossings, reach
from certiball.study.endpoints import Endpoints, endpoints
from certiball.study.parts import Part, kept
from certiball.study.plan import StudyPlan
from certiball.study.slices import Slice, slice_through
from certiball.study.subject import Subject
from certiball.study.table import Defence, Network
from certiball.study.way import Way, way_through

TRIED = 8  # images among which one is looked for
STEPS = 50  # of Boundary Projection
BARE = Defence(network=Network.BASE.value)
SPAN = 10  # σ, on either side of the boundary, from which bisections begin
NO_NOISE = "no noise"


def figure_parts(home: Path, subject: Subject, plan: StudyPlan) -> dict[str, Part[Any]]:
    """The figures by name, on the one way that is kept beside them."""
    way = partial(kept, home / "parts" / "way.json", way_part(subject, plan))
    return {
        "crossings": Part(
            compute=lambda: _crossings(subject, plan, way()),
            write=lambda lines: [asdict(line) for line in lines],
            read=lambda plain: tuple(
                Crossing(**{**line, **_tuples(line, "places", "wrong")}) for line in plain
            ),
        ),
        "map": Part(
            compute=lambda: _map(subject, plan, way()),
            write=lambda made: {
                "half": made.half,
                "maps": {title: labels.tolist() for title, labels in made.maps.items()},
            },
            read=lambda plain: Slice(
                half=plain["half"],
                maps={title: np.array(labels) for title, labels in plain["maps"].items()},
            ),
        ),
        "endpoints": Part(
            compute=lambda: _endpoints(subject, plan, way()),
            write=lambda ends: [asdict(each) for each in ends],
            read=lambda plain: tuple(
                Endpoints(**{**each, **_tuples(each, "places")}) for each in plain
            ),
        ),
    }


def way_part(subject: Subject, plan: StudyPlan) -> Part[Way]:
    """The way, computed only if it is not there yet."""
    return Part(
        compute=partial(chosen_way, subject, plan),
        write=lambda way: {**asdict(way), "x": way.x.tolist(), "unit": way.unit.tolist()},
        read=lambda plain: Way(
            **{**plain, "x": np.array(plain["x"]), "unit": np.array(plain["unit"])}
        ),
    )


def chosen_way(subject: Subject, plan: StudyPlan) -> Way:
    """From the first image that is answered rightly, through its closest adversarial point.

    Raises:
        InputError: if none of the images has one.
    """
    dataset = subject.in_space(plan.space)
    images = subject.images(plan.space, min(TRIED, len(dataset)))
    eager = replace(subject.classifier(BARE), backend="eager", dtype=None)
    found = BoundaryProjection(steps=STEPS)(
        BaseOracle(eager, dataset.space), images.inputs, images.labels, seed=seed_of(plan, "way")
    )
    base = subject.oracle(BARE, plan.space, 0)
    for place in np.flatnonzero(found.success & (found.distance > 0)):
        try:
            return way_through(
                base,
                subject.values(plan.space, images.inputs[place]),
                np.asarray(found.raw[place]),
                int(images.labels[place]),
            )
        except InputError:  # the two backends differ at this image
            continue
    raise InputError(
        f"of {len(images.labels)} images none has an adversarial point that gradients find: "
        "give a network with gradients, and images that it answers rightly"
    )


def _crossings(subject: Subject, plan: StudyPlan, way: Way) -> tuple[Crossing, ...]:
    oracles = {n: _smoothed(subject, plan, n, "crossings") for n in plan.votes}
    return crossings(oracles, way, plan.sigmas[0], plan.calls)


def _map(subject: Subject, plan: StudyPlan, way: Way) -> Slice:
    oracles = {NO_NOISE: subject.oracle(BARE, plan.space, 0)}
    oracles |= {f"n = {n}": _smoothed(subject, plan, n, "map") for n in plan.votes}
    start = plan.sigmas[0] * float(np.sqrt(way.x.size))
    return slice_through(oracles, way.x, side=plan.side, start=start, seed=seed_of(plan, "plane"))


def _endpoints(subject: Subject, plan: StudyPlan, way: Way) -> tuple[Endpoints, ...]:
    sigma = plan.sigmas[0]
    far = reach(_smoothed(subject, plan, plan.votes[-1], "reach"), way, sigma, plan.calls)
    low, high = -min(SPAN * sigma, way.boundary), max(SPAN * sigma, far)
    return tuple(
        endpoints(
            _smoothed(subject, plan, n, "endpoints"), way, low, high, repeats=plan.repeats, n=n
        )
        for n in plan.votes
    )


def _smoothed(subject: Subject, plan: StudyPlan, n: int, part: str) -> Oracle:
    defence = Defence(network=Network.BASE.value, sigma=plan.sigmas[0], n=n)
    return subject.oracle(defence, plan.space, seed_of(plan, f"{part} {n}"))


def _tuples(plain: dict[str, Any], *names: str) -> dict[str, tuple[Any, ...]]:
    return {name: tuple(plain[name]) for name in names}
