from fractions import Fraction

from certiball.report.curves import share
from certiball.report.texts import at_least, interval, number, percent, plain


def test_rates_and_their_bounds() -> None:
    assert percent(share(293, 500)) == "58.6\u202f%"
    low, high = (float(text) / 100 for text in interval(share(293, 500)).split("–"))
    assert low <= share(293, 500).low < share(293, 500).high <= high
    assert at_least(0.52989) == "≥ 52.9\u202f%"


def test_long_integers_are_grouped() -> None:
    assert (number(9999), number(10_000), number(1_234_567)) == (
        "9999",
        "10\u202f000",
        "1\u202f234\u202f567",
    )


def test_a_radius_to_count_at_keeps_its_digits() -> None:
    assert [plain(r) for r in (0.0, 0.25, 2.0, 0.12345678)] == ["0", "0.25", "2", "0.12345678"]


def test_no_accuracy_is_printed_larger_and_no_failure_smaller_than_it_is():
    for count, total in ((2, 3), (1, 3), (6667, 10_000), (0, 7), (7, 7), (999_999, 10**6)):
        low, high = percent(share(count, total)), percent(share(count, total), up=True)
        exact = Fraction(100 * count, total)
        bounds = [Fraction(text.removesuffix("\u202f%")) for text in (low, high)]
        assert bounds[0] <= exact <= bounds[1] <= bounds[0] + Fraction(1, 10)
    assert percent(share(586, 1000)) == percent(share(586, 1000), up=True) == "58.6\u202f%"
