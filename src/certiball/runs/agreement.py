"""How often a model on another backend, or in another precision, gives another label."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend, run_by, settings
from certiball.runs.finding import Finding, Level
from certiball.runs.patient import Patient
from certiball.samplers.streams import Phase, Stream, fresh_seed
from certiball.sampling import exact_kernels

SAMPLES = 64  # noisy copies of each input


def agreement(patient: Patient) -> Finding:
    """Labels beside those of the same model eager in float32, clean and under the same noise."""
    run = patient.g.classifier
    found = settings(backend(run))
    same = found is not None and found[1] == "float32"
    usual = run_by(run, backend="eager", dtype=None if same else "float32")
    clean = _differences(run, usual, patient.batch)
    noisy = sum(_differences(run, usual, batch) for batch in _noisy(patient))
    count = SAMPLES * len(patient.inputs)
    return Finding(
        check="same as float32",
        level=Level.OK,
        text=f"{backend(run)} gives {clean} of {len(patient.inputs)} inputs another label than "
        f"eager float32, and {noisy} of {count} under noise ({noisy / count:.2%})",
        remedy="it is another classifier: deploy the model as it is run here" if noisy else "",
    )


def _noisy(patient: Patient) -> Iterator[Tensor]:
    """Noisy copies of all inputs at a time: batches of one shape, so that nothing is compiled anew.

    Each is a chunk of its own.
    """
    seed = fresh_seed()
    for chunk in range(SAMPLES):
        rows = []
        for number, x in patient.inputs.items():
            stream = Stream(key=seed, phase=Phase.PREDICTION, input=number, chunk=chunk)
            rows.append(patient.g.sampler.noisy(x.reshape(-1), stream, 1))
        yield torch.from_numpy(np.concatenate(rows)).view(patient.batch.shape)


def _differences(run: Classifier, usual: Classifier, batch: Tensor) -> int:
    with exact_kernels(torch.get_num_threads()):
        first, second = (run(batch).argmax(1), usual(batch).argmax(1))
    return int((first != second).sum())
