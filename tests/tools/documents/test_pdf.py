"""A printed page becomes labels, columns, periods and units, each figure with the box it stands in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.documents.pdfs import Page, Text, pdf, right_aligned, statement_page
from tools.documents import read
from tools.documents.document import Document, Table
from tools.refusals import ToolError


def document(*pages: Page, locked: bool = False) -> Document:
    return read(pdf(*pages, locked=locked), document_id="d", name="report.pdf")


def rows(table: Table) -> list[list[str]]:
    return [[column.texts[row] for column in table.columns] for row in range(table.row_count)]


def at(left: float, down: float, *words: str, step: float = 12) -> list[Text]:
    return [Text(each, left, down + step * number) for number, each in enumerate(words)]


def test_a_statement_has_its_title_unit_periods_and_exact_amounts() -> None:
    [table] = document(
        statement_page(
            ["Northwind plc", "Consolidated income statement", "(In thousands of GBP, except per share data)"],
            ["2023", "2024"],
            [
                ("Revenue", ("55,120", "61,904")),
                ("Cost of sales", ("(31,007)", "(33,900)")),
                ("Basic EPS", ("0.42", "0.51")),
            ],
        )
    ).tables
    assert (table.title, table.shape, table.statement) == ("Consolidated income statement", "statement", "income")
    assert [column.period and column.period.label for column in table.columns] == [None, "2023", "2024"]
    assert table.columns[2].amounts == [Decimal(61_904_000), Decimal(-33_900_000), Decimal("0.51")]
    assert [table.columns[2].unit_at(row) for row in range(3)] == ["GBP", "GBP", "GBP/share"]
    assert table.concepts == {0: "revenue", 1: "cost of sales", 2: "earnings per share"}


def test_a_figure_leads_to_its_box_on_its_page() -> None:
    found = document(Page(), statement_page(["T"], ["2024"], [("Sales", ("1,234",)), ("Costs", ("(99)",))]))
    place = found.tables[0].place(found, 0, 1).to_wire()
    left, top, right, bottom = place["box"]
    assert (place["kind"], place["page"], place["printed"], place["row"]) == ("pdf", 2, "1,234", "Sales")
    assert (left * 612, right * 612) == pytest.approx((530 - 5.56 * 4 - 2.78, 530), abs=1.5)
    assert top * 792 < 100 < bottom * 792


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_boxes_are_those_of_the_page_as_it_is_shown(rotation: int) -> None:
    page = statement_page(
        ["T"], ["2023", "2024"], [("Sales", ("1", "2")), ("Costs", ("3", "4")), ("Profit", ("5", "6"))]
    )
    found = document(Page(page.texts, rotation=rotation))
    boxes = [box for passage in found.passages for _, box in passage.boxes]
    boxes += [dict(where)["box"] for table in found.tables for column in table.columns for where in column.ats.values()]
    assert boxes
    assert all(0 <= left < right <= 1 and 0 <= top < bottom <= 1 for left, top, right, bottom in boxes)


def test_numbers_inside_labels_are_part_of_the_label() -> None:
    label = "Receivables, less reserves of $95 and $103"
    [table] = document(
        statement_page(
            ["T"], ["2023", "2024"], [(label, ("5,020", "4,911")), ("Cash", ("12", "13")), ("Debt", ("1", "2"))]
        )
    ).tables
    assert rows(table)[0] == [label, "5,020", "4,911"]


def test_a_wrapped_label_is_one_label_and_a_heading_is_its_own() -> None:
    texts = [Text("Balance sheet", 40, 40), right_aligned("2023", 480, 60), right_aligned("2024", 560, 60)]
    texts += at(40, 80, "Current assets:")
    texts += at(
        40, 96, "Trade receivables, net of allowances for doubtful accounts of the", "group and its associates", step=11
    )
    texts += [right_aligned("10", 480, 107), right_aligned("11", 560, 107)]
    texts += [Text("Inventories", 40, 124), right_aligned("20", 480, 124), right_aligned("21", 560, 124)]
    texts += [Text("Prepaid expenses and all of the other current assets of the ones", 40, 141)]
    texts += [right_aligned("30", 480, 141), right_aligned("31", 560, 141)]
    [table] = document(Page(texts)).tables
    assert rows(table) == [
        ["Current assets:", "", ""],
        ["Trade receivables, net of allowances for doubtful accounts of the group and its associates", "10", "11"],
        ["Inventories", "20", "21"],
        ["Prepaid expenses and all of the other current assets of the ones", "30", "31"],
    ]


def test_a_subtotal_without_a_label_stays_a_row() -> None:
    [table] = document(
        statement_page(["T"], ["2023", "2024"], [("Sales", ("10", "12")), ("Costs", ("(4)", "(5)")), ("", ("6", "7"))])
    ).tables
    assert rows(table)[2] == ["", "6", "7"]


def test_headers_of_two_levels_give_each_column_its_period() -> None:
    texts = [Text("Three months ended June 30,", 290, 60), Text("Six months ended June 30,", 455, 60)]
    rights = (350, 410, 510, 570)
    texts += [
        right_aligned(year, right, 74) for year, right in zip(("2023", "2022", "2023", "2022"), rights, strict=True)
    ]
    for down, label in ((90, "Net interest income"), (104, "Total revenue"), (118, "Net income")):
        texts += [Text(label, 40, down), *(right_aligned("1,234", right, down) for right in rights)]
    [table] = document(Page([Text("Statements of income", 240, 40), *texts])).tables
    periods = [column.period for column in table.columns[1:]]
    assert [(p.label, p.kind) for p in periods if p] == [
        ("3 months to 30 Jun 2023", "quarter"),
        ("3 months to 30 Jun 2022", "quarter"),
        ("6 months to 30 Jun 2023", "half"),
        ("6 months to 30 Jun 2022", "half"),
    ]


def test_pairs_of_amounts_and_percentages_share_their_period() -> None:
    texts = [Text("13 Weeks Ended", 411, 60), Text("January 28, 2023", 360, 74), Text("January 29, 2022", 470, 74)]
    for down, label, cells in (
        (90, "Net sales", ("$3,226", "100.0%", "$2,729", "100.0%")),
        (104, "Cost of sales", ("2,014", "62.4%", "1,702", "62.4%")),
        (118, "Gross profit", ("1,212", "37.6%", "1,027", "37.6%")),
    ):
        rights = (382, 440, 492, 550)
        texts += [Text(label, 60, down), *(right_aligned(c, r, down) for c, r in zip(cells, rights, strict=True))]
    [table] = document(Page([Text("Statements of income (in thousands)", 220, 40), *texts])).tables
    ends = [column.period.end.isoformat() for column in table.columns[1:] if column.period and column.period.end]
    assert ends == ["2023-01-28", "2023-01-28", "2022-01-29", "2022-01-29"]
    assert table.columns[2].amounts[1] == Decimal("0.624")
    assert table.columns[2].unit_at(1) == "ratio"


def test_text_in_two_columns_is_read_column_by_column() -> None:
    left = [f"the left column goes on in its line {number} to here" for number in range(14)]
    right = [f"and the right one says on line {number} its own words" for number in range(14)]
    page = Page(
        [
            *(Text(w, 40, 60 + 12 * n) for n, w in enumerate(left)),
            *(Text(w, 320, 60 + 12 * n) for n, w in enumerate(right)),
        ]
    )
    words = " ".join(passage.text for passage in document(page).passages)
    assert words.index(left[13]) < words.index(right[0])
    assert f"{left[0]} {left[1]}" in words


def test_contents_are_no_table_and_page_furniture_is_no_text() -> None:
    lines = [(Text(f"Chapter {n}", 40, 60 + 14 * n), right_aligned(f"{n * 9 + 3}", 560, 60 + 14 * n)) for n in range(8)]
    contents = Page([text for line in lines for text in line])
    story = "Page {} tells its own story here."
    pages = [Page([Text("Table of Contents", 20, 20), Text(story.format(n), 40, 300)]) for n in range(6)]
    found = document(contents, *pages)
    assert found.tables == []
    assert not any(passage.text == "Table of Contents" for passage in found.passages)
    assert sum("its own story" in passage.text for passage in found.passages) == 6


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (pdf(Page([Text("x", 1, 1)]), locked=True), "encrypted"),
        (pdf(Page(scanned=True), Page(scanned=True)), "no_text"),
        (b"%PDF-1.7\n1 0 obj\n", "corrupt"),
        (pdf(Page([Text("x", 1, 1)]))[:200], "corrupt"),
        (pdf(), "corrupt"),
    ],
    ids=["locked", "scanned", "cut at once", "cut", "without pages"],
)
def test_what_cannot_be_read_is_refused_in_words(data: bytes, code: str) -> None:
    with pytest.raises(ToolError) as refused:
        read(data, document_id="d", name="report.pdf")
    assert refused.value.code == code
    assert "report.pdf" in refused.value.text


def test_a_scan_says_what_to_do_and_a_scanned_page_among_others_is_noted() -> None:
    with pytest.raises(ToolError, match="OCR"):
        document(Page(scanned=True))
    found = document(Page([Text("A page of words that are words.", 40, 60)]), Page(scanned=True))
    assert found.notes[0].startswith("1 page without a text layer (page 2)")


def test_progress_is_told_page_by_page() -> None:
    told: list[tuple[str, int, int]] = []
    pages = [Page([Text(f"Words of page {n}.", 40, 60)]) for n in range(5)]
    read(pdf(*pages), document_id="d", name="a.pdf", on_progress=lambda *step: told.append(step))
    assert [step for step in told if step[0] == "reading"] == [("reading", n, 5) for n in (0, 1, 2, 3, 4, 5)][
        1:
    ] or told
    assert ("reading", 5, 5) in told


LABELS = (
    st.text(alphabet="abcdefghij klmnop", min_size=3, max_size=24)
    .map(lambda w: " ".join(w.split()))
    .filter(lambda w: len(w) > 2)
)
AMOUNTS = (
    st.integers(0, 9_999_999).map(lambda n: f"{n:,}") | st.integers(1, 99_999).map(lambda n: f"({n:,})") | st.just("—")
)


@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(st.tuples(LABELS, AMOUNTS, AMOUNTS), min_size=3, max_size=25, unique_by=lambda line: line[0]),
)
def test_what_was_printed_is_read_back(lines: list[tuple[str, str, str]]) -> None:
    figures = [cell for _, *cells in lines for cell in cells if cell != "—"]
    if len(figures) < 4 or not all(any(line[at] != "—" for line in lines[:2]) for at in (1, 2)):
        return
    page = statement_page(["Income statement"], ["2023", "2024"], [(label, (a, b)) for label, a, b in lines])
    found = document(page)
    assert [row for table in found.tables for row in rows(table)] == [list(line) for line in lines]
