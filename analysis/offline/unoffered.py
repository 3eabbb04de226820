"""What the analyst does not make, by name: kinds of charts, operations over rows, ratios.

Without these tables "cumulative revenue" would be read as "revenue", and "show a candlestick chart" as "show a chart", and
each would be answered with another thing. A document that has a line or a column of such a name keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from analysis.offline.asks import Unsure
from analysis.offline.cues import compiled
from analysis.offline.subjects import Book
from analysis.offline.understanding import Room
from analysis.offline.words import name
from tools.labels import label_stems

_PICTURE = "(chart/charts/graph/graphs/plot/plots/diagram/diagrams/map)"
_CHARTS = compiled(
    "candlestick, candlesticks, ohlc, heatmap, heatmaps, heat map, treemap, treemaps, tree map, sankey, boxplot, box plot, "
    "sunburst, choropleth, "
    "(waterfall/radar/spider/funnel/gauge/bubble/violin/gantt/area/bullet/polar/mosaic/pareto/3d/surface/contour/step) "
    f"{_PICTURE}, waterfall, radar, gantt"
)
_RATIOS: Mapping[str, str] = {
    "(inventory/stock) days, days (of/) inventory, days inventory outstanding, dio": "inventories, cost of sales",
    "(receivable/receivables/debtor/debtors) days, days sales outstanding, dso": "receivables, revenue",
    "(payable/payables/creditor/creditors) days, days (payable/payables) outstanding, dpo": "payables, cost of sales",
    "cash conversion cycle": "inventories, receivables, payables",
    "interest (cover/coverage), times interest earned": "operating profit, finance costs",
    "debt service (cover/coverage)": "operating cash flow, debt",
    "dividend (cover/coverage), (dividend/) payout ratio": "net income, dividends",
    "(inventory/stock) turnover, (inventory/stock) turn": "cost of sales, inventories",
    "quick ratio, acid test": "current assets, inventories, current liabilities",
    "return on capital employed, roce, return on invested capital, roic": "operating profit, total assets",
    "price earnings ratio, price to earnings, p/e, pe ratio": "net income",
    "net debt to ebitda, debt to ebitda": "debt, ebitda",
}
_OPERATIONS = re.compile(
    r"\bcumulative(?:ly)?\b(?! (?:[\w-]+ ){0,3}return)|\brunning (?:total|sum)s?\b"
    r"|\b(?:rolling|moving)(?: \w+){0,3} (?:averages?|sums?|totals?|means?)\b"
    r"|\bpercentiles?\b|\bquartiles?\b|\bdeciles?\b|\bstandard deviations?\b|\bstd\.? ?dev\b|\bweighted averages?\b"
    r"|\b\w+ per (?:unit|order|customer|transaction|sale|invoice)\b"
    r"|\b(?:top|bottom|best|worst|first|last|largest|smallest) (?:\d+|two|three|four|five|ten) .{2,40}"
    r"\b(?:(?:in|for|of|within|by) (?:each|every)|per)\b"
    r"|\b(?:highest|lowest|best|worst|maximum|minimum) (?:daily|weekly|monthly|quarterly|yearly|annual) .{2,40}"
    r"\b(?:by|per|(?:in|for|of) (?:each|every))\b"
)
_COMPILED = tuple((compiled(phrases), parts.split(", ")) for phrases, parts in _RATIOS.items())


def not_offered(question: str, room: Room) -> Unsure | None:
    """Why this is not drawn or worked out, naming it; None where nothing of the kind is asked for."""
    low = question.casefold()
    chart = _CHARTS.search(low)
    if chart and not _is_named(chart[0], room):
        return Unsure(
            f"I do not draw “{name(chart[0])}”. The kinds of chart I have are line, bar, stacked bar and pie.",
            known=True,
        )
    operation = _OPERATIONS.search(low)
    if operation and not _is_named(operation[0], room):
        return Unsure(f"I do not work out “{name(operation[0])}”.", known=True)
    for pattern, concepts in _COMPILED:
        found = pattern.search(low)
        if found and not _is_named(found[0], room):
            lines = list(_lines_for(concepts, room))
            reason = (
                f"I do not work out *{name(found[0])}*; I can show the amounts it is made of, where the file has them."
            )
            return Unsure(reason, tuple(f"How did {line} develop?" for line in lines), known=True)
    return None


def _is_named(words: str, room: Room) -> bool:
    stems = set(label_stems(words))
    return any(stems <= set(label_stems(label)) for label in _labels(room))


def _labels(room: Room) -> Iterator[str]:
    for target in room.targets:
        if isinstance(target, Book):
            yield from target.lines
        else:
            yield from (field.label for field in target.fields)


def _lines_for(concepts: list[str], room: Room) -> Iterator[str]:
    books = [target for target in room.targets if isinstance(target, Book)]
    for concept in concepts:
        yield from (line for book in books if (line := book.line_for(concept)))
