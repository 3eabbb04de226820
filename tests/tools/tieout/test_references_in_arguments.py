"""References as models write them in arguments, and what is made of numbers they typed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analysis.references import worded as said_in_prose
from tools.dataroom import Room
from tools.documents import handmade
from tools.refusals import ToolError
from tools.tieout.references import is_reference, one_value, opened, rendered, some_values, sources, worded
from tools.values import Place, Value

LEDGER = handmade.records({"Total": [1]})
VALUES = [Value(f"v{n}", f"Figure {n}", Decimal(n), "GBP", f"£{n}", "tied") for n in range(1, 13)]
ROOM = Room.of(LEDGER, values=VALUES)


@pytest.mark.parametrize("text", ["v12", " v12 ", "[[v12]]", "V12", "[[ v12 ]]", "[[v12|m,2]]"])
def test_a_whole_string_names_one_value(text: str) -> None:
    assert is_reference(text)
    assert one_value(ROOM, text).value_id == "v12"


@pytest.mark.parametrize("text", ["", "12", "v", "~1", "v1 and v2", "[[v1]] and more", "v1..v2", "r1"])
def test_anything_else_names_none(text: str) -> None:
    assert not is_reference(text)
    with pytest.raises(ToolError, match="v12"):
        one_value(ROOM, text)


def test_a_range_counts_numerically() -> None:
    assert [value.value_id for value in some_values(ROOM, "v9..v12")] == ["v9", "v10", "v11", "v12"]
    assert [value.value_id for value in some_values(ROOM, "[[v9 .. v10]]")] == ["v9", "v10"]
    assert [value.value_id for value in some_values(ROOM, "v3")] == ["v3"]


@pytest.mark.parametrize(
    ("text", "code"), [("v12..v9", "bad_reference"), ("v1..v9999", "bad_reference"), ("v11..v13", "unknown_value")]
)
def test_a_range_that_cannot_be_is_refused(text: str, code: str) -> None:
    with pytest.raises(ToolError) as caught:
        some_values(ROOM, text)
    assert caught.value.code == code


def test_references_in_a_title_become_words_with_their_display() -> None:
    assert rendered(ROOM, "From [[v1]] to [[v12|2]]\n\x00 now") == "From £1 to £12.00 now"
    assert worded(ROOM, "[[v7|+]]")[1] == "+£7"
    with pytest.raises(ToolError) as caught:
        rendered(ROOM, "[[v1|loud]]")
    assert "use 0 to 6" in caught.value.text


def test_percentage_points_stay_points_in_a_title() -> None:
    change = Value("v1", "Change of margin", Decimal("-0.0123"), "ratio", "−1.2 pp", "computed")
    assert rendered(Room.of(values=[change]), "Margin down [[v1|abs]]") == "Margin down 1.2 pp"
    assert said_in_prose(change, "abs") == "1.2 pp"


def test_a_typed_number_is_open() -> None:
    value = opened(ROOM, " ", Decimal("2.5"), "count")
    assert (value.label, value.shown, value.state, value.note) == ("figure", "2.5", "open", "typed, without a source")


def test_sources_are_followed_through_what_is_at_hand() -> None:
    tied = Value("v1", "a", Decimal(1), "GBP", "£1", "tied", place=Place(LEDGER.document_id, "csv"))
    gone = Value("v2", "b", Decimal(1), "GBP", "£1", "tied", place=Place("doc_gone", "csv"))
    derived = Value("v3", "c", Decimal(1), "GBP", "£1", "computed", formula="v1 + v2 + v9", inputs=("v1", "v2", "v9"))
    assert sources(Room.of(LEDGER, values=[tied, gone, derived]), [derived]) == "ledger.csv"
