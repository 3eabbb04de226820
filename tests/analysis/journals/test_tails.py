from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analysis.events import Entry, TextDelta
from analysis.journals.tails import Tails


def entries(first: int, count: int, conversation_id: str = "c1") -> list[Entry]:
    return [Entry(conversation_id, seq, "", TextDelta("m1", str(seq), seq)) for seq in range(first, first + count)]


def test_what_was_never_heard_of_is_left_to_the_store() -> None:
    tails = Tails()
    assert tails.last("c1") is None
    assert tails.after("c1", 0) is None


def test_what_is_known_but_not_held_is_left_to_the_store() -> None:
    tails = Tails()
    tails.know("c1", 5)
    assert tails.after("c1", 4) is None
    assert tails.after("c1", 5) == tails.after("c1", 9) == []
    tails.extend("c1", entries(6, 2), 100)
    assert tails.after("c1", 4) is None
    assert tails.after("c1", 6) == entries(7, 1)
    assert tails.last("c1") == 7


def test_the_store_may_know_of_a_commit_before_it_is_told_here() -> None:
    tails = Tails()
    tails.know("c1", 7)
    tails.extend("c1", entries(6, 2), 100)
    assert tails.after("c1", 7) == []
    tails.extend("c1", entries(8, 1), 100)
    assert tails.after("c1", 7) == entries(8, 1)
    tails.know("c1", 7)
    assert tails.last("c1") == 8


def test_a_single_entry_too_heavy_to_keep_is_counted_and_not_held() -> None:
    tails = Tails(bytes_each=1000)
    tails.extend("c1", entries(1, 1), 5000)
    assert tails.last("c1") == 1
    assert tails.after("c1", 0) is None
    assert tails.after("c1", 1) == []


def test_the_conversation_that_was_quiet_longest_goes_first() -> None:
    tails = Tails(bytes_all=1000)
    for conversation_id in ("c1", "c2", "c1", "c3"):
        last = tails.last(conversation_id) or 0
        tails.extend(conversation_id, entries(last + 1, 1, conversation_id), 300)
    assert [tails.last(conversation_id) for conversation_id in ("c1", "c2", "c3")] == [2, None, 1]


NAMES = st.sampled_from(["c1", "c2", "c3"])
STEPS = st.lists(
    st.tuples(st.just("extend"), NAMES, st.integers(1, 6), st.integers(0, 60))
    | st.tuples(st.sampled_from(["know", "forget"]), NAMES, st.just(0), st.just(0)),
    max_size=40,
)


@given(STEPS, st.integers(1, 12), st.integers(1, 200), st.integers(1, 300), st.integers(1, 3))
def test_memory_either_says_all_there_is_or_nothing_and_stays_within_its_bounds(
    steps: list[tuple[str, str, int, int]], entries_each: int, bytes_each: int, bytes_all: int, conversations: int
) -> None:
    tails = Tails(entries_each, bytes_each, bytes_all, conversations)
    lasts: dict[str, int] = {}
    for step, name, count, weight in steps:
        last = lasts.get(name, 0)
        if step == "extend":
            tails.extend(name, entries(last + 1, count, name), weight)
            lasts[name] = last + count
        elif step == "know":
            tails.know(name, last)
        else:
            tails.forget(name)
        for other, end in lasts.items():
            assert tails.last(other) in (None, end)
            for seq in range(end + 2):
                assert tails.after(other, seq) in (None, entries(seq + 1, end - seq, other))
        held = [tails._ends[other] for other in lasts if other in tails._ends]
        assert len(tails._ends) <= conversations
        assert all(len(end.entries) <= entries_each and end.weight <= bytes_each for end in held)
        assert tails._weight == sum(end.weight for end in tails._ends.values()) <= bytes_all
        assert all(end.weight == sum(weight for _, weight in end.gains) for end in held)
        assert all(len(end.entries) == sum(count for count, _ in end.gains) for end in held)
