"""Pages as pictures: a PDF page as WebP, as wide as somebody wants to see it.

The picture shows the page as a reader sees it, turned and cropped, so the boxes of places (fractions of the page as it
is shown, origin top left) are fractions of the picture. Nothing a page refers to is fetched, no script runs, and forms
are drawn as they were saved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pypdfium2
from PIL import WebPImagePlugin
from pypdfium2.raw import FPDF_ERR_PASSWORD

from tools.refusals import ToolError

QUALITY, METHOD = 80, 2  # of WebP: a page of text in 60 ms and 100 kB; method 4 would take twice as long for 3% less
MAX_PIXELS = 12_000_000  # a page of 2,400 pixels across may be twice as high; a taller one is drawn narrower
MAX_SIDE_PX = 16_000  # WebP ends at 16,383
_SIGNATURE = b"%PDF-"
_LOOKED_AT = 1024  # bytes within which a PDF says that it is one
Size = tuple[float, float]


def page_count(content: bytes) -> int:
    """How many pages a file has: 0 for what is no PDF, or cannot be opened."""
    try:
        with _opened(content, "the file") as pdf:
            return len(pdf)
    except ToolError:
        return 0


def page_sizes(content: bytes, name: str) -> list[Size]:
    """Width and height of each page in points (1/72 inch), as it is shown; (0, 0) for a page that is broken.

    Refuses with ToolError: `no_pages`, `encrypted`, `unreadable_document`.
    """
    with _opened(content, name) as pdf:
        return [_size(pdf, index) for index in range(len(pdf))]


def render(content: bytes, name: str, number: int, width_px: int) -> bytes:
    """Page `number` (from 1) as a WebP picture `width_px` wide, or narrower where that would be too large.

    Refuses with ToolError: as `page_sizes`, `unknown_page`, `unreadable_page`.
    """
    with _opened(content, name) as pdf:
        if not 1 <= number <= len(pdf):
            raise ToolError("unknown_page", f"{name} has no page {number}; its pages are 1 to {len(pdf)}.")
        width, height = _size(pdf, number - 1)
        if not (width > 0 and height > 0):
            raise ToolError("unreadable_page", f"Page {number} of {name} is damaged and cannot be shown.")
        scale = min(width_px / width, (MAX_PIXELS / (width * height)) ** 0.5, MAX_SIDE_PX / max(width, height))
        return _drawn(pdf, number, scale, name)


def _drawn(pdf: Any, number: int, scale: float, name: str) -> bytes:
    out = BytesIO()
    try:
        page = pdf[number - 1]
        try:
            picture = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False).to_pil()
        finally:
            page.close()
        picture = picture if picture.mode in ("RGB", "L") else picture.convert("RGB")
        picture.save(out, WebPImagePlugin.WebPImageFile.format, quality=QUALITY, method=METHOD)
    except (pypdfium2.PdfiumError, OSError, ValueError) as fault:
        raise ToolError("unreadable_page", f"Page {number} of {name} is damaged and cannot be shown.") from fault
    return out.getvalue()


@contextmanager
def _opened(content: bytes, name: str) -> Iterator[Any]:
    if _SIGNATURE not in content[:_LOOKED_AT]:
        raise ToolError("no_pages", f"{name} has no pages that could be shown: it is not a PDF.")
    try:
        pdf = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as fault:
        if getattr(fault, "err_code", None) == FPDF_ERR_PASSWORD:
            words = f"{name} is protected by a password, so its pages cannot be shown. Attach a copy without one."
            raise ToolError("encrypted", words) from fault
        words = f"{name} is damaged, so its pages cannot be shown. Open it, save a copy and attach that."
        raise ToolError("unreadable_document", words) from fault
    try:
        yield pdf
    finally:
        pdf.close()


def _size(pdf: Any, index: int) -> Size:
    try:
        width, height = pdf.get_page_size(index)
    except pypdfium2.PdfiumError:
        return (0.0, 0.0)
    return (round(width, 2), round(height, 2))
