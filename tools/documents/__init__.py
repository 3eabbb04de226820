"""Readers: bytes of a document in, a `Document` out. `READERS` is the table; `choose` says which row a file belongs to.

The rows are lazy strings, because a reader may need a heavy library and most callers only want to know whether a file
can be read at all.
"""

from __future__ import annotations

from importlib import import_module

from tools.documents.document import Document
from tools.documents.primary import label_statements
from tools.documents.reader import Progress, Reader, Source, silent
from tools.documents.signature import HEAD_BYTES, archive_kind, binary_kind, markup_kind
from tools.refusals import ToolError

READERS: dict[str, str] = {
    "application/pdf": "tools.documents.pdf.reader:READER",
    "text/html": "tools.documents.html.reader:READER",
    "application/xhtml+xml": "tools.documents.html.reader:READER",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "tools.documents.docx:READER",
    "application/json": "tools.documents.records:READER",
    "application/vnd.apache.parquet": "tools.documents.parquet:READER",
    "text/plain": "tools.documents.text:READER",
    "text/markdown": "tools.documents.text:READER",
    "text/csv": "tools.documents.csv:READER",
    "text/tab-separated-values": "tools.documents.csv:READER",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "tools.documents.workbook:READER",
    "application/vnd.ms-excel.sheet.macroenabled.12": "tools.documents.workbook:READER",
    "application/vnd.ms-excel": "tools.documents.workbook:READER",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12": "tools.documents.workbook:READER",
    "application/vnd.oasis.opendocument.spreadsheet": "tools.documents.workbook:READER",
}
EXTENSIONS: dict[str, str] = {
    ".pdf": "application/pdf",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".json": "application/json",
    ".jsonl": "application/json",
    ".ndjson": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".tsv": "text/tab-separated-values",
    ".tab": "text/tab-separated-values",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    ".xls": "application/vnd.ms-excel",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
SUPPORTED = (
    "PDF (.pdf), pages and inline XBRL (.html, .htm), Word documents (.docx), workbooks (.xlsx, .xlsm, .xls, .xlsb, .ods), "
    "CSV or TSV files (.csv, .tsv, .tab), JSON (.json, .jsonl), Parquet (.parquet) and text (.txt, .md)"
)
_PLAIN_TEXT = "text/plain"
_CALLED_SHEET = "text/csv"  # a text is read as what it is, also where a program called it .xls
_PACKED = ("application/zip", "application/x-ole-storage")
_TEXTS = frozenset(("application/json", "application/xhtml+xml"))
_UNTOLD = frozenset(
    ("text/plain", "application/csv", "text/x-csv", "application/vnd.ms-excel", "application/octet-stream", "")
)

__all__ = ["EXTENSIONS", "HEAD_BYTES", "READERS", "SUPPORTED", "choose", "load", "read"]


def choose(name: str, media_type: str, head: bytes) -> str:
    """The key of `READERS` for a file, by what its first bytes (`HEAD_BYTES` are enough) say, then its name, then its type.

    A file whose bytes leave no doubt is read as what it is, whatever it is called. Refuses with ToolError:
    `unsupported_type`, which names what is supported, or `binary_file` where something that cannot be read has the name of
    something that can.
    """
    named = EXTENSIONS.get(_extension(name), "")
    declared = media_type.partition(";")[0].strip().casefold()
    if found := binary_kind(head):
        return _choose_binary(name, named, declared, head, found)
    marked = markup_kind(head)
    if marked and marked[0] in READERS:
        return marked[0]
    for key in (named, declared):
        if _is_text(key) or (key == named and named and not _may_be_text(head)):
            return key  # what has no text in it is for the reader of its name to refuse
    if (named or (declared in _UNTOLD and not _extension(name))) and _may_be_text(head):
        return _CALLED_SHEET if _is_workbook(named) or _is_workbook(declared) else _PLAIN_TEXT
    raise ToolError("unsupported_type", f"{name} cannot be read: its type is not known; {SUPPORTED} can be read")


def _choose_binary(name: str, named: str, declared: str, head: bytes, found: tuple[str, str]) -> str:
    media, words = found
    if media in READERS:
        return media
    if media in _PACKED:
        said = archive_kind(head)
        for key in (named, declared if declared not in _UNTOLD else "", said):
            if key in READERS and not _is_text(key) and (key == said or _is_workbook(said or key) == _is_workbook(key)):
                return key
    if named:
        kind = "text" if _is_text(named) else "workbook" if _is_workbook(named) else "document"
        raise ToolError("binary_file", f"{name} is named like a {kind} but is {words}; {SUPPORTED} can be read")
    raise ToolError("unsupported_type", f"{name} is {words}, which cannot be read yet; {SUPPORTED} can")


def _is_workbook(key: str) -> bool:
    return READERS.get(key, "").startswith("tools.documents.workbook:")


def _is_text(key: str) -> bool:
    return key in READERS and (key.startswith("text/") or key in _TEXTS)


def _may_be_text(head: bytes) -> bool:
    return bool(head) and not markup_kind(head) and b"\x00" not in head


def _extension(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return f".{ending.casefold()}" if dot and stem else ""


def load(key: str) -> Reader:
    """The reader of a row of `READERS`, imported now."""
    module, _, attribute = READERS[key].partition(":")
    reader = getattr(import_module(module), attribute)
    assert isinstance(reader, Reader)
    return reader


def read(
    content: bytes,
    *,
    document_id: str,
    name: str,
    media_type: str = "",
    sha256: str = "",
    on_progress: Progress | None = None,
) -> Document:
    """Reads a file with the reader that fits it; `sha256` spares hashing the content again where it is known.

    Refuses with ToolError, as `choose` and the reader do.
    """
    key = choose(name, media_type, content[:HEAD_BYTES])
    progress = on_progress or silent
    document = load(key).read(content, Source(document_id, name, media_type or key, sha256, progress))
    label_statements(document)
    progress("statements", 1, 1)
    return document
