"""`calculate`: exact, with units, refusing in words, and every operand traceable."""

from __future__ import annotations

import time
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from operator import add as add_
from operator import mul, sub, truediv
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import calculate
from tools.dataroom import Room
from tools.documents import handmade
from tools.documents.document import Passage
from tools.finance.expressions import Node, parse
from tools.finance.functions import FUNCTIONS
from tools.finance.quantities import Quantity, add, divide, multiply
from tools.refusals import ToolError
from tools.results import Remark, ResultTable
from tools.values import Value

ACCOUNTS = handmade.statement(
    ["FY2023", "FY2024"],
    {
        "Revenue": [55_120_000, 61_904_000],
        "Profit": [4_000_000, 5_000_000],
        "Loss": [-10, -5],
        "Margin": ["0.07", "0.08"],
    },
    units={"Margin": "ratio"},
)
ACCOUNTS.passages.append(
    Passage("Capital expenditure was $4.2 million in 2024, against 1,250 in 2023.", (("line", 9),))
)


def value(value_id: str, amount: str, unit: str) -> Value:
    return Value(value_id, value_id, Decimal(amount), unit, amount, "given", note="here")


HERE = [
    value("v1", "200", "GBP"), value("v2", "160", "GBP"), value("v3", "50", "USD"), value("v4", "0.25", "ratio"),
    value("v5", "0.20", "ratio"), value("v6", "40", "shares"), value("v7", "0", "GBP"), value("v8", "-8", "GBP"),
]  # fmt: skip


def worked(expression: str, **more: Any) -> Value:
    """The result of one expression."""
    unit = more.pop("unit", None)
    asked = {"calculations": [{"name": "It", "expression": expression, "unit": unit}], **more}
    table = calculate.run(Room.of(ACCOUNTS, values=HERE), calculate.Args.model_validate(asked))[0]
    assert isinstance(table, ResultTable)
    result = table.rows[0][1]
    assert isinstance(result, Value)
    return result


def refused(expression: str, **more: Any) -> ToolError:
    with pytest.raises(ToolError) as caught:
        worked(expression, **more)
    return caught.value


@pytest.mark.parametrize(
    ("expression", "amount", "unit", "formula"),
    [
        ("(v1 - v2) / v2", "0.25", "ratio", "(v1 - v2) / v2"),
        ("v1 - (v2 - v7)", "40", "GBP", "v1 - (v2 - v7)"),
        ("growth(v1, v2)", "0.25", "ratio", "growth(v1, v2)"),
        ("v1 / v6", "5", "GBP/share", "v1 / v6"),
        ("v1 * v4", "50", "GBP", "v1 * v4"),
        ("v1 / v6 * v6", "200", "GBP", "v1 / v6 * v6"),
        ("v4 - v5", "0.05", "ratio", "v4 - v5"),
        ("sum(v1..v2)", "360", "GBP", "sum(v1, v2)"),
        ("average(v1, v2, v8)", "117.33333333333333333333333333", "GBP", "average(v1, v2, v8)"),
        ("(1 + v4) ** 2 - 1", "0.5625", "ratio", "(1 + v4) ** 2 - 1"),
        ("cagr(v1, v2, 2)", "0.118033988749894848204586834366", "ratio", "cagr(v1, v2, 2)"),
        ("-v8 + 10%*v1", "28", "GBP", "-v8 + 10 / 100 * v1"),
        ("pmt(v4/12, 12, v1)", "19.008840652782", "GBP", "pmt(v4 / 12, 12, v1)"),
        ("irr(-100, 60, 60)", "0.130662386291", "ratio", ""),
        ("npv(v5, v8, v1)", "158.6666666666666666666666667", "GBP", "npv(v5, v8, v1)"),
        ("max(v1, v2) - min(v1, v2)", "40", "GBP", "max(v1, v2) - min(v1, v2)"),
        ("round(v1 / 3, 2)", "66.67", "GBP", "round(v1 / 3, 2)"),
    ],
)
def test_an_expression_gives_an_exact_amount_with_its_unit(
    expression: str, amount: str, unit: str, formula: str
) -> None:
    found = worked(expression)
    assert abs(found.amount - Decimal(amount)) <= Decimal("1e-9")
    assert found.unit == unit
    assert not formula or found.formula == formula


def test_a_difference_of_percentages_is_told_in_points() -> None:
    assert worked("v4 - v5").shown == "5.0 pp"


def test_an_average_of_plain_numbers_is_a_plain_number_and_a_quotient_of_them_a_ratio() -> None:
    shops = [{"name": "first", "amount": "3"}, {"name": "second", "amount": "4"}]
    assert worked("average(first, second)", operands=shops).shown == "3.5"
    assert worked("(first + second) / 2", operands=shops).shown == "3.5"
    assert worked("sum(first, second) / count(first, second)", operands=shops).shown == "3.5"
    assert worked("first / second", operands=shops).shown == "75.0%"


def test_a_percentage_is_never_shown_a_hundred_times_too_large() -> None:
    assert worked("(v1 - v2) / v2").shown == "25.0%"
    assert worked("(v1 - v2) / v2 * 100").shown == "25"
    assert "leave out the 100" in refused("(v1 - v2) / v2 * 100", unit="ratio").text


def test_numbers_are_read_from_the_text_and_never_rounded_on_the_way() -> None:
    assert worked("123456789012.123456789 * 3").amount == Decimal("370370367036.370370367")
    assert worked("1_000.5 + .25 + 1e-3").amount == Decimal("1000.751")


def test_growth_worked_out_by_hand_from_below_zero_comes_with_a_caution() -> None:
    def cautions(expression: str) -> list[str]:
        asked = calculate.Args.model_validate({"calculations": [{"name": "Growth", "expression": expression}]})
        results = calculate.run(Room.of(ACCOUNTS, values=HERE), asked)
        return [each.text for each in results if isinstance(each, Remark) and "negative" in each.text]

    assert len(cautions("100% * ((v1 - v8) / v8)")) == 1
    assert cautions("(v1 - v2) / v2") == cautions("v8 / v1") == []


def test_a_comparison_answers_yes_or_no() -> None:
    asked = calculate.Args.model_validate({"calculations": [{"name": "Higher?", "expression": "v1 > v2"}]})
    table = calculate.run(Room.of(ACCOUNTS, values=HERE), asked)[0]
    assert isinstance(table, ResultTable)
    assert list(table.rows[0]) == ["Higher?", None, "yes"]


def test_later_calculations_use_earlier_ones() -> None:
    asked = {
        "operands": [
            {"name": "now", "table": "d1.t1", "row": "Revenue", "column": "FY2024"},
            {"name": "before", "table": "d1.t1", "row": "Revenue", "column": "FY2023"},
        ],
        "calculations": [
            {"name": "Change", "expression": "now - before", "symbol": "change"},
            {"name": "Growth", "expression": "change / before"},
        ],
    }
    table, support = calculate.run(Room.of(ACCOUNTS), calculate.Args.model_validate(asked))
    assert isinstance(table, ResultTable)
    change, growth = (row[1] for row in table.rows)
    assert isinstance(change, Value)
    assert isinstance(growth, Value)
    assert change.amount == 6_784_000
    assert growth.inputs[0] == change.value_id
    leaves = [each for each in support.values if each.place]  # type: ignore[union-attr]
    assert {(leaf.place.row, leaf.place.column) for leaf in leaves if leaf.place} == {
        ("Revenue", "FY2024"),
        ("Revenue", "FY2023"),
    }


def test_a_row_without_a_column_is_all_its_figures() -> None:
    operands = [{"name": "profits", "table": "d1.t1", "row": "Profit"}]
    assert worked("sum(profits)", operands=operands).amount == 9_000_000
    assert "2 figures" in refused("profits + 1", operands=operands).text


def test_a_figure_quoted_from_a_sentence_is_tied_to_it_and_refused_where_it_does_not_stand() -> None:
    quoted = {"name": "capex", "document": "d1", "sentence": "Capital expenditure was", "figure": "$4.2 million"}
    room = Room.of(ACCOUNTS)
    asked = {"operands": [quoted], "calculations": [{"name": "Twice", "expression": "capex * 2"}]}
    table, support = calculate.run(room, calculate.Args.model_validate(asked))
    assert isinstance(table, ResultTable)
    twice = table.rows[0][1]
    assert isinstance(twice, Value)
    assert (twice.amount, twice.unit, twice.state) == (Decimal(8_400_000), "USD", "computed")
    (source,) = support.values  # type: ignore[union-attr]
    assert source.state == "tied"
    assert source.place is not None
    assert (source.place.printed, dict(source.place.at)) == ("$4.2 million", {"line": 9})
    for wrong in ("$4.3 million", "250", "1,25"):
        assert refused("capex", operands=[{**quoted, "figure": wrong}]).code == "no_figure"
    assert refused("capex", operands=[{**quoted, "sentence": "Nobody said"}]).code == "unknown_sentence"


def test_a_given_number_is_marked_as_given_and_a_typed_one_leaves_the_result_open() -> None:
    given_rate = worked(
        "v1 * rate", operands=[{"name": "rate", "amount": "0.08", "unit": "ratio", "note": "you said 8%"}]
    )
    assert (given_rate.amount, given_rate.state) == (16, "computed")
    typed = worked("v1 * 0.08")
    assert typed.state == "open"
    assert "without a source" in typed.note
    assert worked("100 * 4 + 12").state == "open"


@pytest.mark.parametrize(
    ("expression", "code", "says"),
    [
        ("v1 + v3", "mixed_units", "USD cannot be added to GBP"),
        ("v1 + v4", "mixed_units", "a ratio cannot be added to GBP"),
        ("v1 / v3", "mixed_units", "one currency"),
        ("v1 * v2", "mixed_units", "GBP^2"),
        ("v1 > v3", "mixed_units", "compared"),
        ("v1 / v7", "division_by_zero", "divides by zero"),
        ("growth(v1, v8)", "no_growth", "negative base"),
        ("growth(v1, v7)", "no_growth", "zero"),
        ("9**9**9", "out_of_range", "exponent"),
        ("10**200 * v1", "out_of_range", "range"),
        ("v99", "unknown_value", "v99"),
        ("profit", "unknown_name", "names no operand"),
        ("frob(v1)", "unknown_function", "there is no function"),
        ("cagr(v1, v2)", "arguments", "takes 3"),
        ("v1.amount", "bad_expression", "dotted name"),
        ("v1[0]", "bad_expression", "index"),
        ("(lambda: 1)()", "bad_expression", "function"),
        ("[v1 for v1 in x]", "bad_expression", "comprehension"),
        ("__import__('os')", "bad_expression", "numbers and names"),
        ("'a' * 9", "bad_expression", "numbers and names"),
        ("v1 if v2 else v3", "bad_expression", "if / else"),
        ("v1 ^ 2", "bad_expression", "**"),
        ("v1 +", "bad_expression", "not an expression"),
        ("sum(v9..v2)", "bad_expression", "range"),
        ("sum(v1..v301)", "bad_expression", "300"),
        ("sum(1,250)", "bad_expression", "write 1250"),
        ("v1 # + v2", "bad_expression", "#"),
        ("1if 2 else 3", "bad_expression", "if / else"),
        ("0x1F", "bad_expression", "decimal"),
        ("1j", "bad_expression", "numbers and names"),
        ("v1, v2", "bad_expression", "sum"),
        ("1e30 * 1e30", "out_of_range", "result"),
        ("1e30 ** 3", "out_of_range", "range"),
        ("sum()", "arguments", "at least 1 figure"),
        ("round(10**45, 15)", "out_of_range", "rounded"),
        ("(" * 400 + "1" + ")" * 400, "bad_expression", ""),
        ("-" * 500 + "1", "bad_expression", ""),
        ("1" * 60, "bad_expression", "digits"),
        ("1e999", "bad_expression", ""),
        ("(v1 > v2) + 1", "bad_expression", "stands alone"),
        ("(0 - 8) ** 0.5", "bad_power", "negative"),
        ("irr(v1, v2)", "no_solution", "rate of return"),
    ],
)
def test_what_has_no_meaning_is_refused_in_words(expression: str, code: str, says: str) -> None:
    refusal = refused(expression)
    assert refusal.code == code
    assert says in refusal.text
    assert len(refusal.text) < 400


TREES = st.recursive(
    st.integers(0, 12).map(str),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_any_sum_is_what_fractions_say(expression: str) -> None:
    try:
        exact = _exact(parse(expression))
    except ZeroDivisionError:
        # Exactly nothing may be a last digit of decimals: then the quotient is huge, or it is refused.
        with suppress(ToolError):
            worked(expression)
        return
    found = worked(expression).amount
    assert abs(Fraction(found) - exact) <= max(abs(exact), 1) * Fraction(1, 10**25)


def _exact(node: Node) -> Fraction:
    """The same tree over fractions, which never round."""
    if node.kind == "number":
        return Fraction(node.amount)
    one, other = (_exact(part) for part in node.parts)
    return {"+": add_, "-": sub, "*": mul, "/": truediv}[node.kind](one, other)


EXTREMES = st.recursive(
    st.sampled_from(
        ["v1", "v4", "v6", "v7", "v8", "0", "1", "100", "360", "12.5%", "1e30", "1e-30", "99999999", "v1..v2"]
    ),
    lambda inner: (
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "**"]), inner)
        | st.builds(
            lambda name, figures: f"{name}({', '.join(figures)})",
            st.sampled_from(sorted(FUNCTIONS)),
            st.lists(inner, min_size=1, max_size=4),
        )
    ),
    max_leaves=8,
)


@settings(max_examples=500, deadline=None)
@given(EXTREMES, st.sampled_from([None, "ratio", "multiple", "days"]))
def test_any_calculation_gives_a_result_or_a_refusal_in_bounded_time(expression: str, unit: str | None) -> None:
    started_s = time.process_time()
    with suppress(ToolError):
        assert worked(expression, unit=unit).shown
    assert time.process_time() - started_s < 1


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="v123.+-*/() ,sumabs", max_size=60))
def test_any_text_gives_a_result_or_a_refusal_in_bounded_time(text: str) -> None:
    started_s = time.process_time()
    asked = {"calculations": [{"name": "It", "expression": text or " "}]}
    try:
        calculate.run(Room.of(ACCOUNTS, values=HERE), calculate.Args.model_validate(asked))
    except ToolError:
        pass
    assert time.process_time() - started_s < 2


UNITS = st.sampled_from(["GBP", "USD", "GBP/share", "shares", "ratio", "multiple", "days", "count"])
QUANTITIES = st.builds(Quantity.of, st.integers(-1_000, 1_000).filter(bool).map(Decimal), UNITS)


@given(QUANTITIES, QUANTITIES)
def test_adding_needs_like_units_and_multiplying_undoes_dividing(one: Quantity, other: Quantity) -> None:
    alike = dict(one.dimensions) == dict(other.dimensions) or one.is_bare or other.is_bare
    try:
        total = add(one, other)
    except ToolError:
        assert not alike
    else:
        assert alike
        assert add(other, one).amount == total.amount
    try:
        again = multiply(divide(one, other), other)
    except ToolError:
        return
    assert abs(again.amount - one.amount) < Decimal("1e-40")
    assert dict(again.dimensions) == dict(one.dimensions)


def test_the_tree_keeps_the_order_of_operations() -> None:
    assert parse("1 + 2 * 3").kind == "+"
    assert parse("-2 ** 2").kind == "negative"
