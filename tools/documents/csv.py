"""The reader of delimited text: CSV, TSV, and whatever else a spreadsheet program or a database writes line by line.

The steps, each a kernel of its own: bytes to text (`encoding`), text to records with their lines (`delimited`), records to
blocks (`layout`), titles and headers to what they say (`headings`), columns to dates, numbers and words (`statements` for
lines over periods, `columns` for records). Every cell keeps its place: the physical line its record begins on and its
field number, both from 1, so that anybody can open the file and find the digits.

It refuses what is no table, and it never guesses silently: what it had to decide without evidence stands in the notes.
"""

from __future__ import annotations

from hashlib import sha256

from tools.documents.delimited import Records, read_records
from tools.documents.document import Document
from tools.documents.encoding import Decoded, decode
from tools.documents.layout import extent
from tools.documents.reader import Reader, Source
from tools.documents.signature import HEAD_BYTES, binary_kind, markup_kind
from tools.documents.tables import Grid, Reading, read_tables
from tools.refusals import ToolError

MEDIA_TYPE = "text/csv"
MAX_COLUMNS = 5_000
MAX_NOTES = 20
MAX_NOTE_CHARS = 400


def read_csv(data: bytes, source: Source) -> Document:
    """A delimited text as a document of one or more tables.

    Refuses with ToolError: `empty_file`, `binary_file`, `no_table`, `too_many_columns`, `too_large`.
    """
    source.progress("reading", 0, 1)
    _refuse_other_formats(data, source.name)
    decoded = decode(data)
    if not decoded.text.strip():
        raise ToolError("empty_file", f"{source.name} is empty")
    if decoded.is_noise:
        raise ToolError("binary_file", f"{source.name} is not a text file; export the table as CSV and attach that")
    digest = source.sha256 or sha256(data).hexdigest()
    document = Document(source.document_id, source.name, source.media_type or MEDIA_TYPE, "csv", digest, len(data))
    records = read_records(decoded.text)
    _refuse_width(records, source.name)
    source.progress("reading", 1, 1)
    reading = read_tables(Grid(records.rows, records.lines, _stem(source.name), _mark(records)), source.progress)
    document.tables, document.passages = reading.tables, reading.passages
    if all(len(table.columns) == 1 and table.columns[0].kind == "text" for table in reading.tables):
        raise ToolError(
            "no_table",
            f"{source.name} holds no table: no values separated by comma, semicolon, tab or | under a header",
        )
    document.notes = _notes(decoded, records, reading)
    return document


def _refuse_other_formats(data: bytes, name: str) -> None:
    if not data:
        raise ToolError("empty_file", f"{name} is empty (0 bytes)")
    head = data[:HEAD_BYTES]
    packed, marked = binary_kind(head), markup_kind(head)
    if packed:
        raise ToolError(
            "binary_file", f"{name} is not a CSV: its bytes are those of {packed[1]}; attach it under its own name"
        )
    if marked:
        raise ToolError("no_table", f"{name} looks like {marked[1]} rather than a CSV; export the table as CSV")


def _refuse_width(records: Records, name: str) -> None:
    width = max(map(len, records.rows), default=0)
    if width > MAX_COLUMNS:
        width = max(map(extent, records.rows))
    if width > MAX_COLUMNS:
        raise ToolError("too_many_columns", f"{name} has {width:,} columns; up to {MAX_COLUMNS:,} can be read")


def _mark(records: Records) -> str:
    """Files separated by semicolons come from countries that write a comma before the decimals."""
    return "," if records.delimiter == ";" else "."


def _stem(name: str) -> str:
    """The file's name without its ending."""
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name


def _notes(decoded: Decoded, records: Records, reading: Reading) -> list[str]:
    notes = [decoded.note] if decoded.note else []
    if records.repairs:
        marks = "1 quotation mark" if records.repairs == 1 else f"{records.repairs:,} quotation marks"
        notes.append(f"{marks} that nothing closes taken literally")
    if not any(column.kind == "number" for table in reading.tables for column in table.columns):
        notes.append("no numbers were found; the columns are text")
    notes += reading.notes
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES - 1 :] = [f"and {len(notes) - MAX_NOTES + 1} more remarks"]
    return [note[:MAX_NOTE_CHARS] for note in notes]


READER = Reader((MEDIA_TYPE, "text/tab-separated-values"), (".csv", ".tsv", ".tab"), read_csv)
