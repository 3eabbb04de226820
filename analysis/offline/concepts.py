"""What can be made of standard lines: ratios and differences, and how ledgers call their columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from tools.concepts import phrases
from tools.labels import phrase_stems

LEDGER_CONCEPTS = frozenset(
    "quantity, price, rating, opening price, closing price, adjusted close, daily high, daily low, budget, actual".split(
        ", "
    )
)

# A ledger's money column is often only called Total; the words for sales then mean it, and words for earning mean its profit.
LEDGER_SALES = (
    "sales",
    "net sales",
    "revenue",
    "sales amount",
    "total sales",
    "total",
    "net amount",
    "amount",
    "total amount",
    "total price",
    "turnover",
    "order value",
    "value",
)
LEDGER_PROFIT = ("gross income", "profit", "gross profit", "net income", "net profit", "income", "earnings", "margin")
SALES_WORDS = ("sales", "sell", "revenue", "turnover", "takings", "sale", "spend", "spent", "spending", "bring in")
PROFIT_WORDS = ("profit", "earn", "earns", "earned", "earnings", "profitable", "income", "make most", "money")


@dataclass(frozen=True, slots=True)
class Ratio:
    """A quotient of two concepts. `shown` is how it reads: a `share` in percent, or a `multiple`."""

    name: str
    phrases: str
    over: str
    under: str
    shown: str = "share"


RATIOS: tuple[Ratio, ...] = (
    Ratio("Gross margin", "gross margin, gross profit margin, gm, gross margin percentage", "gross profit", "revenue"),
    Ratio(
        "Operating margin",
        "operating margin, operating profit margin, ebit margin, operating income margin, return on sales",
        "operating profit",
        "revenue",
    ),
    Ratio("EBITDA margin", "ebitda margin", "ebitda", "revenue"),
    Ratio("Pre-tax margin", "pre tax margin, pretax margin", "profit before tax", "revenue"),
    Ratio(
        "Net margin",
        "net margin, net profit margin, net income margin, profit margin, profitability",
        "net income",
        "revenue",
    ),
    Ratio("Cost ratio", "cost ratio, cost of sales ratio", "cost of sales", "revenue"),
    Ratio("Effective tax rate", "effective tax rate, tax rate", "tax", "profit before tax"),
    Ratio("R&D intensity", "r&d intensity, r&d ratio, research intensity", "research and development", "revenue"),
    Ratio("Cash conversion", "cash conversion, cash conversion ratio", "operating cash flow", "net income"),
    Ratio("Return on equity", "return on equity, return on total equity, roe", "net income", "equity"),
    Ratio("Return on assets", "return on assets, return on total assets, roa", "net income", "total assets"),
    Ratio("Equity ratio", "equity ratio, solvency ratio, solvency", "equity", "total assets"),
    Ratio("Current ratio", "current ratio, working capital ratio", "current assets", "current liabilities", "multiple"),
    Ratio("Debt to equity", "debt to equity, debt to equity ratio, gearing, leverage", "debt", "equity", "multiple"),
    Ratio("Asset turnover", "asset turnover", "revenue", "total assets", "multiple"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that many statements leave out, because it is one line less another. All parts must be shown as positive."""

    name: str
    concept: str
    phrases: str
    whole: str
    less: str


DIFFERENCES: tuple[Difference, ...] = (
    Difference("Gross profit", "gross profit", "gross profit, gross income", "revenue", "cost of sales"),
    Difference("Working capital", "working capital", "working capital, net current assets, net working capital",
               "current assets", "current liabilities"),
    Difference("Net debt", "net debt", "net debt, net borrowings", "debt", "cash"),
)  # fmt: skip
MARGINS = ("Gross margin", "Operating margin", "Net margin")
KEY_CONCEPTS = ("revenue", "gross profit", "operating profit", "net income")
BALANCE_CONCEPTS = ("total assets", "total liabilities", "equity", "cash")
FLOW_CONCEPTS = ("operating cash flow", "investing cash flow", "financing cash flow", "free cash flow")


@cache
def ratio_phrases() -> tuple[tuple[Ratio | Difference, tuple[str, ...]], ...]:
    """Each ratio and each difference with each of its names."""
    made: tuple[Ratio | Difference, ...] = (*RATIOS, *DIFFERENCES)
    return tuple((ratio, phrase_stems(words)) for ratio in made for words in ratio.phrases.split(","))


@cache
def vocabulary() -> frozenset[str]:
    """Every word of the table: the ordinary words of accounts, which lose their capital inside a sentence."""
    words = {stem for phrase in phrases() for stem in phrase.stems}
    words.update(stem for _, stems in ratio_phrases() for stem in stems)
    return frozenset(words | {"other", "ratio", "share", "before", "after", "during", "end"})


def made_of(name: str) -> Ratio | Difference:
    """A ratio or a difference of the tables by its name."""
    return next(made for made, _ in ratio_phrases() if made.name == name)
