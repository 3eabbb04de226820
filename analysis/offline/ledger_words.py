"""Wording for answers from tables of records."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.offline.asks import Filter, LedgerAsk, Measure
from analysis.offline.frame import Figure, Frame
from analysis.offline.ledger_reading import measure_name
from analysis.offline.wording import moved
from analysis.offline.words import listed, name, number_word, opening, without_unit

FILLED = "Rows with a figure"
_OP_WORDS = {
    "sum": "the sum of",
    "mean": "the average of",
    "median": "the median of",
    "min": "the lowest",
    "max": "the highest",
}


def measure_words(measure: Measure) -> str:
    """`the sum of *Total*`, `the number of rows`."""
    if measure.op == "count":
        return "the number of rows"
    return f"{_OP_WORDS[measure.op]} *{name(measure.column)}*"


def filter_words(filters: Sequence[Filter]) -> str:
    """` for Yangon in February 2019`, as it follows a noun."""
    values = [each.words.removeprefix("for ") for each in filters if each.words.startswith("for ")]
    others = "".join(f" {each.words}" for each in filters if not each.words.startswith("for "))
    return (f" for {listed(values)}" if values else "") + others


def per_row(column: str) -> str:
    """What the mean beside a sum is called."""
    return f"Average {without_unit(column)} per row"


def total_words(ask: LedgerAsk, frame: Frame) -> str:
    """ "Total sales come to …, over … rows, … on average." """
    figures = {label: cell for label, cell in zip(frame.labels, frame.rows[0], strict=True) if isinstance(cell, Figure)}
    over = _over(figures)
    where = filter_words(ask.filters)
    sentences = []
    for measure in ask.measures:
        figure = figures.get(measure.name)
        if measure.op == "count":
            sentences.append(f"There are {figure.cite()} rows{where}." if figure else "There are no rows.")
            continue
        if not figure:
            sentences.append(f"*{name(measure.column)}* holds no figures here.")
            continue
        verb = {"sum": "adds up to", "mean": "averages", "median": "has a median of"}[measure.op]
        sentences.append(f"*{name(measure.column)}* {verb} {figure.cite()}{where}{over}.")
        over = ""  # it is the first column whose figures were counted
    return opening(" ".join([*sentences, _proportion(ask.measures[0], figures)]).strip())


def _over(figures: dict[str, Figure]) -> str:
    """How many rows hold a figure, and out of how many where some do not."""
    filled, count = figures.get(FILLED), figures.get("Number of rows")
    if not filled or not count:
        return ""
    if filled.amount == count.amount:
        return f", over {count.cite()} rows"
    return f", over {filled.cite()} of {count.cite()} rows; the others hold no figure"


def _proportion(first: Measure, figures: dict[str, Figure]) -> str:
    average = figures.get(per_row(first.column))
    low, high = (figures.get(measure_name(op, first.column)) for op in ("min", "max"))
    if average:
        return f"That is {average.cite()} a row on average."
    if low and high and low.amount == high.amount:
        return "It is the same in every row."
    if low and high:
        return f"The rows range from {low.cite()} to {high.cite()}."
    return ""


def group_words(ask: LedgerAsk, frame: Frame, share_label: str) -> str:
    """The ranking: who leads, by how much, who follows, who is last."""
    measure = ask.measures[0]
    ranked = _named_rows(ask, frame, measure)
    if not ranked:
        return f"*{name(measure.column)}* holds no figures here."
    shares = dict(zip([label for label, _ in _all_rows(ask, frame)], _shares(frame, share_label), strict=True))
    if ask.focus:
        return _focus_words(ask, ranked, shares, measure)
    if len(ranked) == 1:
        label, figure = ranked[0]
        return f"There is only one group, *{label}*: {what_words(measure)} is {figure.cite()}."
    if len(ranked) == 2:
        return _pair_words(ranked, shares, measure)
    return _ranking_words(ask, ranked, shares, measure)


def _all_rows(ask: LedgerAsk, frame: Frame) -> list[tuple[str, int]]:
    width = len(ask.groups)
    return [(", ".join(name(str(cell)) for cell in row[:width]), n) for n, row in enumerate(frame.rows)]


def _named_rows(ask: LedgerAsk, frame: Frame, measure: Measure) -> list[tuple[str, Figure]]:
    figures = frame.figures(measure.name)
    return [(label, figure) for label, n in _all_rows(ask, frame) if (figure := figures[n])]


def _shares(frame: Frame, label: str) -> list[Figure | None]:
    return frame.figures(label) if frame.has(label) else [None] * len(frame.rows)


def what_words(measure: Measure) -> str:
    """`total *Quantity*`, `average *Unit price*`, `the number of rows`."""
    if measure.op == "count":
        return "the number of rows"
    if measure.name == without_unit(measure.column):  # a column that is called Total already
        return f"*{name(measure.name)}*"
    word = {"sum": "total ", "mean": "average ", "median": "median "}.get(measure.op, "")
    return f"{word}*{name(without_unit(measure.column))}*"


def _part(label: str, shares: dict[str, Figure | None]) -> str:
    share = shares.get(label)
    return f", {share.cite()} of the whole" if share else ""


def _focus_words(
    ask: LedgerAsk, ranked: list[tuple[str, Figure]], shares: dict[str, Figure | None], measure: Measure
) -> str:
    found = next(((n, pair) for n, pair in enumerate(ranked) if pair[0].casefold() == name(ask.focus).casefold()), None)
    if not found:
        return f"There are no rows for *{name(ask.focus)}*."
    place, (label, figure) = found
    share = shares.get(label)
    portion = f"{share.cite()} of {what_words(measure)}" if share else what_words(measure)
    return f"*{label}* makes up {portion}: {figure.cite()}{_rank(place, len(ranked))}."


def _rank(place: int, number: int) -> str:
    if number < 3:
        return ""
    if place in (0, number - 1):
        return f", the {'smallest' if place else 'largest'} of {number_word(number)}"
    return f", number {number_word(place + 1)} of {number_word(number)}"


def _pair_words(ranked: list[tuple[str, Figure]], shares: dict[str, Figure | None], measure: Measure) -> str:
    (one, first), (two, second) = ranked
    if first.amount == second.amount:
        return f"*{one}* and *{two}* are level: {what_words(measure)} is {first.cite()} in both."
    (ahead, high), (behind, low) = (
        ((one, first), (two, second)) if first.amount > second.amount else ((two, second), (one, first))
    )
    return (
        f"*{ahead}* is ahead: {what_words(measure)} is {high.cite()}{_part(ahead, shares)}, "
        f"against {low.cite()} for *{behind}*{_part(behind, shares)}."
    )


def _ranking_words(
    ask: LedgerAsk, ranked: list[tuple[str, Figure]], shares: dict[str, Figure | None], measure: Measure
) -> str:
    low = ask.direction == "low"
    first, last = ranked[0], ranked[-1]
    if first[1].amount == last[1].amount:
        return f"{opening(what_words(measure))} is the same in all {number_word(len(ranked))}: {first[1].cite()}."
    asked = ask.number or 3
    followers = ranked[1 : max(2, min(asked, len(ranked)))]
    verb = "has the lowest" if low else "has the highest" if measure.op not in ("sum", "count") else "leads"
    head = (
        f"*{first[0]}* leads: {what_words(measure)} is {first[1].cite()}{_part(first[0], shares)}"
        if verb == "leads"
        else f"*{first[0]}* {verb} {what_words(measure)}, {first[1].cite()}{_part(first[0], shares)}"
    )
    sentences = [f"{head}."]
    if followers:
        then = listed([f"*{label}* ({figure.cite()})" for label, figure in followers])
        sentences.append(f"{'Next come' if len(followers) > 1 else 'Next comes'} {then}.")
    if len(ranked) > len(followers) + 1 and not ask.number:
        sentences.append(
            f"{'Highest' if low else 'Last'} of {number_word(len(ranked))} is *{last[0]}* with {last[1].cite()}."
        )
    if ask.number and ask.number > len(ranked):
        sentences.append(f"There are only {number_word(len(ranked))}.")
    sentences += _others(ask, ranked)
    return " ".join(sentences)


def _others(ask: LedgerAsk, ranked: list[tuple[str, Figure]]) -> list[str]:
    """Ties are said, because a ranking hides them."""
    first = ranked[0][1].amount
    tied = [label for label, figure in ranked[1:] if figure.amount == first]
    return [f"*{listed(tied)}* is level with it."] if len(tied) == 1 else []


def second_opinion_words(ask: LedgerAsk, frame: Frame) -> str:
    """How the groups rank by the other measures; of a second opinion, whether it would have ranked them the same."""
    if len(frame.rows) < 2 or len(ask.groups) > 1:
        return ""
    others = [*ask.measures[1:], *([ask.second] if ask.second else [])]
    return " ".join(filter(None, (_ranked_by(measure, ask, frame) for measure in others)))


def _ranked_by(measure: Measure, ask: LedgerAsk, frame: Frame) -> str:
    mine, other = (_order(frame.figures(each.name)) for each in (ask.measures[0], measure))
    if not mine or not other:
        return ""
    by = what_words(measure)
    if other == mine:
        return f"Ranked by {by} the order is the same."
    label = name(str(frame.rows[other[0]][0]))
    figure = frame.figures(measure.name)[other[0]]
    also = "also " if other[0] == mine[0] else ""
    return f"By {by}, *{label}* {also}leads{f' with {figure.cite()}' if figure else ''}."


def _order(figures: Sequence[Figure | None]) -> list[int]:
    """Row numbers from the highest figure to the lowest; nothing where one is missing."""
    amounts = [figure.amount for figure in figures if figure]
    return sorted(range(len(amounts)), key=lambda n: -amounts[n]) if len(amounts) == len(figures) else []


def rank_rows_words(ask: LedgerAsk, frame: Frame, number: int) -> str:
    """Single records: the first with what the table says about it, then the next ones."""
    column = ask.measures[0].column
    figures = frame.figures(column)
    found = [(row, figure) for row, figure in zip(frame.rows, figures, strict=True) if figure]
    if not found:
        return f"*{name(column)}* holds no figures here."
    word = "smallest" if ask.direction == "low" else "largest"
    row, figure = found[0]
    about = [name(str(cell)) for cell in row if isinstance(cell, str) and cell]
    sentences = [
        f"The {word} *{name(column)}* is {figure.cite()} ({', '.join(about)})."
        if about
        else f"The {word} *{name(column)}* is {figure.cite()}."
    ]
    level = [other for _, other in found[1:] if other.amount == figure.amount]
    if level:
        sentences.append("Others are level with it; the table shows them.")
    if number > 1 and len(found) > 1 and not level:
        rest = listed([other.cite() for _, other in found[1:number]])
        sentences.append(f"Next come {rest}." if len(found[1:number]) > 1 else f"Next comes {rest}.")
    return " ".join(sentences)


def change_words(before: Figure, after: Figure, growth: Figure | None) -> str:
    """`rose from … to …, 12% more`."""
    way = moved(before.amount, after.amount, False)
    verb = {"up": "rose", "down": "fell", "flat": "hardly moved"}[way]
    more = f", {growth.cite('abs')} {'more' if way == 'up' else 'less'}" if growth and way != "flat" else ""
    return f"{verb} from {before.cite()} to {after.cite()}{more}"


def in_brackets(ask: LedgerAsk) -> str:
    """The conditions, as they follow a title."""
    words = ", ".join(each.words.removeprefix("for ").removeprefix("in ") for each in ask.filters)
    return f" ({words})" if words else ""


def title_of(ask: LedgerAsk) -> str:
    """The title of a grouped answer: measures, groups, conditions."""
    groups = listed(
        [ask.every if ask.every and ask.sheet.date and g == ask.sheet.date.label else g for g in ask.groups]
    )
    return f"{listed([m.name for m in ask.measures])} by {groups}{in_brackets(ask)}"
