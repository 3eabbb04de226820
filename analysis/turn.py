"""The turn machine: one answer, from the first word to `message_complete`, without I/O.

It hears *signals* (analysis/signals.py), and answers each with the *events* that have happened (analysis/events.py) and
the *orders* that somebody must carry out (analysis/orders.py). It never calls, waits, logs, draws a random number or
looks at a clock; what it needs of that kind is handed in.

Theory of operation
-------------------
A turn is in one of four phases. ASKING: the model speaks; tools whose input is complete already run. WORKING: the model
has stopped for tools and only they run. PARKED: nothing runs, the message has ended with `awaiting_approval`, and a
person is asked. ENDED: nothing follows. `TABLE` says, for each phase and signal, what is done; a signal that is not in
the table for a phase is *late* (a tool that was killed still answers, a provider still flushes) and is dropped without
a trace, because whatever it wanted to say, the message it belongs to has said its last word.

Calls live in `self._calls`, by tool id, each in exactly one state: writing -> (held ->) running or waiting -> done. *Held*
is the odd one: a call whose block closed with an empty input. Providers send nothing at all for a tool without
arguments, and they also send nothing when they are cut before the first fragment, so an empty input counts as `{}` only
once the model has stopped properly.

What the machine promises is written in docs/wire.md and checked in tests/analysis/test_turn.py over random
conversations: every message ends once, every call ends once, artifacts lie between `tool_validated` and
`tool_complete`, chunking is invisible, deltas joined are the text.

What goes back to the model is not kept here. It is folded from the events (analysis/history.py); for that some drafts
carry `private` marks: where a new round of the model begins, the sealed thoughts before it, what a tool told the model,
how a figure was cited. A mark rides on the next event, whatever that is, so that a crash loses neither.

What we dislike: `_mark` makes the events of a round depend on the one before it, and a parked turn has to stay in memory
until a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from analysis import signals
from analysis.call import Call, State, asked
from analysis.events import (
    SUCCESSFUL_STOPS,
    ApprovalResolved,
    Draft,
    ErrorRaised,
    Event,
    MessageComplete,
    MessageStart,
    Notice,
    Suggestions,
    ThinkingDelta,
    ToolComplete,
    ToolProgress,
    ToolStart,
    ToolValidated,
)
from analysis.frame import CONTEXT_FULL, CUT_CALL, STOPPED_CALL, TOO_LONG, Frame, Phase, Step, declined
from analysis.gate import Gate, Passed, Refused
from analysis.numbering import Numbering
from analysis.orders import AskModel, AskPerson, Order, RunTool, StopAll
from analysis.prose import Prose
from analysis.signals import Signal, Usage
from analysis.text import clean
from tools.values import Value

NewId = Callable[[str], str]


class Turn:
    """One answer in the making. `begin` once, then `hear` every signal."""

    def __init__(
        self, frame: Frame, gate: Gate, new_id: NewId, values: Mapping[str, Value], numbering: Numbering
    ) -> None:
        self.frame = frame
        self.phase = Phase.ASKING
        self.round = 0
        self.message_id = new_id("msg")
        self._gate = gate
        self._new_id = new_id
        self._values = dict(values)
        self._numbering = numbering
        self._calls: dict[str, Call] = {}
        self._by_block: dict[int, str] = {}
        self._mark: dict[str, Any] = {}
        self._step = Step()
        self._stop_after = ""  # the stop reason to end with once running tools are done; "" = ask again
        self._fresh_message()

    def _fresh_message(self) -> None:
        self._prose = Prose(self.message_id, self._values.get)
        self._usage = Usage()
        self._numbering.new_message(self.message_id)

    # -- the two ways in ---------------------------------------------------------------------------------------------

    def begin(self) -> Step:
        """Open the message and ask the model."""
        self._say(MessageStart(self.message_id, self.frame.reply_to, self.frame.provider, self.frame.model))
        self._ask()
        return self._taken()

    def hear(self, signal: Signal) -> Step:
        """Take one signal. Late ones lead to nothing."""
        handler = TABLE[self.phase].get(type(signal))
        if handler:
            handler(self, signal)
        return self._taken()

    def _taken(self) -> Step:
        step, self._step = self._step, Step()
        return step

    def _say(self, event: Event, private: Mapping[str, Any] | None = None) -> None:
        if private or self._mark:
            self._step.drafts.append(Draft(event, {**self._mark, **(private or {})}))
            self._mark = {}
        else:
            self._step.drafts.append(Draft(event))

    def _tell(self, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            self._say(draft.event, draft.private)

    def _order(self, order: Order) -> None:
        self._step.orders.append(order)

    # -- the model speaks --------------------------------------------------------------------------------------------

    def _text_arrived(self, signal: signals.TextArrived) -> None:
        self._tell(self._prose.write(signal.text))

    def _thought_arrived(self, signal: signals.ThoughtArrived) -> None:
        if signal.text:
            self._say(ThinkingDelta(self.message_id, clean(signal.text)))

    def _thought_sealed(self, signal: signals.ThoughtSealed) -> None:
        self._mark.setdefault("thoughts", []).append(dict(signal.block))

    def _notice_given(self, signal: signals.NoticeGiven) -> None:
        self._say(Notice(self.message_id, signal.code, signal.text))

    def _suggestions_offered(self, signal: signals.SuggestionsOffered) -> None:
        if signal.suggestions:
            self._say(Suggestions(self.message_id, list(signal.suggestions)))

    # -- the model calls ---------------------------------------------------------------------------------------------

    def _tool_opened(self, signal: signals.ToolOpened) -> None:
        self._tell(self._prose.pause())  # a reference never runs on into another block
        tool_id = signal.tool_id
        while tool_id in self._calls:  # a provider that repeats an id would make two calls one
            tool_id += "-again"
        self._calls[tool_id] = Call(tool_id, signal.tool_name, self._prose.offset, self.round)
        self._by_block[signal.block] = tool_id
        self._prose.new_paragraph()
        self._say(ToolStart(self.message_id, tool_id, signal.tool_name, self._prose.offset))

    def _tool_chunk(self, signal: signals.ToolChunk) -> None:
        tool_id = self._by_block.get(signal.block)
        if tool_id:
            self._calls[tool_id].write(signal.fragment)

    def _block_closed(self, signal: signals.BlockClosed) -> None:
        tool_id = self._by_block.pop(signal.block, None)
        if tool_id is None:
            self._tell(self._prose.pause())
            return
        call = self._calls[tool_id]
        if call.size == 0:
            call.state = State.HELD
        else:
            self._judge(call)

    def _judge(self, call: Call) -> None:
        """The gate. What passes runs, or waits for a person; what does not is answered, so that the model can mend it."""
        verdict = self._gate.check(call.tool_name, call.take_text(), call.size)
        if isinstance(verdict, Refused):
            self._fail(call, verdict.code, verdict.text, given=verdict.input)
            return
        self._accept(call, verdict.input)

    def _accept(self, call: Call, given: Mapping[str, Any]) -> None:
        call.input = given
        self._say(ToolValidated(self.message_id, call.tool_id, call.tool_name, call.shown(given)))
        if call.tool_name in self.frame.approve:
            call.wait(self._new_id("apr"))
            self._say(asked(self.message_id, call, self.frame.approval_expires_at))
            self._order(AskPerson(call.approval_id, call.tool_id, call.tool_name, given))
        else:
            self._run(call)

    def _run(self, call: Call) -> None:
        call.state = State.RUNNING
        self._order(RunTool(call.tool_id, call.tool_name, call.input))

    def _model_stopped(self, signal: signals.ModelStopped) -> None:
        self._usage += signal.usage
        self._tell(self._prose.pause())
        cut = signal.reason not in ("end_turn", "tool_use", "pause_turn")
        for call in list(self._calls.values()):
            if call.state is State.HELD and not cut:
                self._judge(call)
            elif call.state in (State.HELD, State.WRITING):
                self._fail(call, "cut_off", CUT_CALL, given={})
        self._by_block.clear()
        self.phase = Phase.WORKING
        self._stop_after = self._reason_to_stop(signal.reason)
        self._go_on()

    def _reason_to_stop(self, reason: str) -> str:
        if reason in ("max_tokens", "refusal", "context"):
            return reason
        called = any(call.round == self.round for call in self._calls.values())
        if not called and reason != "pause_turn":
            return "end_turn"
        return "too_many_rounds" if self.round >= self.frame.max_rounds else ""

    # -- tools work --------------------------------------------------------------------------------------------------

    def _tool_returned(self, signal: signals.ToolReturned) -> None:
        call = self._calls.get(signal.tool_id)
        if call is None or call.state is not State.RUNNING:
            return
        numbered = self._numbering.number(signal, call.text_offset)
        self._values.update((value.value_id, value) for value in numbered.values)
        for event, private, shown in numbered.artifacts:
            for value_id in shown:
                known = self._values.get(value_id)
                self._prose.tally.count(known.state if known else "open", value_id)
            self._say(event, private)
        result = {"summary": signal.summary, "artifacts": numbered.artifact_ids}
        self._finish(call, numbered.private, success=True, result=result, duration_ms=signal.duration_ms)

    def _tool_raised(self, signal: signals.ToolRaised) -> None:
        call = self._calls.get(signal.tool_id)
        if call is not None and call.state is State.RUNNING:
            self._fail(call, signal.code, signal.text, duration_ms=signal.duration_ms)
            self._go_on()

    def _tool_progressed(self, signal: signals.ToolProgressed) -> None:
        call = self._calls.get(signal.tool_id)
        if call is not None and call.state is State.RUNNING:
            self._say(ToolProgress(self.message_id, call.tool_id, signal.done, signal.total, signal.note or None))

    def _fail(
        self, call: Call, code: str, text: str, *, given: Mapping[str, Any] | None = None, duration_ms: int = 0
    ) -> None:
        """Close a call that did not succeed. `given` is what the history shows as its input where none was validated."""
        private: dict[str, Any] = {"content": text}
        if given is not None:
            private["input"] = call.shown(given)
        call.state = State.DONE
        error = {"code": code, "text": text}
        self._say(
            ToolComplete(self.message_id, call.tool_id, call.tool_name, False, error=error, duration_ms=duration_ms),
            private,
        )

    def _finish(self, call: Call, private: Mapping[str, Any], **fields: Any) -> None:
        call.state = State.DONE
        self._say(ToolComplete(self.message_id, call.tool_id, call.tool_name, **fields), private)
        self._go_on()

    def _go_on(self) -> None:
        """After the model stopped and each time a tool ended: is it time to ask again, to park, or to end?"""
        if self.phase is not Phase.WORKING or self._any(State.RUNNING):
            return
        if self._stop_after:
            self._end_after(self._stop_after)
        elif self._any(State.WAITING):
            self._complete("awaiting_approval")
            self.phase = Phase.PARKED
        else:
            self._ask()

    def _any(self, state: State) -> bool:
        return any(call.state is state for call in self._calls.values())

    def _ask(self) -> None:
        self.phase = Phase.ASKING
        self.round += 1
        if self.round > 1:
            self._mark["round"] = self.round
            self._prose.new_paragraph()
        self._order(AskModel(self.round))

    # -- a person decides --------------------------------------------------------------------------------------------

    def _person_decided(self, signal: signals.PersonDecided) -> None:
        call = next((c for c in self._calls.values() if c.approval_id == signal.approval_id), None)
        if call is None or call.state is not State.WAITING:
            return
        edited = dict(signal.input) if signal.input is not None else None
        self._say(ApprovalResolved(signal.approval_id, signal.decision, signal.by, edited, signal.reason or None))
        if self.phase is Phase.PARKED:
            self._continue()
        if signal.decision in ("approved", "edited"):
            self._resume(call, edited)
        else:
            self._fail(call, signal.decision, declined(signal))
        self._go_on()

    def _resume(self, call: Call, edited: dict[str, Any] | None) -> None:
        if edited is not None:
            verdict = self._gate.check_object(call.tool_name, edited)
            if not isinstance(verdict, Passed):
                self._fail(call, verdict.code, verdict.text)
                return
            call.input = verdict.input
        self._run(call)

    def _continue(self) -> None:
        """The message that takes up where the parked one ended."""
        before, self.message_id = self.message_id, self._new_id("msg")
        self._fresh_message()
        self.phase = Phase.WORKING
        for call in self._calls.values():
            call.text_offset = 0  # what it shows will stand in this message
        frame = self.frame
        self._say(MessageStart(self.message_id, frame.reply_to, frame.provider, frame.model, continues=before))

    # -- the ends ----------------------------------------------------------------------------------------------------

    def _text_checked(self, signal: signals.TextChecked) -> None:
        self._tell(self._prose.checked(signal.ticks))

    def _model_broke(self, signal: signals.ModelBroke) -> None:
        self._usage += signal.usage
        self._end("failed", ErrorRaised(self.message_id, signal.code, signal.text, signal.retryable, signal.fault))

    def _deadline_passed(self, signal: signals.DeadlinePassed) -> None:
        self._end("failed", ErrorRaised(self.message_id, f"{signal.what}_timeout", TOO_LONG, True, "upstream"))

    def _interrupted(self, signal: signals.Interrupted) -> None:
        if self.phase is Phase.PARKED:  # the message has ended already; a last one closes the calls
            self._continue()
        self._end("interrupted")

    def _end_after(self, reason: str) -> None:
        if reason == "context":
            self._end("failed", ErrorRaised(self.message_id, "context_exceeded", CONTEXT_FULL, False, "upstream"))
        else:
            self._end(reason)

    def _end(self, stop_reason: str, error: ErrorRaised | None = None) -> None:
        """Close whatever is open, say the last word, stop everything. The one way into ENDED."""
        self._tell(self._prose.pause())
        for call in self._calls.values():
            if call.state is State.WAITING:
                self._say(ApprovalResolved(call.approval_id, "cancelled", "local"))
            if call.state is not State.DONE:
                unvalidated: dict[str, Any] | None = None if call.state in (State.RUNNING, State.WAITING) else {}
                self._fail(call, "stopped", STOPPED_CALL, given=unvalidated)
        if error:
            self._say(error)
        self._complete(stop_reason)
        self.phase = Phase.ENDED
        self._order(StopAll())

    def _complete(self, stop_reason: str) -> None:
        text = self._prose.text()
        usage = {name: getattr(self._usage, name) for name in Usage.__slots__}
        success = stop_reason in SUCCESSFUL_STOPS
        counts = self._prose.tally.counts()
        self._say(MessageComplete(self.message_id, success, stop_reason, text, usage, figures=counts))


Handler = Callable[[Turn, Any], None]

_WHILE_TOOLS_RUN: dict[type, Handler] = {
    signals.ToolReturned: Turn._tool_returned,
    signals.ToolRaised: Turn._tool_raised,
    signals.ToolProgressed: Turn._tool_progressed,
    signals.TextChecked: Turn._text_checked,
    signals.PersonDecided: Turn._person_decided,
    signals.ModelBroke: Turn._model_broke,
    signals.DeadlinePassed: Turn._deadline_passed,
    signals.Interrupted: Turn._interrupted,
}

# (phase, signal) -> what is done. What is not here is late and is dropped.
TABLE: dict[Phase, dict[type, Handler]] = {
    Phase.ASKING: {
        signals.TextArrived: Turn._text_arrived,
        signals.ThoughtArrived: Turn._thought_arrived,
        signals.ThoughtSealed: Turn._thought_sealed,
        signals.NoticeGiven: Turn._notice_given,
        signals.SuggestionsOffered: Turn._suggestions_offered,
        signals.ToolOpened: Turn._tool_opened,
        signals.ToolChunk: Turn._tool_chunk,
        signals.BlockClosed: Turn._block_closed,
        signals.ModelStopped: Turn._model_stopped,
        **_WHILE_TOOLS_RUN,
    },
    Phase.WORKING: _WHILE_TOOLS_RUN,
    Phase.PARKED: {
        signals.PersonDecided: Turn._person_decided,
        signals.Interrupted: Turn._interrupted,
    },
    Phase.ENDED: {},
}
