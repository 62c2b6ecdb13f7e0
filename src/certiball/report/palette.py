"""Colours and dashes of series: told apart in light, in dark, in grey and by colour-blind eyes.

Colours are CSS variables that the page defines for light and dark; a chart taken out of the page
falls back to the light ones.
"""

LIGHT = ("#1d5fc4", "#c04a08", "#08785a", "#a8287f", "#7d6000", "#4a5568")
DARK = ("#7db0ff", "#ff9d5c", "#45cfa0", "#f58fd0", "#e3c14f", "#aeb9c9")
DASHES = ("none", "8 3", "2 3", "9 3 2 3", "5 2", "1.5 3.5")


def colour(series: int) -> str:
    """The CSS colour of a series, counted from 0; six colours, then again from the first."""
    place = series % len(LIGHT)
    return f"var(--series-{place + 1}, {LIGHT[place]})"


def dash(series: int) -> str:
    """The dash pattern of a series; shifted by one in each further round of colours."""
    return DASHES[(series + series // len(LIGHT)) % len(DASHES)]
