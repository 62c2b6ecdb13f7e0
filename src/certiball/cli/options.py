"""Options that several commands share, declared once."""

from pathlib import Path
from typing import Annotated, Literal

import typer

Data = Annotated[
    str,
    typer.Option(
        "--data",
        help="digits; a folder or zip of images in class folders; IDX, .npz or CIFAR-10 files.",
    ),
]
Resize = Annotated[int | None, typer.Option(help="Shorter side of images, in pixels.")]
Crop = Annotated[int | None, typer.Option(help="Side of the centre crop, in pixels.")]
Grayscale = Annotated[bool, typer.Option("--grayscale", help="One channel instead of three.")]
SpaceText = Annotated[
    str | None,
    typer.Option(
        "--space", help="Where inputs live: uint8, uint16, STEP:LOW:HIGH or reals:LOW:HIGH."
    ),
]
Model = Annotated[
    str,
    typer.Option("--model", help="Checkpoint, weights with --arch, or package.module:factory."),
]
Arch = Annotated[str | None, typer.Option("--arch", help="Architecture of bare weights.")]
Mean = Annotated[
    str | None, typer.Option(help="Per channel, subtracted inside --arch: .49,.48,.45")
]
Std = Annotated[str | None, typer.Option(help="Per channel, divided by inside --arch.")]
TrustPickle = Annotated[
    bool, typer.Option("--trust-pickle", help="Load files that can run code when loaded.")
]
Device = Annotated[
    str | None, typer.Option(help="cpu, cuda, cuda:1, …; a GPU by default where there is one.")
]
Backend = Annotated[
    Literal["auto", "eager", "compile", "freezing", "onnxruntime"] | None,
    typer.Option(
        help="What runs a torch model: auto is the fastest in long runs; eager, or a begun run's."
    ),
]
Dtype = Annotated[
    Literal["float32", "bfloat16", "float16"] | None,
    typer.Option(help="Precision of a torch model; its own by default, or a begun run's."),
]
Sigma = Annotated[
    float | None,
    typer.Option(help="Standard deviation of Gaussian noise, in input units; or give --noise."),
]
Noise = Annotated[
    str | None,
    typer.Option(
        help="Another law, as NAME:FIELD=NUMBER,…: laplace:scale=.25, ablation:keep=45, "
        "bands:width=4, brightness:sigma=.2; a wrong name lists all."
    ),
]
NormName = Annotated[
    str | None,
    typer.Option(
        "--norm",
        help="Of perturbations: l0, l1, l2, linf, patch or parameter; the law's own by default.",
    ),
]
AlphaOfDrawn = Annotated[
    float | None,
    typer.Option("--alpha", help="How often one certificate may be false, at most; 0.001."),
]
Alpha = Annotated[float, typer.Option(help="How often one certificate may be false, at most.")]
Seed = Annotated[
    str | None,
    typer.Option(help="Choose the seed (and have that recorded); drawn by the system otherwise."),
]
Every = Annotated[int, typer.Option(help="Take every N-th input.")]
First = Annotated[int | None, typer.Option(help="Of these, take the first N.")]
Out = Annotated[Path, typer.Option("--out", help="The run folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Classes = Annotated[int | None, typer.Option(help="How many classes --arch has; the data's else.")]

N0 = Annotated[
    int | None,
    typer.Option("--n0", help="Samples that choose the class; 100, or 64 where votes stop."),
]
N = Annotated[
    int | None,
    typer.Option("--n", help="Samples that bound its probability, a fixed number; 100000."),
]
TargetRadii = Annotated[
    str | None,
    typer.Option("--target-radius", help="Stop once this radius is decided, or these: .25,.5"),
]
Precision = Annotated[
    float | None,
    typer.Option(help="Stop once a radius could not grow by more than this share: .05"),
]
RadiusCap = Annotated[
    float | None, typer.Option(help="With --precision: larger radii are of no interest.")
]
MaxN = Annotated[
    int | None, typer.Option("--max-n", help="The most samples where votes stop; 100000.")
]
Beta = Annotated[
    float | None, typer.Option(help="How often votes may stop for a wrong no, at most; .001.")
]
Randomized = Annotated[
    bool,
    typer.Option("--randomized", help="Randomized Clopper-Pearson, the classical beside it."),
]

Executor = Annotated[
    Literal["serial", "processes", "ray"],
    typer.Option(help="Draw in this process, in several here, or on your Ray cluster."),
]
Workers = Annotated[
    int | None,
    typer.Option(help="Of --executor processes or ray; one per GPU or per share of the cores."),
]
Address = Annotated[
    str | None, typer.Option(help="Of the Ray cluster: auto, HOST:PORT or ray://HOST:PORT.")
]
Simultaneous = Annotated[
    bool,
    typer.Option("--simultaneous", help="Beside: a radius for every input, all true at once."),
]
Holm = Annotated[
    float | None,
    typer.Option(help="Beside: inputs certified at this radius, none falsely (Holm)."),
]
