from smf_helpers.figures.workshop.pictures import barrier_picture, bottleneck, curves_picture, cycle_picture
from smf_helpers.figures.workshop.words import REMEDIES, page_words
from smf_helpers.framework import BARRIERS, FACTOR_KEYS
from smf_helpers.language import Language, languages
from smf_helpers.release.material import open_material, sample_material
from smf_helpers.results.released import Brand, Release
from smf_helpers.workshop.imports import read_results


def test_every_word_of_the_wall_and_the_phones_stands_in_every_language() -> None:
    for code in languages()[1:]:
        tongue = Language(code)
        page_words(tongue)
        for remedy in REMEDIES.values():
            tongue.text(remedy)
        cycle_picture(dict.fromkeys(FACTOR_KEYS, 1.0), tongue)
        barrier_picture({key: {1: 3, 2: 2} for key in BARRIERS}, tongue)
        curves_picture({"curve": {1: 5}}, tongue)
        assert tongue.untranslated - {"Slack"} == set()


def test_two_factors_that_tie_make_no_bottleneck() -> None:
    assert bottleneck({"listening": 2.0, "engaging": 2.0, "measuring": 4.0}) == ""
    assert bottleneck(dict.fromkeys(FACTOR_KEYS)) == ""


def test_counts_of_another_tool_are_read_line_by_line() -> None:
    pasted = "Item\t1\t2\t3\t4\t5\nListening\t0\t1\t2\t3\t4\nSomething else\t9\t9\t9\t9\t9\n"
    assert read_results("factors", pasted) == {"listening": {1: 0, 2: 1, 3: 2, 4: 3, 5: 4}}


def test_a_grid_of_google_forms_names_its_rows_in_brackets() -> None:
    pasted = '"Timestamp","Rate each [1. Listening]","Rate each [Engaging]"\n"2026/11/28 10:00:00 AM EET","4","5 - very well"\n'
    assert read_results("factors", pasted) == {"listening": {4: 1}, "engaging": {5: 1}}


def test_the_line_of_the_invented_organisation_stands_within_its_range() -> None:
    spec = sample_material().what_if
    for value, drawn in zip(spec["centre"], zip(*spec["draws"], strict=True), strict=True):
        assert min(drawn) <= value <= max(drawn)


def test_a_curve_that_a_release_does_not_hold_is_not_called_the_clients() -> None:
    bare = Release(client="x", name="Their name", language="en", as_of="", brand=Brand(), tables={})
    material = open_material(bare)
    assert material.curve == sample_material().curve and material.name == ""
    assert material.invented == ("the what-if", "the learning curve")
    assert sample_material().invented == ()
