"""Whole answers and whole conversations, folded from events: what clients read that do not stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis import events
from analysis.events import Entry, Json, to_data
from analysis.history import INTERRUPTED

_ARTIFACTS: dict[type, tuple[str, str]] = {
    events.ChartReady: ("charts", "chart_data"),
    events.TableReady: ("tables", "table_data"),
    events.MetricReady: ("metrics", "metric_data"),
}


def reply(conversation_id: str, entries: Iterable[Entry], last_seq: int) -> Json:
    """The whole-answer reply of docs/wire.md from the entries of one message chain. `error` is there when one occurred."""
    body: Json = {
        "conversation_id": conversation_id,
        "message_id": "",
        "messages": [],
        "success": False,
        "stop_reason": "",
    }
    body |= {"text": "", "charts": [], "tables": [], "metrics": [], "tickmarks": [], "suggestions": []}
    texts: list[str] = []
    for entry in entries:
        event = entry.event
        if isinstance(event, events.MessageStart):
            body["messages"].append(event.message_id)
            body["message_id"] = body["message_id"] or event.message_id
        elif isinstance(event, events.ChartReady | events.TableReady | events.MetricReady):
            collection, payload = _ARTIFACTS[type(event)]
            body[collection].append(getattr(event, payload))
        elif isinstance(event, events.Tickmark):
            body["tickmarks"].append(to_data(event))
        elif isinstance(event, events.Suggestions):
            body["suggestions"] = event.suggestions
        elif isinstance(event, events.ErrorRaised):
            body["error"] = {"code": event.code, "text": event.text, "retryable": event.retryable, "fault": event.fault}
        elif isinstance(event, events.MessageComplete):
            texts.append(event.text)
            body |= {"success": event.success, "stop_reason": event.stop_reason}
            body["figures"] = _added(body.get("figures"), event.figures)
            body["usage"] = _added(body.get("usage"), event.usage)
            if event.cost:
                body["cost"] = event.cost
    body["text"] = "\n\n".join(filter(None, texts))
    body["last_seq"] = last_seq
    return body


def is_bare_error(body: Mapping[str, Any]) -> bool:
    """Whether nothing but an error came: no text and nothing to show."""
    return "error" in body and not any(body[key] for key in ("text", "charts", "tables", "metrics"))


def _added(before: Mapping[str, int] | None, more: Mapping[str, int]) -> dict[str, int]:
    return {key: (before or {}).get(key, 0) + count for key, count in more.items()}


@dataclass(slots=True)
class _Said:
    message_id: str
    role: str
    at: str
    text: list[str] = field(default_factory=list)
    stop_reason: str = ""
    artifacts: list[Json] = field(default_factory=list)
    tickmarks: list[Json] = field(default_factory=list)
    more: Json = field(default_factory=dict)

    def to_json(self) -> Json:
        text = "".join(self.text)
        if self.stop_reason == "interrupted":
            text = f"{text}\n\n{INTERRUPTED}".strip()
        made: Json = {"message_id": self.message_id, "role": self.role, "at": self.at, "text": text}
        if self.stop_reason:
            made["stop_reason"] = self.stop_reason
        return {**made, **self.more, "artifacts": self.artifacts, "tickmarks": self.tickmarks}


def view(header: Json, entries: Sequence[Entry], running_message_id: str | None) -> Json:
    """`GET /api/conversation/{id}`: documents and messages as they stand after the last of the entries. `header` holds
    conversation_id, title and created_at."""
    documents: dict[str, Json] = {}
    said: dict[str, _Said] = {}
    for entry in entries:
        _hear(entry, documents, said)
    body: Json = {
        **header,
        "documents": list(documents.values()),
        "messages": [message.to_json() for message in said.values()],
        "last_seq": entries[-1].seq if entries else 0,
    }
    if running_message_id:
        body["running_message_id"] = running_message_id
    return body


def _hear(entry: Entry, documents: dict[str, Json], said: dict[str, _Said]) -> None:
    match entry.event:
        case events.DocumentAdded(document):
            documents[document["document_id"]] = document
        case events.DocumentRemoved(document_id):
            documents.pop(document_id, None)
        case events.UserMessage(message_id, text, document_ids, client_id):
            more = {"document_ids": document_ids} | ({"client_id": client_id} if client_id else {})
            said[message_id] = _Said(message_id, "user", entry.at, [text], more=more)
        case events.MessageStart(message_id, reply_to, provider, model, _, continues):
            more = {"reply_to": reply_to, "provider": provider, "model": model}
            said[message_id] = _Said(
                message_id, "assistant", entry.at, more=more | ({"continues": continues} if continues else {})
            )
        case events.TextDelta(message_id, text):
            said[message_id].text.append(text)
        case events.Tickmark(message_id) as tick:
            said[message_id].tickmarks.append(to_data(tick))
        case events.ChartReady(message_id) | events.TableReady(message_id) | events.MetricReady(message_id) as shown:
            said[message_id].artifacts.append({"type": shown.TYPE, **to_data(shown)})
        case events.Notice(message_id, code, text):
            said[message_id].more.setdefault("notices", []).append({"code": code, "text": text})
        case events.ErrorRaised(message_id) as error:
            said[message_id].more["error"] = {
                key: value for key, value in to_data(error).items() if key != "message_id"
            }
        case events.Suggestions(message_id, suggestions):
            said[message_id].more["suggestions"] = suggestions
        case events.MessageComplete(message_id) as end:
            said[message_id].stop_reason = end.stop_reason
            said[message_id].more["figures"] = end.figures
        case events.MessageDeleted(message_id):
            said.pop(message_id, None)
        case _:
            pass
