"""What certiball attack is turned against: a run's model, a model and data, or a live endpoint."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from certiball.cli.noise import law_of
from certiball.cli.subject import DataOptions, ModelOptions, inputs_of, open_data, open_model
from certiball.errors import InputError, SpecMismatchError
from certiball.reading import is_there

if TYPE_CHECKING:
    from certiball.attacks.oracle import Oracle
    from certiball.balls import Norm
    from certiball.campaigns.spec import Subject
    from certiball.classifiers import Classifier
    from certiball.laws import Law
    from certiball.runs.read import Results

USUAL_VOTES = 100  # of an answer of a smoothed classifier


@dataclass(frozen=True, kw_only=True)
class DefenceOptions:
    """What was named on the command line.

    Args:
        run: a run folder, or None.
        model: how the model was named; its text is empty where it was not.
        data: how the data was named; likewise.
        noise: the law of --noise and the number of --sigma.
        n: votes of an answer; None for 100, or 1 without noise.
        frozen: whether all questions meet the same noise.
        endpoint: a URL, or None.
        timeout: seconds that one of its answers may take.
        deterministic: whether it always answers the same.
        every: take every so-manieth input.
        first: of these, the first so many.
    """

    run: Path | None
    model: ModelOptions
    data: DataOptions
    noise: tuple[str | None, float | None]
    n: int | None
    frozen: bool
    endpoint: str | None
    timeout: float
    deterministic: bool
    every: int | None
    first: int | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Defence:
    """What is attacked.

    Args:
        oracle: what is deployed.
        base: the classifier without noise; None for an endpoint.
        dataset: where inputs come from.
        subject: model and inputs, by their digests.
        inputs: how many of them are attacked.
        law: the noise, of an endpoint as --sigma or --noise says; None for none that is known.
        results: the run whose certificates these attacks stand beside; None for none.
    """

    oracle: "Oracle"
    base: "Oracle | None"
    dataset: Any
    subject: "Subject"
    inputs: int
    law: "Law | None"
    results: "Results | None" = None

    @property
    def deviation(self) -> float | None:
        """The noise's standard deviation of one number, where it has one."""
        return None if self.law is None else self.law.deviation(self.subject_size)

    @property
    def norm(self) -> "Norm | None":
        """Of the certificates that attacks stand beside, or else the noise's own."""
        from certiball.theorems import usual_norm

        if self.results is not None:
            return self.results.spec.claim.norm
        return None if self.law is None else usual_norm(self.law)

    @property
    def numbers(self) -> range:
        """Of the inputs that are attacked, in the data set."""
        from certiball.datasets.select import select

        return select(len(self.dataset), every=self.subject.data.every, first=self.inputs)

    @property
    def subject_size(self) -> int:
        """Numbers of an input."""
        import math

        return math.prod(self.subject.data.shape)


def defence_of(options: DefenceOptions) -> Defence:
    """What is attacked, opened.

    Raises:
        CertiballError: if it cannot be opened, or is not what the run was.
    """
    _check(options)
    if options.run is not None:
        return _of_run(options.run, options)
    if options.endpoint is not None:
        return _of_endpoint(options.endpoint, options)
    return _of_model(options)


def _check(options: DefenceOptions) -> None:
    """Refuse options that contradict each other, before anything is opened."""
    noise, sigma = options.noise
    if options.run is not None:
        stray = {"--sigma": sigma, "--noise": noise, "--endpoint": options.endpoint}
        stray |= {"--every": options.every}
        given = next((name for name, value in stray.items() if value is not None), None)
        if given is not None:
            raise InputError(
                f"{given} contradicts the run, whose model and noise are attacked: leave out either"
            )
        return
    if not options.data.text:
        raise InputError("nothing to attack: name a run folder, or --data with --model")
    if bool(options.model.text) == (options.endpoint is not None):
        raise InputError("name what is attacked once: --model, or --endpoint for a live one")
    votes = options.n is not None or options.frozen
    if votes and options.endpoint is not None:
        raise InputError("--n and --frozen are the endpoint's own affair: leave them out")
    if votes and (noise, sigma) == (None, None):
        raise InputError("--n and --frozen are about noise: name it with --sigma or --noise")


def _of_run(folder: Path, options: DefenceOptions) -> Defence:
    from certiball.runs.read import read_run

    results = read_run(folder)
    spec = results.spec
    dataset = open_data(_data_of(results, options.data))
    model = replace(options.model, text=options.model.text or _model_of(results))
    every, first = spec.data.every, spec.data.first
    law = spec.claim.law
    if dataset.space != spec.claim.space:
        raise SpecMismatchError(
            f"the run's inputs live on {spec.claim.space}, and {dataset.name} on {dataset.space}: "
            "open the data as the run did"
        )
    found = _opened(options, dataset, model, law, (every, first), spec.model.backend)
    same_data = found.subject.data.digest == spec.data.digest
    if not same_data or replace(found.subject.model, name=spec.model.name) != spec.model:
        which = "model" if same_data else "data"
        raise SpecMismatchError(
            f"the {which} of {folder} has changed since: attacks on another would stand beside "
            f"certificates that are not its own; give the run's own --{which}"
        )
    wanted = spec.data.count if options.first is None else min(options.first, spec.data.count)
    return replace(found, inputs=wanted, results=results)


def _model_of(results: "Results") -> str:
    """How the run's model was named, if that leads to one.

    Raises:
        InputError: if it does not.
    """
    from certiball.models.factory import is_factory

    name = results.spec.model.name
    if not is_there(Path(name)) and not is_factory(name):
        raise InputError(
            f"{results.folder} calls its model {name!r}, and there is no such file here: "
            "give --model"
        )
    return name


def _data_of(results: "Results", given: DataOptions) -> DataOptions:
    """How the run's data was opened, unless it is named again."""
    source = results.source
    if given.text:
        return given
    if source is None:
        raise InputError(f"{results.folder} does not say where its data was: give --data")
    return DataOptions(
        text=source.text,
        resize=source.resize,
        crop=source.crop,
        grayscale=source.grayscale,
        space=source.space,
    )


def _of_model(options: DefenceOptions) -> Defence:
    dataset = open_data(options.data)
    noise, sigma = options.noise
    law = None
    if (noise, sigma) != (None, None):
        law = law_of(noise, sigma, dataset.space, dataset[0][0].shape)
    return _opened(options, dataset, options.model, law, (options.every or 1, options.first))


def _opened(
    options: DefenceOptions,
    dataset: Any,
    model: ModelOptions,
    law: "Law | None",
    chosen: tuple[int, int | None],
    backend: str | None = None,
) -> Defence:
    """A model without noise, and the smoothed one if there is a law, as a run ran it."""
    from certiball.attacks.oracle import BaseOracle, SmoothedOracle
    from certiball.campaigns.prepare import subject_of
    from certiball.laws.gaussian import Gaussian
    from certiball.smoothed import Smoothed

    seen = inputs_of(dataset, law or Gaussian(sigma=1.0))  # any that shows inputs as they are
    classifier = open_model(model, seen)
    base = BaseOracle(classifier, dataset.space)
    votes = USUAL_VOTES if options.n is None else options.n
    oracle: Oracle = base
    if law is not None:
        g = Smoothed(_run_as(classifier, backend), law, space=dataset.space)
        oracle = SmoothedOracle(g, n=votes, frozen=options.frozen)
    every, first = chosen
    subject = subject_of(oracle, dataset, model.text, every=every, first=first)
    inputs = subject.data.count
    return Defence(
        oracle=oracle, base=base, dataset=dataset, subject=subject, inputs=inputs, law=law
    )


def _run_as(classifier: "Classifier", backend: str | None) -> "Classifier":
    """The classifier on the backend and in the precision of a run, by the run's words."""
    from certiball.classifiers.backend import backend as words
    from certiball.classifiers.backend import run_by, settings

    held, own = (None if text is None else settings(text) for text in (backend, words(classifier)))
    if held is None or own is None or held == own:
        return classifier
    return run_by(classifier, backend=held[0], dtype=None if held[1] == own[1] else held[1])


def _of_endpoint(url: str, options: DefenceOptions) -> Defence:
    from certiball.attacks.endpoint import Endpoint, Http
    from certiball.campaigns.prepare import subject_of

    ask = Http(url=url, timeout=options.timeout)
    dataset = open_data(options.data)
    law, (noise, sigma) = None, options.noise
    if (noise, sigma) != (None, None):
        law = law_of(noise, sigma, dataset.space, dataset[0][0].shape)
    classes = options.model.classes or len(dataset.classes)
    oracle = Endpoint(
        ask=ask, num_classes=classes, space=dataset.space, random=not options.deterministic
    )
    subject = subject_of(oracle, dataset, url, every=options.every or 1, first=options.first)
    inputs = subject.data.count
    return Defence(
        oracle=oracle, base=None, dataset=dataset, subject=subject, inputs=inputs, law=law
    )
