"""The reader of HTML pages and inline-XBRL filings.

The page is walked once in its order: text becomes paragraphs, tables become grids (`grids`) or, where they only lay out
text, paragraphs too. Nothing a page refers to is ever fetched, nothing in it is run. Where figures are tagged (`facts`) the
tag says amount, unit, scale and period; for all others the words do, as in any document.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from lxml import etree
from lxml import html as lxml_html

from tools.documents.defaults import settle_scales
from tools.documents.document import At, Column, Document, Passage, Table
from tools.documents.encoding import decode
from tools.documents.headings import Frame
from tools.documents.html.facts import Fact, Facts
from tools.documents.html.grids import pieces_of
from tools.documents.moments import settle_schedules
from tools.documents.printed import MAX_TITLES, Sketch, read_sketch, sketch_rows
from tools.documents.reader import Reader, Source
from tools.documents.tables import Reading, tell_titles_apart
from tools.refusals import ToolError
from tools.values import Period, Scale

MEDIA_TYPES = ("text/html", "application/xhtml+xml")
MAX_TABLES = 5_000
MAX_PASSAGES = 60_000
MAX_PASSAGE_CHARS = 8_000
MAX_NOTES = 20
MAX_NOTE_CHARS = 400
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BLOCKS = _HEADINGS | frozenset(
    "p div li ul ol tr td th table section article header footer main aside nav blockquote pre dl dt dd figure figcaption "
    "address form fieldset hr body center".split()
)
_SKIPPED = frozenset(
    "script style noscript template head ix:header ix:hidden svg math iframe object embed applet audio video canvas".split()
)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>", re.I)


def read_html(data: bytes, source: Source) -> Document:
    """A page as a document. Refuses with ToolError: `empty_file`, `binary_file`, `corrupt`, `no_text`."""
    return read_page(data, source, tagged=True)


def read_page(data: bytes, source: Source, tagged: bool) -> Document:
    """The same; without `tagged` the tags of inline XBRL are ignored, so that words alone can be measured against them."""
    source.progress("reading", 0, 1)
    if not data.strip():
        raise ToolError("empty_file", f"{source.name} is empty")
    decoded = decode(data)
    if decoded.is_noise:
        raise ToolError("binary_file", f"{source.name} is not a page; attach it under its own name")
    root = _parsed(decoded.text, source.name)
    source.progress("reading", 1, 1)
    digest = source.sha256 or sha256(data).hexdigest()
    document = Document(source.document_id, source.name, source.media_type or MEDIA_TYPES[0], "html", digest, len(data))
    walk = _Walk(document, source, Facts(root) if tagged else None)
    walk.read(root)
    if not document.tables and not document.passages:
        raise ToolError("no_text", f"{source.name} holds no text")
    return document


def _parsed(text: str, name: str) -> Any:
    parser = lxml_html.HTMLParser(no_network=True, recover=True, huge_tree=True, encoding="utf-8")
    try:
        plain = _DECLARATION.sub("", text.replace("\x00", "")).encode("utf-8", "replace")
        root = lxml_html.document_fromstring(plain, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as fault:
        raise ToolError("corrupt", f"{name} cannot be read as a page; open it, save a copy and attach that") from fault
    return root


@dataclass(slots=True)
class _Paragraph:
    text: list[str] = field(default_factory=list)
    heading: bool = False
    bold: int = 0
    identity: str = ""


class _Walk:
    """One walk over a page. `recent` are the paragraphs since the last table, which may be its titles."""

    def __init__(self, document: Document, source: Source, facts: Facts | None) -> None:
        self.document, self.source, self.facts = document, source, facts
        self.reading = Reading()
        self.frame = Frame()
        self.recent: list[str] = []
        self.tagged: list[tuple[Table, dict[tuple[int, int], Fact]]] = []
        self.heading = ""
        self.identity = ""
        self.open = _Paragraph()
        self.bold = 0

    def read(self, root: Any) -> None:
        total = max(1, sum(1 for _ in root.iter("table")))
        done = 0
        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, node in walker:
            if event == "start":
                self.identity = node.get("id") or self.identity
                if node.tag in _SKIPPED or _is_hidden(node):
                    walker.skip_subtree()
                elif node.tag == "table":
                    self._flush()
                    done += 1
                    if self._table(node):
                        walker.skip_subtree()
                    self.source.progress("tables", min(done, total), total)
                else:
                    self._begin(node)
            else:
                self._end(event, node)
        self._flush()
        settle_scales(self.reading.tables)
        settle_schedules(self.reading.tables)
        for table, facts in self.tagged:
            _apply(table, facts)
        tell_titles_apart(self.reading.tables)
        self.document.tables = self.reading.tables
        self.document.notes = self._notes()

    def _begin(self, node: Any) -> None:
        if node.tag in _BLOCKS:
            self._flush()
            self.open.heading = node.tag in _HEADINGS
        self.bold += _is_bold(node)
        if node.tag == "br":
            self.open.text.append(" ")
        self._say(node.text)

    def _end(self, event: str, node: Any) -> None:
        if event == "end":
            if node.tag in _BLOCKS:
                self._flush()
            if node.tag not in _SKIPPED and node.tag != "table" and not _is_hidden(node):
                self.bold -= _is_bold(node)
        self._say(node.tail)

    def _say(self, text: str | None) -> None:
        if not text or not text.strip():
            if text and self.open.text:
                self.open.text.append(" ")
            return
        if not self.open.identity:
            self.open.identity = self.identity
        self.open.text.append(text)
        if self.bold > 0:
            self.open.bold += len(text)

    def _flush(self) -> None:
        words = " ".join("".join(self.open.text).replace("\u00a0", " ").split())
        paragraph, self.open = self.open, _Paragraph()
        if not words:
            return
        if (
            len(words) < 160
            and (paragraph.heading or paragraph.bold > 0.8 * len(words))
            and not words.endswith((".", ":"))
        ):
            self.heading = words
        self.recent = [*self.recent[-(MAX_TITLES - 1) :], words]
        if len(self.document.passages) < MAX_PASSAGES:
            number = ("paragraph", len(self.document.passages) + 1)
            at: At = (("element", paragraph.identity), number) if paragraph.identity else (number,)
            self.document.passages.append(Passage(words[:MAX_PASSAGE_CHARS], at, self.heading))

    # Tables.

    def _table(self, node: Any) -> bool:
        """Reads a table of figures; False where it is only there for the layout, and is walked as text."""
        if len(self.reading.tables) >= MAX_TABLES or any(True for _ in node.iterdescendants("table")):
            return False
        sketch = sketch_rows(pieces_of(node))
        if sketch is None:
            return False
        name = self.heading or self.source.name
        self.frame, made = read_sketch(sketch, self.recent, name, self.reading, self.frame)
        for table, first in made:
            self._place(table, sketch, first)
        self.recent = []
        return True

    def _place(self, table: Table, sketch: Sketch, first: int) -> None:
        number = len(self.reading.tables)
        table.at = (("table_number", number),)
        facts: dict[tuple[int, int], Fact] = {}
        for at, (column, printed) in enumerate(zip(table.columns, table.fields, strict=True)):
            for row, line in enumerate(table.lines):
                nodes = sketch.nodes.get((line - first, printed - 1))
                if nodes:
                    fact = self._fact(nodes)
                    if fact:
                        facts[row, at] = fact
                    column.ats[row] = (*_element(nodes, fact), ("line", line - first + 1), ("field", printed))
        if facts:
            self.tagged.append((table, facts))

    def _fact(self, nodes: Sequence[Any]) -> Fact | None:
        """The fact that a cell tags, where it tags exactly one."""
        if self.facts is None:
            return None
        tagged = [part for node in nodes for part in node.iter("ix:nonfraction")]
        within = [part for part in tagged if next(part.iterancestors("ix:nonfraction"), None) is None]
        return self.facts.read(tagged[0]) if len(within) == 1 else None

    def _notes(self) -> list[str]:
        notes = list(self.reading.notes)
        if len(notes) > MAX_NOTES:
            notes[MAX_NOTES - 1 :] = [f"and {len(notes) - MAX_NOTES + 1} more remarks"]
        return [note[:MAX_NOTE_CHARS] for note in notes]


def _is_hidden(node: Any) -> bool:
    style = node.get("style")
    return bool(style) and "display:none" in style.replace(" ", "").casefold()


def _is_bold(node: Any) -> int:
    if node.tag in ("b", "strong"):
        return 1
    style = (node.get("style") or "").replace(" ", "").casefold()
    return 1 if re.search(r"font-weight:(?:bold|[7-9]00)", style) else 0


def _element(nodes: Sequence[Any], fact: Fact | None) -> At:
    """The nearest id of a cell: its fact's, its own, or that of an element around or in it."""
    said: At = (("fact", fact.concept),) if fact and fact.concept else ()
    if fact and fact.identity:
        return (("element", fact.identity), *said)
    for node in (nodes[-1], *nodes[-1].iterdescendants(), *nodes[-1].iterancestors()):
        if isinstance(node.tag, str) and node.get("id"):
            return (("element", node.get("id")), *said)
    return said


# What tags say of the cells of a table.


def _apply(table: Table, facts: dict[tuple[int, int], Fact]) -> None:
    for at, column in enumerate(table.columns):
        own = {row: fact for (row, place), fact in facts.items() if place == at}
        if own and column.kind == "number":
            _apply_to_column(column, own)
    for row in range(table.row_count):
        names = Counter(_tag(fact) for (at, _), fact in facts.items() if at == row and fact.concept)
        if names:
            table.tags[row] = names.most_common(1)[0][0]


def _tag(fact: Fact) -> str:
    """A fact's tag; of a part of the company (`Products` under net sales), said so, because it is not the company's line."""
    return f"{fact.concept} (part)" if fact.context.apart else fact.concept


def _apply_to_column(column: Column, facts: dict[int, Fact]) -> None:
    periods = Counter(fact.context.period for fact in facts.values() if fact.context.period)
    usual, often = periods.most_common(1)[0] if periods else (None, 0)
    if usual is not None and (2 * often > len(facts)) and _may_date(column, often, len(facts)):
        column.period = usual if column.period is None or column.period.end != usual.end else _dated(column, usual)
    for row, fact in facts.items():
        negative = (column.amounts[row] or 0) < 0
        column.amounts[row] = fact.size.copy_negate() if negative and fact.size else fact.size
        column.units.pop(row, None)
        if fact.unit != column.unit:
            column.units[row] = fact.unit
        scale = Scale(fact.power, "tag") if fact.power and fact.unit != "ratio" else None
        column.scales.pop(row, None)
        if scale != column.scale:
            column.scales[row] = scale
        if fact.context.period:
            column.periods.pop(row, None)
        if fact.context.period and not _is_same(fact.context.period, column.period):
            column.periods[row] = fact.context.period


def _may_date(column: Column, often: int, facts: int) -> bool:
    """Whether the commonest period is the column's: nearly all facts agree, or the heading names one already."""
    return column.period is not None or often >= 0.9 * facts


def _dated(column: Column, usual: Period) -> Period:
    """The tag's dates under the heading's own label, where both end on one day."""
    own = column.period
    return replace(usual, label=own.label) if own and own.kind == usual.kind else usual


def _is_same(period: Period, other: Period | None) -> bool:
    return other is not None and (period.kind, period.start, period.end) == (other.kind, other.start, other.end)


READER = Reader(MEDIA_TYPES, (".html", ".htm", ".xhtml"), read_html)
