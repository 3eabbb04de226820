"""Reading a question to a table with one row per date: prices, indices, rates.

Adding up prices means nothing, so a course is told from its first day to its last, with its highs and lows. Questions
for averages, or for months and years, are those of any table of records and are read as such.
"""

from __future__ import annotations

from analysis.offline.asks import Looks, Reading, SeriesAsk, SeriesOperation, Unsure
from analysis.offline.catalogue import Sheet
from analysis.offline.ledger_reading import Heard, Values, closing_column, hear, read_ledger
from analysis.offline.unmet import is_total, left_out
from analysis.offline.windows import Known, bucket_for, window_of
from analysis.offline.words import Question, listed, name

MOST = 6


def read_series(question: Question, sheet: Sheet, values: Values, known: Known | None = None) -> Reading:
    """The best reading of the question over this series."""
    heard = hear(question, sheet, values)
    cues = heard.cues
    if (
        cues.has("mean", "median", "sum", "count")
        or (cues.every and not cues.has("growth"))
        or cues.has("share", "number")
    ):
        return read_ledger(question, sheet, values, known)
    ask = left_out(question, heard.mentions) or _refused(heard) or _ask(heard, known)
    score = heard.left.coverage + sum(m.score * len(m.used) for m in heard.mentions) / 10
    return Reading(ask, score - 1 if isinstance(ask, Unsure) else score, heard.left.words)


def _refused(heard: Heard) -> Unsure | None:
    cues = heard.cues
    if cues.has("scatter"):
        return Unsure("I do not compute correlations.", (), known=True)
    if cues.has("forecast"):
        first = heard.sheet.measures[0].label
        return Unsure(
            "I do not forecast; I only compute from what the file holds.", (f"How did {first} develop?",), known=True
        )
    if cues.has("advice"):
        return Unsure("I give no advice and no judgement of value; I can show what the file holds.", (), known=True)
    if heard.left.words and (heard.left.narrowing or not heard.mentions):
        words = listed([f"“{name(word)}”" for word in heard.left.words], "or")
        return Unsure(f"Nothing in {name(heard.sheet.document)} is called {words}.")
    if (
        not heard.mentions
        and not cues.has("trend", "growth", "chart", "high", "low", "compare", "why")
        and not heard.wish.mode
    ):
        return Unsure("I could not tell which column you mean.")
    return None


def _ask(heard: Heard, known: Known | None) -> SeriesAsk | Unsure:
    sheet = heard.sheet
    window = window_of(heard.wish, heard.question, sheet.date, known)
    if isinstance(window, Unsure):
        return window
    measures, remarks = _measures(heard)
    first = max(window.first, known.first) if window and known else known.first if known else None
    last = min(window.last, known.last) if window and known else known.last if known else None
    if heard.left.words:
        remarks.append(f"I set aside {listed([f'“{name(word)}”' for word in heard.left.words])}.")
    single = window is not None and window.first == window.last
    return SeriesAsk(
        "at" if single else _operation(heard, measures),
        sheet,
        tuple(measures),
        bucket_for((last - first).days) if first and last else "month",
        (window.filter(),) if window else (),
        (known.first.isoformat(), known.last.isoformat()) if known and not window else None,
        "low" if heard.cues.has("low") else "high",
        Looks(heard.cues.wants_chart, heard.cues.chart_kind),
        tuple(remarks),
        heard.cues.has("why"),
    )


def _operation(heard: Heard, measures: list[str]) -> SeriesOperation:
    cues = heard.cues
    if len(measures) > 1 and cues.has("growth", "compare", "high", "low", "which"):
        return "race"
    if cues.has("high", "low") and not cues.has("growth"):
        return "extreme"
    return "trend"


def _measures(heard: Heard) -> tuple[list[str], list[str]]:
    named = list(dict.fromkeys(m.label for m in heard.mentions if m.kind == "measure"))
    if named:
        loose = [m for m in heard.mentions if m.kind == "measure" and m.score < 0.95]
        remarks = [f"I read “{name(heard.question.said(m.used))}” as the column *{name(m.label)}*." for m in loose]
        return named[:MOST], remarks
    close = closing_column(heard.sheet)
    if close:
        return [close], []
    labels = [f.label for f in heard.sheet.measures]
    if heard.cues.has("high", "low", "which"):  # a total is no rival of its parts
        labels = [label for label in labels if not is_total(label)] or labels
    return labels[:MOST], []
