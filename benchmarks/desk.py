"""A desk: the offline analyst with real documents and the real tools before it, in one process.

It does what the server does around an answer (run the calls, number what they return, fold the transcript) with the
same History, Numbering and tools, and without journal, workers or event loop, so that a hundred questions take a second.
The tests of the analyst and its benchmark both sit at it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import jsonschema

from analysis import events
from analysis.history import History
from analysis.messages import Message
from analysis.numbering import Numbering
from analysis.offline.analyst import answer
from analysis.offline.script import Request
from analysis.signals import Artifact, ToolReturned
from tools import TOOLS
from tools.dataroom import Room
from tools.outcome import outcome
from tools.refusals import ToolError
from tools.units import Display, show
from tools.values import Value

REFERENCE = re.compile(r"\[\[(v\d+)(?:\|([^\]]*))?\]\]")
SCHEMAS = {name: jsonschema.Draft202012Validator(tool.schema()) for name, tool in TOOLS.items()}
MOST_ROUNDS = 12


@dataclass
class Answered:
    """One answer: as written (with references), as a reader sees it, and what came with it."""

    written: str
    shown: str
    cited: list[Value]
    charts: list[dict[str, Any]]
    tables: list[dict[str, Any]]
    metrics: list[dict[str, Any]]
    suggestions: tuple[str, ...]
    calls: list[tuple[str, dict[str, Any]]]
    refusals: list[str]
    question: str = ""

    def amounts(self) -> list[Decimal]:
        return [value.amount for value in self.cited]

    def digits(self) -> str:
        """What is left of the text when references are taken out."""
        return REFERENCE.sub("", self.written)


@dataclass
class Desk:
    """Documents on a desk, and a conversation about them."""

    documents: list[Any]
    history: History = field(default_factory=History)
    asked: int = 0

    def __post_init__(self) -> None:
        self._numbering = Numbering("conversation")
        for document in self.documents:
            self.history.add(events.DocumentAdded(document.card()))

    def ask(self, question: str) -> Answered:
        self.asked += 1
        message_id = f"msg_{self.asked}"
        self._numbering.new_message(message_id)
        self._shown: list[tuple[str, dict[str, Any]]] = []
        self.history.add(events.UserMessage(f"u{self.asked}", question, []))
        self.history.add(events.MessageStart(message_id, f"u{self.asked}", "offline", "rules"))
        text, calls, refusals, suggestions = "", [], [], ()
        for _ in range(MOST_ROUNDS):
            reply = answer(self.messages())
            if reply.prose:
                self.history.add(events.TextDelta(message_id, reply.prose, len(text)), {"round": True})
            elif reply.calls:
                self.history.add(events.ThinkingDelta(message_id, ""), {"round": True})
            text += reply.prose
            if not reply.calls:
                suggestions = reply.suggestions
                break
            for request in reply.calls:
                calls.append((request.tool, dict(request.input)))
                refusals += self._run(message_id, request, len(text))
        else:
            raise AssertionError(f"no end after {MOST_ROUNDS} rounds: {question}")
        self.history.add(events.MessageComplete(message_id, True, "end_turn", text, {}))
        return self._answered(text, calls, refusals, suggestions)

    def messages(self) -> list[Message]:
        return self.history.messages()

    def _run(self, message_id: str, request: Request, offset: int) -> list[str]:
        given = json.loads(json.dumps(request.input))
        self.history.add(events.ToolStart(message_id, request.tool_id, request.tool, offset))
        self.history.add(events.ToolValidated(message_id, request.tool_id, request.tool, given))
        wrong = [error.message for error in SCHEMAS[request.tool].iter_errors(given)]
        assert not wrong, f"{request.tool} {given}: {wrong}"
        tool = TOOLS[request.tool]
        try:
            found = outcome(
                tool.run(self._room(), tool.args.model_validate(given)), {"tool": tool.name, "input": given}
            )
        except ToolError as refusal:
            failed = events.ToolComplete(
                message_id, request.tool_id, tool.name, False, error={"code": refusal.code, "text": refusal.text}
            )
            self.history.add(failed, {"content": refusal.text})
            return [f"{tool.name}: {refusal.text}"]
        self._complete(message_id, request, found, offset)
        return []

    def _room(self) -> Room:
        values, results = self.history.values, self.history.tables
        return Room.of(
            *self.documents, values=list(values.values()), results=[self.history.result(name) for name in results]
        )

    def _complete(self, message_id: str, request: Request, found: dict[str, Any], offset: int) -> None:
        returned = ToolReturned(
            request.tool_id,
            found["summary"],
            found["content"],
            [Artifact(each["kind"], each["payload"], each["full_rows"]) for each in found["artifacts"]],
            [Value.from_wire(wire) for wire in found["values"]],
            found["tables"],
            found["data"],
        )
        numbered = self._numbering.number(returned, offset)
        for event, _, _ in numbered.artifacts:
            kind = event.TYPE.removesuffix("_ready")
            self._shown.append((kind, getattr(event, f"{kind}_data")))
        complete = events.ToolComplete(message_id, request.tool_id, request.tool, True, result={"summary": "done"})
        self.history.add(complete, numbered.private)

    def _answered(
        self, text: str, calls: list[tuple[str, dict[str, Any]]], refusals: list[str], suggestions: tuple[str, ...]
    ) -> Answered:
        cited = [self.history.values[found[1]] for found in REFERENCE.finditer(text)]
        shown = REFERENCE.sub(self._worded, text)
        by_kind = {kind: [data for each, data in self._shown if each == kind] for kind in ("chart", "table", "metric")}
        return Answered(
            text, shown, cited, by_kind["chart"], by_kind["table"], by_kind["metric"], suggestions, calls, refusals
        )

    def _worded(self, found: re.Match[str]) -> str:
        value = self.history.values[found[1]]
        return show(value.amount, value.unit, Display.parse(found[2] or ""))
