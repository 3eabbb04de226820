"""What may reach a terminal: words without control characters, in characters that its encoding knows.

Documents and models are strangers; an escape sequence in a cell must not move the cursor, rename the window or fake
another line. `printable` takes them out; what an encoding cannot write is spelled, not refused.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

# C0 without tab and line feed, DEL, C1, and what reorders or hides the text around it.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ue000-\ue0ff]")
_SPELLED = {
    "£": "GBP ",
    "€": "EUR ",
    "¥": "JPY ",
    "₹": "INR ",
    "₩": "KRW ",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "÷": "/",
    "…": "...",
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "·": "-",
    "•": "*",
    "─": "-",
    "▌": "|",
    "✓": "[x]",
}
SPELLING = "tickmark.spelled"  # the name of the error handler, for `reconfigure(errors=...)`


def printable(text: str) -> str:
    """The text in one piece, without what a terminal would obey.

    >>> printable("Revenue\\x1b[2J\\tFY24")
    'Revenue[2J FY24'
    """
    return _UNSAFE.sub("", text).replace("\t", " ").replace("\n", " ")


def printable_block(text: str) -> str:
    """The same for a block of Markdown, whose lines stay lines and whose characters stay where they were counted."""
    return _UNSAFE.sub(" ", text)


def spelled(error: UnicodeError) -> tuple[str | bytes, int]:
    """An encoding error handler: what cannot be written, in ASCII words."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spell, error.object[error.start : error.end])), error.end


def _spell(character: str) -> str:
    if character in _SPELLED:
        return _SPELLED[character]
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode("ascii")
    return plain or "?"


codecs.register_error(SPELLING, spelled)
