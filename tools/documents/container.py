"""The container of a workbook or text document, judged before a parser sees it: what it is, whether it is locked, and what
it would unpack to.

Everything a parser would trust is counted here first, from the bytes themselves and not from what the archive declares:
the number of parts, how far each unpacks, whether its XML defines entities (which may refer to each other until memory
ends), how large a rectangle of cells a sheet spans (two cells at opposite corners of a sheet are seventeen billion), and
how long the texts are that its cells share.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from tools.documents.compound import SIGNATURE, open_stream
from tools.documents.extents import (
    MOST_CELLS,
    extent_of_ods,
    extent_of_xlsb,
    extent_of_xml,
    extents_of_xls,
    old_records,
)
from tools.documents.signature import HEAD_BYTES, markup_kind
from tools.refusals import ToolError

ZIP = b"PK"
MAX_ENTRIES = 5_000
MAX_SHEETS = 1_000
MAX_UNPACKED = 400 * 1024 * 1024
MAX_TEXT = 64 * 1024 * 1024
# parsers may loop for ever over XML that ends too early
_PARSED = re.compile(r"xl/|word/|_rels/|content\.xml|META-INF/|\[Content_Types\]", re.I)
_RECORDS = re.compile(r"xl/(?!vbaproject)[^/]+\.bin|xl/worksheets/.+\.bin", re.I)
_PASSWORD_RECORD, _RECORDS_SEEN = 0x2F, 20
_CHUNK = 1 << 20
_LOCAL_HEADER = 30
_MARKUP = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_ENCODINGS = frozenset(b"utf-8 utf8 us-ascii ascii utf-16 utf-16le utf-16be iso-8859-1 windows-1252".split())
_SHARED = re.compile(rb"<(?:\w+:)?si[\s>]")
_REFERRED = re.compile(rb"""\st\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})\s*<""")


@dataclass(slots=True)
class Container:
    """What an archive holds that the reader wants to know: the names of its parts, how many bytes of sheets, the cells.

    `kind` is `xlsx`, `xlsb`, `ods`, `xls` or `docx`; `sheet_bytes` is how much XML the sheets or the text are, `cells` the
    rectangles that sheets span.
    """

    kind: str
    names: list[str] = field(default_factory=list)
    sheet_bytes: int = 0
    cells: int = 0

    @property
    def has_macros(self) -> bool:
        return any(name.casefold().endswith("vbaproject.bin") or name.startswith("Basic/") for name in self.names)

    @property
    def external_links(self) -> list[str]:
        return [name for name in self.names if re.fullmatch(r"xl/externalLinks/[^/]+\.(?:xml|bin)", name)]


def inspect(data: bytes, name: str) -> Container:
    """What the container is. Refuses with ToolError: `empty_file`, `binary_file`, `encrypted`, `corrupt`, `unsafe_file`,
    `too_large`.
    """
    if not data:
        raise ToolError("empty_file", f"{name} is empty (0 bytes)")
    if data.startswith(SIGNATURE):
        return _inspect_ole(data, name)
    if not data.startswith(ZIP):
        marked = markup_kind(data[:HEAD_BYTES])
        words = f"it is {marked[1]}" if marked else "it is none"
        raise ToolError("binary_file", f"{name} is named like a workbook, but {words}; open it and save it as .xlsx")
    found = _Archive(data, name).inspect()
    if found.kind == "docx":
        raise ToolError("binary_file", f"{name} is a text document, but no workbook; attach it as .docx")
    return found


def inspect_text(data: bytes, name: str) -> Container:
    """What the container of a text document is. Refuses as `inspect` does."""
    if not data:
        raise ToolError("empty_file", f"{name} is empty (0 bytes)")
    if data.startswith(SIGNATURE):
        if _wide("EncryptedPackage") in data or _wide("EncryptionInfo") in data:
            raise locked(name)
        raise ToolError(
            "binary_file", f"{name} is an old Word document (.doc); open it, save it as .docx and attach that"
        )
    if not data.startswith(ZIP):
        raise ToolError("binary_file", f"{name} is named like a Word document, but is none; save it as .docx")
    found = _Archive(data, name).inspect()
    if found.kind != "docx":
        raise ToolError("binary_file", f"{name} is an Office file, but no text document")
    return found


def _inspect_ole(data: bytes, name: str) -> Container:
    """Old workbooks, and new ones behind a password, which come in the same envelope."""
    if _wide("EncryptedPackage") in data or _wide("EncryptionInfo") in data:
        raise locked(name)
    if _wide("Workbook") not in data and _wide("Book") not in data:
        raise ToolError("binary_file", f"{name} is an old Office file, but no workbook")
    stream = open_stream(data, ("Workbook", "Book"))
    if stream is None:
        raise broken(name, "its parts run in circles or end in the middle")
    if _has_password(stream):
        raise locked(name)
    found = Container("xls")
    for number, (rows, columns) in enumerate(extents_of_xls(stream), 1):
        found.cells += rows * columns
        if found.cells > MOST_CELLS:
            raise too_large(name, f"sheet {number}", rows, columns)
        if number > MAX_SHEETS:
            raise ToolError("too_large", f"{name} has more than {MAX_SHEETS:,} sheets and is not read")
    if _wide("_VBA_PROJECT") in data:
        found.names.append("vbaProject.bin")
    return found


def _has_password(stream: bytes) -> bool:
    """Whether the first records of an old workbook say that all others are encrypted."""
    return any(kind == _PASSWORD_RECORD for kind, _, _ in islice(old_records(stream, 0), _RECORDS_SEEN))


def _wide(word: str) -> bytes:
    return word.encode("utf-16-le")


def locked(name: str) -> ToolError:
    """The refusal of a file behind a password."""
    return ToolError("encrypted", f"{name} is protected by a password; save a copy without one and attach that")


def broken(name: str, why: str = "") -> ToolError:
    """The refusal of a file that cannot be what it says."""
    return ToolError("corrupt", f"{name} is damaged{f' ({why})' if why else ''}; open it, save a copy and attach that")


def _comes_late(entry: ZipInfo) -> bool:
    """Whether a part is judged by what others say: who is locked, which texts are shared."""
    return not entry.filename.endswith(("sharedStrings.xml", "manifest.xml"))


def too_large(name: str, part: str, rows: int, columns: int) -> ToolError:
    """The refusal of a sheet that no memory would hold."""
    return ToolError(
        "too_large",
        f"{name} is too large: {part} spans at least {rows:,} rows x {columns:,} columns; workbooks of up to "
        f"{MOST_CELLS:,} cells are read. Export the sheet you need as CSV",
    )


class _Archive:
    """A ZIP of parts, unpacked part by part and thrown away again."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data = data
        self.name = name
        self.unpacked = 0
        self.texts: list[int] = []
        self.found = Container("xlsx")

    def inspect(self) -> Container:
        entries = self._entries()
        self.found.names = [entry.filename for entry in entries]
        self.found.kind = self._kind()
        for entry in sorted(entries, key=_comes_late):
            if entry.filename.casefold().endswith((".xml", ".rels", ".bin")):
                self._judge(entry.filename, self._unpack(entry))
        return self.found

    def _entries(self) -> list[ZipInfo]:
        try:
            with ZipFile(BytesIO(self.data)) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        except (BadZipFile, ValueError, OSError, EOFError, NotImplementedError, OverflowError, IndexError) as fault:
            raise broken(self.name, "the archive cannot be opened") from fault
        if len(entries) > MAX_ENTRIES:
            raise ToolError("unsafe_file", f"{self.name} holds {len(entries):,} parts; up to {MAX_ENTRIES:,} are read")
        if len({entry.filename.casefold() for entry in entries}) < len(entries):
            raise ToolError("unsafe_file", f"{self.name} holds two parts of the same name and is not read")
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise self._bomb()
        if any(entry.flag_bits & 1 for entry in entries):
            raise locked(self.name)
        return entries

    def _bomb(self) -> ToolError:
        most = MAX_UNPACKED // (1024 * 1024)
        return ToolError("too_large", f"{self.name} unpacks to more than {most} MB and is not read")

    def _kind(self) -> str:
        names = {name.casefold() for name in self.found.names}
        if "xl/workbook.bin" in names:
            return "xlsb"
        if "word/document.xml" in names:
            return "docx"
        if "xl/workbook.xml" in names or "[content_types].xml" in names:
            if not any(name.startswith("xl/") for name in names):
                raise ToolError("binary_file", f"{self.name} is an Office file, but no workbook")
            return "xlsx"
        if "content.xml" in names:
            return "ods"
        raise ToolError("binary_file", f"{self.name} is an archive, but no workbook or text document")

    def _unpack(self, entry: ZipInfo) -> bytes:
        """A part as the compressed bytes themselves unpack, whatever size the archive declares."""
        head = self.data[entry.header_offset : entry.header_offset + _LOCAL_HEADER]
        if len(head) < _LOCAL_HEADER or head[:4] != b"PK\x03\x04":
            raise broken(self.name, "the archive is cut")
        start = (
            entry.header_offset + _LOCAL_HEADER + sum(int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
        )
        packed = memoryview(self.data)[start : start + entry.compress_size]
        if entry.compress_type == 0:
            return bytes(packed)
        if entry.compress_type != 8:
            raise broken(self.name, "it is packed in an unknown way")
        parts: list[bytes] = []
        inflate = zlib.decompressobj(-15)
        try:
            pending = bytes(packed)
            while pending and not inflate.eof:
                parts.append(inflate.decompress(pending, _CHUNK))
                pending = inflate.unconsumed_tail
                self.unpacked += len(parts[-1])
                if self.unpacked > MAX_UNPACKED:
                    raise self._bomb()
        except zlib.error as fault:
            raise broken(self.name, f"{entry.filename[:60]} cannot be unpacked") from fault
        return b"".join(parts)

    def _judge(self, part: str, content: bytes) -> None:
        if part.casefold().endswith(".bin"):
            if self.found.kind == "xlsb" and _RECORDS.fullmatch(part):
                extent = extent_of_xlsb(content)
                if extent is None:
                    raise broken(self.name, f"{part[:60]} ends in the middle")
                if "worksheets/" in part:
                    self._count(part, extent)
            return
        was_wide = content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:4]
        content = self._as_bytes(content)
        if _MARKUP.search(content):
            raise ToolError("unsafe_file", f"{self.name} defines XML entities in {part[:60]} and is not read")
        if part == "META-INF/manifest.xml" and b"encryption-data" in content:
            raise locked(self.name)
        if part.endswith("sharedStrings.xml"):
            starts = [found.start() for found in _SHARED.finditer(content)]
            self.texts = [end - start for start, end in zip(starts, [*starts[1:], len(content)], strict=True)]
        elif self.found.kind == "ods" and part == "content.xml":
            self._count(part, extent_of_ods(content))
        elif self.found.kind == "docx":
            self.found.sheet_bytes += len(content)
            if self.found.sheet_bytes > MAX_TEXT:
                raise ToolError(
                    "too_large", f"{self.name} holds more than {MAX_TEXT // 2**20} MB of text and is not read"
                )
        elif b"sheetData" in content:
            self.found.sheet_bytes += len(content)
            self._count(part, extent_of_xml(content))
            self._count_texts(content)
        if not _PARSED.match(part):
            return
        try:
            expat.ParserCreate("utf-8" if was_wide else None).Parse(content, True)
        except (expat.ExpatError, ValueError, LookupError) as fault:
            raise broken(self.name, f"{part[:60]} is no sound XML") from fault

    def _as_bytes(self, content: bytes) -> bytes:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in content[:4]:
            content = content.decode("utf-16", "replace").encode()
        said = _ENCODING.match(content[:200].removeprefix(b"\xef\xbb\xbf"))
        if said and said[1].lower() not in _ENCODINGS:
            raise ToolError("unsafe_file", f"{self.name} is written in an encoding no workbook uses and is not read")
        return content

    def _count(self, part: str, extent: tuple[int, int]) -> None:
        rows, columns = extent
        self.found.cells += rows * columns
        if self.found.cells > MOST_CELLS:
            raise too_large(self.name, part[:60], rows, columns)

    def _count_texts(self, content: bytes) -> None:
        """Cells that share one text each get a copy of it when they are read."""
        sizes, most = self.texts, len(self.texts)
        total = sum(sizes[number] for found in _REFERRED.findall(content) if (number := int(found)) < most)
        self.unpacked += total
        if self.unpacked > 2 * MAX_UNPACKED:
            raise self._bomb()
