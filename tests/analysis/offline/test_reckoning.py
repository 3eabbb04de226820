"""Reckoning: what a question asks for, and which cells it means."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analysis.offline.frame import Figure, Frame
from analysis.offline.reckoning.binding import bind
from analysis.offline.reckoning.board import board_of
from analysis.offline.reckoning.forms import form_of
from analysis.offline.reckoning.sums import Sum
from analysis.offline.words import Question


def frame(header: list[str], *rows: list[str]) -> Frame:
    """A result as the tools give it; whatever looks like a number is one."""

    def cell(text: str, at: str) -> Figure | str:
        return Figure(at, Decimal(text), "USD") if text.lstrip("-").replace(".", "").isdigit() else text

    made = tuple(tuple(cell(text, f"v{r}{c}") for c, text in enumerate(row)) for r, row in enumerate(rows))
    return Frame("r1", tuple(header), ("",) * len(header), made, len(rows))


SALES = frame(
    ["", "2019", "2018", "2017"],
    ["Fixed price", "1452", "1146", "1036"],
    ["Other", "44", "56", "70"],
    ["Total sales", "1496", "1202", "1106"],
)


def reckoned(question: str, *frames: Frame) -> Sum | None:
    form = form_of(question)
    return (
        bind(form, Question.of(question), board_of([(f"d1.t{n}", f) for n, f in enumerate(frames)])) if form else None
    )


@pytest.mark.parametrize(
    ("question", "operation", "amounts"),
    [
        ("What is the percentage change in fixed price sales between 2018 and 2019?", "growth", [1452, 1146]),
        ("What was the change in Other in 2019 from 2018?", "change", [44, 56]),
        ("What percentage of total sales was fixed price in 2017?", "share", [1036, 1106]),
        ("Fixed price as a percent of total sales in 2019?", "share", [1452, 1496]),
        ("What is the average total sales from 2017 to 2019?", "average", [1106, 1202, 1496]),
        ("What were total sales in 2018?", "lookup", [1202]),
        ("What is the ratio of fixed price to other in 2018?", "ratio", [1146, 56]),
        ("In which year was Other the largest?", "when_highest", [44, 56, 70]),
    ],
)
def test_a_question_is_tied_to_its_cells(question: str, operation: str, amounts: list[int]) -> None:
    found = reckoned(question, SALES)
    assert found is not None
    assert found.operation == operation
    assert [int(operand.cell.figure.amount) for operand in found.operands] == amounts
    assert found.confidence > 0.5


@pytest.mark.parametrize("question", ["Why did sales fall in 2019?", "What are the types of contract?", ""])
def test_a_question_for_words_is_not_reckoned(question: str) -> None:
    assert reckoned(question, SALES) is None


def test_years_down_the_rows_come_to_the_same_as_years_across() -> None:
    turned = frame(["Year", "Fixed price", "Other"], ["FY2019", "1452", "44"], ["FY2018", "1146", "56"])
    found = reckoned("What was the change in other from 2018 to 2019?", turned)
    assert found is not None
    assert [int(operand.cell.figure.amount) for operand in found.operands] == [44, 56]


def test_a_name_that_stands_for_two_lines_costs_confidence() -> None:
    twins = frame(["", "2019", "2018"], ["Operating expenses", "5", "4"], ["Other expenses", "9", "8"])
    sure, unsure = (reckoned(f"What were {name} in 2019?", twins) for name in ("operating expenses", "expenses"))
    assert sure is not None
    assert unsure is None or unsure.confidence < sure.confidence / 2
