"""Whatever is asked and whatever tools answer: the answer ends, cites only what it was shown, and types no amount."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.messages import Message, ToolAnswer, ToolUse, Words
from analysis.offline.analyst import answer

WORDS = (
    "revenue,gross margin,operating profit,cash,equity,tax,profit,sales,EBITDA,costs,margins,total assets,region,channel,"
    "product line,quantity,unit price,London,Furniture,online,how did,what was,which,compare,top 3,bottom,highest,lowest,"
    "average,total,sum of,how many,share of,percent of,as a percentage of,difference between,develop,grow,fall,change,why,"
    "in FY2022,in 2024,since 2022,FY2021 and FY2024,from FY2021 to FY2023,last year,Q3,March,in March 2024,by month,"
    "per quarter,by week,over time,over 500,at least 2m,and,or,the,of,in,for,by,per,?,chart,pie,stacked bars,table,"
    "same for,and the year before,what about,it,per employee,minus,divided by,Germany,penguins,forecast,balance sheet"
).split(",")
QUESTIONS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)


def check(said: Any, questions: list[str]) -> None:
    known = {value.value_id for value in said.cited}
    assert set(re.findall(r"\[\[(v\d+)", said.written)) == known
    unexpected = [refusal for refusal in said.refusals if "no row of" not in refusal]
    assert not unexpected, (said.question, unexpected, said.calls[-1])
    typed = re.sub(r"\b(?:FY)?20\d\d(?:-\d\d){0,2}(?: Q\d|-W\d\d)?\b|\bQ\d\b", "", said.digits())
    # A follow-up ("why") may repeat the number of the question it completes.
    for number in re.findall(r"\d[\d.,]*\d{2}", typed):
        assert any(number in question for question in questions) or number in ("2m",), said.written


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(questions=st.lists(QUESTIONS, min_size=1, max_size=2))
def test_any_words_about_statements(desk_with: Callable[..., Any], samples: Any, questions: list[str]) -> None:
    desk = desk_with(samples / "northwind_statements.csv")
    for question in questions:
        said = desk.ask(question)
        said.question = question
        check(said, questions)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(questions=st.lists(QUESTIONS, min_size=1, max_size=2))
def test_any_words_about_records(desk_with: Callable[..., Any], samples: Any, questions: list[str]) -> None:
    desk = desk_with(samples / "northwind_sales.csv")
    for question in questions:
        said = desk.ask(question)
        said.question = question
        check(said, questions)


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_at_all(desk_with: Callable[..., Any], samples: Any, text: str) -> None:
    desk = desk_with(samples / "northwind_sales.csv", samples / "northwind_statements.csv")
    desk.ask(text or "?")


@pytest.mark.parametrize(
    "question", ["How did revenue develop? Chart it.", "revenue by region", "what is in this file?", "hello"]
)
@pytest.mark.parametrize(
    "failing", ["list_documents", "describe_document", "query_data", "create_chart", "create_table", "*"]
)
def test_a_tool_that_fails_is_explained_and_ends_the_answer(statements: Any, question: str, failing: str) -> None:
    """The real tools, one of which fails every time it is called."""
    real = statements._run

    def run(message_id: str, request: Any, offset: int) -> list[str]:
        if failing not in ("*", request.tool):
            return real(message_id, request, offset)
        broken = type(request)(
            request.tool_id, request.tool, {"document": "d9", "table": "d9.t9", "title": "x", "label": "x"}
        )
        return fail(statements, message_id, broken, offset)

    statements._run = run
    said = statements.ask(question)
    assert said.shown.strip()
    assert "Traceback" not in said.shown
    if failing in ("list_documents", "*"):
        assert "I had to stop here: the tool broke" in said.shown


def fail(desk: Any, message_id: str, request: Any, offset: int) -> list[str]:
    from analysis import events

    desk.history.add(events.ToolStart(message_id, request.tool_id, request.tool, offset))
    desk.history.add(
        events.ToolComplete(
            message_id, request.tool_id, request.tool, False, error={"code": "x", "text": "the tool broke"}
        )
    )
    return []


def test_a_chart_that_cannot_be_drawn_is_said_beside_the_finding(statements: Any) -> None:
    real = statements._run
    statements._run = lambda m, r, o: fail(statements, m, r, o) if r.tool == "create_chart" else real(m, r, o)
    said = statements.ask("How did revenue develop? Chart it.")
    assert "Revenue rose every year" in said.shown
    assert "The chart could not be made: the tool broke" in said.shown
    assert said.tables
    assert said.metrics


def test_without_documents_it_says_what_it_needs() -> None:
    asked = Message("user", [Words("How did revenue develop?")])
    first = answer([asked])
    assert [call.tool for call in first.calls] == ["list_documents"]
    empty = ToolAnswer("call_1", "list_documents", "none", data={"documents": []})
    last = answer([asked, Message("assistant", [ToolUse("call_1", "list_documents", {})]), Message("user", [empty])])
    assert "Attach a workbook or a CSV file" in last.prose
    assert (last.calls, last.suggestions) == ((), ())


def test_the_same_transcript_gives_the_same_answer(statements: Any) -> None:
    statements.ask("How did revenue develop? Chart it.")
    messages = statements.messages()
    for end in range(1, len(messages) + 1):
        if messages[end - 1].role == "user":
            assert answer(messages[:end]) == answer(list(messages[:end]))
