"""The promises of docs/wire.md, over random conversations: random rounds, chunking, faults, approvals, interrupts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import events, signals
from analysis.events import Draft
from analysis.frame import Frame, Phase
from analysis.gate import Gate
from analysis.history import History
from analysis.ids import counting_ids
from analysis.messages import Message, ToolAnswer, ToolSpec, ToolUse, Words
from analysis.numbering import Numbering
from analysis.orders import AskModel, AskPerson, RunTool
from analysis.turn import Turn
from tools.values import Value

KNOWN = {
    "v1": Value("v1", "Revenue", Decimal("61904000"), "GBP", "£61.9m", "tied"),
    "v2": Value("v2", "Growth", Decimal("-0.032"), "ratio", "−3.2%", "computed"),
}
SPECS = [
    ToolSpec("count", "Counts.", {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}),
    ToolSpec("look", "Looks.", {"type": "object", "properties": {}, "additionalProperties": False}),
    ToolSpec("risky", "Waits for a person.", {"type": "object", "properties": {"n": {"type": "integer"}}}),
]
GATE = Gate(SPECS)

words = st.text(st.sampled_from("ab [[]v12|.\n£😀"), max_size=12)
references = st.sampled_from(["[[v1]]", "[[v2|abs]]", "[[v9]]", "[[ v1 ]]", "[[v1|nonsense]]", "[[v3]]"])
prose = st.lists(st.one_of(words, references), max_size=5).map("".join)
tool_input = st.sampled_from(
    ['{"n": 1}', '{"n": "one"}', "{}", "", '{"n": 1', "[1]", '{"n":\n 2}', '{"extra": true}', "null"]
)
tool_name = st.sampled_from(["count", "look", "risky", "nonexistent"])
block = st.one_of(
    prose.map(lambda text: ("text", text)),
    prose.map(lambda text: ("thought", text)),
    st.tuples(st.just("tool"), tool_name, tool_input),
)
stop = st.sampled_from(["end_turn", "tool_use", "max_tokens", "refusal", "pause_turn", "context", "BROKE", "VANISHED"])
one_round = st.tuples(st.lists(block, max_size=5), st.one_of(st.just("tool_use"), stop))
script = st.lists(one_round, min_size=1, max_size=4)


def cut(text: str, sizes: list[int]) -> list[str]:
    """Cut a text into pieces of the given sizes, the rest in one."""
    pieces = []
    for size in sizes:
        pieces.append(text[:size])
        text = text[size:]
    return [piece for piece in [*pieces, text] if piece]


def signals_of(blocks: list[Any], reason: str, sizes: list[int], salt: str) -> list[Any]:
    """One round of the model as a provider would tell it."""
    told: list[Any] = []
    for index, made in enumerate(blocks):
        if made[0] == "text":
            told += [signals.TextArrived(piece) for piece in cut(made[1], sizes)]
        elif made[0] == "thought":
            told += [signals.ThoughtArrived(piece) for piece in cut(made[1], sizes)]
            told.append(signals.ThoughtSealed({"type": "thinking", "signature": "s"}))
        else:
            told.append(signals.ToolOpened(index, f"call_{salt}_{index}", made[1]))
            told += [signals.ToolChunk(index, piece) for piece in cut(made[2], sizes)]
        told.append(signals.BlockClosed(index))
    if reason == "BROKE":
        return [*told, signals.ModelBroke("provider_cut", "The provider's stream was cut.")]
    if reason == "VANISHED":  # the stream is cut inside its last block
        return [*told[:-1], signals.ModelBroke("provider_cut", "The provider's stream was cut.")]
    return [*told, signals.ModelStopped(reason, signals.Usage(1, 1))]


def returned(tool_id: str) -> signals.ToolReturned:
    """A tool's answer with two values, a chart, a table and a metric that show them."""
    made = [
        Value(f"~{n}", "Made", Decimal(n), "GBP", f"£{n}", "computed", formula="v1 + ~1", inputs=("v1",))
        for n in (1, 2)
    ]
    cell = {"shown": "£1", "amount": "1", "value_id": "~1", "state": "computed"}
    artifacts = [
        signals.Artifact(
            "chart", {"series": [{"values": [1.0], "value_ids": ["~2"]}], "figure": {"customdata": ["~2"]}}
        ),
        signals.Artifact("table", {"rows": [["a", cell]]}),
        signals.Artifact("metric", {"value": {**made[0].to_wire()}}),
    ]
    table = {"result_id": "", "title": "t", "columns": [{"key": "c0", "label": "", "kind": "number", "unit": "GBP"}]}
    table |= {"rows": [["~1"], [None]], "cells": "values", "rows_total": 2, "note": ""}
    return signals.ToolReturned(tool_id, "Made two.", "[[~1]] £1\n[[~2]] £2", artifacts, made, [table])


@dataclass
class World:
    """Carries out a turn's orders in an order that `choose` decides, and keeps everything that was said."""

    rounds: list[Any]
    sizes: list[int]
    choose: Any
    drafts: list[Draft] = field(default_factory=list)
    model: list[Any] = field(default_factory=list)
    running: list[RunTool] = field(default_factory=list)
    asked: list[AskPerson] = field(default_factory=list)
    asks: int = 0

    def play(self, interrupt_at: int | None = None) -> Turn:
        turn = Turn(
            Frame("msg_q", "test", "m", 4, frozenset({"risky"})), GATE, counting_ids(), KNOWN, Numbering("conv_1", 2, 0)
        )
        self.take(turn.begin())
        moves = 0
        while turn.phase is not Phase.ENDED:
            if moves == interrupt_at:
                self.take(turn.hear(signals.Interrupted()))
                continue
            self.take(turn.hear(self.next_signal(turn)))
            moves += 1
        late = [
            signals.TextArrived("late"),
            signals.ModelStopped("end_turn"),
            signals.Interrupted(),
            signals.DeadlinePassed("turn"),
        ]
        late += [returned(order.tool_id) for order in self.running]
        assert all(not turn.hear(signal).drafts for signal in late), "something was said after the end"
        return turn

    def take(self, step: Any) -> None:
        self.drafts += step.drafts
        for order in step.orders:
            if isinstance(order, AskModel):
                blocks, reason = (
                    self.rounds[self.asks] if self.asks < len(self.rounds) else ([("text", "Done.")], "end_turn")
                )
                self.asks += 1
                self.model = signals_of(blocks, reason, self.sizes, str(self.asks))
            elif isinstance(order, RunTool):
                self.running.append(order)
            elif isinstance(order, AskPerson):
                self.asked.append(order)

    def next_signal(self, turn: Turn) -> Any:
        choices = []
        if turn.phase is Phase.ASKING:
            choices.append("model")
        if self.running:
            choices.append("tool")
        if self.asked and (turn.phase is Phase.PARKED or len(choices) == 0 or self.choose(4) == 3):
            choices.append("person")
        kind = choices[self.choose(len(choices))]
        if kind == "model":
            return self.model.pop(0)
        if kind == "tool":
            order = self.running.pop(self.choose(len(self.running)))
            failed = self.choose(4) == 3
            return signals.ToolRaised(order.tool_id, "no", "no such line") if failed else returned(order.tool_id)
        order = self.asked.pop(0)
        decision = ["approved", "edited", "rejected", "expired"][self.choose(4)]
        edited = {"n": [7, "seven"][self.choose(2)]} if decision == "edited" else None
        return signals.PersonDecided(order.approval_id, decision, "local", edited)


def tell(drafts: list[Draft]) -> list[Any]:
    return [draft.event for draft in drafts]


def check_stream(told: list[Any]) -> None:
    """The promises of house and wire, over the events of one chain."""
    open_message: str | None = None
    calls: dict[str, list[str]] = {}
    text = ""
    for event in told:
        kind = event.TYPE
        if kind == "message_start":
            assert open_message is None
            open_message, text = event.message_id, ""
            continue
        if kind == "approval_resolved":
            continue
        assert event.message_id == open_message, f"{kind} outside its message"
        if kind == "text_delta":
            assert event.offset == len(text)
            assert event.text
            text += event.text
        elif kind == "tickmark":
            assert text[event.start : event.end] == event.shown
        elif kind == "tool_start":
            assert event.tool_id not in calls
            calls[event.tool_id] = ["start"]
        elif kind == "tool_validated":
            assert calls[event.tool_id] == ["start"]
            calls[event.tool_id].append("validated")
        elif kind.endswith("_ready"):
            assert calls[event.tool_id] == ["start", "validated"]
        elif kind == "tool_complete":
            assert "complete" not in calls[event.tool_id]
            assert not event.success or calls[event.tool_id] == ["start", "validated"]
            calls[event.tool_id].append("complete")
        elif kind == "message_complete":
            assert event.text == text
            assert not re.search(r"\[\[\s{0,2}[vV]\d+\s{0,2}(\|[^\[\]\n]{0,24})?\]\]", text), "a reference leaked"
            assert event.success == (event.stop_reason in ("end_turn", "awaiting_approval"))
            open_message = None
    assert open_message is None, "the message has no end"
    assert all("complete" in states for states in calls.values()), "a call has no end"


def check_transcript(messages: list[Message]) -> None:
    """What every provider insists on (all the more after faults)."""
    assert [message.role for message in messages] == [
        "user" if n % 2 == 0 else "assistant" for n in range(len(messages))
    ]
    seen: set[str] = set()
    for message, following in zip(messages, [*messages[1:], None], strict=True):
        assert message.blocks
        assert all(block.text.strip() for block in message.blocks if isinstance(block, Words))
        used = [block.tool_id for block in message.blocks if isinstance(block, ToolUse)]
        assert not seen & set(used)
        seen |= set(used)
        if used:
            assert following is not None
            answered = [block.tool_id for block in following.blocks if isinstance(block, ToolAnswer)]
            assert answered == used
            assert all(isinstance(block, ToolAnswer) for block in following.blocks[: len(used)])


def fold(drafts: list[Draft]) -> History:
    history = History()
    history.add(events.UserMessage("msg_q", "Why?", []))
    history.extend(drafts)
    return history


@given(script, st.lists(st.integers(1, 7), max_size=12), st.data(), st.one_of(st.none(), st.integers(0, 30)))
@settings(max_examples=400, deadline=None)
def test_every_conversation_is_well_formed_and_its_history_legal(
    rounds: Any, sizes: Any, data: Any, interrupt_at: Any
) -> None:
    world = World(rounds, sizes, lambda n: data.draw(st.integers(0, n - 1)) if n > 1 else 0)
    world.play(interrupt_at)
    check_stream(tell(world.drafts))
    history = fold(world.drafts)
    history.add(events.UserMessage("msg_next", "And now?", []))
    check_transcript(history.messages())


@given(script, st.data())
@settings(max_examples=150, deadline=None)
def test_the_history_is_legal_at_every_instant_a_crash_could_keep(rounds: Any, data: Any) -> None:
    world = World(rounds, [3, 1, 4], lambda n: data.draw(st.integers(0, n - 1)) if n > 1 else 0)
    world.play()
    kept = data.draw(st.integers(0, len(world.drafts)))
    history = fold(world.drafts[:kept])
    history.add(events.UserMessage("msg_next", "And now?", []))
    check_transcript(history.messages())


def merged(told: list[Any]) -> list[Any]:
    """Events with adjacent deltas joined: what must not depend on the provider's chunks. Ticks follow their text."""
    plain: list[Any] = []
    text = thought = ""
    for event in told:
        if event.TYPE == "text_delta":
            text += event.text
        elif event.TYPE == "thinking_delta":
            thought += event.text
        elif event.TYPE in ("tickmark", "notice"):
            plain.append(event)
        else:
            plain += [("thought", thought)] if thought else []
            plain += [("text", text)] if text else []
            text = thought = ""
            plain.append(event)
    return plain


@given(script, st.lists(st.integers(1, 5), max_size=40), st.lists(st.integers(1, 5), max_size=40))
@settings(max_examples=300, deadline=None)
def test_how_the_provider_cut_its_chunks_cannot_be_seen(rounds: Any, sizes: Any, other: Any) -> None:
    def first(n: int) -> int:
        return 0

    one, two = World(rounds, sizes, first), World(rounds, other, first)
    one.play()
    two.play()
    assert merged(tell(one.drafts)) == merged(tell(two.drafts))


def test_a_deadline_ends_the_message_as_failed_and_keeps_its_text() -> None:
    turn = Turn(Frame("q", "test", "m"), GATE, counting_ids(), KNOWN, Numbering("c"))
    turn.begin()
    turn.hear(signals.TextArrived("Revenue is [[v1]]"))
    told = tell(turn.hear(signals.DeadlinePassed("turn")).drafts)
    assert [event.TYPE for event in told] == ["error", "message_complete"]
    assert told[1].text == "Revenue is £61.9m"
    assert told[1].stop_reason == "failed"


def test_a_cited_value_is_ticked_in_its_place_and_goes_back_as_its_reference() -> None:
    world = World([([("text", "Fell by [[v2|abs]].")], "end_turn")], [9, 1], lambda n: 0)
    world.play()
    ticks = [event for event in tell(world.drafts) if event.TYPE == "tickmark"]
    assert [(tick.shown, tick.state, tick.value_id) for tick in ticks] == [("3.2%", "computed", "v2")]
    assert fold(world.drafts).messages()[-1] == Message("assistant", [Words("Fell by [[v2|abs]].")])


def test_an_unknown_value_is_shown_as_missing_and_told_once() -> None:
    world = World([([("text", "[[v9]] and [[v9]]")], "end_turn")], [], lambda n: 0)
    world.play()
    told = tell(world.drafts)
    assert [event.TYPE for event in told].count("notice") == 1
    assert told[-1].text == "(figure missing) and (figure missing)"
    assert told[-1].figures["open"] == 2


def test_tool_results_get_ids_that_continue_the_conversations_count() -> None:
    world = World([([("tool", "count", '{"n": 1}'), ("tool", "count", '{"n": 2}')], "tool_use")], [], lambda n: 0)
    world.play()
    history = fold(world.drafts)
    assert list(history.values) == ["v3", "v4", "v5", "v6"]
    assert list(history.tables) == ["r1", "r2"]
    assert history.values["v5"].formula == "v1 + v5"
    assert b"~" not in orjson.dumps([events.to_data(event) for event in tell(world.drafts)])
    answers = [block for block in history.messages()[2].blocks if isinstance(block, ToolAnswer)]
    assert answers[0].content == "This result is r1.\n[[v3]] £1\n[[v4]] £2"
    assert answers[1].data["tables"][0]["rows"][0][0]["value_id"] == "v5"


def test_an_empty_input_counts_as_no_arguments_only_when_the_model_was_not_cut() -> None:
    for reason, code in (("tool_use", None), ("max_tokens", "cut_off")):
        world = World([([("tool", "look", "")], reason)], [], lambda n: 0)
        world.play()
        complete = next(event for event in tell(world.drafts) if event.TYPE == "tool_complete")
        assert (complete.error or {}).get("code") == code


def test_an_oversized_input_is_refused_without_being_kept() -> None:
    turn = Turn(Frame("q", "test", "m"), GATE, counting_ids(), KNOWN, Numbering("c"))
    turn.begin()
    turn.hear(signals.ToolOpened(0, "t1", "count"))
    for _ in range(5):
        turn.hear(signals.ToolChunk(0, "1" * 1_000_000))
    told = tell(turn.hear(signals.BlockClosed(0)).drafts)
    assert told[-1].error["code"] == "too_large"


def test_a_runaway_tool_loop_ends_after_the_last_round() -> None:
    world = World([([("tool", "count", '{"n": 1}')], "tool_use")] * 9, [], lambda n: 0)
    world.play()
    assert world.asks == 4
    assert tell(world.drafts)[-1].stop_reason == "too_many_rounds"


def test_an_interrupt_while_a_person_is_asked_closes_the_call_in_a_message_that_continues() -> None:
    turn = Turn(Frame("q", "test", "m", approve=frozenset({"risky"})), GATE, counting_ids(), KNOWN, Numbering("c"))
    told = tell(turn.begin().drafts)
    for signal in signals_of([("tool", "risky", '{"n": 1}')], "tool_use", [], "1"):
        told += tell(turn.hear(signal).drafts)
    assert turn.phase is Phase.PARKED
    assert told[-1].stop_reason == "awaiting_approval"
    told += tell(turn.hear(signals.Interrupted()).drafts)
    check_stream(told)
    assert [event.TYPE for event in told[-4:]] == [
        "message_start",
        "approval_resolved",
        "tool_complete",
        "message_complete",
    ]
    assert told[-4].continues == "msg_01"


def test_a_reference_never_runs_on_into_another_block() -> None:
    turn = Turn(Frame("q", "test", "m"), GATE, counting_ids(), KNOWN, Numbering("c"))
    turn.begin()
    told = tell(turn.hear(signals.TextArrived("a list [[")).drafts)
    told += tell(turn.hear(signals.ToolOpened(1, "t1", "count")).drafts)  # this provider closes no text blocks
    assert [(event.TYPE, getattr(event, "text", "")) for event in told[:2]] == [
        ("text_delta", "a list "),
        ("text_delta", "[["),
    ]
    assert told[2].text_offset == 9


def test_what_the_model_says_after_its_tools_is_a_message_of_its_own() -> None:
    rounds = [([("tool", "count", '{"n": 1}')], "tool_use"), ([("text", "It was [[v3]].")], "end_turn")]
    world = World(rounds, [], lambda n: 0)
    world.play()
    roles = [(message.role, [type(block) for block in message.blocks]) for message in fold(world.drafts).messages()]
    assert roles == [("user", [Words]), ("assistant", [ToolUse]), ("user", [ToolAnswer]), ("assistant", [Words])]
    assert fold(world.drafts).messages()[-1].blocks == [Words("It was [[v3]].")]


def test_prose_after_a_tool_starts_a_new_paragraph_however_it_was_cut() -> None:
    rounds = [
        ([("text", "Looking.\n"), ("tool", "count", '{"n": 1}')], "tool_use"),
        ([("text", "\n\n\nFound.")], "end_turn"),
    ]
    for sizes in ([], [8, 1], [1] * 20):
        world = World(rounds, sizes, lambda n: 0)
        world.play()
        assert tell(world.drafts)[-1].text == "Looking.\n\nFound."
        assert fold(world.drafts).messages()[-1].blocks == [Words("Found.")]


def test_a_tool_that_answers_twice_is_heard_once() -> None:
    turn = Turn(Frame("q", "test", "m"), GATE, counting_ids(), KNOWN, Numbering("c"))
    turn.begin()
    for signal in signals_of([("tool", "count", '{"n": 1}')], "tool_use", [], "1")[:-1]:
        turn.hear(signal)
    assert turn.hear(returned("call_1_0")).drafts
    assert turn.hear(returned("call_1_0")).drafts == []
    assert turn.hear(signals.ToolRaised("call_1_0", "no", "no")).drafts == []
