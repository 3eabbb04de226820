"""Reading a question to a table of records: what is measured, by what it is grouped, which rows count."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.offline.asks import Filter, LedgerAsk, LedgerOperation, Looks, Measure, Reading, Unsure
from analysis.offline.catalogue import Field, Sheet
from analysis.offline.concepts import LEDGER_SALES
from analysis.offline.cues import Cues, read_cues
from analysis.offline.leftover import Leftover, left_over
from analysis.offline.limits import Limit, read_limits
from analysis.offline.naming import FIRM, Mention, column_mentions
from analysis.offline.periods import PeriodWish, read_periods
from analysis.offline.quantities import no_quantity, units_not_money
from analysis.offline.unmet import adds_up, left_out, unmet_by_ledger
from analysis.offline.windows import STEP_MONTHS, Known, Window, bucket_for, window_of
from analysis.offline.words import Question, listed, name, without_unit
from tools.concepts import concept_of
from tools.labels import phrase_stems

Values = Mapping[str, Sequence[str]]
_OPS = (("median", "median"), ("mean", "mean"), ("sum", "sum"))
_OP_WORDS = {"sum": "Total", "mean": "Average", "median": "Median", "min": "Lowest", "max": "Highest"}
ROWS = "Number of rows"
_ITSELF = ("stock", "share", "price", "security", "fund", "index", "market", "series", "quote")


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything heard in one question about one table of records."""

    question: Question
    sheet: Sheet
    mentions: tuple[Mention, ...]
    wish: PeriodWish
    cues: Cues
    left: Leftover
    limits: tuple[Limit, ...] = ()

    def named(self, kind: str) -> list[Mention]:
        return [m for m in self.mentions if m.kind == kind]


def hear(question: Question, sheet: Sheet, values: Values) -> Heard:
    """The names, periods and cues of a question, and what is left."""
    wish = read_periods(question)
    found = tuple(
        m for m in column_mentions(question, sheet, values) if not set(m.used) & wish.used or wish.mode == "all"
    )
    heard = _without_row_names(_without_order_to_add_up(found), sheet)
    named = frozenset(n for m in heard for n in m.used)
    mentions = units_not_money(heard)
    limits, counted_in = read_limits(question, named)
    cues = read_cues(question, named | counted_in | (wish.used if wish.moments else frozenset()))
    stem = sheet.document.rpartition(".")[0]
    own = (stem, sheet.title, *(_ITSELF if sheet.is_series else ()))
    left = left_over(question, named | cues.used | wish.used | counted_in, own, named)
    return Heard(question, sheet, mentions, wish, cues, left, limits)


def _without_order_to_add_up(mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """In "total gross income" the word total is an order, even where a column is called Total."""
    followed = {m.used[-1] for m in mentions if m.kind == "measure" and phrase_stems(m.label) == ("total",)}
    starts = {m.used[0] for m in mentions if m.kind == "measure"}
    orders = {position for position in followed if position + 1 in starts}
    return tuple(m for m in mentions if not (m.used[-1] in orders and phrase_stems(m.label) == ("total",)))


def _without_row_names(mentions: tuple[Mention, ...], sheet: Sheet) -> tuple[Mention, ...]:
    """ "Invoices" are the rows, where a column such as Invoice ID names each of them."""
    ids = {f.label for f in sheet.dimensions if f.distinct is not None and f.distinct >= sheet.row_count * 0.9}
    return tuple(m for m in mentions if not (m.kind == "dimension" and m.label in ids and m.score < FIRM))


def read_ledger(question: Question, sheet: Sheet, values: Values, known: Known | None = None) -> Reading:
    """The best reading of the question over this table. `known` is the span of its dates, once that was looked up."""
    heard = hear(question, sheet, values)
    ask = left_out(question, heard.mentions) or _refused(heard) or _ask(heard, values, known)
    ask = (isinstance(ask, LedgerAsk) and unmet_by_ledger(question, heard.mentions, ask)) or ask
    score = heard.left.coverage + sum(m.score * len(m.used) for m in heard.mentions) / 10
    return Reading(ask, score - 1 if isinstance(ask, Unsure) else score, heard.left.words)


def _refused(heard: Heard) -> Unsure | None:
    cues = heard.cues
    subject = _subject_words(heard)
    if cues.has("forecast"):
        return Unsure(
            "I do not forecast; I only compute from what the file holds.", (f"{subject} by month",), known=True
        )
    if cues.has("advice"):
        return Unsure("I give no advice and no judgement; I can show what the file holds.", (), known=True)
    if cues.has("count") and cues.has("growth") and not heard.named("dimension"):
        return Unsure("I do not count on how many days or rows something rose or fell.", (), known=True)
    if cues.has("scatter"):
        return Unsure("I do not compute correlations.", (), known=True)
    years = [f.label for f in heard.sheet.dimensions if "year" in f.stems]
    if years and cues.has("trend") and not heard.sheet.date and not heard.named("dimension"):
        offered = tuple(f"{subject} by {label}" for label in years)
        return Unsure("I cannot tell a course where a year has several rows; I can add them up by year.", offered, True)
    uncounted = no_quantity(heard.question, heard.mentions, heard.sheet.document)
    if uncounted:
        return uncounted
    rivals = next((m for m in heard.mentions if m.rivals), None)
    if rivals:
        said = name(heard.question.said(rivals.used))
        choices = [rivals.label, *rivals.rivals]
        return Unsure(
            f"“{said}” could mean {listed([f'the column *{name(c)}*' for c in choices], 'or')}. Which one?",
            (),
            known=True,
        )
    if heard.left.words and (heard.left.narrowing or not heard.mentions):
        words = listed([f"“{name(word)}”" for word in heard.left.words], "or")
        return Unsure(f"Nothing in {name(heard.sheet.document)} is called {words}.")
    if not heard.mentions and not _speaks_of_rows(heard) and not closing_column(heard.sheet):
        return Unsure("I could not tell which column you mean.")
    if heard.left.words and not heard.named("measure") and not heard.cues.has("count", "rows"):
        words = listed([f"“{name(word)}”" for word in heard.left.words], "or")
        return Unsure(f"I do not know what to measure: nothing in {name(heard.sheet.document)} is called {words}.")
    return None


def _speaks_of_rows(heard: Heard) -> bool:
    return heard.cues.has("count", "rows", "trend", "chart", "single", "when")


def _subject_words(heard: Heard) -> str:
    measure = next(iter(heard.named("measure")), None)
    return measure.label if measure else "Total"


# -- the ask -----------------------------------------------------------------------------------------------------------


def _ask(heard: Heard, values: Values, known: Known | None) -> LedgerAsk | Unsure:
    window = window_of(heard.wish, heard.question, heard.sheet.date, known)
    if isinstance(window, Unsure):
        return window
    distinct = _asks_distinct(heard)
    measures, remarks = ([], []) if distinct else _measures(heard)
    groups, every = _groups(heard, window, known)
    step = _single_step(heard) if window and not groups else ""
    if window and step and heard.sheet.date and heard.cues.has("growth", "why", "difference"):
        window, groups, every = window.with_one_before(STEP_MONTHS[step]), (heard.sheet.date.label,), step
    filters, focus, compared = _filters(heard, groups)
    for column in compared:
        if column not in groups:
            groups = (*groups, column)
    operation = _operation(heard, groups, distinct)
    if operation == "distinct":
        groups = (distinct,) if distinct else groups
    if window:
        filters.append(window.filter())
    filters += _limits(heard, measures)
    return LedgerAsk(
        operation,
        heard.sheet,
        tuple(measures),
        groups[:2],
        every,
        tuple(filters),
        focus,
        "low" if heard.cues.has("low") else "high" if heard.cues.has("high", "rank") else "",
        heard.cues.number,
        heard.cues.has("share") or bool(focus),
        Looks(heard.cues.wants_chart, heard.cues.chart_kind),
        (*remarks, *_remarks(heard)),
        heard.cues.has("why"),
        heard.cues.has("growth", "trend"),
        (known.first.isoformat(), known.last.isoformat()) if known and not window else None,
        _second_opinion(heard, measures, groups),
    )


def _second_opinion(heard: Heard, measures: Sequence[Measure], groups: Sequence[str]) -> Measure | None:
    """ "Earns" was read as profit; whether the ranking by sales is the same is worth a sentence."""
    loose = [m for m in heard.named("measure") if m.score < FIRM]
    sales = default_measure(heard.sheet)
    if len(measures) != 1 or not loose or not groups or not sales or measures[0].op != "sum":
        return None
    if sales.label == measures[0].column or heard.sheet.is_level(sales):
        return None
    return Measure(sales.label, "sum", measure_name("sum", sales.label))


def _single_step(heard: Heard) -> str:
    """The month, quarter or year that is asked about, where it is a single one."""
    moments = heard.wish.moments
    return (
        moments[0].kind if len(moments) == 1 and heard.wish.mode == "points" and moments[0].kind in STEP_MONTHS else ""
    )


def _asks_distinct(heard: Heard) -> str:
    """ "How many cities are there?": the column whose different words are counted."""
    dimensions = heard.named("dimension")
    counts = (
        heard.cues.has("count") and len(dimensions) == 1 and not heard.cues.has("per", "rows", "which", "high", "low")
    )
    beside = re.search(
        r"\b(?:how many|number of|count of)\b(?: different| distinct| unique)?\s*$", _before(heard, dimensions[:1])
    )
    return dimensions[0].label if counts and beside and not heard.named("measure") else ""


def _before(heard: Heard, mentions: Sequence[Mention]) -> str:
    if not mentions:
        return ""
    return heard.question.text[: heard.question.tokens[mentions[0].used[0]].start].casefold()


def _operation(heard: Heard, groups: Sequence[str], distinct: str) -> LedgerOperation:
    if distinct:
        return "distinct"
    if groups:
        return "group"
    cues = heard.cues
    if cues.has("high", "low") and (cues.has("single", "number", "when") or not cues.has("mean", "sum", "count")):
        return "rows"
    return "total"


def _measures(heard: Heard) -> tuple[list[Measure], list[str]]:
    mentions = heard.named("measure")
    columns = list(dict.fromkeys(m.label for m in mentions))
    counting = heard.cues.has("count") and (not columns or heard.cues.has("rows"))
    if counting and not _counts_units(heard, columns):
        return [Measure("", "count", ROWS)], []
    if not columns:
        default = _price(heard) if heard.cues.has("cheap") else default_measure(heard.sheet)
        rows = heard.cues.has("rows") and not heard.cues.has("high", "low", "mean", "median", "sum")
        if default is None or rows or heard.cues.has("count"):
            return [Measure("", "count", ROWS)], []
        said = [] if heard.cues.has("rows") else [f"I take *{name(default.label)}* as the measure."]
        return [_measure(heard, default)], said
    return [_measure(heard, heard.sheet.measure(label)) for label in columns[:4]], []


def _price(heard: Heard) -> Field | None:
    """ "Cheapest" speaks of the price, where there is one."""
    prices = [f for f in heard.sheet.measures if "price" in f.stems]
    return prices[0] if prices else default_measure(heard.sheet)


def _counts_units(heard: Heard, columns: Sequence[str]) -> bool:
    return bool(columns) and not heard.cues.has("rows")


def _measure(heard: Heard, column: Field) -> Measure:
    op = next((op for cue, op in _OPS if heard.cues.has(cue)), "mean" if heard.sheet.is_level(column) else "sum")
    if op == "sum" and heard.sheet.is_level(column):
        op = "mean"
    return Measure(column.label, op, measure_name(op, column.label))


def measure_name(op: str, label: str) -> str:
    """What an aggregate is called: `Total Quantity`, `Average Unit price`; a column called Total keeps its name."""
    plain = without_unit(label)
    if op == "sum" and phrase_stems(plain)[:1] == ("total",):
        return plain
    return f"{_OP_WORDS[op]} {plain}"


def default_measure(sheet: Sheet) -> Field | None:
    """The column that a question without one most likely means: what the ledger calls sales, else the first sum."""
    closing = closing_column(sheet)
    if closing:
        return sheet.measure(closing)
    for rung in LEDGER_SALES:
        for column in sheet.measures:
            if column.stems == phrase_stems(rung):
                return column
    money = [f for f in sheet.measures if not sheet.is_level(f) and f.unit not in ("", "count")]
    sums = [f for f in sheet.measures if not sheet.is_level(f)]
    return next(iter([*money, *sums, *sheet.measures]), None)


def closing_column(sheet: Sheet) -> str:
    """In a series, the closing price where the columns are the prices of one thing, or its only column; else nothing."""
    if not sheet.is_series:
        return ""
    for column in sheet.measures:
        meant = concept_of(column.label)
        if (meant and meant.concept == "closing price") or column.stems[-1:] == ("close",):
            return column.label
    return sheet.measures[0].label if len(sheet.measures) == 1 else ""


def _groups(heard: Heard, window: Window | None, known: Known | None) -> tuple[tuple[str, ...], str]:
    """The columns to group by, in the order said, and the bucket of time."""
    spoken = {m.label for m in heard.named("value")}
    groups = [m.label for m in heard.named("dimension") if m.label not in spoken or heard.cues.has("per")]
    date = heard.sheet.date
    every = heard.cues.every
    asks_time = (
        every
        or heard.cues.has("trend", "when", "line")
        or bool(heard.named("date"))
        or heard.wish.mode in ("all", "last_n")
    )
    if date and window and len(window.parts) > 1:
        return tuple(dict.fromkeys([date.label, *groups])), window.unit
    if date and asks_time and not (groups and not every and not heard.named("date")):
        return tuple(dict.fromkeys([date.label, *groups])), every or _bucket(window, known)
    return tuple(dict.fromkeys(groups)), ""


def _bucket(window: Window | None, known: Known | None) -> str:
    if window and known:  # "since 2014" ends where the data end
        return bucket_for((min(window.last, known.last) - max(window.first, known.first)).days)
    if known:
        return bucket_for((known.last - known.first).days)
    return window.bucket if window else "month"


def _filters(heard: Heard, groups: Sequence[str]) -> tuple[list[Filter], str, list[str]]:
    """Conditions from category values; several values of a column are compared; a share looks at one of all."""
    by_column: dict[str, list[str]] = {}
    for mention in heard.named("value"):
        by_column.setdefault(mention.label, []).append(mention.value)
    filters: list[Filter] = []
    compared: list[str] = []
    focus = ""
    for column, values in by_column.items():
        values = list(dict.fromkeys(values))
        if len(values) == 1 and heard.cues.has("share") and not groups and not focus:
            focus = values[0]
            compared.append(column)
            continue
        op = "=" if len(values) == 1 else "in"
        where = {"column": column, "op": op, "value": values[0] if len(values) == 1 else values}
        words = listed([name(v) if len(v) > 2 else f"{name(column)} {name(v)}" for v in values], "or")
        filters.append(Filter(where, f"for {words}"))
        if len(values) > 1 and not adds_up(heard.question, heard.mentions):
            compared.append(column)
    return filters, focus, compared


def _limits(heard: Heard, measures: Sequence[Measure]) -> list[Filter]:
    """ "Over 500": a condition on the column it follows, else on the measure."""
    default = default_measure(heard.sheet)
    column = next((m.column for m in measures if m.column), default.label if default else "")
    return [limit.filter(column) for limit in heard.limits if column]


def _remarks(heard: Heard) -> list[str]:
    remarks = []
    for mention in heard.mentions:
        said = heard.question.said(mention.used)
        filtered = mention.kind == "dimension" and any(m.label == mention.label for m in heard.named("value"))
        if mention.score < FIRM and mention.kind in ("measure", "dimension") and not filtered:
            remarks.append(f"I read “{name(said)}” as the column *{name(mention.label)}*.")
        elif mention.score < FIRM and mention.kind == "value":
            remarks.append(f"I read “{name(said)}” as *{name(mention.value)}*.")
    if heard.left.words:
        remarks.append(f"I set aside {listed([f'“{name(word)}”' for word in heard.left.words])}.")
    return list(dict.fromkeys(remarks))
