"""Footnotes: numbers in reading order, places in words, formulas down to their leaves."""

from __future__ import annotations

from typing import Any

import pytest

from api.terminal.footnotes import MOST, Footnote, Footnotes
from api.terminal.ticks import Glyphs, Tick

Json = dict[str, Any]
NAMES = {"doc_1": "accounts.xlsx"}


def value(value_id: str, shown: str = "1", **more: Any) -> Json:
    return {
        "value_id": value_id,
        "label": value_id.upper(),
        "amount": "1",
        "unit": "GBP",
        "shown": shown,
        "state": "tied",
        **more,
    }


def placed(value_id: str, **place: Any) -> Json:
    return value(value_id, place={"document_id": "doc_1", **place})


def computed(value_id: str, formula: str, *inputs: str) -> Json:
    return value(value_id, state="computed", formula=formula, inputs=list(inputs))


async def told(values: list[Json], *ticks: Tick, glyphs: Glyphs | None = None) -> list[Footnote]:
    """The footnotes of these ticks; the service knows these values."""
    known = {one["value_id"]: one for one in values}
    footnotes = Footnotes()
    for tick in ticks:
        footnotes.number_of(tick)

    def below(value_id: str) -> list[Json]:
        inputs = [one for one in known[value_id].get("inputs", ()) if one in known]
        return [known[one] for one in inputs] + [deeper for one in inputs for deeper in below(one)]

    async def ask(value_id: str) -> Json:
        return {"value": known[value_id], "inputs": below(value_id)}

    return await footnotes.told(ask, NAMES, glyphs or Glyphs())


def tick(value_id: str, state: str = "tied", **more: Any) -> Tick:
    return Tick(0, 4, state, "1", value_id, **more)


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        (
            {
                "kind": "sheet",
                "sheet": "Income",
                "cell": "E4",
                "printed": "1,284.6",
                "row": "Revenue",
                "column": "2024",
            },
            ("accounts.xlsx, Income!E4", "row “Revenue”, column “2024”, printed “1,284.6”"),
        ),
        (
            {"kind": "csv", "line": 4, "column": 5, "header": "2024"},
            ("accounts.xlsx, line 4, column 5", "column “2024”"),
        ),
        (
            {
                "kind": "pdf",
                "page": 87,
                "box": [0, 0, 1, 1],
                "row": "Revenue",
                "column": "2024",
                "printed": "1,284.6",
                "table": "t12",
            },
            ("accounts.xlsx, p. 87, Revenue, 2024", "printed “1,284.6”"),
        ),
        ({"kind": "pdf", "page": 87, "box": [0, 0, 1, 1]}, ("accounts.xlsx, p. 87",)),
        (
            {"kind": "pdf", "page": 87, "boxes": [[0, 0, 1, 1]] * 3, "rows_total": 12, "column": "2024"},
            ("accounts.xlsx, p. 87, 2024, 12 figures",),
        ),
        (
            {
                "kind": "html",
                "fact": "us-gaap:Revenues",
                "element": "f-7",
                "row": "Net sales",
                "column": "2024",
                "printed": "94,836",
            },
            ("accounts.xlsx, Net sales, 2024", "tagged us-gaap:Revenues, printed “94,836”"),
        ),
        ({"kind": "html", "element": "f-7"}, ("accounts.xlsx, element f-7",)),
        (
            {"kind": "json", "pointer": "/facts/Revenue/0", "row": "FY2024", "column": "val"},
            ("accounts.xlsx, /facts/Revenue/0, FY2024, val",),
        ),
        (
            {"kind": "docx", "paragraph": 12, "row": "Revenue", "column": "2024", "printed": "7"},
            ("accounts.xlsx, paragraph 12, Revenue, 2024", "printed “7”"),
        ),
        (
            {"kind": "csv", "column": 7, "lines": list(range(2, 12)), "rows_total": 48},
            ("accounts.xlsx, column 7, lines 2, 3, 4, 5, 6, 7, 8, 9 and 40 more",),
        ),
        (
            {"kind": "sheet", "sheet": "S", "cell": "B4", "cell_formula": "=B2-B3", "printed": "7"},
            ("accounts.xlsx, S!B4", "printed “7”, computed there by =B2-B3"),
        ),
        ({"kind": "sheet", "sheet": "S", "cells": ["A1", "A2"]}, ("accounts.xlsx, sheet S, cells A1, A2",)),
    ],
    ids=lambda given: given["kind"] if isinstance(given, dict) else "",
)
async def test_a_place_is_told_in_words(place: Json, lines: tuple[str, ...]) -> None:
    [note] = await told([placed("v1", **place)], tick("v1"))
    assert note.lines == lines


async def test_numbers_follow_the_reading_and_operands_come_after_it() -> None:
    values = [
        computed("v9", "(v2 - v1) / v1", "v2", "v1"),
        placed("v1", kind="csv", line=1),
        computed("v2", "v3 + v4", "v3", "v4"),
        placed("v3", kind="csv", line=3),
        placed("v4", kind="csv", line=4),
    ]
    notes = await told(values, tick("v9", "computed"), tick("v1"), tick("v9", "computed"))
    assert [(note.number, note.name) for note in notes] == [(1, "V9"), (2, "V1"), (3, "V2"), (4, "V3"), (5, "V4")]
    assert notes[0].lines == ("= (1 [3] − 1 [2]) ÷ [2]",)
    assert notes[2].lines == ("= 1 [4] + 1 [5]",)


async def test_inputs_that_a_formula_does_not_name_stand_behind_it() -> None:
    [total, *_] = await told([computed("v9", "sum over 2", "v1", "v2"), value("v1"), value("v2")], tick("v9"))
    assert total.lines == ("= sum over 2: 1 [2]; 1 [3]",)


async def test_a_figure_without_a_source_says_why() -> None:
    nowhere, other = await told(
        [value("v1", note="rounded")],
        Tick(0, 4, "open", "£4m", "", "no source found in accounts.xlsx"),
        tick("v1", "differs", note="the balance sheet says 4.6"),
    )
    assert nowhere == Footnote(1, "", "£4m", "open", ("no source found in accounts.xlsx",))
    assert (other.state, other.lines) == ("differs", ("the balance sheet says 4.6", "rounded"))


async def test_two_open_figures_have_two_notes_and_a_constant_none() -> None:
    footnotes = Footnotes()
    numbers = [
        footnotes.number_of(Tick(start, start + 4, state, "£4m"))
        for start, state in ((0, "open"), (9, "open"), (20, "constant"))
    ]
    assert numbers == [1, 2, None]


async def test_a_formula_without_end_is_told_so_far() -> None:
    chain = [computed(f"v{at}", f"v{at + 1} + 1", f"v{at + 1}") for at in range(1, 450)]
    assert len(await told(chain, tick("v1", "computed"))) == MOST


async def test_a_terminal_without_the_signs_gets_plain_ones() -> None:
    [note, *_] = await told(
        [computed("v9", "v1 - v2", "v1", "v2"), value("v1"), value("v2")], tick("v9"), glyphs=Glyphs(False)
    )
    assert note.lines == ("= 1 [2] - 1 [3]",)


async def test_words_of_documents_reach_no_terminal_as_orders() -> None:
    [note] = await told([placed("v1", kind="csv", line=1, row="Re\x1b[2Jvenue", printed="1\x07")], tick("v1"))
    assert "\x1b" not in repr(note.lines).replace("\\", "")
    assert note.lines[1] == "row “Re[2Jvenue”, printed “1”"
