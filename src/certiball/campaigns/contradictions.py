"""Whether verified points of a campaign deny certificates of the run that it stands beside."""

import math
from dataclasses import replace

import numpy as np

from certiball.attacks.attacked import shown
from certiball.attacks.judging.contradiction import Contradiction, contradictions
from certiball.attacks.judging.verify import Verified
from certiball.attacks.oracle import Oracle, SmoothedOracle
from certiball.campaigns.outcomes import found_by
from certiball.campaigns.read import Stored
from certiball.certificate import Certificate
from certiball.claim import Bound
from certiball.runs.read import Results


def contradicted(stored: Stored, results: Results, oracle: Oracle) -> list[Contradiction]:
    """The contradictions, numbered as the inputs are in the data set.

    Args:
        stored: the campaign.
        results: the run.
        oracle: what was attacked; it draws the votes that decide. Of a law whose views are listed
            a certificate has no votes to compare with, and nothing is said.

    Raises:
        ModelError: if the classifier's answers are not votes, or it raises.
    """
    if not isinstance(oracle, SmoothedOracle) or results.spec.claim.bound is Bound.EXACT:
        return []
    certificates = {o.item.input: o.result for o in results.outcomes}
    numbers = [
        number
        for number, verdict in stored.verdicts.items()
        if verdict.distance < math.inf and isinstance(certificates.get(number), Certificate)
    ]
    if not numbers:
        return []
    space = oracle.space
    verdicts = [stored.verdicts[number] for number in numbers]
    distance = np.array([verdict.distance for verdict in verdicts])
    attacked = found_by(space, stored.spec.norm, [stored.outcomes[n] for n in numbers])
    verified = Verified(
        level=stored.spec.level,
        attacked=replace(attacked, verified_distance=distance),
        points=shown(space, np.stack([verdict.point for verdict in verdicts])),
        distance=distance,
        forwards=np.array([verdict.forwards for verdict in verdicts]),
    )
    found = contradictions(
        oracle,
        oracle.g,
        shown(space, np.stack([stored.inputs[number] for number in numbers])),
        [result for n in numbers if (result := certificates[n]) is not None],
        verified,
        plan=results.spec.plan,
    )
    return [replace(each, number=numbers[each.number]) for each in found]
