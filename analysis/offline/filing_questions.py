"""Questions worth asking of filings: each has its answer in every one of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from analysis.offline.filing import Filing
from analysis.offline.filing_plans import worked_for
from analysis.offline.filings import Asked, Compared, filing_asked
from analysis.offline.formulas import Missing
from analysis.offline.words import Question

_COURSES = ("revenue", "net interest income", "operating margin", "net margin", "free cash flow")
_FIGURES = (
    "free cash flow",
    "operating cash flow",
    "gross margin",
    "net income",
    "total debt",
    "diluted earnings per share",
    "current ratio",
    "total assets",
)
_STATEMENTS = {"balance": "balance sheet", "income": "income statement", "cash_flow": "cash flow statement"}


def about_filings(filings: Sequence[Filing], asked: Iterable[str]) -> Iterator[str]:
    """What can be asked next, without what was."""
    told = {name for question in asked for name in _names(question, filings)}
    courses = [each for each in _COURSES if each not in told and _is_there(each, filings)]
    figures = [each for each in _FIGURES if each not in told and each not in courses[:1] and _is_there(each, filings)]
    several = len(filings) > 1
    for course in courses[:1]:
        yield f"Compare {course}. Chart it." if several else f"How did {course} develop? Chart it."
    for figure in figures[:1]:
        yield f"Compare {figure}" if several else f"What was {figure}?"
    if not several:
        kinds = {sheet.statement for sheet in filings[0].sheets}
        yield from [f"Show the {words}" for kind, words in _STATEMENTS.items() if kind in kinds][:1]
    for figure in figures[1:]:
        yield f"Compare {figure}" if several else f"What was {figure}?"


def _names(question: str, filings: Sequence[Filing]) -> tuple[str, ...]:
    asked = filing_asked(Question.of(question), filings)
    if isinstance(asked, Compared):
        return asked.each[0].names
    return asked.names if isinstance(asked, Asked) else ()


def _is_there(wanted: str, filings: Sequence[Filing]) -> bool:
    return all(not isinstance(worked_for(wanted, filing), Missing) for filing in filings)
