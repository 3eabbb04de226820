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
from tools import TOOLS
from tools.dataroom import Room
from tools.documents import handmade
from tools.finance.functions import FUNCTIONS
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


# -- arguments from schemas ----------------------------------------------------------------------------------------------

HERE = """d1 d2 d1.t1 d2.t1 r1 r2 r9 accounts.csv Revenue Margin ~2 Branch Date Units Total Fee Period FY2022 FY2024 2023
v1 v4 v10 v99 v1..v3 v4..v6 [[v2]] [[v5|m]] North 2019-02 c1 [[v1"""
SENTENCES = ["Cost of sales", "Other [[v1]]", "Sum of Units", "The [[v1]] of [[v2|abs]]"]
FOUND_HERE = st.sampled_from([*HERE.split(), *SENTENCES])


def from_schema(schema: Json, root: Json) -> st.SearchStrategy[Any]:
    """Instances of the part of JSON Schema that tools use; anything else is an error, so that nothing goes untested."""
    if "$ref" in schema:
        return from_schema(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "anyOf" in schema:
        return st.one_of([from_schema(option, root) for option in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "string":
            low, high = schema.get("minLength", 0), schema["maxLength"]
            return st.one_of(
                FOUND_HERE.filter(lambda text: low <= len(text) <= high),
                FOUND_HERE.filter(lambda text: low <= len(text) <= high),
                st.text(min_size=low, max_size=min(high, 12)),
            )
        case "number":
            low, high = schema["minimum"], schema["maximum"]
            return st.integers(-5, 60) | st.floats(low, high) | st.integers(int(low), int(high))
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "array":
            high = min(schema["maxItems"], 4)
            return st.lists(from_schema(schema["items"], root), min_size=schema.get("minItems", 0), max_size=high)
        case "object":
            parts = {name: from_schema(part, root) for name, part in schema.get("properties", {}).items()}
            needed = {name: parts.pop(name) for name in schema.get("required", ())}
            return st.fixed_dictionaries(needed, optional=parts)
        case kind:
            return {"boolean": st.booleans(), "null": st.none()}[kind]


# -- arguments that make sense, so that most calls run to their end ------------------------------------------------------

NUMERIC = {
    "d1.t1": ["FY2022", "FY2023", "FY2024"],
    "d2.t1": ["Units", "Total", "Fee"],
    "r1": ["Revenue", "Cost of sales", "Margin", "~2"],
    "r2": ["Sum of Units"],
}
WORDY = {"d1.t1": ["column 1"], "d2.t1": ["Branch", "Date", "Units", "Invoice"], "r1": ["Period"], "r2": ["Branch"]}
CITED = st.sampled_from(["v1", "v2", "[[v3]]", "v1..v3", 7, 2.5, None])


def some(names: list[str], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=most, unique=True)


def query(table: str) -> st.SearchStrategy[Json]:
    number, wordy = st.sampled_from(NUMERIC[table]), st.sampled_from(WORDY[table])
    every = st.sampled_from(["day", "week", "month", "quarter", "year"])
    keys = st.fixed_dictionaries({"column": wordy}) | st.fixed_dictionaries({"column": st.just("Date"), "every": every})
    ops = st.sampled_from(["sum", "mean", "median", "min", "max", "count"])
    aggregate = st.fixed_dictionaries({"op": ops, "column": number})
    change = st.fixed_dictionaries(
        {"op": st.sampled_from(["growth", "difference"]), "column": number}, optional={"against": number}
    )
    other = st.fixed_dictionaries({"op": st.sampled_from(["share", "cumulative"]), "column": number})
    ratio = st.fixed_dictionaries({"op": st.just("ratio"), "column": number, "against": number})
    condition = st.fixed_dictionaries(
        {"column": number, "op": st.sampled_from(["=", "!=", ">", ">=", "<", "<="]), "value": st.integers(-3, 9)}
    )
    parts = {
        "where": st.lists(condition, max_size=2),
        "derive": st.lists(change | other | ratio, max_size=3),
        "sort": st.lists(st.fixed_dictionaries({"column": number | wordy, "descending": st.booleans()}), max_size=2),
        "limit": st.integers(1, 60),
    }
    plain = st.fixed_dictionaries({"table": st.just(table)}, optional=parts)
    grouped = st.fixed_dictionaries(
        {
            "table": st.just(table),
            "group_by": st.lists(keys, max_size=2),
            "aggregates": st.lists(aggregate, min_size=1, max_size=3),
        },
        optional=parts,
    )
    return plain | grouped


def chart(table: str) -> st.SearchStrategy[Json]:
    kind = st.sampled_from(["line", "bar", "stacked_bar", "area", "pie", "scatter"])
    names = some(NUMERIC[table], 3)
    x = st.sampled_from([*WORDY[table], *NUMERIC[table]])
    drawn = {"kind": kind, "title": st.just("Up to [[v3]]"), "table": st.just(table)}
    return st.fixed_dictionaries(drawn, optional={"x": x, "y": names, "right_axis": names})


def typed_chart() -> st.SearchStrategy[Json]:
    line = st.fixed_dictionaries(
        {"name": st.text(min_size=1, max_size=9), "values": st.lists(CITED, min_size=1, max_size=3)}
    )
    kind = st.sampled_from(["line", "bar", "stacked_bar", "area", "pie", "scatter"])
    labels = st.sampled_from([["a"], ["a", "<b>"], ["a", "b", "~1"]])
    return st.fixed_dictionaries(
        {
            "kind": kind,
            "title": st.just("Typed"),
            "categories": labels,
            "series": st.lists(line, min_size=1, max_size=2),
        }
    )


def table(reference: str) -> st.SearchStrategy[Json]:
    names = some([*WORDY[reference], *NUMERIC[reference]], 4)
    return st.fixed_dictionaries({"title": st.just("T"), "table": st.just(reference)}, optional={"columns": names})


def typed_table() -> st.SearchStrategy[Json]:
    cell = st.sampled_from(["v1", "[[v2|2]]", "words", "with [[v3]]", "~1", 3, -2.5, None])
    rows = st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=4)
    )
    return st.fixed_dictionaries({"title": st.just("T"), "rows": rows})


def metric() -> st.SearchStrategy[Json]:
    one = st.sampled_from(["v1", "v2", "[[v3]]"])
    return st.fixed_dictionaries(
        {"label": st.just("A figure"), "value": one | st.integers(-5, 5)},
        optional={"against": one, "against_label": st.just("before"), "sparkline": st.just(["v1..v3"])},
    )


EXPRESSION = st.recursive(
    st.sampled_from(["v1", "v3", "[[v4]]", "v1..v3", "rate", "2", "100", "0.5", "12.5%"]),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner)
        | st.builds("{}({})".format, st.sampled_from(sorted(FUNCTIONS)), inner)
        | st.builds("{}({}, {})".format, st.sampled_from(sorted(FUNCTIONS)), inner, inner)
        | st.builds("{}({}, {}, {})".format, st.sampled_from(sorted(FUNCTIONS)), inner, inner, inner)
    ),
    max_leaves=6,
)


def calculation() -> st.SearchStrategy[Json]:
    """Sums over the values of earlier calls, cells of both documents, and a number that was given."""
    cell = st.fixed_dictionaries(
        {"name": st.just("rate"), "table": st.just("d1.t1"), "row": st.sampled_from(["Revenue", "Margin"])},
        optional={"column": st.sampled_from(NUMERIC["d1.t1"])},
    )
    amount = {"name": st.just("rate"), "amount": st.sampled_from(["8%", "0.5", "$3 million", "7"])}
    compared = st.builds("{} {} {}".format, EXPRESSION, st.sampled_from([">", "<=", "=="]), EXPRESSION)
    unit = st.sampled_from(["ratio", "multiple", "count", "days"])
    one = st.fixed_dictionaries(
        {"name": st.sampled_from(["A sum", "~1", "[[v1]]"]), "expression": EXPRESSION | compared},
        optional={"unit": unit, "symbol": st.sampled_from(["a", "b"])},
    )
    return st.fixed_dictionaries(
        {
            "calculations": st.lists(one, min_size=1, max_size=3),
            "operands": st.tuples(cell | st.fixed_dictionaries(amount)).map(list),
        }
    )


REFERENCES = st.sampled_from(["d1.t1", "d2.t1", "r1", "r2"])
PLAUSIBLE: dict[str, st.SearchStrategy[Json]] = {
    "query_data": REFERENCES.flatmap(query),
    "create_chart": REFERENCES.flatmap(chart) | typed_chart(),
    "create_table": REFERENCES.flatmap(table) | typed_table(),
    "create_metric": metric(),
    "calculate": calculation(),
    "describe_document": st.fixed_dictionaries({"document": st.sampled_from(["d1", "d2", "accounts.csv"])}),
}


@cache
def arguments_for(name: str) -> st.SearchStrategy[Json]:
    schema = TOOLS[name].schema()
    drawn = from_schema(schema, schema)
    return st.one_of(drawn, PLAUSIBLE[name], PLAUSIBLE[name]) if name in PLAUSIBLE else drawn


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
