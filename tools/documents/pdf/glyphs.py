"""The characters of a page with their boxes, as the page is shown: origin top left, in points, turned and cropped.

Loose boxes are taken, which are as wide as the character advances: with boxes drawn tightly round the ink a 1 leaves
gaps, and `11,016` falls apart into `11` and `,016`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

MAX_CHARS = 60_000
FAR = 100_000.0  # points; the largest page there may be measures 14,400
Glyph = tuple[str, float, float, float, float]
"""character, left, top, right, bottom."""
_Turn = Callable[[float, float, float, float], tuple[float, float, float, float]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it is shown: its size in points and its characters in the order of the file. `left_out`: how many
    characters a page of more than `MAX_CHARS` has beyond them.
    """

    width: float
    height: float
    glyphs: list[Glyph]
    left_out: int = 0


def read_sheet(page: Any) -> Sheet:
    """The characters of a `pypdfium2` page. Characters without a place on the page are left out."""
    width, height = page.get_size()
    textpage = page.get_textpage()
    try:
        count = max(0, pdfium.FPDFText_CountChars(textpage.raw))
        glyphs = _glyphs(textpage.raw, min(count, MAX_CHARS), _turn(page))
    finally:
        textpage.close()
    return Sheet(width, height, glyphs, max(0, count - MAX_CHARS))


def _glyphs(textpage: Any, count: int, turn: _Turn) -> list[Glyph]:
    box = pdfium.FS_RECTF()
    reference = ctypes.byref(box)
    loose_box, code_of = pdfium.FPDFText_GetLooseCharBox, pdfium.FPDFText_GetUnicode
    found: list[Glyph] = []
    for index in range(count):
        code = code_of(textpage, index)
        if code <= 32 or code == 0xA0 or not loose_box(textpage, index, reference):
            if code:
                found.append((" ", 0.0, 0.0, 0.0, 0.0))
            continue
        if code in _INVISIBLE or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
            continue
        left, top, right, bottom = turn(box.left, box.top, box.right, box.bottom)
        if -FAR < left + top + right + bottom < FAR:  # false of NaN too
            found.append((_PLAIN.get(code) or chr(code), left, top, right, bottom))
    return found


_INVISIBLE = frozenset((0xAD, 0x200B, 0x200C, 0x200D, 0xFEFF, 0xFFFE, 0xFFFF))
_PLAIN = {0x2: "-", 0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}


def _turn(page: Any) -> _Turn:
    """From the file's coordinates (origin bottom left, before turning) to those of the page as it is shown."""
    left, bottom, right, top = page.get_cropbox()
    match page.get_rotation():
        case 90:
            return lambda l, t, r, b: (b - bottom, l - left, t - bottom, r - left)  # noqa: E741
        case 180:
            return lambda l, t, r, b: (right - r, b - bottom, right - l, t - bottom)  # noqa: E741
        case 270:
            return lambda l, t, r, b: (top - t, right - r, top - b, right - l)  # noqa: E741
        case _:
            return lambda l, t, r, b: (l - left, top - t, r - left, top - b)  # noqa: E741
