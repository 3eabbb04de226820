"""The offline analyst: an answer without a model, by rules that can be read.

It behaves as a model does: it reads a transcript, writes prose and calls tools, and cites figures by reference. What it
knows is in tables (synonyms, cues, periods), what it does is in plans. It would rather say that it does not understand
than answer a question that was not asked, and then it offers what it can do with this document.

    list the documents -> describe them -> read the question -> (look up words and dates) -> the plan -> suggestions
"""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import replace

from analysis.messages import Message, ToolAnswer
from analysis.offline import fold_plans, ledger_plans, line_plans, series_plans, statement_plans
from analysis.offline.asks import Ask, LedgerAsk, Reading, SeriesAsk, StatementAsk, Unsure
from analysis.offline.catalogue import MOST_LINES, Sheet, as_lines, as_years, may_be_lines, may_be_years, sheets_of
from analysis.offline.concepts import Difference, Ratio, ratio_phrases
from analysis.offline.cues import read_cues
from analysis.offline.filing_comparison import compared_told
from analysis.offline.filing_plans import called_told, filing_told, statement_told
from analysis.offline.filings import Compared, Statement, Untold, filing_asked
from analysis.offline.followups import in_full
from analysis.offline.frame import Frame, Refused
from analysis.offline.overview import catalogue, overview
from analysis.offline.passages import ABOUT, ONLY_PROSE, quoted
from analysis.offline.reckoning.board import years_said
from analysis.offline.reckoning.forms import Form, form_of, wants_words
from analysis.offline.reckoning.plan import Looked as Reckoned
from analysis.offline.reckoning.plan import reckon, reckoned_answer
from analysis.offline.script import Call, Part, Reply, Script, Step, play
from analysis.offline.series_plans import span_of
from analysis.offline.several import several_asked, several_told
from analysis.offline.subjects import Book
from analysis.offline.suggestions import suggestions
from analysis.offline.transcript import Situation, read
from analysis.offline.understanding import Room, Target, about, needs_span, open_columns, understand
from analysis.offline.unoffered import not_offered
from analysis.offline.wording import with_articles
from analysis.offline.words import Question, listed, name
from tools.labels import label_stems

MOST_DESCRIBED = 8
NOTICE = (
    "No model is connected. A rule-based analyst answers: it computes from your documents, cites every figure, and says "
    "so when it does not understand a question."
)
NO_DOCUMENT = (
    "I need a document to work on. Attach a workbook or a CSV file: a financial statement with its periods as columns, or a "
    "table of records such as sales or prices. Then I can show how a line developed, compare periods, work out margins, rank and "
    "total by any column, and chart it, with every figure tied to its cell."
)
_STATEMENT_PLANS = {**statement_plans.PLANS, **fold_plans.PLANS, **line_plans.PLANS}
Looked = Generator[tuple[Call, ...], Sequence[ToolAnswer], Room]


def answer(messages: Sequence[Message]) -> Reply:
    """The next turn of the assistant: a function of the transcript alone."""
    situation = read(messages)
    return play(script(situation), situation)


def is_first(messages: Sequence[Message]) -> bool:
    """Whether nothing has been answered yet in this conversation, so that the notice is due."""
    return read(messages).first


def script(situation: Situation) -> Script:
    """The whole answer as one script."""
    try:
        return (yield from _answer(situation))
    except Refused as refused:
        yield f"I had to stop here: {_explained(refused)}"
        return ()


def _unfinished(refused: Refused) -> str:
    return f"I could not finish this: {_explained(refused)}" if refused.tool else refused.text


def _explained(refused: Refused) -> str:
    """The tool's reason, in words for the reader."""
    if refused.text.startswith("no row of"):  # the rest of it quotes figures, which prose never types
        return "no row of the file meets these conditions."
    text = " ".join(refused.text.replace("[[", "[ [").split()).rstrip(".")
    return f"{name(text[:300])}."


def _answer(situation: Situation) -> Script:
    room = yield from _look(situation)
    if not room.targets:
        if not (room.documents and (yield from quoted(Question.of(situation.question)))):
            yield ONLY_PROSE if room.documents else NO_DOCUMENT
        return ()
    if room.is_of_filings and ABOUT.search(situation.question) and (yield from quoted(Question.of(situation.question))):
        return suggestions(room, (*situation.earlier, situation.question))
    told = yield from _of_filing(situation, room)
    if told is not None:
        return told
    unoffered = not_offered(situation.question, room)
    if unoffered:
        asked = (*situation.earlier, situation.question)
        return (yield from _unsure(unoffered, room, understand(Question.of(situation.question), room)[0], asked))
    question = Question.of(in_full(situation.question, situation.earlier, room))
    yield from _look_up(question, room)
    subject = about(question)
    target, reading = understand(question, room)
    asked = (*situation.earlier, situation.question)
    if subject in ("greeting", "thanks", "capability") or (subject and isinstance(reading.ask, Unsure)):
        return (yield from _about(subject, room, target, asked))
    several = None if room.is_of_filings else several_asked(question, room)
    if several:
        try:
            yield from several_told(several)
            return suggestions(room, asked, target)
        except Refused as refused:
            if refused.tool:
                yield _unfinished(refused)
                return suggestions(room, asked, target)
    reckoned = yield from _reckoned(question, reading, room)
    doubt = reading.ask if isinstance(reading.ask, Unsure) else _doubt(question, reading)
    if doubt and reckoned is None:
        if room.is_of_filings and (yield from quoted(question)):
            return suggestions(room, asked, target)
        books = [each for each in room.targets if isinstance(each, Book)]  # what is offered comes from statements
        offered = target if isinstance(target, Book) or len(room.targets) < 4 or not books else books[0]
        return (yield from _unsure(doubt, room, offered, asked))
    try:
        yield from (_finding_first(_plan(reading.ask)) if reckoned is None else reckoned_answer(reckoned))
    except Refused as refused:
        yield _unfinished(refused)
    return suggestions(room, asked, target)


def _of_filing(situation: Situation, room: Room) -> Generator[Step, Sequence[ToolAnswer], tuple[str, ...] | None]:
    """The answer to a question about a filing's statements; None where it is no such question."""
    if not room.is_of_filings:
        return None
    question = Question.of(situation.question)
    asked = filing_asked(question, room.filings)
    if asked is None or (not isinstance(asked, Statement) and read_cues(question).has("follow", "pronoun")):
        question = Question.of(in_full(situation.question, situation.earlier, room))
        asked = filing_asked(question, room.filings)
    if asked is None:
        return None
    if isinstance(asked, Untold):
        if not (yield from quoted(question)):
            yield asked.reason
        return suggestions(room, (*situation.earlier, situation.question))
    try:
        if isinstance(asked, Statement):
            yield from statement_told(asked)
        elif isinstance(asked, Compared):
            yield from compared_told(asked)
        elif not asked.called:
            yield from filing_told(asked)
        elif not (yield from called_told(asked)):
            if not asked.names:
                return None
            if not (yield from quoted(question)):  # never the line of all for that of a part
                yield f"Nothing in {name(asked.filing.document)} that I can tell surely is called “{name(asked.called[0])}”."
    except Refused as refused:
        yield _unfinished(refused)
    filing = asked.each[0].filing if isinstance(asked, Compared) else asked.filing
    target = next(each for each in room.targets if isinstance(each, Book) and each.document == filing.document)
    return suggestions(room, (*situation.earlier, situation.question), target)


def _reckoned(question: Question, reading: Reading, room: Room) -> Reckoned:
    """One figure, where that is what is asked for: a sum over cells, or a cell that no plan understood."""
    form = form_of(question.text)
    understood = not isinstance(reading.ask, Unsure) and reading.coverage >= 1 and not reading.ask.remarks
    if read_cues(question).has("forecast", "advice", "why") or form is None:
        return None
    if not form.phrases and _made_ratio(question, room):
        return None
    planned = form is not None and form.operation in PLANNED and not _listed(question, form)
    if form is not None and form.operation in ("share", "gap") and isinstance(reading.ask, StatementAsk):
        # Two lines would be told beside each other; and where the whole is named first, the plan may turn them round.
        planned = len(reading.ask.subjects) == 1 and reading.ask.operation not in ("total", "average")
        planned = planned and not _whole_first(form, question)
    if form.operation == "ratio" and form.sure < RATIO and isinstance(reading.ask, StatementAsk | LedgerAsk):
        planned = True  # "revenue per employee", "sales per city"
    if form is None or _DRAWN.search(question.text) or (understood and planned):
        return None
    form = _in_own_words(form, room)
    sheets = [s for target in room.targets for s in (target.sheets if isinstance(target, Book) else (target,))]
    found = yield from reckon(form, question, sheets)
    apart = found is not None and len({operand.line.table for operand in found.operands}) > 1
    return None if apart and room.is_of_filings else found  # a filing's many tables have many lines of one name


_DRAWN = re.compile(r"\b(?:chart|graph|plot|draw|table|show)\b", re.IGNORECASE)


def _doubt(question: Question, reading: Reading) -> Unsure | None:
    """A sum is asked for, some words were not understood, and no cells could be tied to it: better no answer than another."""
    form = form_of(question.text)
    worked_out = form is not None and form.operation in WORKED_OUT
    if isinstance(reading.ask, Unsure) or _DRAWN.search(question.text):
        return None
    missing = [remark for remark in reading.ask.remarks if remark.startswith("I cannot work out")]
    if form is not None and missing:
        return Unsure(missing[0], known=True)
    if (
        form is not None
        and form.operation in BETWEEN
        and isinstance(reading.ask, LedgerAsk)
        and not (reading.ask.groups and form.operation != "gap")
    ):
        return Unsure("It takes two figures, and I could not tell surely which ones.")
    if not (worked_out or wants_words(question.text)) or not reading.unknown:
        return None
    said = listed([f"“{name(word)}”" for word in reading.unknown[:4]])
    return Unsure(f"I could not tie every part of it to a figure; I do not know what {said} means here.")


def _whole_first(form: Form, question: Question) -> bool:
    """ "What percent of total revenue was industrial"."""
    low = question.text.casefold()
    return form.operation == "share" and low.find(form.phrases[1]) < low.find(form.phrases[0])


RATIO = 0.8
BETWEEN = frozenset({"ratio", "gap", "growth"})
WORKED_OUT = frozenset({"growth", "change", "share", "ratio", "gap", "average", "how_many", "lookup"})


def _in_own_words(form: Form, room: Room) -> Form:
    """A ratio named by its name ("debt to equity") is made of the lines that go by its two concepts here."""
    books = [target for target in room.targets if isinstance(target, Book)]
    lines = [next(filter(None, (book.line_for(phrase) for book in books)), phrase) for phrase in form.phrases]
    return replace(form, phrases=tuple(lines)) if form.operation == "ratio" else form


def _made_ratio(question: Question, room: Room) -> bool:
    """Whether a margin or the like is named that no line of the tables bears the name of: it has to be made first."""
    lines = [set(label_stems(line)) for target in room.targets if isinstance(target, Book) for line in target.lines]
    return any(
        ratio_is_percent(ratio) and question.find(stems) and not any(set(stems) <= line for line in lines)
        for ratio, stems in ratio_phrases()
    )


def ratio_is_percent(ratio: Ratio | Difference) -> bool:
    """A margin, a return, a difference of lines: not a multiple, which is worked out from its two lines."""
    return not isinstance(ratio, Ratio) or ratio.shown != "multiple"


def _listed(question: Question, form: Form) -> bool:
    """One figure for each of several years: they are told in the order in which they are asked."""
    return form.operation == "lookup" and len(years_said(question.text)) > 1 and not _SPANS.search(question.text)


_SPANS = re.compile(r"\b(?:from|between|since|through|to)\s+(?:\w+\s+){0,3}?(?:19|20)\d\d", re.IGNORECASE)
# What the plans tell better where they understood every word: with what was before, and in what order it stands.
PLANNED = frozenset({"lookup", "share", "gap", "highest", "lowest", "when_highest", "when_lowest", "sum", "how_many"})


def _finding_first(plan: Part) -> Part:
    """A plan opens with where it looks and how it read the question; the reader wants the finding first and that last."""
    answers: Sequence[ToolAnswer] = ()
    lead = ""
    opened = False
    while True:
        try:
            step = plan.send(answers) if answers else next(plan)
        except StopIteration:
            break
        answers = ()
        if not isinstance(step, str):
            answers = yield step
        elif opened:
            yield with_articles(step)
        else:
            lead = step
        opened = True
    yield with_articles(lead)


def _plan(ask: Ask | Unsure) -> Part:
    if isinstance(ask, LedgerAsk):
        return ledger_plans.PLANS[ask.operation](ask)
    if isinstance(ask, SeriesAsk):
        return series_plans.PLANS[ask.operation](ask)
    assert isinstance(ask, StatementAsk)
    return _STATEMENT_PLANS[ask.operation](ask)


# -- looking -----------------------------------------------------------------------------------------------------------


def _look(situation: Situation) -> Looked:
    """List the documents, and describe those that no earlier answer has described."""
    (listing,) = yield (Call("list_documents", {}),)
    if listing.is_error:
        raise Refused("list_documents", listing.content)
    cards = list(listing.data.get("documents", ()))[:MOST_DESCRIBED]
    aliases = [str(card["alias"]) for card in cards]
    unseen = [alias for alias in aliases if alias not in situation.described]
    described = dict(situation.described)
    if unseen:
        answers = yield tuple(Call("describe_document", {"document": alias}) for alias in unseen)
        for alias, described_now in zip(unseen, answers, strict=True):
            if not described_now.is_error:
                described[alias] = described_now.data
        if all(each.is_error for each in answers) and len(unseen) == len(aliases):
            raise Refused("describe_document", answers[0].content)
    sheets = [sheets_of(described[alias]) for alias in aliases if alias in described]
    lined = yield from _lined([sheet for own in sheets for sheet in own])
    return Room.of([[lined.get(sheet.address, sheet) for sheet in own] for own in sheets])


def _lined(sheets: Sequence[Sheet]) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], dict[str, Sheet]]:
    """Tables of no telling shape that are lines by columns, or years by columns; their first words have to be asked for."""
    grids = [sheet for sheet in sheets if may_be_lines(sheet) or may_be_years(sheet)][:4]
    if not grids:
        return {}
    answers = yield tuple(
        Call("query_data", {"table": sheet.address, "columns": [sheet.dimensions[0].label], "limit": MOST_LINES})
        for sheet in grids
    )
    found = zip(grids, answers, strict=True)
    return {sheet.address: _turned(sheet, Frame.of(answer).words()) for sheet, answer in found if not answer.is_error}


def _turned(sheet: Sheet, words: Sequence[str]) -> Sheet:
    yearly = as_years(sheet, words) if may_be_years(sheet) else sheet
    return as_lines(sheet, words) if yearly is sheet and may_be_lines(sheet) else yearly


def _look_up(question: Question, room: Room) -> Part:
    """The words of columns that the descriptions did not show in full, and the days that dates run from and to."""
    columns = open_columns(question, room)
    if columns:
        answers = yield tuple(_words_query(sheet, label) for sheet, label in columns)
        for (sheet, label), found in zip(columns, answers, strict=True):
            if not found.is_error:
                room.values.setdefault(sheet.address, {})[label] = Frame.of(found).words()
    target, _ = understand(question, room)
    if isinstance(target, Sheet) and needs_span(question, target, room):
        room.spans[target.address] = yield from span_of(target)


def _words_query(sheet: Sheet, label: str) -> Call:
    asked = {
        "table": sheet.address,
        "group_by": [{"column": label}],
        "aggregates": [{"op": "count", "name": "Rows"}],
        "limit": 500,
    }
    return Call("query_data", asked)


# -- when there is nothing to compute ----------------------------------------------------------------------------------


def _about(subject: str, room: Room, target: Target, asked: Sequence[str]) -> Script:
    if subject == "profile":
        several = len({other.document for other in room.targets}) > 1 and target is room.targets[0]
        yield from (catalogue(room) if several else _overview(target))
        return suggestions(room, asked, target)
    offered = suggestions(room, asked, target)
    if subject == "capability":
        yield (
            "I work by rules, without a model. On statements I show how lines developed, compare periods, and work out "
            "margins and other ratios; on records I total, average, count, rank and group, also over time; on prices I show "
            "the course, its highs and lows. I add a chart, a table and a headline figure, and every figure is tied to its cell."
        )
    elif subject == "thanks":
        yield "You are welcome."
    else:
        yield "Hello. Ask me about the figures in your document."
    yield _for_example(target, offered)
    return offered


def _overview(target: Target) -> Part:
    try:
        yield from overview(target)
    except Refused as refused:
        yield _unfinished(refused)


def _unsure(unsure: Unsure, room: Room, target: Target, asked: Sequence[str]) -> Script:
    offered = suggestions(room, asked, target, unsure.instead)
    lead = unsure.reason if unsure.known else f"I am not sure what you mean. {unsure.reason}"
    yield lead
    yield _for_example(target, offered)
    return offered


def _for_example(target: Target, offered: Sequence[str]) -> str:
    if not offered:
        return ""
    lines = "\n".join(f"- {name(question)}" for question in offered)
    return f"With {name(target.document)} I can answer, for example:\n\n{lines}"
