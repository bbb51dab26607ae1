from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator import related, terms
from aggregator.related import JOIN, WINDOW, Events, alike

KETTLE = "Singing kettle startles Merrow harbour"
KETTLE_AGAIN = "Harbour of Merrow woken by a singing kettle"
KETTLE_LATER = "Merrow kettle singing in the harbour still"
TEAPOT = "Professor Inkwell weighs porcelain teapots"
HOUR = 3600
DAY = 24 * HOUR
JOIN_SECONDS = int(JOIN.total_seconds())
WINDOW_SECONDS = int(WINDOW.total_seconds())

LONG = " ".join(f"alpha{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")


def about(title: str, text: str = "") -> bytes:
    return terms.of(title, text, "en")


def placed(events: Events, *titles: str, at: int = 0, first: int = 1) -> list[int]:
    """The events that these stories join, in the order of their numbers."""
    return [events.place(number, about(title), at)[0] for number, title in enumerate(titles, first)]


def test_a_story_that_resembles_none_begins_an_event_of_its_own_number() -> None:
    events = Events()
    assert events.place(7, about(KETTLE), 0) == (7, 1.0)
    assert events.place(9, about(TEAPOT), 0) == (9, 1.0)


def test_a_story_joins_the_event_that_tells_the_same_and_says_how_alike_they_are() -> None:
    events = Events()
    events.place(7, about(KETTLE), 0)
    event, score = events.place(9, about(KETTLE_AGAIN), HOUR)
    assert event == 7
    assert 0.4 < score < 1


def test_the_same_words_again_are_wholly_alike() -> None:
    events = Events()
    events.place(1, about(KETTLE), 0)
    event, score = events.place(2, about(KETTLE), 0)
    assert event == 1
    assert score == pytest.approx(1.0)


def test_names_tell_one_event_from_another() -> None:
    first = "lists of fires at the harbour, Merrow says"
    other = "lists of fires at the harbour, Inkwell says"
    plain, named = Events(), Events()
    plain.place(1, about(first.lower()), 0)
    named.place(1, about(first), 0)
    assert named.place(2, about(other), 0)[1] < plain.place(2, about(other.lower()), 0)[1]


def test_a_story_joins_the_most_alike_of_several_events() -> None:
    events = Events()
    other = "Merrow harbour closed for painting"
    assert placed(events, KETTLE, TEAPOT, other, KETTLE_AGAIN)[3] == 1


def test_one_word_in_common_is_no_event() -> None:
    assert placed(Events(), "Merrow kettle", "Merrow teapot") == [1, 2]


def test_one_word_in_common_is_no_event_though_many_stories_say_it() -> None:
    events = Events()
    for event in (1, 2, 3, 4, 5, 1):
        events.restore(event, about(f"Merrow x{event}"), 0)
    assert placed(events, "Merrow teapot", first=9) == [9]


def test_a_title_of_one_word_joins_by_that_word() -> None:
    assert placed(Events(), "Kettle", "Kettle!") == [1, 1]


def test_stories_that_say_nothing_are_alone() -> None:
    assert placed(Events(), "", "", KETTLE, "") == [1, 2, 3, 4]


def test_a_text_has_to_be_more_alike_than_a_title() -> None:
    events = Events()
    begun = " ".join(f"beta{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    events.place(1, about("Singing kettle heard", begun), 0)
    ends = " ".join(f"gamma{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    assert events.place(2, about("Singing kettle found", ends * 2 + LONG), 0) == (2, 1.0)


def test_words_that_every_story_says_tell_nothing() -> None:
    common = Events()
    for number in range(3, 6000):
        common.restore(number, about(f"Weekly report x{number}"), 0)
    first, second = "Weekly report tides markets trams", "Weekly report ferries bakers lamps"
    assert placed(Events(), first, second) == [1, 1]
    assert placed(common, first, second) == [1, 2]


@pytest.mark.parametrize(
    ("times", "joins"),
    [
        ([0, JOIN_SECONDS], True),
        ([0, JOIN_SECONDS + 1], False),
        ([JOIN_SECONDS, 0], True),
        ([JOIN_SECONDS + 1, 0], False),
        ([0, 2 * DAY, 4 * DAY, 7 * DAY], True),
        ([0, 2 * DAY, 4 * DAY, 6 * DAY, 7 * DAY + 1], False),
        ([7 * DAY, 5 * DAY, 3 * DAY, 0], True),
        ([7 * DAY, 5 * DAY, 3 * DAY, DAY, -1], False),
    ],
)
def test_an_event_may_be_joined_for_72_hours_and_is_a_week_long_at_most(
    times: list[int], *, joins: bool
) -> None:
    events = Events()
    found = [events.place(number, about(KETTLE), at)[0] for number, at in enumerate(times)]
    assert found == [0] * len(times) if joins else [0] * (len(times) - 1) + [len(times) - 1]


def test_both_spans_may_be_others() -> None:
    events = Events(join=timedelta(hours=1), window=timedelta(hours=2))
    found = [events.place(at, about(KETTLE), at * HOUR)[0] for at in (1, 2, 3, 4, 6)]
    assert found == [1, 1, 1, 4, 6]


def test_a_large_event_keeps_what_most_of_its_stories_say() -> None:
    events = Events()
    for number in range(1, 40):
        said = " ".join(f"w{number}n{more}" for more in range(4))
        assert events.place(number, about(f"{KETTLE} {said}"), 0)[0] == 1
    assert placed(events, KETTLE, first=50) == [1]


def test_an_event_is_found_though_many_others_say_one_of_its_words() -> None:
    events = Events()
    placed(events, KETTLE)
    for number in range(2, 300):
        events.place(number, about(f"Merrow a{number} b{number} c{number} d{number}"), 0)
    assert placed(events, KETTLE_AGAIN, first=300) == [1]


def test_no_more_than_a_few_events_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []

    def none_alike(*given: object) -> float:
        compared.append(1)
        return 0.0

    monkeypatch.setattr(Events, "_cosine", none_alike)
    placed(Events(), *[f"{KETTLE} x{number}" for number in range(20)])
    assert len(compared) == sum(min(number, related._COMPARED) for number in range(20))


# ---- restoring and forgetting --------------------------------------------------------------------


def test_words_that_share_a_slot_of_the_tables_are_not_in_common(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(related, "_SLOTS", 2)
    monkeypatch.setattr(related, "_SLOT", 1)
    titles = ("kettle whistles shelf harbour", "ferry grounding fog islands passengers")
    assert placed(Events(), *titles) == [1, 2]


def test_a_restored_story_is_in_its_event_whatever_it_says() -> None:
    events = Events()
    events.restore(1, about(KETTLE), 0)
    events.restore(1, about(TEAPOT), 0)
    assert placed(events, KETTLE_AGAIN, TEAPOT, first=3) == [1, 1]


def test_an_event_keeps_its_name_when_its_first_story_is_not_there_again() -> None:
    events = Events()
    events.restore(4, about(KETTLE), 0)
    assert placed(events, KETTLE_AGAIN, first=10) == [4]


def test_what_is_forgotten_is_joined_no_more() -> None:
    events = Events()
    placed(events, KETTLE)
    events.forget(1)
    assert placed(events, KETTLE_AGAIN, at=2, first=2) == [2]


def test_an_event_that_turned_out_to_be_older_is_forgotten_once() -> None:
    events = Events()
    for hour in (10, 5):
        events.restore(1, about(KETTLE), hour * HOUR)
    events.forget(11 * HOUR)
    assert placed(events, KETTLE_AGAIN, at=12 * HOUR, first=2) == [2]


def test_what_is_not_older_is_not_forgotten() -> None:
    events = Events()
    placed(events, KETTLE, at=10)
    events.forget(10 - WINDOW_SECONDS)
    events.forget(10)
    assert set(events._events) == {1}
    events.forget(11)
    assert not events._events


def test_an_event_of_which_a_part_is_forgotten_keeps_its_name() -> None:
    events = Events()
    placed(events, KETTLE, at=0)
    placed(events, KETTLE_AGAIN, at=2 * DAY, first=2)
    placed(events, KETTLE_LATER, at=4 * DAY + 1, first=3)
    events.forget(1)
    assert placed(events, KETTLE_LATER, at=7 * DAY, first=4) == [1]


def test_nothing_is_left_of_what_is_forgotten() -> None:
    events = Events()
    for number in range(200):
        events.place(number, about(f"{KETTLE} w{number % 50}", LONG), number * HOUR)
    events.forget(200 * HOUR)
    assert not events._events
    assert not events._hours
    assert not events._posted
    assert not events._next
    assert not any(events._frequencies)
    assert events._stories == 0


def test_postings_of_events_that_cannot_be_joined_go_before_the_events_do() -> None:
    events = Events()
    placed(events, KETTLE, at=0)
    placed(events, TEAPOT, at=WINDOW_SECONDS, first=2)
    events.forget(0)
    assert set(events._posted) == {2}
    assert set(events._events) == {1, 2}


STORIES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["kettle", "teapot", "merrow", "harbour", "inkwell"]), max_size=4),
        st.integers(1, 5),
        st.integers(0, 10 * DAY),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=50)
@given(STORIES, st.integers(0, 10 * DAY), st.lists(st.sampled_from([KETTLE, TEAPOT, "Inkwell"])))
def test_forgetting_leaves_what_restoring_the_rest_would_give(
    stories: list[tuple[list[str], int, int]], before: int, arriving: list[str]
) -> None:
    whole, rest = Events(), Events()
    for said, event, at in stories:
        whole.restore(event, about(" ".join(said)), at)
        if at >= before:
            rest.restore(event, about(" ".join(said)), at)
    whole.forget(before)
    now = before + WINDOW_SECONDS
    for number, title in enumerate(arriving, 100):
        event, score = whole.place(number, about(title), now)
        expected, expected_score = rest.place(number, about(title), now)
        assert event == expected
        assert score == pytest.approx(expected_score)  # the sums are rounded on other ways


@settings(deadline=None, max_examples=30)
@given(STORIES, st.sampled_from([KETTLE, TEAPOT, "Inkwell at Merrow"]))
def test_what_is_restored_goes_on_as_if_the_process_had_not_ended(
    stories: list[tuple[list[str], int, int]], arriving: str
) -> None:
    before, after = Events(), Events()
    for number, (said, _, at) in enumerate(stories, 10):
        packed = about(" ".join(said))
        after.restore(before.place(number, packed, at)[0], packed, at)
    packed = about(arriving)
    assert after.place(99, packed, DAY) == before.place(99, packed, DAY)


def test_two_texts_are_alike_as_far_as_their_terms_are() -> None:
    assert alike({1: 2.0, 2: 1.0}, {1: 4.0, 2: 2.0}) == pytest.approx(1.0)
    assert alike({1: 1.0}, {2: 1.0}) == 0.0
    assert alike({}, {2: 1.0}) == 0.0
