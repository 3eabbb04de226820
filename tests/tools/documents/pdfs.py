"""PDF files made by hand for tests: text at places on pages, turned, cropped, scanned or locked, in plain objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LOCK = b"<</Filter/Standard/V 1/R 2/P -4/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>"


@dataclass(frozen=True)
class Text:
    """Words whose baseline begins `left` points from the left and `down` points from the top of an unturned page."""

    words: str
    left: float
    down: float
    size: float = 10
    font: str = "F1"


@dataclass(frozen=True)
class Page:
    """A page of `size` points. `crop` is (left, bottom, right, top); `scanned` fills it with a grey picture."""

    texts: Sequence[Text] = ()
    size: tuple[float, float] = (612, 792)
    rotation: int = 0
    crop: tuple[float, float, float, float] | None = None
    scanned: bool = False


def pdf(*pages: Page, locked: bool = False) -> bytes:
    """The file."""
    objects: list[bytes] = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
    ]
    kids = []
    for page in pages:
        number = len(objects) + 1
        kids.append(b"%d 0 R" % number)
        content = _content(page)
        crop = b"/CropBox[%g %g %g %g]" % page.crop if page.crop else b""
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %g %g]%s/Rotate %d/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>"
            b"/Contents %d 0 R>>" % (*page.size, crop, page.rotation, number + 1)
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), b" ".join(kids))
    return _file(objects, locked)


def _content(page: Page) -> bytes:
    drawn = [b"0.8 g 20 20 300 300 re f 0 g"] if page.scanned else []
    for text in page.texts:
        words = text.words.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        place = (text.font.encode(), text.size, text.left, page.size[1] - text.down, words)
        drawn.append(b"BT /%s %g Tf %g %g Td (%s) Tj ET" % place)
    return b"\n".join(drawn)


def _file(objects: Sequence[bytes], locked: bool) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, written in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, written)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    lock = b"/Encrypt " + LOCK + b"/ID[<00><00>]" if locked else b""
    out += b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, lock, start)
    return bytes(out)


WIDTHS = {**dict.fromkeys("0123456789$—–-", 0.556), **dict.fromkeys(",. ", 0.278), "(": 0.333, ")": 0.333, "%": 0.889}


def right_aligned(words: str, right: float, down: float, size: float = 10) -> Text:
    """A figure whose last digit ends at `right`, closing brackets hanging over as they are printed."""
    digits = words.rstrip(")%")
    return Text(words, right - size * sum(WIDTHS.get(sign, 0.556) for sign in digits), down, size)


def statement_page(
    titles: Sequence[str],
    periods: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    prose: Sequence[str] = (),
    top: float = 60,
) -> Page:
    """A page with a statement as filings print it: titles in the middle, periods over right-aligned figures."""
    rights = [600 - 70 * (len(periods) - number) for number in range(len(periods))]
    texts = [Text(title, 200, top + 12 * number) for number, title in enumerate(titles)]
    down = top + 12 * len(titles) + 14
    texts += [right_aligned(period, right, down) for period, right in zip(periods, rights, strict=True)]
    for label, figures in rows:
        down += 14
        texts.append(Text(label, 40, down))
        texts += [right_aligned(words, right, down) for words, right in zip(figures, rights, strict=True) if words]
    texts += [Text(words, 40, down + 40 + 12 * number) for number, words in enumerate(prose)]
    return Page(texts)
