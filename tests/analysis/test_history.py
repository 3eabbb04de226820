"""What goes back to the model."""

from __future__ import annotations

from typing import Any

from analysis import events
from analysis.events import Draft, Event
from analysis.history import CUT_OFF, INTERRUPTED, History
from analysis.messages import Message, Thought, ToolAnswer, ToolUse, Words

USAGE: dict[str, int] = {}


def told(*said: Event | tuple[Event, dict[str, Any]]) -> History:
    history = History()
    history.extend(Draft(*entry) if isinstance(entry, tuple) else Draft(entry) for entry in said)
    return history


def question(text: str, number: int = 1) -> events.UserMessage:
    return events.UserMessage(f"msg_q{number}", text, [])


START = events.MessageStart("msg_a", "msg_q1", "anthropic", "m")


def end(reason: str, text: str = "") -> events.MessageComplete:
    return events.MessageComplete("msg_a", reason == "end_turn", reason, text, USAGE)


def text(words: str, offset: int = 0) -> events.TextDelta:
    return events.TextDelta("msg_a", words, offset)


def test_rounds_become_alternating_messages_with_answers_first() -> None:
    history = told(
        question("Why?"),
        START,
        text("Let me look."),
        events.ToolStart("msg_a", "t1", "look", 12),
        events.ToolValidated("msg_a", "t1", "look", {"n": 1}),
        (
            events.ToolComplete("msg_a", "t1", "look", True, result={"summary": "ok", "artifacts": []}),
            {"content": "[[v1]] £5"},
        ),
        (text("It was £5.", 12), {"round": 2}),
        events.Tickmark("msg_a", 19, 21, "£5", "tied", "v1"),
        end("end_turn"),
    )
    assert history.messages() == [
        Message("user", [Words("Why?")]),
        Message("assistant", [Words("Let me look."), ToolUse("t1", "look", {"n": 1})]),
        Message("user", [ToolAnswer("t1", "look", "[[v1]] £5")]),
        Message("assistant", [Words("It was [[v1]].")]),
    ]


def test_sealed_thoughts_go_back_unchanged_before_what_followed_them() -> None:
    seal = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    history = told(
        question("Why?"),
        START,
        events.ThinkingDelta("msg_a", "Hm."),
        (events.ToolStart("msg_a", "t1", "look", 0), {"thoughts": [seal]}),
        events.ToolValidated("msg_a", "t1", "look", {}),
        (events.ToolComplete("msg_a", "t1", "look", True), {"content": "ok"}),
    )
    assert history.messages()[1].blocks == [Thought(seal, "anthropic"), ToolUse("t1", "look", {})]


def test_a_round_mark_and_a_thought_on_the_same_event_belong_to_the_new_round() -> None:
    history = told(
        question("Why?"),
        START,
        events.ToolStart("msg_a", "t1", "look", 0),
        (events.ToolComplete("msg_a", "t1", "look", True), {"content": "ok"}),
        (text("So."), {"round": 2, "thoughts": [{"type": "thinking"}]}),
        end("end_turn"),
    )
    assert history.messages()[-1] == Message("assistant", [Thought({"type": "thinking"}, "anthropic"), Words("So.")])


def test_an_interrupted_answer_keeps_its_text_and_says_so() -> None:
    history = told(question("Why?"), START, text("Because rev"), end("interrupted"), question("Shorter.", 2))
    assert history.messages() == [
        Message("user", [Words("Why?")]),
        Message("assistant", [Words(f"Because rev\n\n{INTERRUPTED}")]),
        Message("user", [Words("Shorter.")]),
    ]


def test_a_call_without_a_result_is_answered_by_a_stand_in() -> None:
    history = told(
        question("Why?"), START, events.ToolStart("msg_a", "t1", "look", 0), end("failed"), question("Again.", 2)
    )
    answer, marker, again = history.messages()[2].blocks
    assert isinstance(answer, ToolAnswer)
    assert answer.is_error
    assert (marker, again) == (Words(CUT_OFF), Words("Again."))


def test_an_answer_that_failed_before_its_first_word_still_alternates() -> None:
    history = told(question("Why?"), START, end("failed"), question("Again.", 2))
    assert [message.role for message in history.messages()] == ["user", "assistant", "user"]


def test_documents_keep_their_alias_when_another_is_removed() -> None:
    history = told(
        events.DocumentAdded({"document_id": "doc_a", "name": "a.csv"}),
        events.DocumentAdded({"document_id": "doc_b", "name": "b.csv"}),
        events.DocumentRemoved("doc_a"),
        events.DocumentAdded({"document_id": "doc_c", "name": "c.csv"}),
        events.DocumentAdded({"document_id": "doc_b", "name": "b.csv"}),
    )
    assert {alias: card["document_id"] for alias, card in history.documents.items()} == {"d2": "doc_b", "d3": "doc_c"}


def test_a_long_tool_answer_is_cut_with_a_word_how_to_get_the_rest() -> None:
    history = told(
        question("Why?"),
        START,
        events.ToolStart("msg_a", "t1", "look", 0),
        (events.ToolComplete("msg_a", "t1", "look", True), {"content": "x" * 100_000}),
    )
    answer = history.messages()[2].blocks[0]
    assert isinstance(answer, ToolAnswer)
    assert len(answer.content) < 30_000
    assert "fewer rows" in answer.content


def test_a_deleted_message_is_not_told_again() -> None:
    history = told(
        question("Secret."),
        START,
        text("Oh."),
        end("end_turn"),
        events.MessageDeleted("msg_a"),
        events.MessageDeleted("msg_q1"),
    )
    assert history.messages() == []
