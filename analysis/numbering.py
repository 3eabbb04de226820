"""Final ids for what a tool returned: values `v12`, result tables `r3`, artifacts of the message.

A tool counts its own values `~1`, `~2`, ...; two tools may run at once, so only here, where results arrive one after
the other, can the next free number be known. Everything that mentions a local id is rewritten: values and their
inputs, formulas, table cells, chart points, plotly customdata, and the `[[~1]]` marks in what the model reads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.events import ChartReady, Event, MetricReady, TableReady
from analysis.signals import Artifact, ToolReturned
from tools.values import Value, renumber

_MARK = re.compile(r"\[\[(~\d+)")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A tool's result with final ids. `artifacts` are (event, its private part, value ids it shows)."""

    values: Sequence[Value]
    artifacts: Sequence[tuple[Event, Mapping[str, Any] | None, Sequence[str]]]
    artifact_ids: list[str]
    private: Mapping[str, Any]


class Numbering:
    """The counters of a conversation. `last_value` and `last_result` are the highest numbers in use."""

    def __init__(self, conversation_id: str, last_value: int = 0, last_result: int = 0) -> None:
        self._conversation_id = conversation_id
        self._last_value = last_value
        self._last_result = last_result
        self.new_message("")

    def new_message(self, message_id: str) -> None:
        """Artifacts are indexed per message and kind."""
        self._message_id = message_id
        self._indexes = {"chart": 0, "table": 0, "metric": 0}

    def number(self, returned: ToolReturned, text_offset: int) -> Numbered:
        """Give final ids, in the order in which the tool made things."""
        names = {}
        for value in returned.values:
            self._last_value += 1
            names[value.value_id] = f"v{self._last_value}"
        wires = [renumber(value.to_wire(), names) for value in returned.values]
        for wire in wires:
            wire["tool_id"] = returned.tool_id
        tables = [self._table(table, names) for table in returned.tables]
        artifacts = [self._artifact(artifact, names, returned.tool_id, text_offset) for artifact in returned.artifacts]
        private: dict[str, Any] = {"content": _content(returned.content, names, tables)}
        if wires:
            private["values"] = wires
        if tables:
            private["tables"] = tables
        if returned.data:
            private["data"] = renumber(dict(returned.data), names)
        ids = [artifact_id for artifact_id, *_ in artifacts]
        return Numbered([Value.from_wire(wire) for wire in wires], [entry[1:] for entry in artifacts], ids, private)

    def _table(self, table: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
        self._last_result += 1
        return {**renumber(dict(table), names), "result_id": f"r{self._last_result}"}

    def _artifact(
        self, artifact: Artifact, names: Mapping[str, str], tool_id: str, text_offset: int
    ) -> tuple[str, Event, Mapping[str, Any] | None, Sequence[str]]:
        kind = artifact.kind
        index = self._indexes[kind]
        self._indexes[kind] = index + 1
        artifact_id = f"{kind}_{self._message_id.removeprefix('msg_')}_{index + 1}"
        payload = {f"{kind}_id": artifact_id, **renumber(dict(artifact.payload), names)}
        private: Mapping[str, Any] | None = None
        if artifact.full_rows:
            payload["data_url"] = f"/api/conversation/{self._conversation_id}/tables/{artifact_id}"
            private = {"rows": renumber(list(artifact.full_rows), names)}
        made = _MAKE[kind](self._message_id, tool_id, index, text_offset, payload)
        return artifact_id, made, private, shown_ids(kind, payload)


_MAKE: dict[str, Any] = {"chart": ChartReady, "table": TableReady, "metric": MetricReady}


def shown_ids(kind: str, payload: Mapping[str, Any]) -> list[str]:
    """The value ids that an artifact shows, in order."""
    if kind == "chart":
        return [value_id for series in payload["series"] for value_id in series.get("value_ids", ()) if value_id]
    if kind == "table":
        return [
            cell["value_id"] for row in payload["rows"] for cell in row if isinstance(cell, dict) and "value_id" in cell
        ]
    change = payload.get("change", {}).get("value")
    return [value["value_id"] for value in (payload["value"], change) if value]


def _content(content: str, names: Mapping[str, str], tables: Sequence[Mapping[str, Any]]) -> str:
    """What the model reads, with the ids it may use from now on."""
    text = _MARK.sub(lambda found: "[[" + names.get(found[1], found[1]), content)
    if not tables:
        return text
    ids = ", ".join(table["result_id"] for table in tables)
    return f"This result is {ids}.\n{text}" if len(tables) == 1 else f"These results are {ids}, in order.\n{text}"
