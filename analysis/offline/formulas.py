"""Formulas: what analysts make of the standard lines of statements, across statements and to any depth.

Parts are standard concepts or other formulas. A part that is a line of the document is taken as it is printed; one that is
not is made by its own formula, where there is one. Costs and payments go in by their size, because filers print them with
and without a minus. Balances are those at the end of the period, not averages, and the answer says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tools.labels import phrase_stems

Shown = Literal["amount", "share", "multiple", "days"]
BALANCES = frozenset(
    (
        "cash, receivables, inventories, current assets, property, intangible assets, goodwill, non-current assets, "
        "total assets, payables, current liabilities, non-current liabilities, total liabilities, total debt, equity, "
        "retained earnings, share capital, total liabilities and equity, deposits, loans"
    ).split(", ")
)


@dataclass(frozen=True, slots=True)
class Formula:
    """`expression` is over its parts in braces; `words` tells it, with the lines' own names in the same braces."""

    name: str
    phrases: str
    expression: str
    words: str
    shown: Shown = "amount"

    @property
    def parts(self) -> tuple[str, ...]:
        """The concepts and formulas it is made of."""
        return tuple(dict.fromkeys(re.findall(r"\{([^{}]+)\}", self.expression)))


FORMULAS: tuple[Formula, ...] = (
    Formula("gross profit", "", "{revenue} - abs({cost of sales})", "{revenue} less {cost of sales}"),
    Formula("gross margin", "gross margin, gross profit margin, gross margin percentage", "{gross profit} / {revenue}",
            "{gross profit} over {revenue}", "share"),
    Formula("operating margin", "operating margin, operating profit margin, ebit margin, operating income margin",
            "{operating profit} / {revenue}", "{operating profit} over {revenue}", "share"),
    Formula("net margin", "net margin, net profit margin, net income margin, profit margin", "{net income} / {revenue}",
            "{net income} over {revenue}", "share"),
    Formula("pre-tax margin", "pre tax margin, pretax margin", "{profit before tax} / {revenue}",
            "{profit before tax} over {revenue}", "share"),
    Formula("ebitda", "ebitda", "{operating profit} + abs({depreciation})", "{operating profit} plus {depreciation}"),
    Formula("ebitda margin", "ebitda margin", "{ebitda} / {revenue}", "EBITDA over {revenue}", "share"),
    Formula("effective tax rate", "effective tax rate, tax rate, effective income tax rate",
            "abs({tax}) / {profit before tax}", "{tax} over {profit before tax}", "share"),
    Formula("free cash flow", "free cash flow, fcf, free cash flows",
            "{operating cash flow} - abs({capital expenditure})", "{operating cash flow} less {capital expenditure}"),
    Formula("free cash flow margin", "free cash flow margin, fcf margin", "{free cash flow} / {revenue}",
            "free cash flow over {revenue}", "share"),
    Formula("cash conversion", "cash conversion, cash conversion ratio", "{operating cash flow} / {net income}",
            "{operating cash flow} over {net income}", "share"),
    Formula("capital intensity", "capital intensity, capex to revenue, capex to sales, capex intensity, "
            "capex as a percentage of revenue, capex as a percent of revenue, capex as a share of revenue",
            "abs({capital expenditure}) / {revenue}", "{capital expenditure} over {revenue}", "share"),
    Formula("R&D intensity", "r&d intensity, research intensity, r&d to revenue, r&d to sales",
            "abs({research and development}) / {revenue}", "{research and development} over {revenue}", "share"),
    Formula("payout ratio", "payout ratio, dividend payout ratio, dividend payout", "abs({dividends}) / {net income}",
            "{dividends} over {net income}", "share"),
    Formula("total liabilities", "", "{total liabilities and equity} - {equity}",
            "{total liabilities and equity} less {equity}"),
    Formula("net debt", "net debt, net borrowings", "{total debt} - {cash}", "total debt less {cash}"),
    Formula("debt to equity", "debt to equity, debt to equity ratio, gearing", "{total debt} / {equity}",
            "total debt over {equity}", "multiple"),
    Formula("debt to ebitda", "debt to ebitda, leverage ratio", "{total debt} / {ebitda}", "total debt over EBITDA", "multiple"),
    Formula("net debt to ebitda", "net debt to ebitda", "({total debt} - {cash}) / {ebitda}", "net debt over EBITDA", "multiple"),
    Formula("interest coverage", "interest coverage, interest cover, times interest earned, interest coverage ratio",
            "{operating profit} / abs({finance costs})", "{operating profit} over {finance costs}", "multiple"),
    Formula("working capital", "working capital, net working capital, net current assets",
            "{current assets} - {current liabilities}", "{current assets} less {current liabilities}"),
    Formula("current ratio", "current ratio, working capital ratio", "{current assets} / {current liabilities}",
            "{current assets} over {current liabilities}", "multiple"),
    Formula("quick ratio", "quick ratio, acid test, acid test ratio",
            "({current assets} - {inventories}) / {current liabilities}",
            "{current assets} without {inventories}, over {current liabilities}", "multiple"),
    Formula("return on equity", "return on equity, roe", "{net income} / {equity}", "{net income} over {equity}", "share"),
    Formula("return on assets", "return on assets, roa, return on total assets", "{net income} / {total assets}",
            "{net income} over {total assets}", "share"),
    Formula("equity ratio", "equity ratio, solvency ratio", "{equity} / {total assets}", "{equity} over {total assets}", "share"),
    Formula("asset turnover", "asset turnover, total asset turnover", "{revenue} / {total assets}",
            "{revenue} over {total assets}", "multiple"),
    Formula("fixed asset turnover", "fixed asset turnover", "{revenue} / {property}", "{revenue} over {property}", "multiple"),
    Formula("inventory turnover", "inventory turnover, inventory turnover ratio, stock turnover",
            "abs({cost of sales}) / {inventories}", "{cost of sales} over {inventories}", "multiple"),
    Formula("days sales outstanding", "days sales outstanding, dso, receivable days, receivables days, debtor days",
            "{receivables} / {revenue} * DAYS", "{receivables} over {revenue}, times the days of the period", "days"),
    Formula("days inventory", "days inventory outstanding, days inventory, dio, inventory days, stock days",
            "{inventories} / abs({cost of sales}) * DAYS",
            "{inventories} over {cost of sales}, times the days of the period", "days"),
    Formula("days payable outstanding", "days payable outstanding, days payables outstanding, dpo, payable days, creditor days",
            "{payables} / abs({cost of sales}) * DAYS", "{payables} over {cost of sales}, times the days of the period", "days"),
)  # fmt: skip
_BY_NAME: Mapping[str, Formula] = {formula.name: formula for formula in FORMULAS}
TOTAL_DEBT = "total debt"
_DEBT = re.compile(
    r"\b(?:borrowings?|debt|notes payable|loans payable|commercial paper|term loans?|senior notes|bonds payable)\b",
    re.I,
)
_NO_DEBT = re.compile(
    r"\b(?:receivable|securities|lease|issuance|held|issued by|deposits?|federal funds|unamorti[sz]ed|investments?|"
    r"accrued|interest|other liabilities)\b",
    re.I,
)


@cache
def formula_phrases() -> tuple[tuple[Formula, tuple[str, ...]], ...]:
    """Each formula that is asked for by name, with each of its names."""
    return tuple(
        (formula, phrase_stems(words)) for formula in FORMULAS for words in formula.phrases.split(",") if words.strip()
    )


def debt_lines(lines: Sequence[str]) -> list[str]:
    """The lines of a balance sheet that are borrowings, each once: totals give way to what they add up, or the reverse.

    >>> debt_lines(["Short-term debt", "Long-term debt", "Total long-term debt", "Operating lease liabilities"])
    ['Short-term debt', 'Total long-term debt']
    """
    named = [line for line in dict.fromkeys(lines) if _DEBT.search(_bare(line)) and not _NO_DEBT.search(_bare(line))]
    whole = [line for line in named if re.match(r"total (?:debt|borrowings)\b", line, re.I)]
    if whole:
        return whole[:1]
    if any(re.match(r"total long[- ]term (?:debt|borrowings)\b", line, re.I) for line in named):
        part = re.compile(r"^(?!.*\b(?:current|short|within one year)\b)(?!total\b).*long[- ]term", re.I)
        named = [line for line in named if not part.search(line)]
    return named


def _bare(line: str) -> str:
    """A line without what stands in brackets: `Long-term debt (includes debt issued by ...)`."""
    return re.sub(r"\([^()]*\)", " ", line)


@dataclass(frozen=True, slots=True)
class Worked:
    """A formula down to lines: `expression` over lines in braces, how it is told, and the lines it needs."""

    expression: str
    words: str

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(re.findall(r"\{([^{}]+)\}", self.expression)))


class Missing(Exception):  # noqa: N818  (a document need not have every line)
    """The concepts that a document has no line for."""

    def __init__(self, concepts: Sequence[str]) -> None:
        super().__init__(", ".join(concepts))
        self.concepts = tuple(concepts)


def worked_out(formula: Formula, has: Callable[[str], bool], debt: Sequence[str]) -> Worked:
    """The formula over lines that the document has. Refuses with Missing."""
    missing: list[str] = []
    expression = _expanded(formula.expression, has, debt, missing, (formula.name,))
    if missing:
        raise Missing(list(dict.fromkeys(missing)))
    return Worked(expression, formula.words)


def _expanded(
    expression: str, has: Callable[[str], bool], debt: Sequence[str], missing: list[str], within: tuple[str, ...]
) -> str:
    def put(found: re.Match[str]) -> str:
        part = found[1]
        if has(part):
            return found[0]
        if part == TOTAL_DEBT and debt:
            return "(" + " + ".join(f"{{={line}}}" for line in debt) + ")"
        made = _BY_NAME.get(part)
        if made is None or part in within:
            missing.append(part)
            return found[0]
        return f"({_expanded(made.expression, has, debt, missing, (*within, part))})"

    return re.sub(r"\{([^{}=][^{}]*)\}", put, expression)


def titled(name: str) -> str:
    """A formula's or concept's name at the start of a sentence.

    >>> titled("net debt to ebitda"), titled("R&D intensity"), titled("ebitda")
    ('Net debt to EBITDA', 'R&D intensity', 'EBITDA')
    """
    return (name[:1].upper() + name[1:]).replace("ebitda", "EBITDA").replace("Ebitda", "EBITDA")


def made_of(name: str) -> Formula | None:
    """A formula by its name."""
    return _BY_NAME.get(name)


def inner_formulas(formula: Formula, has: Callable[[str], bool]) -> Iterator[Formula]:
    """The formulas that this one is worked out with here, because the document has no line of that name."""
    for part in formula.parts:
        made = _BY_NAME.get(part)
        if made is not None and not has(part):
            yield made
            yield from inner_formulas(made, has)
