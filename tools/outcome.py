"""What a tool returned, made fit for the wire and for the model.

The same results become five things: artifacts to show (with their recipe), the new values, working tables, words for the
model with every figure beside its reference, and structure for callers that compute. Ids are still local (`~1`); the turn
machine renames them, in the structure as whole strings and in the words where they stand as `[[~1]]`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tools.finance.words import counted, for_model, tame
from tools.refusals import ToolError
from tools.results import MAX_PAYLOAD_BYTES, Chart, Metric, Remark, Result, ResultTable, ShownTable
from tools.units import unit_words
from tools.values import LOCAL_ID, Value, plain

Json = dict[str, Any]

MOST_CHARS = 24_000  # about 7,000 tokens; final ids are longer than local ones, and the history cuts at 28,000
MAX_INPUT_BYTES = 16 * 1024  # of the call's input in a recipe; the series of a chart are in its payload already
_KINDS: dict[type, str] = {Chart: "chart", ShownTable: "table", Metric: "metric"}


def outcome(results: Sequence[Result], call: Mapping[str, Any]) -> Json:
    """The results of a call (`{"tool", "input"}`) as JSON: summary, content, artifacts, values, tables, data.

    Refuses an artifact that would not fit into one event.
    """
    shown = [result for result in results if isinstance(result, Chart | ShownTable | Metric)]
    data: Json = {}
    for result in results:
        if isinstance(result, Remark):
            data |= result.data
    if shown:
        data["artifacts"] = [{"kind": _KINDS[type(result)], "title": _title(result)} for result in shown]
    return {
        "summary": _summary(results),
        "content": _content(results),
        "artifacts": [_artifact(result, call) for result in shown],
        "values": [value.to_wire() for value in _new_values(results)],
        "tables": [result.to_wire() for result in results if isinstance(result, ResultTable)],
        "data": data,
    }


def _new_values(results: Sequence[Result]) -> list[Value]:
    """The values this call made, each once, in the order of their ids; those of earlier calls are known already."""
    found: dict[str, Value] = {}
    for result in results:
        values = result.values() if isinstance(result, ResultTable) else result.values
        found.update((value.value_id, value) for value in values if LOCAL_ID.fullmatch(value.value_id))
    return sorted(found.values(), key=lambda value: int(value.value_id[1:]))


def _title(result: Chart | ShownTable | Metric) -> str:
    return str(result.payload.get("title") or result.payload.get("label", ""))


def _artifact(result: Chart | ShownTable | Metric, call: Mapping[str, Any]) -> Json:
    recipe = {"tool": call["tool"], **_input(call["input"]), "data_hash": data_hash(result.values)}
    payload = {**result.payload, "recipe": recipe}
    size, kind = len(_encoded(payload)), _KINDS[type(result)]
    if size > MAX_PAYLOAD_BYTES:
        raise ToolError(
            "too_large",
            f"this {kind} comes to {size // 1024:,} KiB, and at most {MAX_PAYLOAD_BYTES // 1024} KiB can be shown; "
            "ask for fewer rows, columns or series, or group them first with query_data",
        )
    return {"kind": kind, "payload": payload, "full_rows": list(result.full) if isinstance(result, ShownTable) else []}


def _input(given: Mapping[str, Any]) -> Json:
    """The input of a recipe; of a large one only its hash, since an event has to hold the artifact itself."""
    literal = _literal(given)
    if len(_encoded(literal)) < MAX_INPUT_BYTES:
        return {"input": literal}
    return {"input_hash": hashlib.sha256(_encoded(given)).hexdigest()}


def _encoded(node: Any) -> bytes:
    """Canonical JSON: keys in order, no spaces, UTF-8."""
    text = json.dumps(node, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _literal(node: Any) -> Any:
    """The input, with strings broken up that renumbering would take for local ids."""
    if isinstance(node, str):
        return "~ " + node[1:] if LOCAL_ID.fullmatch(node) else node
    if isinstance(node, Mapping):
        return {key: _literal(item) for key, item in node.items()}
    return [_literal(item) for item in node] if isinstance(node, list) else node


def data_hash(values: Sequence[Value]) -> str:
    """What the artifact was made from: the same amounts, units and places give the same 16 hexadecimal digits."""
    facts = [
        [plain(v.amount), v.unit, v.period.label if v.period else "", v.place.document_id if v.place else ""]
        for v in values
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


# -- words ---------------------------------------------------------------------------------------------------------------


def _summary(results: Sequence[Result]) -> str:
    """For people, in a line: what the call came to."""
    said = []
    for result in results:
        if isinstance(result, ResultTable):
            said.append(f"{tame(result.title, 120)}, {counted(result.rows_total, 'row')}")
        elif result.summary:
            said.append(_without_references(result.summary))
    return tame("; ".join(said) or "Done", 300)


def _without_references(text: str) -> str:
    """The words of a summary without the marks that only the model needs."""
    pieces = text.split("[[")
    return pieces[0] + "".join(piece.partition("]] ")[2] for piece in pieces[1:])


def _content(results: Sequence[Result]) -> str:
    parts: list[str] = []
    room = MOST_CHARS
    for result in results:
        part = _told(result, room)
        parts.append(part)
        room = max(400, room - len(part))
    return "\n\n".join(filter(None, parts)) or "Done."


def _told(result: Result, room: int) -> str:
    match result:
        case ResultTable():
            return _rows_told(result, room)
        case Chart():
            return f"{result.summary}, is shown to the user. {for_model(result.payload['summary'], 1_000)}" + _notes(
                result
            )
        case ShownTable():
            return f"{result.summary}; it is shown to the user."
        case Metric():
            return f"{result.summary}; it is shown to the user."
        case Remark():
            return result.text if len(result.text) <= room else result.text[:room].rsplit("\n", 1)[0] + "\n[cut here]"


def _notes(chart: Chart) -> str:
    note = for_model(str(chart.payload.get("source_note", "")), 600)
    return f" Source: {note}." if note else ""


def _rows_told(table: ResultTable, room: int) -> str:
    """Rows with their figures as `[[~1]] £61.9m`, as many as fit, and how to get the rest."""
    head = [f"{for_model(table.title, 160)}, {_extent(table)}"]
    if table.source_note:
        head.append(f"Source: {for_model(table.source_note, 200)}")
    if table.note:
        head.append(f"Note: {for_model(table.note, 1_200)}")
    head.append(" | ".join(_header(column.label, column.unit) for column in table.columns))
    left = room - sum(map(len, head)) - 200
    lines: list[str] = []
    for row in table.rows:
        line = " | ".join(_cell_told(cell) for cell in row)
        left -= len(line) + 1
        if left < 0:
            break
        lines.append(line)
    hidden = len(table.rows) - len(lines)
    rest = f"[{counted(hidden, 'more row')} in this result, not listed here; ask for fewer columns, filter with where, or group]"
    return "\n".join([*head, *lines, *([rest] if hidden else [])])


def _extent(table: ResultTable) -> str:
    shown, total = len(table.rows), table.rows_total
    return counted(total, "row") if shown == total else f"{shown:,} of {counted(total, 'row')}"


def _header(label: str, unit: str) -> str:
    words = unit_words(unit) if unit else ""
    return for_model(label, 80) + (f" ({words})" if words else "")


def _cell_told(cell: str | Value | None) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, Value):
        typed = " (no source)" if cell.state == "open" else ""
        return f"[[{cell.value_id}]] {cell.shown}{typed}"
    return for_model(cell, 120).replace("|", "/")
