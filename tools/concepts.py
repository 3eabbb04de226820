"""What lines of accounts are called: the table of standard concepts.

A concept is a thing an analyst asks for; its phrases are the names it goes by, the usual ones first (of two lines that
fit, the one with the earlier phrase is meant). A phrase after `?` is loose: "profit" may mean the profit for the year,
and an answer then says how it was read. The table serves the words of a question and the labels of a document.

What we dislike: this is English, and it is the language of British and American accounts only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tools.labels import label_stems, phrase_stems

CONCEPTS: Mapping[str, str] = {
    "revenue": (
        "total revenue, revenue, net revenue, total net revenue, net sales, total net sales, sales revenue, sales, "
        "total sales, turnover, revenue from contracts with customers, total revenue and other income, group revenue, "
        "operating revenue, total operating revenue, total revenues net of interest expense, ?top line, ?income from sales"
    ),
    "cost of sales": (
        "cost of sales, cost of goods sold, cogs, total cost of sales, cost of revenue, total cost of revenue, "
        "cost of products sold, cost of goods, cost of services, direct costs, merchandise costs, ?cost of product"
    ),
    "gross profit": "gross profit, gross income, gross result, gross profit loss, gross earnings",
    "operating expenses": (
        "operating expenses, total operating expenses, opex, operating costs, total operating costs, overheads, "
        "total expenses, ?expenses, ?costs and expenses"
    ),
    "selling and administrative expenses": (
        "selling general and administrative expenses, selling general and administrative, sg&a, sga, "
        "selling and administrative expenses, administrative expenses, administration expenses, "
        "general and administrative expenses, general and administrative, g&a, selling informational and administrative expenses, "
        "operating selling general and administrative expenses, "
        "selling general and administrative expenses excluding impairment losses, ?admin costs"
    ),
    "marketing": "sales and marketing, marketing expenses, marketing, selling expenses, distribution costs, s&m, ?advertising",
    "research and development": (
        "research and development, research and development expenses, r&d, rnd, r&d expenses, "
        "research development and related expenses, ?technology and development, ?technology and content, "
        "?technology and infrastructure"
    ),
    "staff costs": (
        "staff costs, personnel expenses, employee costs, wages and salaries, employee benefits expense, payroll, ?wages"
    ),
    "other income": "other income, other operating income, other income net",
    "ebitda": "ebitda, adjusted ebitda",
    "depreciation": (
        "depreciation and amortisation, depreciation amortisation and impairment, d&a, depreciation, "
        "amortisation and depreciation, ?amortisation"
    ),
    "operating profit": (
        "operating profit, operating income, ebit, income from operations, profit from operations, operating result, "
        "operating earnings, total operating profit, operating profit loss, operating loss, "
        "earnings before interest and tax, earnings before interest and taxes, loss from operations, earnings from operations, "
        "loss earnings from operations, income loss from operations, ?trading profit"
    ),
    "finance costs": (
        "finance costs, net finance costs, interest expense, finance expense, finance charges, interest costs, "
        "interest paid, interest and debt expense, total interest expense, net interest expense, net interest expense and other, "
        "interest expense net, ?interest, ?net interest"
    ),
    "finance income": "finance income, interest income, interest received, investment income",
    "profit before tax": (
        "profit before tax, profit before taxation, profit before income tax, income before tax, income before income taxes, "
        "income before provision for income taxes, earnings before tax, pre tax profit, pretax profit, pre tax income, "
        "pretax income, pbt, ebt, loss before tax"
    ),
    "tax": (
        "income tax expense, income tax, tax, taxation, income taxes, provision for income taxes, tax expense, tax charge, "
        "corporation tax, income tax provision, provision for taxes on income, income tax benefit, benefit for income taxes"
    ),
    "net interest income": "net interest income, net interest revenue, total net interest income",
    "interest income": "total interest income, interest and dividend income, interest revenue",
    "noninterest income": "total noninterest income, noninterest income, noninterest revenue, total noninterest revenue",
    "provision for credit losses": (
        "provision for credit losses, total provisions for credit losses, provision for loan losses, credit loss expense"
    ),
    "noninterest expense": "total noninterest expense, noninterest expense, total noninterest expenses",
    "premiums": "premiums earned, net premiums earned, premiums, net premiums",
    "impairment": "goodwill impairment losses, impairment, impairment losses, goodwill impairment, asset impairments",
    "net income attributable": (
        "net income attributable to common shareholders, net income attributable to common stockholders, "
        "net income applicable to common stockholders, net earnings attributable to shareholders"
    ),
    "net income": (
        "profit for the year, profit for the period, net income, consolidated net income, "
        "net earnings loss, net profit, net earnings, profit after tax, "
        "profit after taxation, net income loss, profit for the financial year, consolidated net income, net loss, "
        "loss for the year, pat, bottom line, earnings for the year, ?profit, ?earnings, ?income, ?loss"
    ),
    "earnings per share": (
        "basic earnings per share, earnings per share, earnings per share basic, basic eps, eps, net income per share, ?eps basic"
    ),
    "diluted earnings per share": "diluted earnings per share, earnings per share diluted, diluted eps, eps diluted",
    "dividends": (
        "dividends, dividends paid, dividends declared, total dividends, dividend, cash dividends paid, "
        "dividends paid to shareholders, cash dividend payments, payments for dividends and dividend equivalents, "
        "payments of dividends, dividend payments"
    ),
    "share repurchases": (
        "share repurchases, repurchases of common stock, repurchase of common stock, repurchases of common shares, "
        "repurchase of common shares, common stock repurchased, purchases of common stock, purchase of company stock, "
        "purchases of treasury stock, purchase of treasury shares, treasury stock repurchased, repurchases of shares, buybacks, "
        "share buybacks, stock repurchases, buyback, stock buybacks"
    ),
    "dividend per share": "dividend per share, dividends per share, dps",
    "cash": (
        "cash and cash equivalents, cash and cash equivalent, cash at bank and in hand, cash at bank, cash, cash balance, "
        "closing cash, cash at end of year, total cash and cash equivalents, ?cash and due from banks, ?liquidity"
    ),
    "receivables": (
        "trade receivables, trade and other receivables, accounts receivable, accounts receivable net, receivables, debtors, "
        "trade accounts receivable, accounts and notes receivable, accounts receivable net and other"
    ),
    "inventories": "inventories, inventory, total inventories, merchandise inventories, stocks, stock",
    "current assets": "total current assets, current assets",
    "property": (
        "property plant and equipment net, net property plant and equipment, property and equipment net, "
        "net property and equipment, property plant and equipment, ppe, pp&e, property and equipment, premises and equipment, "
        "net properties, fixed assets, tangible assets"
    ),
    "intangible assets": "intangible assets, intangibles, goodwill and intangible assets, other intangible assets",
    "goodwill": "goodwill",
    "non-current assets": "total non current assets, non current assets, noncurrent assets, total noncurrent assets",
    "total assets": "total assets, assets total, balance sheet total, ?assets",
    "payables": (
        "trade payables, trade and other payables, accounts payable, payables, creditors, trade accounts payable, "
        "accounts payable and accrued liabilities, accounts payable and other current liabilities"
    ),
    "current liabilities": "total current liabilities, current liabilities",
    "non-current liabilities": (
        "total non current liabilities, non current liabilities, noncurrent liabilities, total noncurrent liabilities, "
        "?long term liabilities"
    ),
    "total liabilities": "total liabilities, liabilities total, ?liabilities",
    "debt": (
        "total debt, borrowings, total borrowings, financial debt, debt, loans and borrowings, long term debt, ?loans, ?bank loans"
    ),
    "net debt": "net debt, net borrowings, net cash debt",
    "equity": (
        "total equity, equity, shareholders equity, total shareholders equity, stockholders equity, "
        "total stockholders equity, net assets, shareholders funds, ?book value"
    ),
    "retained earnings": "retained earnings, retained profit, accumulated profits",
    "share capital": "share capital, common stock, ordinary shares",
    "operating cash flow": (
        "net cash from operating activities, cash flow from operations, cash flow from operating activities, "
        "operating cash flow, cash from operations, cash generated from operations, cash from operating activities, "
        "net cash generated from operating activities, net cash provided by operating activities, "
        "cash generated by operating activities, ocf, cfo"
    ),
    "investing cash flow": (
        "net cash used in investing activities, net cash from investing activities, cash flow from investing activities, "
        "cash used in investing activities, net cash provided by investing activities, investing cash flow"
    ),
    "financing cash flow": (
        "net cash used in financing activities, net cash from financing activities, cash flow from financing activities, "
        "cash used in financing activities, net cash provided by financing activities, financing cash flow"
    ),
    "capital expenditure": (
        "capital expenditure, capital expenditures, capex, purchase of property plant and equipment, "
        "purchases of property plant and equipment, purchases of property and equipment, purchase of property and equipment, "
        "additions to property and equipment, payments for property and equipment, payments for acquisition of property plant "
        "and equipment, acquisition of property plant and equipment, capital spending, "
        "additions to property plant and equipment, ?investment in fixed assets"
    ),
    "free cash flow": "free cash flow, fcf",
    "change in cash": (
        "net increase decrease in cash and cash equivalents, net increase in cash and cash equivalents, net change in cash, "
        "net decrease in cash and cash equivalents, increase in cash and cash equivalents, decrease in cash and cash equivalents, "
        "change in cash and cash equivalents"
    ),
    "comprehensive income": (
        "comprehensive income, total comprehensive income, comprehensive loss, comprehensive income loss, "
        "total comprehensive income loss"
    ),
    "other comprehensive income": (
        "other comprehensive income, other comprehensive loss, total other comprehensive income, "
        "other comprehensive income loss, total other comprehensive income loss, other comprehensive income net of tax"
    ),
    "total liabilities and equity": (
        "total liabilities and equity, total liabilities and shareholders equity, total liabilities and stockholders equity, "
        "total equity and liabilities, total liabilities and total equity, total capitalization and liabilities"
    ),
    "deposits": "total deposits, deposits, customer deposits",
    "loans": "loans, net loans, loans net, total loans",
    "employees": "employees, headcount, number of employees, average number of employees, staff, fte, ?people",
    "shares": (
        "shares outstanding, weighted average shares, number of shares, weighted average number of shares, "
        "ordinary shares in issue, shares are outstanding, basic shares, weighted average basic shares, "
        "weighted average shares basic"
    ),
    "diluted shares": (
        "diluted shares, weighted average diluted shares, weighted average shares diluted, diluted share count, "
        "diluted weighted average shares"
    ),
    # What ledgers of transactions call their columns.
    "quantity": "quantity, units sold, units, qty, volume, items, pieces, number of units, ?items sold",
    "price": "unit price, price, price per unit, selling price, list price",
    "rating": "rating, score, customer rating, satisfaction, stars, ?satisfaction score",
    "opening price": "open, opening price, opening",
    "closing price": "close, closing price, closing, last price, ?share price, ?stock price, ?price",
    "adjusted close": "adjusted close, adj close, adjusted closing price, adjusted",
    "daily high": "daily high, high price, intraday high",
    "daily low": "daily low, low price, intraday low",
    "budget": "budget, budgeted, plan, planned, target",
    "actual": "actual, actuals",
}


STATEMENTS: Mapping[str, str] = {
    "income": (
        "revenue, cost of sales, gross profit, operating expenses, selling and administrative expenses, marketing, "
        "research and development, staff costs, other income, ebitda, operating profit, finance costs, finance income, "
        "profit before tax, tax, net income, earnings per share, diluted earnings per share, net interest income, "
        "interest income, noninterest income, provision for credit losses, noninterest expense, premiums, "
        "net income attributable, impairment, shares, diluted shares, dividend per share"
    ),
    "balance": (
        "cash, receivables, inventories, current assets, property, intangible assets, goodwill, non-current assets, "
        "total assets, payables, current liabilities, non-current liabilities, total liabilities, debt, equity, "
        "retained earnings, share capital, total liabilities and equity, deposits, loans"
    ),
    "cash_flow": (
        "operating cash flow, investing cash flow, financing cash flow, capital expenditure, change in cash, depreciation, "
        "free cash flow, dividends, share repurchases"
    ),
    "comprehensive_income": "comprehensive income, other comprehensive income",
}  # fmt: skip
"""The concepts that are lines of each kind of statement."""


@cache
def lines_of(statement: str) -> frozenset[str]:
    """The concepts that are lines of a kind of statement."""
    return frozenset(name.strip() for name in STATEMENTS.get(statement, "").split(","))


def named_concept(name: str) -> Phrase | None:
    """A concept by the name it has in this table, which need be no label of any document (`shares`)."""
    wanted = " ".join(name.split()).casefold()
    return Phrase(wanted, phrase_stems(wanted), 0, False) if wanted in CONCEPTS else None


@dataclass(frozen=True, slots=True)
class Phrase:
    """One name of a concept. `rank` counts from 0 (the usual name); `loose` names need to be confirmed in the answer."""

    concept: str
    stems: tuple[str, ...]
    rank: int
    loose: bool


@cache
def phrases() -> tuple[Phrase, ...]:
    """The synonym table, cut up once."""
    found = []
    for concept, names in CONCEPTS.items():
        for rank, written in enumerate(names.split(",")):
            words = written.strip()
            found.append(Phrase(concept, phrase_stems(words.lstrip("?")), rank, words.startswith("?")))
    return tuple(found)


@cache
def _by_stems() -> Mapping[tuple[str, ...], Phrase]:
    ordered = sorted(phrases(), key=lambda phrase: not phrase.loose)  # a firm name comes last, and stays
    return {phrase.stems: phrase for phrase in ordered if phrase.stems not in _NO_LABEL}


_NO_LABEL = frozenset({("income",), ("earnings",), ("loss",)})  # as a line of its own, any of these may be anything
_DECORATION = frozenset(
    "net group consolidated company restated adjusted unaudited audited continuing operation average".split()
)


@cache
def concept_of(label: str) -> Phrase | None:
    """The concept a document's label names, with how usual the name is; None where the label is its own word.

    >>> [found and found.concept for found in map(concept_of, ["Total revenues", "Trade receivables, net", "Widgets"])]
    ['revenue', 'receivables', None]
    """
    stems = label_stems(label)
    table = _by_stems()
    if stems in table:
        return table[stems]
    bare = tuple(stem for stem in stems if stem not in _DECORATION)
    return table.get(bare) or _by_pattern(label, stems)


_CASH_TOTAL = re.compile(
    r"\b(?:cash|flows?)\b.*\b(?:provided|used|from|generated|required|inflow|outflow|flows?)\b.*"
    r"\b(operating|investing|financing)\b(?: activities)?\W*(.*)$",
    re.I,
)
_ATTRIBUTABLE = re.compile(
    r"^net (?:income|earnings|loss|\(loss\)|income \(loss\)).*\b(?:attributable|available|applicable) to (?!.*non-?controlling)",
    re.I,
)
_BEFORE_MINORITIES = re.compile(
    r"^(?:consolidated )?net (?:income|earnings).*\b(?:before|including)\b.*\bnon-?controlling", re.I
)
_NET_CHANGE = re.compile(r"\b(?:net )?(?:increase|decrease|change)\b.*\bin\b.*\bcash\b", re.I)


_BEFORE_TAX = re.compile(
    r"^\W*(?:income|earnings|loss|profit)\b.*\bbefore\b(?! (?:noncontrolling|allocation)).*\btax(?:es|ation)?\b", re.I
)
_CAPITAL = re.compile(
    r"^(?:purchases?|additions?|payments?|expenditures?|acquisitions?|investments?)\b.{0,30}\b(?:property|premises|plant)\b"
    r"(?!.*\bunpaid\b)",
    re.I,
)
_OWNERS_EQUITY = re.compile(r"^total .{0,60}\b(?:share|stock)holders[’']? equity\b", re.I)
_DEPRECIATED = re.compile(r"^depreciation\b.*\bamorti[sz]ation\b", re.I)
_ALLOWANCE = re.compile(
    r"\W+(?:net of (?:allowances?|reserves?|accumulated)|less:? (?:allowances?|reserves?|accumulated))\b.*$", re.I
)


def _by_pattern(label: str, stems: tuple[str, ...]) -> Phrase | None:
    """Lines that every filer words in a way of their own: the totals of a statement of cash flows, net income, and more.

    `... from continuing operations` is less usual than the total of all operations, where both are shown.
    """
    found = _CASH_TOTAL.search(label)
    if found and not re.search(r"adjust|reconcile|discontinued", label, re.I) and ("net" in stems or len(stems) < 9):
        return Phrase(f"{found[1].casefold()} cash flow", stems, 12 if found[2] else 11, False)
    if _ATTRIBUTABLE.search(label) or _BEFORE_MINORITIES.search(label):
        return Phrase("net income", stems, 13 if _ATTRIBUTABLE.search(label) else 14, False)
    if _NET_CHANGE.search(label) and "activity" not in stems:
        return Phrase("change in cash", stems, 11, False)
    named = next((concept for concept, pattern in _WORDED if pattern.search(label)), None)
    if named:
        return Phrase(named, stems, 15, False)
    bare = _ALLOWANCE.sub("", label)
    return concept_of(bare) if bare and bare != label else None


_WORDED = (
    ("profit before tax", _BEFORE_TAX),
    ("capital expenditure", _CAPITAL),
    ("equity", _OWNERS_EQUITY),
    ("depreciation", _DEPRECIATED),
)
