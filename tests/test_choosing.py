"""The table of docs/choosing.md is what the theorems give."""

from fractions import Fraction
from pathlib import Path

from certiball.balls import Ball, Norm, comparable, radius_in
from certiball.laws.additive import at_deviation
from certiball.statistics.rounding import format_down
from certiball.theorems import TABLE
from certiball.theorems.bounds import Bounds

PAGE = Path(__file__).parents[1] / "docs/choosing.md"
NORMS = (Norm.L1, Norm.L2, Norm.LINF)
DIMENSION = 3072


def table() -> str:
    lines = [f"| d = {DIMENSION} | p̲ | L1 | L2 | L∞ |", "|---|---|---|---|---|"]
    for law in at_deviation(1.0, DIMENSION):
        for p_lower in (0.9, 0.99, 0.999):
            radii = _radii(law, p_lower)
            cells = [format_down(r, 3) if r >= 0.001 else "–" for r in radii]
            lines.append(f"| {type(law).__name__} | {p_lower:g} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _radii(law, p_lower):
    best = dict.fromkeys(NORMS, 0.0)
    for (kind, own), theorem in TABLE.items():
        if kind is type(law):
            radius = theorem.radius(law, Bounds(p_lower=p_lower), Fraction(0), DIMENSION)
            ball = Ball(norm=own, radius=radius, strict=theorem.strict)
            for norm in (n for n in NORMS if comparable(own, n)):
                best[norm] = max(best[norm], radius_in(ball, norm, DIMENSION))
    return best.values()


def test_the_table_is_what_the_theorems_give():
    page = PAGE.read_text()
    found = page.split("<!-- radii -->\n")[1].split("\n<!-- /radii -->")[0]
    assert found == table()
