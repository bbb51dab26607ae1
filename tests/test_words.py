from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.words import of_key, of_phrase


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", ""),
        ("kettle", "kettle"),
        ("the kettle hums", "the kettle hums"),
        ("чайник", "чайник"),
        ("半", "半"),
        ("半導", "半導 導"),
        ("半導体", "半導 導体 体"),
        ("the 半導体 boom", "the 半導 導体 体 boom"),
        ("iphone発売", "iphone 発売 売"),
        ("発売2026年", "発売 売 2026 年"),
        ("半 導", "半 導"),
        ("ชา", "ชา า"),
        ("한국은", "한국 국은 은"),
        ("𠮷野家", "𠮷野 野家 家"),
    ],
)
def test_words_are_those_of_the_key_and_of_a_run_without_spaces_each_two_characters(
    key: str, words: str
) -> None:
    assert of_key(key) == words


@pytest.mark.parametrize(
    ("key", "phrase"),
    [
        ("kettle", ("kettle", False)),
        ("the kettle", ("the kettle", False)),
        ("半", ("半", True)),
        ("半導", ("半導", False)),
        ("半導体", ("半導 導体", False)),
        ("半導 体", ("半導 導 体", True)),
        ("半導 boom", ("半導 導 boom", False)),
        ("iphone発売", ("iphone 発売", False)),
        ("発売2026年", ("発売 売 2026 年", True)),
        ("a", ("a", False)),
    ],
)
def test_the_last_run_of_a_phrase_may_go_on_in_the_text(key: str, phrase: tuple[str, bool]) -> None:
    assert of_phrase(key) == phrase


RUNS = st.text("半導体東", min_size=1, max_size=5)
KEYS = st.lists(st.one_of(RUNS, st.sampled_from(["tea", "pot", "2026"])), min_size=1, max_size=4)


@given(KEYS, st.data())
def test_every_part_of_a_run_without_spaces_is_found_with_all_that_stands_around_it(
    runs: list[str], data: st.DataObject
) -> None:
    key = " ".join(runs)
    begin = data.draw(st.integers(0, len(key) - 1).filter(lambda at: key[at] not in " teapo2026"))
    end = data.draw(st.integers(begin + 1, len(key)).filter(lambda at: is_whole(key, at)))
    said, is_beginning = of_phrase(key[begin:end].strip())
    assert f" {said}{'' if is_beginning else ' '}" in f" {of_key(key)} "


def is_whole(key: str, at: int) -> bool:
    """Whether no word of a script with spaces is cut in two there."""
    return at == len(key) or key[at] not in "eapot026" or key[at - 1] == " "


@given(RUNS, RUNS)
def test_a_run_without_spaces_is_found_where_it_stands_and_nowhere_else(
    part: str, run: str
) -> None:
    said, is_beginning = of_phrase(part)
    found = f" {said}{'' if is_beginning else ' '}" in f" {of_key(run)} "
    assert found is (part in run)
