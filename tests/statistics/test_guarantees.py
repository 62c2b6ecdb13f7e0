from certiball.statistics.guarantees import (
    holm_sentence,
    simultaneous_sentence,
    table_guarantees,
)
from certiball.statistics.multiplicity import (
    robust_in_population,
    robust_in_table,
    robust_in_table_at,
)


def test_each_number_has_its_own_sentence():
    found = table_guarantees({0.25: 400, 0.5: 300}, 500, 0.001)
    assert len(found) == 6
    assert len({each.name for each in found}) == 6
    by_name = {each.name: each for each in found}
    assert by_name["false certificates expected"].value == "≤ 0.500"
    assert "not only certified" in by_name["false certificates expected"].sentence
    here = by_name["robust here at 0.5"]
    assert here.value == f"≥ {robust_in_table(300, 500, 0.001)}"
    assert "all radii at once" in here.sentence
    there = by_name["robust in the population at 0.5"]
    bound = robust_in_population(300, 500, 0.001, 0.001 / 2)
    assert float(there.value.removeprefix("≥ ")) <= bound < float(there.value[2:]) + 1e-4
    assert "over all 2 radii together" in there.sentence


def test_one_radius_alone_is_bounded_more_sharply():
    (here,) = [e for e in table_guarantees({0.5: 47_500}, 50_000, 0.001) if "here" in e.name]
    assert here.value == f"≥ {robust_in_table_at(47_500, 50_000, 0.001)}"
    assert robust_in_table_at(47_500, 50_000, 0.001) > robust_in_table(47_500, 50_000, 0.001)
    assert "of no other" in here.sentence


def test_sentences_name_the_level_and_the_inputs():
    assert "except with probability 0.001" in simultaneous_sentence(0.001, 2000)
    assert "N = 2,000" in simultaneous_sentence(0.001, 2000)
    assert "at radius 0.5 by Holm" in holm_sentence(0.001, 2000, 0.5, True)
    assert "Exploratory" not in holm_sentence(0.001, 2000, 0.5, True)
    assert "Exploratory" in holm_sentence(0.001, 2000, 0.5, False)
