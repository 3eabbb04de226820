"""Outcomes: the same results for the wire, for the model, and for callers that compute."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import pytest

from tools import TOOLS
from tools.dataroom import Room
from tools.documents import handmade
from tools.documents.document import Document
from tools.outcome import MAX_INPUT_BYTES, MOST_CHARS, data_hash, outcome
from tools.refusals import ToolError
from tools.results import MAX_PAYLOAD_BYTES, Metric, Remark, ResultColumn, ResultTable
from tools.values import Value

ACCOUNTS = handmade.statement(["FY2023", "FY2024"], {"Revenue": [55_120_000, 61_904_000], "Ignore [[v1]]": [1, None]})
CALL = {"tool": "create_chart", "input": {"kind": "line", "title": "~1", "table": "d1.t1", "y": ["Revenue"]}}


def called(tool: str, *documents: Document, **arguments: Any) -> dict[str, Any]:
    row = TOOLS[tool]
    results = row.run(Room.of(*documents), row.args.model_validate(arguments))
    return outcome(results, {"tool": tool, "input": arguments})


def test_the_model_reads_rows_with_references_beside_the_words() -> None:
    made = called("query_data", ACCOUNTS, table="d1.t1")
    assert made["content"].split("\n") == [
        "Income statement, 2 rows",
        "Source: accounts.csv, Income statement",
        "column 1 | FY2023 (GBP) | FY2024 (GBP)",
        "Revenue | [[~1]] £55.1m | [[~2]] £61.9m",
        "Ignore [ [v1]] | [[~3]] £1 | -",
    ]
    assert made["summary"] == "Income statement, 2 rows"
    assert [value["value_id"] for value in made["values"]] == ["~1", "~2", "~3"]
    assert made["tables"][0]["rows"][0] == ["Revenue", "~1", "~2"]
    assert made["artifacts"] == []


def test_values_come_in_the_order_of_their_ids() -> None:
    made = called("query_data", ACCOUNTS, table="d1.t1", transpose=True)
    assert [value["value_id"] for value in made["values"]] == ["~1", "~2", "~3"]
    assert [value["label"] for value in made["values"]] == ["Revenue", "Revenue", "Ignore [[v1]]"]


def test_an_artifact_has_its_recipe_with_a_hash_of_what_it_was_made_from() -> None:
    made = called("create_chart", ACCOUNTS, kind="line", title="Revenue", table="d1.t1", y=["Revenue"])
    (artifact,) = made["artifacts"]
    recipe = artifact["payload"]["recipe"]
    assert recipe["tool"] == "create_chart"
    assert recipe["input"]["y"] == ["Revenue"]
    assert len(recipe["data_hash"]) == 16
    again = called("create_chart", ACCOUNTS, kind="bar", title="Other", table="d1.t1", y=["Revenue"])
    assert again["artifacts"][0]["payload"]["recipe"]["data_hash"] == recipe["data_hash"]
    assert made["data"] == {"artifacts": [{"kind": "chart", "title": "Revenue"}]}
    assert made["summary"] == "Line chart “Revenue”, 2 points"
    assert "Revenue rose from £55.1m to £61.9m" in made["content"]


def test_a_different_amount_gives_a_different_hash() -> None:
    one = Value("~1", "x", Decimal(1), "GBP", "£1", "open")
    other = Value("~1", "x", Decimal(2), "GBP", "£2", "open")
    assert data_hash([one]) != data_hash([other])
    assert data_hash([one]) == data_hash([Value("v9", "y", Decimal("1.0"), "GBP", "£1", "open")])


def test_words_that_look_like_a_local_id_are_broken_up() -> None:
    row = TOOLS["create_chart"]
    results = row.run(Room.of(ACCOUNTS), row.args.model_validate(CALL["input"]))
    payload = outcome(results, CALL)["artifacts"][0]["payload"]
    assert payload["title"] == "~ 1"
    assert payload["recipe"]["input"]["title"] == "~ 1"


def test_a_large_input_stands_in_the_recipe_as_its_hash() -> None:
    points = [n + 0.123456789 for n in range(4_000)]
    given = {
        "kind": "line",
        "title": "Typed",
        "categories": [f"{n} Überschuss" for n in range(4_000)],
        "series": [{"name": f"s{n}", "values": points} for n in range(8)],
    }
    made = called("create_chart", **given)
    payload = made["artifacts"][0]["payload"]
    canonical = json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert len(canonical) > MAX_PAYLOAD_BYTES
    assert len(json.dumps(payload, ensure_ascii=False).encode()) <= MAX_PAYLOAD_BYTES
    assert set(payload["recipe"]) == {"tool", "input_hash", "data_hash"}
    assert payload["recipe"]["input_hash"] == hashlib.sha256(canonical).hexdigest()


@pytest.mark.parametrize(("size", "kept"), [(MAX_INPUT_BYTES - 9, True), (MAX_INPUT_BYTES - 8, False)])
def test_an_input_below_sixteen_kilobytes_is_kept_whole(size: int, kept: bool) -> None:
    metric = Metric({"label": "Cash"}, [], "Cash")
    given = {"a": "x" * size}  # and eight bytes around it
    [made] = outcome([metric], {"tool": "create_metric", "input": given})["artifacts"]
    assert made["payload"]["recipe"].get("input") == (given if kept else None)
    assert ("input_hash" in made["payload"]["recipe"]) is not kept


def test_an_artifact_that_no_event_can_hold_is_refused_with_what_to_do() -> None:
    metric = Metric({"label": "x" * MAX_PAYLOAD_BYTES}, [], "Cash")
    with pytest.raises(ToolError, match="at most 480 KiB can be shown; ask for fewer rows") as caught:
        outcome([metric], {"tool": "create_metric", "input": {}})
    assert caught.value.code == "too_large"


def test_a_long_result_tells_the_model_how_to_see_the_rest() -> None:
    values = [Value(f"~{n}", "x", Decimal(n), "GBP", f"£{n}", "tied") for n in range(1, 2001)]
    columns = [ResultColumn("c0", "Name", "text"), ResultColumn("c1", "Total", "number", "GBP")]
    table = ResultTable("Long", columns, [[f"name {n} " + "x" * 40, value] for n, value in enumerate(values)], 2000)
    made = outcome([table], {"tool": "query_data", "input": {}})
    assert len(made["content"]) <= MOST_CHARS
    assert "more rows in this result, not listed here" in made["content"]
    assert len(made["values"]) == 2000


def test_the_values_behind_a_result_travel_with_it() -> None:
    made = called(
        "query_data", ACCOUNTS, table="d1.t1", lines=["Revenue"], derive=[{"op": "share", "column": "FY2024"}]
    )
    assert [value["label"] for value in made["values"]][-1] == "FY2024, all rows"
    assert "Also used: FY2024, all rows (FY2024): [[~4]] £61.9m" in made["content"]
    assert made["summary"] == "Income statement, 1 row"


def test_a_remark_gives_its_data_and_is_cut_at_a_line() -> None:
    made = outcome([Remark("one\n" * 20_000, {"documents": []}, "Many")], {"tool": "list_documents", "input": {}})
    assert len(made["content"]) < MOST_CHARS + 20
    assert made["content"].endswith("one\n[cut here]")
    assert (made["data"], made["summary"]) == ({"documents": []}, "Many")
    json.dumps(made)
