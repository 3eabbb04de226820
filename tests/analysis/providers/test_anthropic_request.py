from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.messages import Message, Prompt, Thought, ToolAnswer, ToolSpec, ToolUse, Words
from analysis.providers.anthropic_request import faults, request_for

Json = dict[str, Any]

SPECS = [
    ToolSpec("query_data", "Query a table.", {"type": "object", "properties": {"table": {"type": "string"}}}),
    ToolSpec("create_chart", "Draw a chart.", {"type": "object"}),
]
SIGNED = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
CALLED = [
    Message("user", [Words("How did revenue develop?")]),
    Message(
        "assistant",
        [Thought(SIGNED, "anthropic"), Words("I look."), ToolUse("toolu_1", "query_data", {"table": "d1.t1"})],
    ),
    Message("user", [ToolAnswer("toolu_1", "query_data", "no such table", is_error=True)]),
]


def prompt(messages: list[Message], tools: list[ToolSpec] | None = None, **fields: Any) -> Prompt:
    return Prompt(
        **{
            "model": "claude-sonnet-4-5",
            "stable": "You are an analyst.",
            "context": "d1: northwind.csv",
            "messages": messages,
            "tools": SPECS if tools is None else tools,
            "max_tokens": 4000,
            **fields,
        }
    )


def test_a_request_in_full() -> None:
    mark = {"type": "ephemeral"}
    assert request_for(prompt(CALLED)) == {
        "model": "claude-sonnet-4-5",
        "max_tokens": 4000,
        "system": [
            {"type": "text", "text": "You are an analyst.", "cache_control": mark},
            {"type": "text", "text": "d1: northwind.csv"},
        ],
        "tools": [
            {
                "name": "query_data",
                "description": "Query a table.",
                "input_schema": {"type": "object", "properties": {"table": {"type": "string"}}},
            },
            {
                "name": "create_chart",
                "description": "Draw a chart.",
                "input_schema": {"type": "object"},
                "cache_control": mark,
            },
        ],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "How did revenue develop?"}]},
            {
                "role": "assistant",
                "content": [
                    SIGNED,
                    {"type": "text", "text": "I look."},
                    {"type": "tool_use", "id": "toolu_1", "name": "query_data", "input": {"table": "d1.t1"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "toolu_1",
                        "content": "no such table",
                        "is_error": True,
                        "cache_control": mark,
                    }
                ],
            },
        ],
    }


def test_the_same_prompt_is_the_same_request_and_is_left_as_it_was() -> None:
    asked = prompt(CALLED)
    before = copy.deepcopy(asked)
    assert orjson.dumps(request_for(asked)) == orjson.dumps(request_for(asked))
    assert asked == before


def test_an_earlier_transcript_is_a_prefix_of_a_later_one_so_that_the_cache_hits() -> None:
    def bare(request: Json) -> list[Json]:
        return [
            {**m, "content": [{k: v for k, v in b.items() if k != "cache_control"} for b in m["content"]]}
            for m in request["messages"]
        ]

    later = [*CALLED, Message("assistant", [Words("No.")]), Message("user", [Words("And costs?")])]
    assert bare(request_for(prompt(later)))[:3] == bare(request_for(prompt(CALLED)))


def test_reasoning_of_another_vendor_stays_at_home() -> None:
    told = [CALLED[0], Message("assistant", [Thought({"opaque": 1}, "gemini")]), Message("user", [Words("Again?")])]
    request = request_for(prompt(told))
    assert [m["role"] for m in request["messages"]] == ["user"]
    assert [b["text"] for b in request["messages"][0]["content"]] == ["How did revenue develop?", "Again?"]
    assert faults(request) == []


def test_reasoning_may_not_end_a_message_nor_stand_behind_text_alone() -> None:
    thought = Thought(SIGNED, "anthropic")
    for blocks in ([Words("Hm"), thought], [Words("Hm"), thought, Words("so")], [thought, Words("so"), thought]):
        request = request_for(prompt([CALLED[0], Message("assistant", blocks), Message("user", [Words("Go on")])]))
        assert faults(request) == []


def test_a_thinking_budget_comes_on_top_of_the_answer() -> None:
    request = request_for(prompt(CALLED), thinking_tokens=2000)
    assert request["thinking"] == {"type": "enabled", "budget_tokens": 2000}
    assert request["max_tokens"] == 6000
    assert request_for(prompt(CALLED), thinking_tokens=5)["thinking"]["budget_tokens"] == 1024


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-opus-4-6", "claude-opus-4-8", "a-model-of-a-gateway"])
def test_models_that_set_their_own_budget_are_only_told_that_they_may_think(model: str) -> None:
    request = request_for(prompt(CALLED, model=model), thinking_tokens=2000)
    assert request["thinking"] == {"type": "adaptive", "display": "summarized"}


@pytest.mark.parametrize(
    "model", ["claude-haiku-4-5", "claude-sonnet-4-5-20250929", "claude-opus-4-1-20250805", "claude-sonnet-4-20250514"]
)
def test_older_models_get_a_budget(model: str) -> None:
    assert request_for(prompt(CALLED, model=model), thinking_tokens=2000)["thinking"]["type"] == "enabled"


def test_a_call_made_without_reasoning_is_continued_without_a_budget() -> None:
    unthought = [CALLED[0], Message("assistant", CALLED[1].blocks[1:]), CALLED[2]]
    request = request_for(prompt(unthought), thinking_tokens=2000)
    assert "thinking" not in request
    assert faults({**request, "thinking": {"type": "enabled", "budget_tokens": 1024}}) != []


def test_a_round_without_tools_after_tool_calls_is_still_legal() -> None:
    request = request_for(prompt(CALLED, tools=[]))
    assert [tool["name"] for tool in request["tools"]] == ["query_data"]
    assert request["tool_choice"] == {"type": "none"}
    assert faults(request) == []


def test_a_transcript_that_ends_with_the_answer_asks_it_to_go_on() -> None:
    request = request_for(prompt([CALLED[0], Message("assistant", [Words("This takes a while.")])]))
    assert request["messages"][-1]["role"] == "user"
    assert faults(request) == []


def test_half_characters_do_not_reach_the_wire() -> None:
    request = request_for(prompt([Message("user", [Words("Why \ud83d?")])]))
    assert request["messages"][0]["content"][0]["text"] == "Why \ufffd?"


def test_ids_of_other_vendors_are_reshaped_and_repeated_ones_told_apart() -> None:
    def round_of(tool_id: str) -> list[Message]:
        call = ToolUse(tool_id, "query_data", {})
        return [Message("assistant", [call]), Message("user", [ToolAnswer(tool_id, "query_data", "ok")])]

    request = request_for(prompt([CALLED[0], *round_of("call.1/ä"), *round_of("toolu_1"), *round_of("toolu_1")]))
    assert [m["content"][0]["id"] for m in request["messages"] if m["role"] == "assistant"] == [
        "call_2e1_2f_e4",
        "toolu_1",
        "toolu_1_2",
    ]
    assert faults(request) == []


texts = st.sampled_from(["", "  \n", "Revenue rose to [[v1]].", "🚀", "\ud83d"])
ids = st.sampled_from(["toolu_1", "toolu_2", "call.7", "", "é"])
thoughts = st.builds(
    Thought,
    st.sampled_from([SIGNED, {"type": "redacted_thinking", "data": "eA=="}]),
    st.sampled_from(["anthropic", "x"]),
)


@st.composite
def transcripts(draw: st.DrawFn) -> list[Message]:
    """What analysis.history promises: alternating, calls answered at once; but blank text, odd ids, any thoughts."""
    messages = [Message("user", [Words("First question")])]
    for _ in range(draw(st.integers(0, 4))):
        calls = [ToolUse(tool_id, "query_data", {"n": 1}) for tool_id in draw(st.sets(ids, max_size=3))]
        said = [*draw(st.lists(thoughts, max_size=2)), *map(Words, draw(st.lists(texts, max_size=2)))]
        messages.append(Message("assistant", [*said, *draw(st.lists(thoughts, max_size=1)), *calls]))
        answers = [ToolAnswer(call.tool_id, call.tool_name, draw(texts), draw(st.booleans())) for call in calls]
        asked = [] if calls and draw(st.booleans()) else [Words("Next question")]
        messages.append(Message("user", [*answers, *asked]))
    return messages


@given(transcripts(), st.booleans(), st.sampled_from([0, 3000]), st.sampled_from(["claude-haiku-4-5", "claude-opus-5"]))
@settings(max_examples=300)
def test_whatever_a_transcript_went_through_its_request_is_legal(
    messages: list[Message], with_tools: bool, thinking_tokens: int, model: str
) -> None:
    request = request_for(prompt(messages, SPECS if with_tools else [], model=model), thinking_tokens)
    assert faults(request) == []
    orjson.dumps(request)


def drop_answer(request: Json) -> None:
    request["messages"][2]["content"] = [{"type": "text", "text": "Never mind."}]


def answer_twice(request: Json) -> None:
    request["messages"][2]["content"] *= 2


def text_first(request: Json) -> None:
    request["messages"][2]["content"].insert(0, {"type": "text", "text": "Here:"})


def answer_nothing(request: Json) -> None:
    request["messages"][2]["content"].append({"type": "tool_result", "tool_use_id": "toolu_9", "content": "x"})


def two_users(request: Json) -> None:
    request["messages"].append({"role": "user", "content": "And?"})


def end_with_assistant(request: Json) -> None:
    request["messages"].append({"role": "assistant", "content": "Well,"})


def end_with_a_call(request: Json) -> None:
    request["messages"] = request["messages"][:2]


def repeat_id(request: Json) -> None:
    request["messages"] += copy.deepcopy(request["messages"][1:3])


def blank_text(request: Json) -> None:
    request["messages"][0]["content"] = " \n"


def empty_message(request: Json) -> None:
    request["messages"][0]["content"] = []


def unsigned_thought(request: Json) -> None:
    del request["messages"][1]["content"][0]["signature"]


def thought_last(request: Json) -> None:
    request["messages"][1]["content"].append(SIGNED)


def thought_late(request: Json) -> None:
    request["messages"][1]["content"].insert(0, {"type": "text", "text": "So:"})


def no_tools(request: Json) -> None:
    del request["tools"]


def same_tool_twice(request: Json) -> None:
    request["tools"][1]["name"] = "query_data"


def odd_tool_name(request: Json) -> None:
    request["tools"][1]["name"] = "create chart"


def odd_id(request: Json) -> None:
    request["messages"][1]["content"][2]["id"] = request["messages"][2]["content"][0]["tool_use_id"] = "call.1"


def input_as_text(request: Json) -> None:
    request["messages"][1]["content"][2]["input"] = '{"table": "d1.t1"}'


def silent_error(request: Json) -> None:
    request["messages"][2]["content"][0]["content"] = ""


def five_marks(request: Json) -> None:
    request["system"] = [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}] * 4


def no_tokens(request: Json) -> None:
    request["max_tokens"] = 0


def budget_too_big(request: Json) -> None:
    request["thinking"] = {"type": "enabled", "budget_tokens": 4000}


def blank_system(request: Json) -> None:
    request["system"][1]["text"] = ""


def no_model(request: Json) -> None:
    request["model"] = ""


def no_messages(request: Json) -> None:
    request["messages"] = []


def nonsense(request: Json) -> None:
    request["messages"] = ["hello"]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (drop_answer, "toolu_1 was not answered"),
        (answer_twice, "more than one tool_result"),
        (text_first, "must come first"),
        (answer_nothing, "toolu_9 answers no tool_use"),
        (two_users, "roles alternate"),
        (end_with_assistant, "must end with a user message"),
        (end_with_a_call, "leaves its tool_use blocks"),
        (repeat_id, "ids must be unique"),
        (blank_text, "non-whitespace"),
        (empty_message, "must not be empty"),
        (unsigned_thought, "signature"),
        (thought_last, "cannot be thinking"),
        (thought_late, "must begin with one"),
        (no_tools, "must define tools"),
        (same_tool_twice, "names must be unique"),
        (odd_tool_name, "tools.1.name"),
        (odd_id, "messages.1.content.2.id"),
        (input_as_text, "must be an object"),
        (silent_error, "is_error"),
        (five_marks, "at most 4"),
        (no_tokens, "max_tokens"),
        (budget_too_big, "greater than thinking"),
        (blank_system, "system.1"),
        (no_model, "model"),
        (no_messages, "at least one message"),
        (nonsense, "list of objects"),
    ],
)
def test_each_broken_rule_is_named(broken: Callable[[Json], None], said: str) -> None:
    request = copy.deepcopy(request_for(prompt(CALLED)))
    assert faults(request) == []
    broken(request)
    assert any(said in fault for fault in faults(request)), faults(request)
