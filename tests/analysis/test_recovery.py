"""What a crash leaves open is closed."""

from __future__ import annotations

from analysis import events
from analysis.events import Entry, Event
from analysis.recovery import closing


def entries(*told: Event) -> list[Entry]:
    return [Entry("conv_1", seq, "2026-11-21T08:00:00.000Z", event) for seq, event in enumerate(told, 1)]


START = events.MessageStart("msg_2", "msg_1", "test", "m")


def test_an_open_message_is_ended_with_the_text_that_was_kept() -> None:
    told = entries(START, events.TextDelta("msg_2", "Revenue ", 0), events.TextDelta("msg_2", "rose £5", 8),
                   events.Tickmark("msg_2", 13, 15, "£5", "tied", "v1"))  # fmt: skip
    error, end = (draft.event for draft in closing(told))
    assert isinstance(error, events.ErrorRaised)
    assert error.code == "server_restarted"
    assert isinstance(end, events.MessageComplete)
    assert (end.text, end.stop_reason, end.success, end.figures["tied"]) == ("Revenue rose £5", "failed", False, 1)


def test_open_calls_are_closed_before_their_message_and_finished_ones_left() -> None:
    told = entries(
        START,
        events.ToolStart("msg_2", "t1", "look", 0),
        events.ToolComplete("msg_2", "t1", "look", True, result={"summary": "", "artifacts": []}),
        events.ToolStart("msg_2", "t2", "look", 0),
    )
    kinds = [(draft.event.TYPE, getattr(draft.event, "tool_id", "")) for draft in closing(told)]
    assert kinds == [("tool_complete", "t2"), ("error", ""), ("message_complete", "")]


def test_a_message_that_has_its_end_needs_nothing() -> None:
    assert closing(entries(START, events.MessageComplete("msg_2", True, "end_turn", "", {}))) == []
    assert closing([]) == []


def test_a_call_that_waits_for_a_person_stays_parked() -> None:
    told = entries(
        START,
        events.ToolStart("msg_2", "t1", "dcf", 0),
        events.MessageComplete("msg_2", True, "awaiting_approval", "", {}),
    )
    assert closing(told) == []


def test_every_open_message_is_closed_not_just_the_last() -> None:
    told = entries(START, events.TextDelta("msg_2", "a", 0), events.MessageStart("msg_4", "msg_3", "test", "m"))
    ends = [draft.event for draft in closing(told) if isinstance(draft.event, events.MessageComplete)]
    assert [(end.message_id, end.text) for end in ends] == [("msg_2", "a"), ("msg_4", "")]
