"""Records know the physical line they begin on, whatever separates their fields."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.documents.delimited import read_records, split_lines
from tools.refusals import ToolError


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("Umsatz;1,5;2,5\nKosten;3,4;4,4\n", ";"),
        ("Name\tX\nSmith, J\t1,234\nMiller; K\t2,000\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ("Report, final, v2\n\nItem;2024;2023\nRevenue;1.234,5;2,0\n", ";"),
        ('Item,2024\n"Smith; Co","1,234"\n"Miller; Co","2,345"\n', ","),
    ],
)
def test_the_delimiter_is_the_one_that_makes_cells(text: str, delimiter: str) -> None:
    assert read_records(text).delimiter == delimiter


def test_a_spreadsheet_hint_decides_and_is_no_record() -> None:
    records = read_records("sep=;\na;b\n1;2\n")
    assert (records.delimiter, records.rows, records.lines) == (";", [["a", "b"], ["1", "2"]], [2, 3])


def test_a_record_over_several_lines_begins_on_its_first() -> None:
    records = read_records('a,b\n"x\ny",1\n2,3\n')
    assert records.rows == [["a", "b"], ["x\ny", "1"], ["2", "3"]]
    assert records.lines == [1, 2, 4]


@pytest.mark.parametrize("text", ['a,b\n"lone,1\n2,3\n4,5\n', 'a,b\n"lone,1\n2,3\n"quoted",5\n'])
def test_a_lone_quotation_mark_costs_its_own_line_only(text: str) -> None:
    records = read_records(text)
    assert records.rows[1] == ['"lone', "1"]
    assert records.rows[2] == ["2", "3"]
    assert records.lines == [1, 2, 3, 4]
    assert records.repairs == 1


def test_blanks_before_a_quotation_mark_are_read_as_their_writers_meant() -> None:
    assert read_records('a, "b,c", d\n1, "2,3", 4\n').rows[1] == ["1", "2,3", "4"]


def test_only_line_ends_end_lines() -> None:
    assert split_lines("a\u2028b\x0bc\r\nd\re\n\n") == ["a\u2028b\x0bc", "d", "e", ""]


@pytest.mark.parametrize(
    "text", ["a,b\n" + "x" * 1_000_001 + ",1\n", 'a,b\n"' + "x" * 1_000_001 + '",1\n', "1,1\n" * 1_600_000]
)
def test_what_is_too_large_is_refused_with_its_size(text: str) -> None:
    with pytest.raises(ToolError) as refusal:
        read_records(text)
    assert refusal.value.code == "too_large"


CELLS = st.text(st.sampled_from('ab1 .\n";é'), max_size=6)


@settings(deadline=None)
@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=12),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_the_standard_library_writes_is_read_back_with_its_lines(rows: list[list[str]], quoting: int) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    records = read_records(out.getvalue(), ",")
    assert records.rows == rows
    starts = [1 + sum(sum(cell.count("\n") for cell in row) + 1 for row in rows[:index]) for index in range(len(rows))]
    assert records.lines == starts


@settings(deadline=None)
@given(st.text(st.sampled_from('a1",;\t\n\r|'), max_size=200))
def test_any_text_gives_records_on_growing_lines(text: str) -> None:
    records = read_records(text)
    assert len(records.rows) == len(records.lines)
    assert records.lines == sorted(set(records.lines))
