"""Which values and results a tool's arguments name."""

from __future__ import annotations

from analysis.mentions import MAX_RANGE, held_ids, mentioned


def test_ids_are_found_in_any_string_once_and_in_order() -> None:
    given = {"table": "r2", "series": [{"values": ["v3", "v9..v11", 4, None]}], "title": "Up [[v3|abs]] on r10"}
    assert mentioned(given) == (["v3", "v9", "v10", "v11"], ["r2", "r10"])


def test_words_that_only_look_like_ids_are_not() -> None:
    assert mentioned({"title": "rev3 v2x IPv6 r v d1.t1"}) == ([], [])


def test_an_absurd_range_is_bounded() -> None:
    values, _ = mentioned({"values": ["v1..v999999999"]})
    assert len(values) == MAX_RANGE + 1 + 1  # the bounded span, and the end that was named


def test_a_result_table_holds_the_values_of_its_numeric_columns() -> None:
    columns = [{"kind": "text"}, {"kind": "number"}]
    assert list(held_ids({"columns": columns, "rows": [["v9", "v1"], ["b", None]]})) == ["v1"]
