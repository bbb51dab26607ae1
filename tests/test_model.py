from __future__ import annotations

import pytest

from aggregator.model import ALL, Problem, Selection
from tests.builders import a_story, entry


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({}, False),
        ({"title_key": "kettle silent"}, False),
        ({"address_key": "gazette.example/pan"}, False),
        ({"address_key": "gazette.example/pan", "title_key": "pan heard"}, True),
        ({"address_key": None, "title_key": "pan heard"}, True),
    ],
)
def test_entries_are_two_only_when_link_and_title_are_both_others(
    changes: dict[str, str | None], *, differs: bool
) -> None:
    one, other = entry(), entry(**changes)
    assert one.differs_from(other) is differs
    assert other.differs_from(one) is differs


def test_entries_without_links_are_one_whatever_their_titles() -> None:
    one = entry(address_key=None)
    assert not one.differs_from(entry(address_key=None, title_key="pan heard"))


@pytest.mark.parametrize(
    ("selection", "name"),
    [
        (Selection(), "all"),
        (Selection(verticals=(ALL,)), "all"),
        (Selection(verticals=("tech",)), "tech"),
        (Selection(verticals=("science", "tech")), "science_tech"),
    ],
)
def test_a_selection_is_named_after_its_verticals(selection: Selection, name: str) -> None:
    assert selection.name == name


def test_a_problem_says_file_line_what_and_what_to_do() -> None:
    problem = Problem(file="config.toml", line=7, what="unknown key 'prot'", todo="write 'port'")
    assert str(problem) == "config.toml:7: unknown key 'prot'; write 'port'"


def test_a_problem_of_a_whole_file_names_no_line() -> None:
    problem = Problem(file="seeds/kettle.txt", line=None, what="the file is empty", todo="save it")
    assert str(problem) == "seeds/kettle.txt: the file is empty; save it"


def test_a_storys_entries_are_its_lead_and_the_others() -> None:
    lead, other = entry(), entry(key="2")
    assert a_story(lead=lead, also=(other,)).entries == (lead, other)
