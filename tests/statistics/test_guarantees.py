from certiball.statistics.guarantees import (
    holm_sentence,
    robust_at,
    simultaneous_sentence,
)
from certiball.statistics.multiplicity import (
    robust_in_population,
    robust_in_table,
    robust_in_table_at,
)


def test_several_radii_share_the_error_rate_of_new_inputs():
    found = robust_at({0.25: 400, 0.5: 300}, 500, 0.001)
    assert list(found) == [0.25, 0.5]
    for radius, count in ((0.25, 400), (0.5, 300)):
        assert found[radius].here == robust_in_table(count, 500, 0.001)
        assert found[radius].population == robust_in_population(count, 500, 0.001, 0.001 / 2)


def test_one_radius_alone_is_bounded_more_sharply():
    found = robust_at({0.5: 47_500}, 50_000, 0.001)[0.5]
    assert found.here == robust_in_table_at(47_500, 50_000, 0.001)
    assert found.here > robust_in_table(47_500, 50_000, 0.001)
    assert found.population == robust_in_population(47_500, 50_000, 0.001)


def test_sentences_name_the_level_and_the_inputs():
    assert "except with probability 0.001" in simultaneous_sentence(0.001, 2000)
    assert "N = 2,000" in simultaneous_sentence(0.001, 2000)
    assert "at radius 0.5 by Holm" in holm_sentence(0.001, 2000, 0.5, True)
    assert "Exploratory" not in holm_sentence(0.001, 2000, 0.5, True)
    assert "Exploratory" in holm_sentence(0.001, 2000, 0.5, False)
