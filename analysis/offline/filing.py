"""A filing as the offline analyst knows it: its statements, their standard lines and periods, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.offline.catalogue import Sheet
from tools.labels import label_stems
from tools.values import Period

REPORTS = (".pdf", ".html", ".htm", ".xhtml", ".docx")
_WHEN = re.compile(r"\d+|q[1-4]|h[12]|fy\d*|[kq]|\d+[kq]\d?|q\d+")


@dataclass(frozen=True, slots=True)
class Filing:
    """A report with primary statements (`sheets`) among its tables. `concepts` are the standard lines that these have,
    `labels` the lines of all its tables, `periods` those over the columns of its statements in their order.
    """

    alias: str
    document: str
    sheets: tuple[Sheet, ...]
    concepts: frozenset[str]
    labels: frozenset[str]
    periods: tuple[Period, ...]

    @staticmethod
    def of(sheets: Sequence[Sheet]) -> Filing | None:
        """The filing that these tables of one document are; None where it is none."""
        primary = tuple(sheet for sheet in sheets if sheet.statement)
        if not primary or not primary[0].document.casefold().endswith(REPORTS):
            return None
        return Filing(
            primary[0].address.partition(".")[0],
            primary[0].document,
            primary,
            frozenset(concept for sheet in primary for _, concept in sheet.concepts),
            frozenset(line for sheet in sheets for line in sheet.lines),
            tuple(dict.fromkeys(each.period for sheet in primary for each in sheet.fields if each.period)),
        )

    def lines_of(self, statement: str) -> list[str]:
        """The lines with figures of one kind of statement."""
        return [
            line
            for sheet in self.sheets
            if sheet.statement == statement
            for line in sheet.lines
            if line not in sheet.headings
        ]


def stems_of(document: str) -> frozenset[str]:
    """The words of a file's name."""
    return frozenset(label_stems(document.rpartition(".")[0] or document))


def company_of(document: str) -> frozenset[str]:
    """Whose report a file is by its name, without the words that say when and what: `2023_Q3_AAPL.pdf`."""
    return frozenset(stem for stem in stems_of(document) if not _WHEN.fullmatch(stem))
