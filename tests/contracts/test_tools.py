"""What every tool promises, judged over `TOOLS`: a new row in the table is tested here before anybody writes a test for it.

Arguments are drawn from each tool's own schema. Plain words would nearly always be refused at the door, so names are
mostly taken from what is in the room: its addresses, columns, lines, periods and values.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tools
from analysis.numbering import Numbering
from analysis.signals import Artifact, ToolReturned
from tests.contracts.tool_arguments import arguments_for
from tools import TOOLS
from tools.dataroom import Room
from tools.documents import handmade
from tools.outcome import outcome
from tools.refusals import ToolError
from tools.results import MAX_PAYLOAD_BYTES, ResultTable
from tools.units import is_unit
from tools.values import LOCAL_ID, Value

Json = dict[str, Any]
SAYS = {"tied": "place", "computed": "formula", "open": "note", "given": "note"}
NAMES = sorted(TOOLS)

ACCOUNTS = handmade.statement(
    ["FY2022", "FY2023", "FY2024"],
    {
        "Revenue": [48_310_000, 55_120_000, 61_904_000],
        "Cost of sales": [-30_000_000, None, -37_000_000],
        "Margin": ["0.379", "0.374", "0.402"],
        "~2": [0, -1, 1],
        "Other [[v1]]": [1, 2, 3],
    },
    units={"Margin": "ratio"},
)
SALES = handmade.records(
    {
        "Invoice": [f"i{n}" for n in range(40)],
        "Branch": [("North", "South", "", "<b>East</b>")[n % 4] for n in range(40)],
        "Date": [None if n == 7 else date(2019, 1, 1) + timedelta(days=3 * n) for n in range(40)],
        "Units": [n % 5 for n in range(40)],
        "Total": [None if n % 9 == 0 else Decimal(n * n - 50) / 4 for n in range(40)],
        "Fee": [Decimal(n) for n in range(40)],
    },
    units={"Total": "USD", "Fee": "GBP"},
)


@cache
def earlier() -> tuple[dict[str, Value], dict[str, ResultTable]]:
    """Results of two calls, numbered as the turn machine does it: r1 of the statement, r2 of the ledger."""
    numbering = Numbering("conversation")
    values: dict[str, Value] = {}
    results: dict[str, ResultTable] = {}
    for arguments in (
        {"table": "d1.t1", "transpose": True},
        {"table": "d2.t1", "group_by": [{"column": "Branch"}], "aggregates": [{"op": "sum", "column": "Units"}]},
    ):
        made = called("query_data", arguments, {}, {})
        numbered = numbering.number(signal(made), 0)
        values |= {value.value_id: value for value in numbered.values}
        for table in numbered.private["tables"]:
            results[table["result_id"]] = ResultTable.from_wire(table, values)
    return values, results


def called(name: str, arguments: Json, values: dict[str, Value], results: dict[str, ResultTable]) -> Json:
    shelf = {document.document_id: document for document in (ACCOUNTS, SALES)}
    cards = [("d1", ACCOUNTS.document_id, ACCOUNTS.name), ("d2", SALES.document_id, SALES.name)]
    tool = TOOLS[name]
    returned = tool.run(Room(cards, shelf.__getitem__, values, results), tool.args.model_validate(arguments))
    return outcome(returned, {"tool": name, "input": arguments})


def signal(made: Json) -> ToolReturned:
    artifacts = [Artifact(row["kind"], row["payload"], row["full_rows"]) for row in made["artifacts"]]
    values = [Value.from_wire(wire) for wire in made["values"]]
    return ToolReturned("toolu_1", made["summary"], made["content"], artifacts, values, made["tables"], made["data"])


# -- the promises --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_a_schema_and_refuses_what_it_does_not_know(name: str) -> None:
    schema = TOOLS[name].schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert not jsonschema_rs.validator_for(schema).is_valid({"no_such_option": 1})


def test_reading_the_table_of_tools_imports_nothing_that_computes() -> None:
    """The server reads schemas from it, and has neither the time nor the memory for what the workers need."""
    code = "import sys, tools; [row.schema() for row in tools.TOOLS.values()]; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(tools.__file__).parents[1]
    )
    assert not {"pandas", "numpy", "plotly", "narwhals"} & set(done.stdout.split())


@pytest.mark.parametrize("name", NAMES)
def test_the_row_describes_itself(name: str) -> None:
    tool = TOOLS[name]
    assert tool.name == name
    assert re.fullmatch(r"[a-z][a-z_]{2,40}", name)
    assert 30 <= len(tool.description) <= 600


@pytest.mark.parametrize("name", NAMES)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=25)
@given(data=st.data())
def test_what_fits_the_schema_fits_the_arguments(name: str, data: st.DataObject) -> None:
    arguments = data.draw(arguments_for(name))
    schema = TOOLS[name].schema()
    assert jsonschema_rs.validator_for(schema).is_valid(arguments)
    assert jsonschema.Draft202012Validator(schema).is_valid(arguments)
    TOOLS[name].args.model_validate(arguments)


@pytest.mark.parametrize("name", NAMES)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=120)
@given(data=st.data())
def test_a_call_gives_values_with_lineage_or_a_refusal_in_words(name: str, data: st.DataObject) -> None:
    arguments = data.draw(arguments_for(name))
    values, results = earlier()
    made, refused = answered(name, arguments)
    if refused:
        assert re.fullmatch(r"[a-z_]+", refused.code)
        assert 10 < len(refused.text) < 4_000
        return
    assert json.dumps(made, allow_nan=False) == json.dumps(called(name, arguments, values, results), allow_nan=False)
    check_sizes(made)
    check_values(made, values)
    check_artifacts(made, values)
    check_numbering(made)


def answered(name: str, arguments: Json) -> tuple[Json, ToolError | None]:
    try:
        return called(name, arguments, *earlier()), None
    except ToolError as refused:
        return {}, refused


def check_sizes(made: Json) -> None:
    assert set(made) == {"summary", "content", "artifacts", "values", "tables", "data"}
    assert len(made["content"]) <= 28_000
    assert 0 < len(made["summary"]) <= 300
    assert len(made["values"]) <= 12_000
    for artifact in made["artifacts"]:
        assert len(json.dumps(artifact["payload"], ensure_ascii=False).encode()) <= MAX_PAYLOAD_BYTES


def check_values(made: Json, known: dict[str, Value]) -> None:
    """Each value is new, has a unit, and comes from somewhere; what it was computed from is at hand."""
    ids = [wire["value_id"] for wire in made["values"]]
    assert len(ids) == len(set(ids))
    assert all(LOCAL_ID.fullmatch(value_id) for value_id in ids)
    at_hand = {*ids, *known}
    for wire in made["values"]:
        assert is_unit(wire["unit"])
        assert Decimal(wire["amount"]).is_finite()
        assert wire["shown"]
        assert wire["label"]
        assert wire["state"] in SAYS
        assert SAYS[wire["state"]] in wire
        assert set(wire.get("inputs", ())) <= at_hand
        assert set(LOCAL_ID.findall(wire.get("formula", ""))) <= set(wire.get("inputs", ()))
        if wire["state"] == "computed":
            assert wire.get("inputs") or "place" in wire or wire["formula"].startswith("count(")
    cited = re.findall(r"\[\[(.*?)\]\]", made["content"])
    assert set(cited) <= at_hand


def check_artifacts(made: Json, known: dict[str, Value]) -> None:
    everything = {wire["value_id"]: Decimal(wire["amount"]) for wire in made["values"]}
    everything |= {value_id: value.amount for value_id, value in known.items()}
    for artifact in made["artifacts"]:
        payload = artifact["payload"]
        assert set(payload["recipe"]) in ({"tool", "input", "data_hash"}, {"tool", "input_hash", "data_hash"})
        {"chart": check_chart, "table": check_table, "metric": check_metric}[artifact["kind"]](payload, everything)
    for table in made["tables"]:
        for row in table["rows"]:
            for head, cell in zip(table["columns"], row, strict=True):
                if cell is None or head["kind"] == "number":
                    assert cell is None or cell in everything
                else:  # a word may read like an id of the conversation (`v1`), never like one of this call
                    assert not LOCAL_ID.fullmatch(cell)


def check_chart(payload: Json, everything: dict[str, Decimal]) -> None:
    count = len(payload["x"]["values"])
    for series in payload["series"]:
        assert len(series["values"]) == len(series["value_ids"]) == count
        check_points(series["values"], series["value_ids"], everything)
    if payload["x"].get("value_ids"):
        check_points(payload["x"]["values"], payload["x"]["value_ids"], everything)


def check_points(points: list[Any], ids: list[str | None], everything: dict[str, Decimal]) -> None:
    for point, value_id in zip(points, ids, strict=True):
        assert (point is None) == (value_id is None)
        if value_id is not None:
            assert math.isclose(point, everything[value_id], rel_tol=1e-12)


def check_table(payload: Json, everything: dict[str, Decimal]) -> None:
    for row in payload["rows"]:
        assert len(row) == len(payload["columns"])
        for cell in row:
            if not isinstance(cell, str):
                assert Decimal(cell["amount"]) == everything[cell["value_id"]]
                assert cell["shown"]


def check_metric(payload: Json, everything: dict[str, Decimal]) -> None:
    assert payload["value"]["value_id"] in everything
    if "change" in payload:
        assert payload["change"]["direction"] in ("up", "down", "flat")
        assert payload["change"]["value"]["value_id"] in everything


def check_numbering(made: Json) -> None:
    """Once the turn machine has numbered a result, no local id is left in anything a client or the model is shown."""
    numbered = Numbering("conversation", last_value=500, last_result=5).number(signal(made), 0)
    shown = [event.chart_data if hasattr(event, "chart_data") else vars_of(event) for event, *_ in numbered.artifacts]
    left = [text for text in strings([shown, dict(numbered.private)]) if LOCAL_ID.fullmatch(text)]
    assert left == []
    assert not re.search(r"\[\[~", numbered.private["content"])
    for wire in numbered.private.get("values", ()):
        assert not LOCAL_ID.search(wire.get("formula", ""))


def vars_of(event: Any) -> Json:
    return {name: getattr(event, name) for name in type(event).__slots__}


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for item in node.values():
            yield from strings(item)
    elif isinstance(node, list | tuple):
        for item in node:
            yield from strings(item)
