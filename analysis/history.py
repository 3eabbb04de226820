"""The conversation, folded from its journal: what the model is told, and what tools may refer to.

`History` hears every event once, in order, and can then say: the transcript for a provider, the values and result
tables that may be cited, the documents in the room. It is a fold, so a server that was restarted, a branch and a test
all come to the same history from the same events.

Two rules make every request legal for every provider, after any fault: each tool call is answered in the next user
message, by a stand-in where it has no result; and roles alternate, with empty text left out. Prose goes back with its
references (`[[v12]]`), never with the words we made of them, or the model would stop citing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis import events
from analysis.messages import Block, Message, Thought, ToolAnswer, ToolUse, Words
from tools.results import ResultTable
from tools.values import Value

INTERRUPTED = "[Interrupted by user]"
CUT_OFF = "[The answer was cut off here]"
MAX_ANSWER_CHARS = 28_000  # about 8,000 tokens

_MARKERS = {"interrupted": INTERRUPTED, "failed": CUT_OFF, "max_tokens": CUT_OFF}


@dataclass(slots=True)
class _Prose:
    """A stretch of a message's text, in code points."""

    start: int
    end: int


@dataclass(slots=True)
class _Call:
    tool_id: str
    tool_name: str
    input: Mapping[str, Any] = field(default_factory=dict)
    answer: ToolAnswer | None = None


@dataclass(slots=True)
class _Answer:
    """An assistant message: rounds of the model, each a list of prose, thoughts and calls."""

    message_id: str
    provider: str
    text: list[str] = field(default_factory=list)
    rounds: list[list[_Prose | Thought | _Call]] = field(default_factory=lambda: [[]])
    cited: list[tuple[int, int, str]] = field(default_factory=list)
    stop_reason: str = ""


@dataclass(slots=True)
class _Question:
    message_id: str
    text: str


class History:
    """Folds events. `documents` maps alias (`d1`) to card, in order of attachment; removed ones keep their number, and
    `names` (by id) their names."""

    def __init__(self) -> None:
        self.documents: dict[str, Mapping[str, Any]] = {}
        self.names: dict[str, str] = {}
        self.values: dict[str, Value] = {}
        self.tables: dict[str, Mapping[str, Any]] = {}
        self._seen_documents = 0
        self._said: list[_Question | _Answer] = []
        self._calls: dict[str, _Call] = {}
        self._answer: _Answer | None = None

    def add(self, event: events.Event, private: Mapping[str, Any] | None = None) -> None:
        """Hear one event."""
        if type(event) is events.TextDelta and private is None:
            self._text(event)
            return
        if private and self._answer:
            self._marks(private)
        handler = _HANDLERS.get(type(event))
        if handler:
            handler(self, event, private or {})

    def extend(self, entries: Iterable[events.Entry | events.Draft]) -> None:
        """Hear several."""
        for entry in entries:
            self.add(entry.event, entry.private)

    # -- what was heard ----------------------------------------------------------------------------------------------

    def _marks(self, private: Mapping[str, Any]) -> None:
        assert self._answer is not None
        if "round" in private and self._answer.rounds[-1]:
            self._answer.rounds.append([])
        for block in private.get("thoughts", ()):
            self._answer.rounds[-1].append(Thought(block, self._answer.provider))

    def _document_added(self, event: events.DocumentAdded, _: Mapping[str, Any]) -> None:
        self.names[event.document["document_id"]] = str(event.document.get("name", ""))
        if any(card["document_id"] == event.document["document_id"] for card in self.documents.values()):
            return
        self._seen_documents += 1
        self.documents[f"d{self._seen_documents}"] = event.document

    def _document_removed(self, event: events.DocumentRemoved, _: Mapping[str, Any]) -> None:
        for alias, card in list(self.documents.items()):
            if card["document_id"] == event.document_id:
                del self.documents[alias]

    def _user_message(self, event: events.UserMessage, _: Mapping[str, Any]) -> None:
        self._said.append(_Question(event.message_id, event.text))

    def _message_start(self, event: events.MessageStart, _: Mapping[str, Any]) -> None:
        self._answer = _Answer(event.message_id, event.provider)
        self._said.append(self._answer)

    def _text(self, event: events.TextDelta, _: Mapping[str, Any] | None = None) -> None:
        answer = self._answer
        if answer is None:
            return
        answer.text.append(event.text)
        blocks, end = answer.rounds[-1], event.offset + len(event.text)
        if blocks and type(last := blocks[-1]) is _Prose:
            last.end = end
        else:
            blocks.append(_Prose(event.offset, end))

    def _tickmark(self, event: events.Tickmark, private: Mapping[str, Any]) -> None:
        source = private.get("source") or (f"[[{event.value_id}]]" if event.value_id else "")
        if self._answer and source:
            self._answer.cited.append((event.start, event.end, source))

    def _tool_start(self, event: events.ToolStart, _: Mapping[str, Any]) -> None:
        call = _Call(event.tool_id, event.tool_name)
        self._calls[event.tool_id] = call
        if self._answer:
            self._answer.rounds[-1].append(call)

    def _tool_validated(self, event: events.ToolValidated, _: Mapping[str, Any]) -> None:
        self._calls[event.tool_id].input = event.input

    def _tool_complete(self, event: events.ToolComplete, private: Mapping[str, Any]) -> None:
        call = self._calls[event.tool_id]
        call.input = private.get("input", call.input)
        for wire in private.get("values", ()):
            self.values[wire["value_id"]] = Value.from_wire(wire)
        for table in private.get("tables", ()):
            self.tables[table["result_id"]] = table
        data = dict(private.get("data", {}))
        if "tables" in private:
            data["tables"] = [self._expanded(table) for table in private["tables"]]
        content = (
            private.get("content") or (event.error or {}).get("text") or (event.result or {}).get("summary", "done")
        )
        call.answer = ToolAnswer(call.tool_id, call.tool_name, _capped(content), not event.success, data)

    def _expanded(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """A result table whose figures are spelled out, for callers that compute rather than read."""
        numeric = [column["kind"] == "number" for column in table["columns"]]
        rows = [
            [
                self._figure(cell) if is_number and cell is not None else cell
                for is_number, cell in zip(numeric, row, strict=True)
            ]
            for row in table["rows"]
        ]
        return {**table, "rows": rows}

    def _figure(self, value_id: str) -> dict[str, str] | None:
        value = self.values.get(value_id)
        if value is None:
            return None
        wire = value.to_wire()
        return {key: wire[key] for key in ("value_id", "amount", "unit", "shown", "label")}

    def _message_complete(self, event: events.MessageComplete, _: Mapping[str, Any]) -> None:
        if self._answer:
            self._answer.stop_reason = event.stop_reason
        self._answer = None

    def _message_deleted(self, event: events.MessageDeleted, _: Mapping[str, Any]) -> None:
        self._said = [said for said in self._said if said.message_id != event.message_id]

    # -- what follows from it ----------------------------------------------------------------------------------------

    def last_value(self) -> int:
        """The highest value number in use."""
        return max((int(value_id[1:]) for value_id in self.values), default=0)

    def last_result(self) -> int:
        """The highest result number in use."""
        return max((int(result_id[1:]) for result_id in self.tables), default=0)

    def result(self, result_id: str) -> ResultTable:
        """A result table with its values."""
        return ResultTable.from_wire(self.tables[result_id], self.values)

    def messages(self) -> list[Message]:
        """The transcript, legal for every provider; it ends with a user message while an answer is being made."""
        transcript = _Transcript()
        for said in self._said:
            if isinstance(said, _Question):
                transcript.user([Words(said.text)])
            else:
                _tell(transcript, said)
        return transcript.messages


def _tell(transcript: _Transcript, answer: _Answer) -> None:
    text = "".join(answer.text)
    marker = _MARKERS.get(answer.stop_reason, "")
    for number, blocks in enumerate(answer.rounds, 1):
        told = [told for block in blocks if (told := _told(block, text, answer)) is not None]
        calls = [block for block in blocks if isinstance(block, _Call)]
        last = number == len(answer.rounds)
        if last and marker and not calls:
            told = _marked(told, marker)
        if told:
            transcript.assistant(told)
        if calls and told:
            transcript.user([call.answer or _stand_in(call, answer.stop_reason) for call in calls])
            if last and marker:
                transcript.user([Words(marker)])


def _told(block: _Prose | Thought | _Call, text: str, answer: _Answer) -> Block | None:
    if isinstance(block, _Call):
        return ToolUse(block.tool_id, block.tool_name, block.input)
    if isinstance(block, Thought):
        return block
    prose = _with_references(
        text, block, answer.cited
    ).strip()  # what joins paragraphs for the reader is not the model's
    return Words(prose) if prose else None


def _with_references(text: str, prose: _Prose, cited: list[tuple[int, int, str]]) -> str:
    pieces, at = [], prose.start
    for start, end, source in sorted(cited):
        if at <= start and end <= prose.end:
            pieces += [text[at:start], source]
            at = end
    return "".join([*pieces, text[at : prose.end]])


def _marked(told: list[Block], marker: str) -> list[Block]:
    """The partial answer with the note that it is partial. Thoughts of a cut message are dropped: they may be unsigned."""
    words = [block for block in told if isinstance(block, Words)]
    if not words:
        return [Words(marker)]
    return [*words[:-1], Words(f"{words[-1].text}\n\n{marker}")]


def _stand_in(call: _Call, stop_reason: str) -> ToolAnswer:
    waiting = stop_reason == "awaiting_approval"
    text = "not decided yet by the person who was asked" if waiting else "stopped before it finished; it has no result"
    return ToolAnswer(call.tool_id, call.tool_name, text, is_error=True)


def _capped(content: str) -> str:
    if len(content) <= MAX_ANSWER_CHARS:
        return content
    return content[:MAX_ANSWER_CHARS] + "\n[cut here; ask for fewer rows or columns to see the rest]"


class _Transcript:
    """Messages with alternating roles: neighbours of one role become one message, tool answers first."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def user(self, blocks: list[Block] | list[ToolAnswer] | list[Words]) -> None:
        self._add(Message("user", list(blocks)))

    def assistant(self, blocks: list[Block]) -> None:
        self._add(Message("assistant", blocks))

    def _add(self, message: Message) -> None:
        if not self.messages and message.role == "assistant":
            return  # a transcript opens with the user; an answer without its question says nothing
        if self.messages and self.messages[-1].role == message.role:
            message = Message(message.role, [*self.messages.pop().blocks, *message.blocks])
        self.messages.append(message)


_HANDLERS: dict[type, Any] = {
    events.DocumentAdded: History._document_added,
    events.DocumentRemoved: History._document_removed,
    events.UserMessage: History._user_message,
    events.MessageStart: History._message_start,
    events.TextDelta: History._text,
    events.Tickmark: History._tickmark,
    events.ToolStart: History._tool_start,
    events.ToolValidated: History._tool_validated,
    events.ToolComplete: History._tool_complete,
    events.MessageComplete: History._message_complete,
    events.MessageDeleted: History._message_deleted,
}
