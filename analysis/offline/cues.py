"""Cues: the words that say what is to be done, apart from what it is to be done to.

A literal table. A word that names a line or a column of the document is no cue: "total" in "total assets" is a name, in
"total of the year" it is an order. So cues are read after the names, and a match whose words are all spoken for does
not count.

The phrases have a small notation of their own, because the table is read more often than the regular expressions it
becomes: `*` is the rest of a word, `(a/b)` either, `(a/)` perhaps, `_` any one word, `..` a short stretch of anything,
`N` a small number, `^` the beginning of the question. Phrases are separated by commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from analysis.offline.words import Question, read_number

_HIGH = (
    "top/best/highest/largest/biggest/greatest/leading/strongest/most/maximum/max/peak/peaked/record/priciest/dearest/"
    "most expensive"
)
_LOW = "bottom/worst/lowest/smallest/least/weakest/fewest/minimum/min/cheapest/poorest"
_ROWS = (
    "transactions/transaction/orders/order/rows/row/records/record/invoices/invoice/receipts/receipt/purchases/purchase/"
    "entries/entry/deals/deal/tickets/bookings/booking/observations/trades/trade/visits/data points"
)
_FILE = "file/document/data/dataset/csv/table/sheet/company/accounts/statement/statements"
_WHAT_IT_DID = "is/was/has/had/sells/sold/earns/earned/makes/made/generates/brings/gets/does/did/grew"
_STEP = "year/quarter/month/period"
_NUMBERS = "two/three/four/five/six/seven/eight/nine/ten/twelve/fifteen/twenty"


def _step(unit: str, more: str) -> str:
    """The ways to ask for one figure a month."""
    return (
        f"(by/per/each/every) {unit}, (by/per) _ and {unit}, (by/per) _ _ and {unit}, {unit} by {unit}, "
        f"(which/what/best/worst/busiest) {unit}, {more}"
    )


PHRASES: Mapping[str, str] = {
    # about the document or the analyst
    "profile": (
        f"(what/whats) (is/are/) (in/inside) (this/the/that/my/) ({_FILE}/it/here/attachment), what (is/s/) in here, "
        "what (is/are/does/do/) .. (contain/contains/include/cover/about), describe, overview, summary, summaris*, summariz*, "
        f"tell me about (this/the/that/my) ({_FILE}), what (kind of/sort of/) (data/information), "
        "(which/what/list/show) (_/) (_/) (columns/lines/line items/fields/tables/documents/files), "
        "what (is/was) attached, what (did/have) i (attach/attached), key (figures/numbers/facts/metrics), highlights, at a glance"
    ),
    "capability": (
        "what can (you/i/we), ^ help, how (do/can) (you/i use) (work/this/), who are you, what are you, what should i ask"
    ),
    "thanks": "^ thanks, ^ thank you, ^ thx, ^ cheers, ^ great, ^ perfect, ^ nice, ^ cool, ^ ok, ^ okay",
    "greeting": (
        "^ hi, ^ hello, ^ hey, ^ good (morning/afternoon/evening), ^ thanks, ^ thank you, ^ thx, ^ cheers, ^ ok, ^ okay, "
        "^ great, ^ perfect, ^ nice, ^ cool"
    ),
    "why": (
        "why, reason, reasons, cause, causes, caused, explain the, explains the, driver, drivers, drove, driven, "
        "what (is/was/lies) behind, due to"
    ),
    "forecast": (
        "forecast*, predict*, projection*, project* (for/to), next (year/quarter/month/week), next _ years, outlook, guidance, "
        "will .. (be/grow/fall/rise/reach/develop/happen/make/earn), going to, extrapolat*, in the future"
    ),
    "advice": (
        "should (i/we/you/one), recommend*, advice, advise, intrinsic value, worth buying, (good/bad) investment, "
        "fair value of (the/this/a/) (company/business/share/shares/stock), "
        "is it (good/bad/healthy)"
    ),
    # how it should look
    "chart": "chart, charts, plot, plots, plotted, graph, graphs, draw, visualis*, visualiz*, diagram, diagrams",
    "pie": "pie, donut, doughnut",
    "bar": "bar, bars, bar chart, bar charts, column chart, histogram",
    "line": "line chart, line charts, line graph, line graphs, as a line",
    "stacked": "stacked, stack",
    "cheap": "cheapest, cheap, priciest, expensive, dearest",
    "scatter": "scatter*, correlat*",
    "table": "(in/as) a table, tabulate, table of",
    # operations
    "trend": (
        "develop, developed, develops, developing, development, trend, trends, trending, evol*, over time, history, progress*, "
        "trajectory, path, move, moved, moves, by year, year by year, (each/every/per) (year/quarter/period), "
        "over the (years/quarters/periods/period), happen, happened, happens, time series, track, perform, performed, "
        "performance, how (has/have/did) .. (go/gone/do/done/fare/fared/look/looked)"
    ),
    "growth": (
        "grow, grows, grew, grown, growth, growing, increas*, rise, rises, risen, rising, rose, decreas*, declin*, fall, falls, "
        "fell, fallen, falling, drop*, chang*, improv*, worsen*, shrink*, shrank, shrunk, gain, gains, gained, up or down, "
        "year on year, yoy, return, returns, jump*, slump*"
    ),
    "cagr": "cagr, compound, compounded, annualised, annualized, average (annual/yearly/) growth",
    "compare": "compar*, versus, vs, against, relative to, contrast, side by side",
    "difference": "difference, different, gap, spread, minus, variance, how much (more/less/higher/lower/bigger/smaller)",
    "high": f"({_HIGH})",
    "low": f"({_LOW})",
    "number": f"(top/bottom/best/worst/first) N, N (_/) ({_HIGH}/{_LOW})",
    "rank": "rank, ranks, ranked, ranking, (order/ordered) by, sort, sorted, league table",
    "when": "(which/what) (year/years/quarter/quarters/month/months/week/weeks/day/days/date/dates/period/periods), when, "
    "(best/worst/busiest/quietest/strongest/weakest) (day/week/month/quarter/year)",
    "which": f"which, who, what _ ({_WHAT_IT_DID}), what _ _ ({_WHAT_IT_DID})",
    "mean": "average, averages, averaged, mean, avg, typical, typically, on average",
    "median": "median",
    "sum": "total, totals, sum, summed, in all, altogether, combined, cumulative, cumulatively, added up, overall, in total",
    "count": "how many, number of, count, counts, counted, how often, frequency, popular",
    "share": (
        "share, shares, (percent/percentage/percentages) (of/does/do/did/comes/come/came), proportion, proportions, fraction, "
        "portion, portions, as a (%/percent/percentage/share/proportion), % of, contribut*, mix, split, breakdown, broken down, "
        "break down, composition, (make/makes) up, ratio, divided by"
    ),
    "percent": "percent, percentage, %, pct, by how much, rate of",
    "per": "by, per, each, every, across, for each, (group/grouped) by, between, depend*",
    "rows": f"({_ROWS})",
    "single": f"single, individual, ({_ROWS})",
    "day": _step("day", "daily, (which/what/best/worst/busiest) date"),
    "week": _step("week", "weekly"),
    "month": _step("month", "monthly, (which/what) months, over the months"),
    "quarter": _step("quarter", "quarterly, (which/what) quarters"),
    "year": _step("year", "yearly, annual, annually, (which/what) years"),
    "follow": (
        "^ and, ^ but, ^ so, ^ also, ^ what about, ^ how about, ^ same, ^ the same, ^ now, ^ then, ^ again, ^ ok, ^ okay, "
        f"(the/) same (for/with/but), instead, the ({_STEP}) (before/after), the (previous/prior/following) ({_STEP})"
    ),
    "pronoun": "it, they, them, this one, that one, those, these",
    "before": f"the ({_STEP}) before, the (previous/prior/preceding) ({_STEP})",
    "after": f"the ({_STEP}) after, the following ({_STEP})",
}

# Words that carry no subject: asking, politeness, and what every question about figures says.
MORE = frozenset(
    "higher lower larger smaller bigger better worse".split()
)  # said of one of two that are set side by side
HARMLESS = frozenset(
    """
    what which who whom how when where why much many did do does done was were is are am be been being has have had i you we
    us me my your it this that these those there here they them he she please show shown tell told give given get let make
    made can could would should will shall may might want need like know see look looked find calculate compute work out
    explain say help happen happened go went going come came coming perform performed performance doing
    company business firm group organisation organization corporation file document data dataset csv table sheet
    spreadsheet statement account report figure number value amount level detail line item column result answer question
    list year quarter month week day period time date annual yearly quarterly monthly weekly daily fiscal financial current
    currently latest recent last past previous prior next first start end beginning since until during between before after
    from over through throughout against versus than more less least most very quite just only also too then and or but if
    so not no yes all any both each every other same about above below up down off again still ever now today exactly
    roughly approximately around total overall whole entire sum average mean million thousand billion currency unit dollar
    pound euro gbp usd eur percent percentage rate point basis bp pp term absolute relative key main important interesting
    good bad well better chart plot graph picture draw bar pie display present presented print output provide
    compare compared comparison change changed difference trend growth grow grew rise rose fall fell increase increased
    decrease decreased high low highest lowest best worst top bottom rank ranking respectively reported recorded according
    based using use used vs etc thank thanks hi hello ok okay one two three four five six seven eight nine ten
    fast quickly strongly strong sharply big large small long far
    biggest largest smallest strongest weakest peak develop developed development share proportion split breakdown mix
    ratio count often respective
    pay bring brought method type kind category class name buy bought paid fast quickly strongly strong sharply
    big large small long far
    """.split()
)


@dataclass(frozen=True, slots=True)
class Cues:
    """The cues found. `number` is the n of "top n"; `used` are the token positions that served as cues."""

    found: frozenset[str]
    number: int | None
    used: frozenset[int]

    def has(self, *names: str) -> bool:
        return any(name in self.found for name in names)

    @property
    def every(self) -> str:
        """The bucket of time asked for, or nothing."""
        return next((unit for unit in ("day", "week", "month", "quarter", "year") if unit in self.found), "")

    @property
    def chart_kind(self) -> str:
        """The kind of chart asked for, or nothing."""
        return next((kind for kind in ("pie", "stacked", "bar", "line", "scatter") if kind in self.found), "")

    @property
    def wants_chart(self) -> bool:
        return self.has("chart", "pie", "stacked", "bar", "line", "scatter")


def compiled(phrases: str) -> re.Pattern[str]:
    """The phrases of one cue as a regular expression."""
    return re.compile("|".join(_phrase(phrase.strip()) for phrase in phrases.split(",")))


def _phrase(phrase: str) -> str:
    start = r"^\W*" if phrase.startswith("^") else r"(?<!\w)"
    words = re.findall(r"\([^)]*\)|\S+", phrase.lstrip("^ "))
    body, gap = "", ""
    for place, word in enumerate(words, 1):
        perhaps = word.endswith("/)")
        pattern = _word(word)
        if not perhaps:
            body, gap = f"{body}{gap}{pattern}", _GAP
        elif place == len(words):
            body += f"(?:{_GAP}{pattern})?"
        else:
            body, gap = f"{body}{gap}(?:{pattern}{_GAP})?", ""
    return f"{start}(?:{body})(?!\\w)"


_GAP = r"[ \-]+"


def _word(word: str) -> str:
    if word.startswith("("):
        return f"(?:{'|'.join(_word(choice) for choice in word[1:-1].split('/') if choice)})"
    if word in _SIGNS:
        return _SIGNS[word]
    return re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", _GAP)


_SIGNS = {"_": r"\w+", "..": r".{0,40}?", "N": rf"(\d{{1,3}}|{_NUMBERS.replace('/', '|')})"}
_COMPILED = {cue: compiled(phrases) for cue, phrases in PHRASES.items()}


def read_cues(question: Question, names: Iterable[int] = ()) -> Cues:
    """The cues of a question whose token positions `names` are already names of the document."""
    return _read(question, frozenset(names))


@lru_cache(maxsize=512)
def _read(question: Question, taken: frozenset[int]) -> Cues:
    low = question.text.casefold()
    found: set[str] = set()
    used: set[int] = set()
    number: int | None = None
    for cue, pattern in _COMPILED.items():
        for match in pattern.finditer(low):
            touched = question.between(match.start(), match.end())
            if touched and touched <= taken:
                continue
            found.add(cue)
            used |= touched - taken
            if cue == "number":
                number = read_number(next(part for part in match.groups() if part))
    return Cues(frozenset(found), number, frozenset(used))
