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


def test_a_year_over_one_column_of_a_pair_is_the_year_of_both() -> None:
    rights = (330, 390, 450, 510)
    texts = [right_aligned(year, right, 60) for year, right in (("2022", 390), ("2021", 510))]
    texts += [right_aligned(w, r, 74) for w, r in zip(("Shares", "Amount", "Shares", "Amount"), rights, strict=True)]
    for down, label in ((90, "Balance at beginning of year"), (104, "Issued"), (118, "Balance at end of year")):
        texts += [Text(label, 40, down), *(right_aligned("1,234", right, down) for right in rights)]
    title = "Consolidated statements of equity, fiscal years ended December 31, 2022 and December 25, 2021"
    [table] = document(Page([Text(title, 60, 40), *texts])).tables
    ends = [column.period.end.isoformat() for column in table.columns[1:] if column.period and column.period.end]
    assert ends == ["2022-12-31", "2022-12-31", "2021-12-25", "2021-12-25"]


@pytest.mark.parametrize(
    ("title", "kind", "end"),
    [
        ("Statements of income, three months ended June 30,", "quarter", "2024-06-30"),
        ("Statements of income for the nine months ended June 30, 2024 and 2023", "span", "2024-06-30"),
        ("Statements of income, years ended June 30", "year", "2024-06-30"),
        ("Balance sheets, June 30,", "instant", "2024-06-30"),
    ],
)
def test_years_over_columns_mean_what_the_title_says(title: str, kind: str, end: str) -> None:
    lines = [("Total assets", ("5", "6")), ("Total liabilities", ("2", "3")), ("Total equity", ("3", "3"))]
    [table] = document(statement_page([title], ["2024", "2023"], lines)).tables
    period = table.columns[1].period
    assert period is not None
    assert (period.kind, str(period.end)) == (kind, end)


def test_money_signs_under_each_other_do_not_make_two_columns_of_text() -> None:
    texts = [right_aligned(year, right, 60) for year, right in (("2022", 450), ("2021", 530))]
    for number in range(14):
        down = 76 + 12 * number
        label = f"Net proceeds from the sale of the business number {number} by the company"
        texts += [Text(label, 20, down, 8), Text("$", 400, down, 8)]
        texts += [right_aligned("1,234", right, down, 8) for right in (450, 530)]
    [table] = document(Page([Text("Cash flows", 40, 40), *texts])).tables
    assert table.row_count == 14
    assert table.columns[1].texts[13] == "$ 1,234"


def test_prices_under_a_heading_of_amounts_per_share_are_not_in_millions() -> None:
    lines = [
        ("Net income", ("$ 21,748", "$ 22,618")),
        ("Basic earnings per common share", ("", "")),
        ("Net income attributable to Verizon", ("$ 5.06", "$ 5.32")),
        ("Weighted-average shares outstanding (in millions)", ("4,202", "4,148")),
    ]
    [table] = document(statement_page(["Income (dollars in millions)"], ["2022", "2021"], lines)).tables
    assert table.columns[1].amounts == [Decimal(21_748_000_000), None, Decimal("5.06"), Decimal(4_202_000_000)]
    assert [table.columns[1].unit_at(row) for row in (0, 2, 3)] == ["USD", "USD/share", "shares"]


def test_a_line_of_dashes_is_no_heading_of_those_below() -> None:
    lines = [
        ("Preferred stock $0.01 par value; no shares issued and outstanding", ("—", "—")),
        ("Common stock, par value 5¢ per share", ("4", "4")),
        ("Additional paid-in capital", ("7,031", "6,698")),
    ]
    title = "Balance sheets (amounts in millions of USD, except par value and share data)"
    [table] = document(statement_page([title], ["2021", "2020"], lines)).tables
    assert table.columns[1].amounts == [None, Decimal(4_000_000), Decimal(7_031_000_000)]
    assert {table.columns[1].unit_at(row) for row in (1, 2)} == {"USD"}


def test_a_fraction_in_small_digits_is_part_of_its_label() -> None:
    texts = [right_aligned("2022", 450, 60), Text("Common stock, par value 1", 40, 90)]
    texts += [Text("2", 160.5, 86, 6), Text("/", 163.9, 90), Text("3", 166.8, 91, 6), Text("¢ per share", 170.3, 90)]
    texts += [right_aligned("23", 450, 90), Text("Retained earnings", 40, 104), right_aligned("67", 450, 104)]
    [table] = document(Page([Text("Balance sheet (in millions of USD)", 40, 40), *texts])).tables
    assert "2/3¢ per share" in table.columns[0].texts[0]
    assert table.columns[1].amounts == [Decimal(23_000_000), Decimal(67_000_000)]


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


def test_characters_beyond_any_page_are_left_out() -> None:
    """A damaged file can give a character no finite box."""
    page = Page([Text("Near words", 72, 100), Text("Far words", 72, 130, size=12.5)])
    damaged = pdf(page).replace(b" 72 662 Td", b" " + b"9" * 40 + b".5 662 Td")
    document = read(damaged, document_id="d", name="damaged.pdf")
    assert [passage.text for passage in document.passages] == ["Near words"]


def test_headings_over_a_group_of_columns_stand_over_all_of_it() -> None:
    """Each length of time over its two periods and the change between them."""
    rights = [230.0, 310.0, 360.0, 445.0, 525.0, 575.0]
    texts = [Text("Segment results (in millions of USD)", 40, 40)]
    texts += [Text("Three Months Ended", 220, 60), Text("Nine Months Ended", 435, 60)]
    texts += [right_aligned("Change", right, 74) for right in (360.0, 575.0)]
    texts += [
        right_aligned(day, right, 74)
        for day, right in zip(["July 1, 2023", "June 25, 2022"] * 2, (230.0, 310.0, 445.0, 525.0), strict=True)
    ]
    for number, (label, figures) in enumerate(
        [
            ("Americas", ["35,383", "37,472", "(6)%", "122,445", "129,850", "(6)%"]),
            ("Europe", ["20,205", "19,287", "5%", "71,831", "72,323", "(1)%"]),
            ("Japan", ["4,821", "5,446", "(11)%", "18,752", "20,277", "(8)%"]),
        ]
    ):
        texts.append(Text(label, 40, 90 + 14 * number))
        texts += [right_aligned(figure, right, 90 + 14 * number) for figure, right in zip(figures, rights, strict=True)]
    [table] = document(Page(texts)).tables
    labels = [column.label for column in table.columns[1:]]
    assert [label.startswith("Three Months Ended") for label in labels] == [True] * 3 + [False] * 3
    assert [label.startswith("Nine Months Ended") for label in labels] == [False] * 3 + [True] * 3


def test_changes_beyond_a_hundred_percent_and_margins_by_segment_are_no_money() -> None:
    """As banks print them: the sign stands at the first figure, and margins under a heading of their own."""
    page = statement_page(
        ["Segment results", "Three months ended June 30,", "(in millions of USD, except ratios)"],
        ["2023", "2022", "Change"],
        [
            ("Asset management fees", ("$ 2,930", "$ 2,797", "5 %")),
            ("All other income", ("232", "47", "394")),
            ("Provision for credit losses", ("145", "44", "(30)")),
            ("Net income", ("1,226", "1,004", "22")),
            ("Pre-tax margin ratio:", ("", "", "")),
            ("Asset Management", ("27", "32", "")),
            ("Private Bank", ("37", "31", "")),
        ],
    )
    found = document(page)
    [table] = found.tables

    def amount(row: int, column: int) -> tuple[Decimal, str]:
        value = table.value(found, row, column, "v1")
        assert value is not None
        return value.amount, value.unit

    assert [amount(row, 3) for row in range(4)] == [
        (Decimal("0.05"), "ratio"),
        (Decimal("3.94"), "ratio"),
        (Decimal("-0.30"), "ratio"),
        (Decimal("0.22"), "ratio"),
    ]
    assert amount(1, 1) == (Decimal(232_000_000), "USD")
    assert [amount(row, 1) for row in (5, 6)] == [(Decimal("0.27"), "ratio"), (Decimal("0.37"), "ratio")]
