"""Scripts replayed against a transcript: the state of an answer is what the transcript already holds."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.messages import Message, ToolAnswer, ToolUse, Words
from analysis.offline.script import Call, Reply, Script, play
from analysis.offline.transcript import Situation, read


def two_rounds() -> Script:
    yield "First."
    one, two = yield (Call("a", {}), Call("b", {}))
    yield f"{one.content} {two.content}"
    (three,) = yield (Call("c", {"x": 1}),)
    yield f"{three.content}."
    yield "Last."
    return ("Next?",)


def answered(*names: str) -> dict[str, ToolAnswer]:
    return {f"call_{n}": ToolAnswer(f"call_{n}", name, name.upper()) for n, name in enumerate(names, 1)}


def test_each_round_says_only_what_is_new() -> None:
    first = play(two_rounds(), Situation("?"))
    assert first.prose == "First."
    assert [(call.tool_id, call.tool) for call in first.calls] == [("call_1", "a"), ("call_2", "b")]

    second = play(two_rounds(), Situation("?", answers=answered("a", "b")))
    assert second.prose == "\n\nA B"
    assert [(call.tool_id, call.input) for call in second.calls] == [("call_3", {"x": 1})]

    assert play(two_rounds(), Situation("?", answers=answered("a", "b", "c"))) == Reply(
        "\n\nC.\n\nLast.", (), ("Next?",)
    )


def test_ids_go_on_where_the_conversation_stands() -> None:
    reply = play(two_rounds(), Situation("?", calls_before=7))
    assert [call.tool_id for call in reply.calls] == ["call_8", "call_9"]


def test_a_call_left_unanswered_beside_an_answered_one_counts_as_failed() -> None:
    reply = play(two_rounds(), Situation("?", answers=answered("a")))
    assert reply.prose == "\n\nA no answer came back"


def conversation() -> Iterator[Message]:
    yield Message("user", [Words("first question")])
    yield Message("assistant", [Words("Looking."), ToolUse("call_1", "list_documents", {})])
    yield Message("user", [ToolAnswer("call_1", "list_documents", "d1")])
    yield Message("assistant", [ToolUse("call_2", "describe_document", {"document": "d1"})])
    described = ToolAnswer("call_2", "describe_document", "…", data={"alias": "d1", "tables": []})
    yield Message("user", [described])
    yield Message("assistant", [Words("Done.")])
    yield Message("user", [Words("[Interrupted by user]"), Words("second question")])


def test_the_situation_is_read_off_the_transcript() -> None:
    found = read(list(conversation()))
    assert found.question == "second question"
    assert found.earlier == ("first question",)
    assert (found.first, found.calls_before, found.answers) == (False, 2, {})
    assert list(found.described) == ["d1"]


def test_answers_of_this_turn_are_kept_apart_from_earlier_ones() -> None:
    messages = [
        *conversation(),
        Message("assistant", [ToolUse("call_3", "list_documents", {})]),
        Message("user", [ToolAnswer("call_3", "list_documents", "d1")]),
    ]
    found = read(messages)
    assert list(found.answers) == ["call_3"]
    assert found.calls_before == 2


def test_trimmed_history_does_not_bring_ids_back() -> None:
    kept = [Message("user", [Words("q")]), Message("assistant", [ToolUse("call_41", "a", {})])]
    assert read([*kept, Message("user", [ToolAnswer("call_41", "a", "x"), Words("again")])]).calls_before == 41


def test_an_empty_transcript_is_no_question() -> None:
    assert read([]) == Situation("")
