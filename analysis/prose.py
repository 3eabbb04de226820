"""The prose of one message: deltas with offsets, references worded, figures ticked and counted."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.events import Draft, Notice, TextDelta, Tickmark
from analysis.references import Cited, Lookup, Piece, Plain, References
from analysis.signals import Ticked
from analysis.tally import Tally
from analysis.text import clean


class Prose:
    """Hears text as the provider cuts it and answers with what may be shown. `offset` counts code points."""

    def __init__(self, message_id: str, lookup: Lookup) -> None:
        self.offset = 0
        self.tally = Tally()
        self._message_id = message_id
        self._references = References(lookup)
        self._written: list[str] = []
        self._unknown: set[str] = set()
        self._seam = False
        self._end = ""

    def text(self) -> str:
        """Everything written so far, joined."""
        return "".join(self._written)

    def write(self, text: str) -> list[Draft]:
        """Text arrived: the delta, then the ticks of the references that are complete with it."""
        return self._written_as(self._references.feed(clean(text)))

    def pause(self) -> list[Draft]:
        """The text is over, or another block follows: an unfinished reference can no longer be completed."""
        return self._written_as(self._references.end())

    def new_paragraph(self) -> None:
        """What comes next was not written in one breath with what came before: one empty line shall stand between."""
        self._seam = bool(self._written)

    def checked(self, ticks: Sequence[Ticked]) -> list[Draft]:
        """Figures that were tied afterwards."""
        return [
            self._tick(
                Tickmark(self._message_id, tick.start, tick.end, tick.shown, tick.state, tick.value_id, tick.note)
            )
            for tick in ticks
        ]

    def _written_as(self, pieces: Sequence[Piece]) -> list[Draft]:
        if self._seam:
            pieces = self._joined(pieces)
        text = "".join(piece.text for piece in pieces)
        if not text:
            return []
        start = self.offset
        self._written.append(text)
        self._end = (self._end + text)[-2:]
        self.offset += len(text)
        drafts = [Draft(TextDelta(self._message_id, text, start))]
        for piece in pieces:
            if isinstance(piece, Cited):
                drafts += self._cite(piece, start)
            start += len(piece.text)
        return drafts

    def _joined(self, pieces: Sequence[Piece]) -> Sequence[Piece]:
        """The pieces after a seam: line breaks of theirs are dropped, what is missing to an empty line is put before them.

        Nothing is decided before a character that is no line break has come, so it does not matter how the text was cut.
        """
        rest = list(pieces)
        while rest and isinstance(rest[0], Plain) and not (kept := rest[0].text.lstrip("\r\n")):
            rest.pop(0)
        if not rest:
            return []
        if isinstance(rest[0], Plain):
            rest[0] = Plain(kept)
        self._seam = False
        there = len(self._end) - len(self._end.rstrip("\n"))
        return [Plain("\n" * (2 - there)), *rest]

    def _cite(self, piece: Cited, start: int) -> list[Draft]:
        end = start + len(piece.text)
        private = {"source": piece.source}
        if piece.value:
            tick = Tickmark(self._message_id, start, end, piece.text, piece.value.state, piece.value.value_id)
            return [self._tick(tick, private)]
        note = f"no tool result showed a value {piece.value_id}"
        drafts = [self._tick(Tickmark(self._message_id, start, end, piece.text, "open", None, note), private)]
        if piece.value_id not in self._unknown:
            self._unknown.add(piece.value_id)
            words = f"The answer cites a figure ({piece.value_id}) that no tool result showed; it is left open."
            drafts.append(Draft(Notice(self._message_id, "unknown_value", words)))
        return drafts

    def _tick(self, tick: Tickmark, private: dict[str, str] | None = None) -> Draft:
        self.tally.count(tick.state, tick.value_id)
        return Draft(tick, private)
