"""Ticks as characters: what stands right after a figure, in a terminal that knows them and in one that does not.

While a paragraph is laid out, a tick is written in private characters of the same width: they are no spaces, so a line
never breaks between a figure and its tick, and no punctuation, so Markdown reads the words around them as before.
`revealed` turns them into what is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STATES = ("tied", "computed", "given", "open", "differs")
STYLES = {"tied": "green", "computed": "green", "given": "cyan", "open": "yellow", "differs": "red"}
WORDS = {
    "tied": "tied",
    "computed": "computed",
    "given": "given by you",
    "open": "without a source",
    "differs": "unlike their source",
}
_GLYPHS = {"tied": "✓", "computed": "✓✓", "given": "✎", "open": "○", "differs": "≠"}
_ASCII = {"tied": "[x]", "computed": "[xx]", "given": "[=]", "open": "[ ]", "differs": "[!]"}
_PRIVATE = 0xE000  # U+E000 stands for U+0020, and so on through ASCII; the glyphs follow
_SHOWN = "".join(map(chr, range(0x20, 0x7F))) + "✓✎○≠"
_HIDE = {ord(shown): _PRIVATE + index for index, shown in enumerate(_SHOWN)}
_REVEAL = {hidden: shown for shown, hidden in _HIDE.items()}
FIRST, LAST = chr(_PRIVATE), chr(_PRIVATE + len(_SHOWN) - 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A figure's state at [start, end) of its text, as the event says it."""

    start: int
    end: int
    state: str
    shown: str = ""
    value_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs a terminal can show: `fancy` where its encoding knows them, else ASCII."""

    fancy: bool = True

    @staticmethod
    def for_encoding(encoding: str | None) -> Glyphs:
        """Those that the encoding of a stream can write.

        >>> Glyphs.for_encoding("utf-8").tick("computed"), Glyphs.for_encoding("latin-1").tick("computed")
        ('✓✓', '[xx]')
        """
        try:
            "✓✎○≠▲▁█…".encode(encoding or "ascii")
        except (UnicodeEncodeError, LookupError):
            return Glyphs(False)
        return Glyphs(True)

    def tick(self, state: str, number: int | None = None) -> str:
        """What stands after a figure, with the number of its footnote where it has one; nothing for a constant."""
        glyph = (_GLYPHS if self.fancy else _ASCII).get(state, "")
        return f"{glyph}[{number}]" if glyph and number else glyph

    def state_of(self, tick: str) -> str:
        """The state that a seen tick stands for; nothing where it is none.

        >>> Glyphs().state_of(" ✓✓[3]"), Glyphs(False).state_of("[ ]"), Glyphs().state_of("%")
        ('computed', 'open', '')
        """
        glyphs = _GLYPHS if self.fancy else _ASCII
        found = [state for state, glyph in glyphs.items() if tick.lstrip(" ").startswith(glyph)]
        return max(found, key=lambda state: len(glyphs[state]), default="")


def hidden(tick: str) -> str:
    """A tick in private characters."""
    return tick.translate(_HIDE)


def revealed(text: str) -> str:
    """The text with its ticks as they are seen.

    >>> revealed("up " + hidden("12% ✓✓[3]"))
    'up 12% ✓✓[3]'
    """
    return text.translate(_REVEAL)


def with_ticks(text: str, ticks: Sequence[tuple[int, str]]) -> str:
    """The text with hidden ticks put in: each is (where its figure ends, what is seen there), in any order.

    >>> revealed(with_ticks("up 12%.", [(6, "✓✓")]))
    'up 12% ✓✓.'
    """
    pieces: list[str] = []
    at = 0
    for end, tick in sorted(ticks, key=lambda each: each[0]):
        if tick and at <= end <= len(text):
            pieces += [text[at:end], hidden(f" {tick}")]
            at = end
    return "".join([*pieces, text[at:]])
