"""Arguments for every tool: from its schema, and such that make sense for the documents and results in the room."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from tools import TOOLS
from tools.finance.functions import FUNCTIONS

Json = dict[str, Any]

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
            return st.integers(max(-5, int(low)), 60) | st.floats(low, high) | st.integers(int(low), int(high))
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
    dated = st.fixed_dictionaries({"column": st.just("Date"), "every": every}, optional={"gaps": st.booleans()})
    keys = st.fixed_dictionaries({"column": wordy}) | dated
    ops = st.sampled_from(["sum", "mean", "median", "min", "max", "count", "distinct", "std", "first", "last"])
    aggregate = st.fixed_dictionaries({"op": ops, "column": number}) | st.fixed_dictionaries(
        {"op": st.just("percentile"), "column": number, "percent": st.integers(0, 100)}
    )
    pivot = st.fixed_dictionaries({"column": wordy}, optional={"totals": st.booleans()}) | st.fixed_dictionaries(
        {"column": st.just("Date"), "every": every}
    )
    change = st.fixed_dictionaries(
        {"op": st.sampled_from(["growth", "difference"]), "column": number}, optional={"against": number}
    )
    other = st.fixed_dictionaries({"op": st.sampled_from(["share", "cumulative"]), "column": number})
    ratio = st.fixed_dictionaries({"op": st.just("ratio"), "column": number, "against": number})
    condition = st.fixed_dictionaries(
        {"column": number, "op": st.sampled_from(["=", "!=", ">", ">=", "<", "<="]), "value": st.integers(-3, 9)}
    )
    rolling = st.fixed_dictionaries(
        {"op": st.sampled_from(["rolling_sum", "rolling_mean", "rolling_max"]), "column": number, "window": st.just(2)}
    )
    placed = st.fixed_dictionaries(
        {"op": st.sampled_from(["rank", "share"]), "column": number}, optional={"within": wordy}
    ) | st.fixed_dictionaries({"op": st.just("index"), "column": number})
    joins = st.sampled_from(
        [
            [{"table": "r2", "on": [{"column": "Branch"}]}],
            [{"table": "d1.t1", "on": [{"column": "Period"}], "keep": "matching"}],
            [{"table": "r1", "on": [{"column": "Period"}], "columns": ["Revenue"]}],
        ]
    )
    parts = {
        "join": joins,
        "where": st.lists(condition, max_size=2),
        "derive": st.lists(change | other | ratio | rolling | placed, max_size=3),
        "sort": st.lists(st.fixed_dictionaries({"column": number | wordy, "descending": st.booleans()}), max_size=2),
        "limit": st.integers(1, 60),
        "first_of_each": st.fixed_dictionaries({"column": wordy, "rows": st.integers(1, 2)}),
    }
    plain = st.fixed_dictionaries({"table": st.just(table)}, optional=parts)
    grouped = st.fixed_dictionaries(
        {
            "table": st.just(table),
            "group_by": st.lists(keys, max_size=2),
            "aggregates": st.lists(aggregate, min_size=1, max_size=3),
        },
        optional={**parts, "pivot": pivot},
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
    "get_statement": st.fixed_dictionaries(
        {"document": st.sampled_from(["d1", "d2"]), "statement": st.sampled_from(["income", "balance"])},
        optional={"periods": st.lists(st.sampled_from(["FY2022", "2024", "Q1 2023"]), min_size=1, max_size=2)},
    ),
    "get_values": st.fixed_dictionaries(
        {"line": st.sampled_from(["Revenue", "sales", "cost of sales", "gross margin", "us-gaap:Revenues", "Fee"])},
        optional={
            "documents": st.sampled_from([["d1"], ["d2"], ["d1", "d2"]]),
            "periods": st.lists(st.sampled_from(["FY2022", "2024", "2023"]), min_size=1, max_size=2),
        },
    ),
    "describe_document": st.fixed_dictionaries({"document": st.sampled_from(["d1", "d2", "accounts.csv"])}),
}


@cache
def arguments_for(name: str) -> st.SearchStrategy[Json]:
    schema = TOOLS[name].schema()
    drawn = from_schema(schema, schema)
    return st.one_of(drawn, PLAUSIBLE[name], PLAUSIBLE[name]) if name in PLAUSIBLE else drawn
