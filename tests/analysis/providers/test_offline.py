"""The offline analyst behind the provider's interface: what leaves it are the signals of any model."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from analysis.messages import Message, Prompt, ToolAnswer, ToolUse, Words
from analysis.providers import offline
from analysis.providers.offline import OfflineProvider
from analysis.signals import (
    BlockClosed,
    ModelBroke,
    ModelStopped,
    NoticeGiven,
    Signal,
    SuggestionsOffered,
    TextArrived,
    ToolChunk,
    ToolOpened,
)

LISTING = {"documents": [{"alias": "d1", "document_id": "doc_1", "name": "small.csv", "tables": 1}]}
DESCRIPTION = {
    "alias": "d1",
    "name": "small.csv",
    "notes": [],
    "tables": [
        {
            "address": "d1.t1",
            "title": "Income statement",
            "shape": "statement",
            "row_count": 1,
            "columns": [
                {"key": "c0", "label": "Line", "kind": "text", "unit": ""},
                *(
                    {
                        "key": f"c{n}",
                        "label": f"FY{year}",
                        "kind": "number",
                        "unit": "GBP",
                        "period": {
                            "label": f"FY{year}",
                            "start": f"{year}-01-01",
                            "end": f"{year}-12-31",
                            "kind": "year",
                        },
                    }
                    for n, year in enumerate((2023, 2024), 1)
                ),
            ],
            "lines": ["Revenue"],
        }
    ],
}


def figure(value_id: str, amount: str, unit: str = "GBP") -> dict[str, str]:
    return {"value_id": value_id, "amount": amount, "unit": unit, "shown": amount, "label": "Revenue"}


def result(result_id: str, *rows: list[Any], more: str = "") -> dict[str, Any]:
    columns = [{"key": "period", "label": "Period", "kind": "period", "unit": ""}]
    columns.append({"key": "l1", "label": "Revenue", "kind": "number", "unit": "GBP"})
    if more:
        columns.append({"key": "n1", "label": more, "kind": "number", "unit": "ratio"})
    table = {"result_id": result_id, "title": "Income statement", "columns": columns, "rows": list(rows)}
    return {"tables": [{**table, "rows_total": len(rows)}]}


def prompt(*messages: Message) -> Prompt:
    return Prompt("rules", "", "", list(messages), [])


async def signals(*messages: Message) -> list[Signal]:
    return [signal async for batch in OfflineProvider().stream(prompt(*messages)) for signal in batch]


def said(found: list[Signal]) -> str:
    return "".join(signal.text for signal in found if isinstance(signal, TextArrived))


def called(found: list[Signal]) -> list[tuple[str, str, dict[str, Any]]]:
    opened = [signal for signal in found if isinstance(signal, ToolOpened)]
    fragments = {each.block: "" for each in opened}
    for signal in found:
        if isinstance(signal, ToolChunk):
            fragments[signal.block] += signal.fragment
    return [(each.tool_id, each.tool_name, json.loads(fragments[each.block])) for each in opened]


def turn(found: list[Signal], *answers: tuple[dict[str, Any], bool]) -> list[Message]:
    """The transcript that follows: what was said and called, and what the tools answered."""
    calls = called(found)
    prose = [Words(said(found))] if said(found).strip() else []
    uses = [ToolUse(tool_id, name, given) for tool_id, name, given in calls]
    back = [
        ToolAnswer(tool_id, name, "broken" if failed else "fine", failed, data)
        for (tool_id, name, _), (data, failed) in zip(calls, answers, strict=True)
    ]
    return [Message("assistant", [*prose, *uses]), Message("user", back)]


async def test_an_answer_from_the_question_to_its_suggestions() -> None:
    """The whole exchange by hand: list, describe, query, changes, things to show, end."""
    talk = [Message("user", [Words("What was revenue in FY2024?")])]
    found = await signals(*talk)
    assert isinstance(found[0], NoticeGiven)
    assert (found[0].code, "rule-based" in found[0].text) == ("offline", True)
    assert called(found) == [("call_1", "list_documents", {})]
    assert found[-1] == ModelStopped("tool_use")

    talk += turn(found, (LISTING, False))
    found = await signals(*talk)
    assert not any(isinstance(signal, NoticeGiven) for signal in found)
    assert called(found) == [("call_2", "describe_document", {"document": "d1"})]

    talk += turn(found, (DESCRIPTION, False))
    found = await signals(*talk)
    assert said(found) == ""
    wanted = {"table": "d1.t1", "lines": ["Revenue"], "periods": ["FY2023", "FY2024"], "transpose": True}
    assert called(found) == [("call_3", "query_data", wanted)]

    rows = [["FY2023", figure("v1", "55120000")], ["FY2024", figure("v2", "61904000")]]
    talk += turn(found, (result("r1", *rows), False))
    found = await signals(*talk)
    growth = {"op": "growth", "column": "Revenue", "name": "Change in Revenue"}
    assert called(found) == [("call_4", "query_data", {"table": "r1", "derive": [growth]})]

    grown = [[*rows[0], None], [*rows[1], figure("v3", "0.12307", "ratio")]]
    talk += turn(found, (result("r2", *grown, more="Change in Revenue"), False))
    found = await signals(*talk)
    assert said(found) == "Revenue was [[v2]] in FY2024, [[v3|abs]] more than in FY2023 ([[v1]])."
    assert [(name, given.get("value")) for _, name, given in called(found)] == [
        ("create_metric", "v2"),
        ("create_table", None),
    ]

    talk += turn(found, ({}, False), ({}, False))
    found = await signals(*talk)
    assert said(found) == "\n\nFrom small.csv, FY2024."
    assert isinstance(found[-2], SuggestionsOffered)
    assert found[-1] == ModelStopped("end_turn")
    assert 1 <= len(found[-2].suggestions) <= 3


async def test_prose_comes_in_words_and_every_block_is_closed() -> None:
    talk = [Message("user", [Words("hello")])]
    talk += turn(await signals(*talk), (LISTING, False))
    found = await signals(*talk)
    assert [type(signal) for signal in found if isinstance(signal, ToolOpened | BlockClosed)] == [
        ToolOpened,
        BlockClosed,
    ]
    talk += turn(found, (DESCRIPTION, False))
    pieces = [signal.text for signal in await signals(*talk) if isinstance(signal, TextArrived)]
    assert len(pieces) > 10
    assert all(len(piece.split()) <= 1 for piece in pieces)


async def test_ids_are_not_used_twice_in_a_conversation_and_the_notice_is_given_once() -> None:
    talk = [Message("user", [Words("hello")])]
    talk += turn(await signals(*talk), (LISTING, False))
    talk += turn(await signals(*talk), (DESCRIPTION, False))
    talk += [Message("assistant", [Words(said(await signals(*talk)))]), Message("user", [Words("revenue in FY2024")])]
    found = await signals(*talk)
    assert called(found) == [("call_3", "list_documents", {})]
    assert not any(isinstance(signal, NoticeGiven) for signal in found)
    talk += turn(found, (LISTING, False))
    assert [name for _, name, _ in called(await signals(*talk))] == ["query_data"]  # described before


async def test_without_documents_it_ends_at_once() -> None:
    talk = [Message("user", [Words("revenue?")])]
    talk += turn(await signals(*talk), ({"documents": []}, False))
    found = await signals(*talk)
    assert "Attach a workbook or a CSV file" in said(found)
    assert found[-1] == ModelStopped("end_turn")


async def test_a_failed_tool_ends_the_answer_in_plain_words() -> None:
    talk = [Message("user", [Words("revenue?")])]
    talk += turn(await signals(*talk), ({}, True))
    found = await signals(*talk)
    assert said(found) == "I had to stop here: broken."
    assert found[-1] == ModelStopped("end_turn")


async def test_a_defect_in_the_rules_is_a_broken_model_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(messages: Any) -> Any:
        raise KeyError("a column that was not there")

    monkeypatch.setattr(offline, "answer", defect)
    (broke,) = await signals(Message("user", [Words("revenue?")]))
    assert isinstance(broke, ModelBroke)
    assert (broke.code, broke.retryable, broke.fault) == ("offline_failed", False, "ours")
    assert "column that was" not in broke.text


async def test_it_lets_others_go_on_between_its_words() -> None:
    turns = 0

    async def neighbour() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    busy = asyncio.create_task(neighbour())
    talk = [Message("user", [Words("hello")])]
    talk += turn(await signals(*talk), ({"documents": []}, False))
    words = sum(isinstance(signal, TextArrived) for signal in await signals(*talk))
    busy.cancel()
    assert turns >= words


async def test_it_needs_no_connection() -> None:
    provider = OfflineProvider(pace_s=0.0)
    assert (provider.name, provider.default_model()) == ("offline", "rules")
    await provider.aclose()
