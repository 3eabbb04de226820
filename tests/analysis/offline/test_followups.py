"""Follow-ups, completed from the questions before them."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        (["How did revenue develop?", "and operating profit?"], "Operating profit rose from £5.4m in FY2021 to £7.7m in FY2024"),
        (["What was revenue in FY2024?", "and the year before?"], "Revenue was £55.1m in FY2023"),
        (["What was revenue in FY2024?", "and in FY2022?"], "Revenue was £52.8m in FY2022"),
        (
            ["Compare gross profit in FY2021 and FY2023", "same for profit before tax"],
            "Profit before tax fell from £5.0m in FY2021",
        ),
        (["Compare gross profit in FY2021 and FY2023", "what about FY2022 and FY2024?"], "rose from £20.5m in FY2022 to £26.4m"),
        (["How did gross profit develop?", "What was it in FY2022?"], "£20.5m in FY2022"),
        (["In which year was the net margin highest?", "and lowest?"], "Net margin was lowest in FY2022, at 5.7%"),
        (["In which year was the net margin highest?", "how about the operating margin"], "Operating margin was highest in"),
        (
            ["How did revenue develop, and what happened to the gross margin?", "same for operating profit"],
            "Operating profit rose from £5.4m in FY2021",
        ),
        (["What was EBITDA in FY2023?", "and operating profit?"], "Operating profit was £5.2m in FY2023"),
        (["What was revenue in FY2022?", "thanks", "and gross profit?"], "Gross profit was £20.5m in FY2022"),
        (["Why did operating profit fall in FY2022?", "and in FY2023?"], "Operating profit rose from £4.2m in FY2022"),
        (["How did revenue develop?", "What was the tax in FY2023?"], "Tax was £1.1m in FY2023"),
    ],
)  # fmt: skip
def test_statements(statements: Any, questions: list[str], sentence: str) -> None:
    for question in questions[:-1]:
        statements.ask(question)
    said = statements.ask(questions[-1])
    assert sentence in said.shown, said.shown


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        (["revenue by region", "and by channel"], "*Retail* leads: total *Revenue* is £25.0m"),
        (["revenue by region", "only for furniture"], "by *Region* from northwind_sales.csv for Furniture"),
        (["revenue by region", "only for furniture", "what about lighting?"], "for Lighting"),
        (["revenue by region", "only for furniture", "for online"], "for Furniture and Online"),
        (["revenue by region", "top 2"], "Next comes *Midlands*"),
        (["How did revenue develop by month?", "and by quarter?"], "in 2024 Q1"),
        (["revenue by region", "average instead"], "has the highest average *Revenue*"),
        (["Which region sells most?", "and least?"], "*Scotland* has the lowest total *Revenue*"),
        (["revenue in London", "and Scotland?"], "*Revenue (GBP)* adds up to £8.7m for Scotland"),
    ],
)
def test_records(sales: Any, questions: list[str], sentence: str) -> None:
    for question in questions[:-1]:
        sales.ask(question)
    said = sales.ask(questions[-1])
    assert sentence in said.shown, said.shown


def test_a_chart_is_added_to_the_question_before(sales: Any) -> None:
    sales.ask("revenue by channel")
    assert sales.ask("as a pie chart").charts[0]["kind"] == "pie"


def test_a_question_without_sense_does_not_inherit_any(statements: Any) -> None:
    statements.ask("How did revenue develop?")
    said = statements.ask("How many penguins live there?")
    assert "called “penguins live”" in said.shown
    assert not said.cited
