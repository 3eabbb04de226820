"""Operands: a figure quoted must stand in the sentence quoted, a given number means what people mean by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tools.dataroom import Room
from tools.documents import handmade
from tools.documents.document import Passage
from tools.finance import operands
from tools.refusals import ToolError
from tools.values import Value

PROSE = handmade.statement(["FY2024"], {"Revenue": [100]})
PROSE.passages += [
    Passage(
        "Sales were $5.1 million. Costs were $4.2 million, of which rent 12.5%. Staff numbered 31.", (("line", 1),)
    ),
    Passage("Rent was 7 in the north.", (("line", 2),)),
    Passage("Rent was 7 in the south.", (("line", 3),)),
    Passage("The dividend was $0.31.", (("line", 4),)),
    Passage("The dividend was $0.31.", (("line", 5),)),
]


def quoted(sentence: str, figure: str, unit: str | None = None) -> Value:
    return operands.quoted(Room.of(PROSE), "d1", sentence, figure, "it", unit)


def given(amount: str, unit: str | None = None) -> tuple[Decimal, str]:
    value = operands.given(Room.of(), amount, unit, "it", "")
    assert value.state == "given"
    return value.amount, value.unit


def code(run: Any, *arguments: Any) -> str:
    with pytest.raises(ToolError) as caught:
        run(*arguments)
    return caught.value.code


def test_a_quoted_figure_stands_in_the_sentence_and_not_elsewhere_in_its_paragraph() -> None:
    assert quoted("Costs were", "$4.2 million").amount == 4_200_000
    assert quoted("costs were $4.2 million", "12.5%").unit == "ratio"
    assert quoted("$5.1 million. Costs were", "$4.2 million").amount == 4_200_000
    assert code(quoted, "Costs were", "$5.1 million") == "no_figure"
    assert code(quoted, "Sales were", "31") == "no_figure"


def test_words_that_stand_in_several_places_must_be_quoted_further() -> None:
    assert code(quoted, "Rent was", "7") == "ambiguous_sentence"
    assert dict(quoted("was 7 in the south", "7").place.at) == {"line": 3}  # type: ignore[union-attr]
    assert dict(quoted("The dividend was", "$0.31").place.at) == {"line": 4}  # type: ignore[union-attr]
    assert code(quoted, "...", "7") == "unknown_sentence"


def test_a_stated_unit_adds_to_the_printed_one_and_never_contradicts_it() -> None:
    assert quoted("The dividend was", "$0.31", "USD/share").unit == "USD/share"
    assert quoted("Staff numbered", "31").unit == "count"
    assert quoted("Staff numbered", "31", "days").unit == "days"
    assert code(quoted, "The dividend was", "$0.31", "GBP") == "mixed_units"
    assert code(quoted, "Staff numbered", "31", "people") == "arguments"


def test_a_given_number_may_be_written_as_people_write_it() -> None:
    assert given("0.08", "ratio") == (Decimal("0.08"), "ratio")
    assert given("8%") == (Decimal("0.08"), "ratio")
    assert given("$5 million") == (5_000_000, "USD")
    assert given("1,250,000") == (1_250_000, "count")
    assert given("-3.5") == (Decimal("-3.5"), "count")


@pytest.mark.parametrize("amount", ["", "NaN", "Infinity", "eight", "1e40", "9" * 60, "v12", "1..2", "£", "\x00"])
def test_what_is_no_number_is_refused_in_words(amount: str) -> None:
    assert code(given, amount) in ("arguments", "out_of_range")


def test_a_number_in_percent_is_not_a_number_of_days() -> None:
    assert code(given, "8%", "days") == "mixed_units"


def test_a_long_column_is_left_to_aggregation() -> None:
    ledger = handmade.records({"Amount": list(range(1_001))})
    assert code(operands.cells, Room.of(ledger), "d1.t1", None, "Amount") == "too_many_figures"
    assert len(operands.cells(Room.of(ledger), "d1.t1", "row 7", "Amount")) == 1
