"""What a file is by its first bytes, whatever it is called: a ZIP that was renamed .csv should be told apart from a
table before anybody tries to split it into columns.
"""

from __future__ import annotations

import re

HEAD_BYTES = 4096

_BINARY: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "application/pdf", "a PDF"),
    (b"PK\x03\x04", "application/zip", "a ZIP archive (an .xlsx or .docx file is one too)"),
    (b"PK\x05\x06", "application/zip", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", "an old Office file (.xls or .doc)"),
    (b"\x1f\x8b", "application/gzip", "a gzip archive"),
    (b"BZh", "application/x-bzip2", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "application/x-xz", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "application/zstd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed", "a 7z archive"),
    (b"Rar!\x1a\x07", "application/vnd.rar", "a RAR archive"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "a PNG image"),
    (b"\xff\xd8\xff", "image/jpeg", "a JPEG image"),
    (b"GIF87a", "image/gif", "a GIF image"),
    (b"GIF89a", "image/gif", "a GIF image"),
    (b"\x7fELF", "application/x-executable", "a program"),
    (b"PAR1", "application/vnd.apache.parquet", "a Parquet file"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3", "an SQLite database"),
)
_MARKUP: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (re.compile(rb"<!doctype html|<html[\s>]", re.I), "text/html", "an HTML page"),
    (re.compile(rb"<\?xml\s", re.I), "application/xml", "an XML file"),
    (re.compile(rb"\{\\rtf"), "application/rtf", "an RTF document"),
    (re.compile(rb"[\[{]\s*[\"{\[]"), "application/json", "a JSON file"),
)


def binary_kind(head: bytes) -> tuple[str, str] | None:
    """(media type, words) where the bytes begin like a known binary format, else None."""
    return next(((media, words) for magic, media, words in _BINARY if head.startswith(magic)), None)


def markup_kind(head: bytes) -> tuple[str, str] | None:
    """(media type, words) where the bytes begin like HTML, XML, RTF or JSON, else None. XHTML begins like XML."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    found = next(((media, words) for pattern, media, words in _MARKUP if pattern.match(start)), None)
    if found and found[0] == "application/xml" and re.search(rb"<(?:\w+:)?html[\s>]", start, re.I):
        return "text/html", "an HTML page"
    return found


def archive_kind(head: bytes) -> str:
    """The media type of a workbook or text document whose archive says so in its first parts, else ``."""
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in head[:200]:
        return "application/vnd.oasis.opendocument.spreadsheet"
    if not head.startswith(b"PK"):
        return ""
    if b"xl/workbook." in head or b"xl/worksheets/" in head or b"xl/_rels" in head:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    if b"word/document.xml" in head or b"word/_rels" in head:
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return ""
