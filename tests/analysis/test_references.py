"""Value references in streamed prose."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.references import LONGEST, MISSING, Cited, References
from tools.values import Value

KNOWN = {
    "v1": Value("v1", "Revenue", Decimal("61904000"), "GBP", "£61.9m", "tied"),
    "v12": Value("v12", "Margin", Decimal("-0.426"), "ratio", "−42.6%", "computed"),
}
noise = st.text(st.sampled_from("[]vV12|9 ab,\n"), max_size=20)
reference = st.sampled_from(["[[v1]]", "[[v12|abs,2]]", "[[V12]]", "[[ v1 ]]", "[[v77]]", "[[v1|exact]]"])
prose = st.lists(st.one_of(noise, reference), max_size=6).map("".join)


def rendered(pieces: list[str]) -> str:
    scanner = References(KNOWN.get)
    out = [piece.text for text in pieces for piece in scanner.feed(text)]
    return "".join([*out, *(piece.text for piece in scanner.end())])


@given(prose, st.lists(st.integers(1, 6), max_size=60))
@settings(max_examples=500)
def test_the_result_does_not_depend_on_where_the_text_is_cut(text: str, sizes: list[int]) -> None:
    pieces, rest = [], text
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    assert rendered([*pieces, rest]) == rendered([text])
    assert rendered(list(text)) == rendered([text])


@given(prose)
def test_only_an_unfinished_reference_waits(text: str) -> None:
    scanner = References(KNOWN.get)
    shown = "".join(piece.text if not isinstance(piece, Cited) else piece.source for piece in scanner.feed(text))
    held = text[len(shown) :]
    assert text.startswith(shown)
    assert len(held) < LONGEST
    assert held == "" or held.startswith("[")


@given(st.text(max_size=40).filter(lambda text: "[" not in text))
def test_text_without_brackets_passes_untouched(text: str) -> None:
    assert rendered([text]) == text


def test_display_words_change_the_wording_and_never_the_value() -> None:
    assert rendered(["fell by [[v12|abs]], or [[v12|bp]]; [[v1]] exactly [[v1|exact]], [[v1|bn,2]]"]) == (
        "fell by 42.6%, or −4,260 bp; £61.9m exactly £61,904,000, £0.06bn"
    )


def test_words_that_are_not_understood_are_ignored() -> None:
    assert rendered(["[[v1|in full please]]"]) == "£61.9m"


def test_an_unknown_id_is_shown_as_missing() -> None:
    assert rendered(["up to [[v99]]."]) == f"up to {MISSING}."


def test_half_an_id_at_the_end_is_dropped_because_it_names_another_value() -> None:
    assert rendered(["Revenue was [[v1"]) == "Revenue was "
    assert rendered(["a list [["]) == "a list [["


def test_other_brackets_are_left_alone() -> None:
    text = "see [[notes]] and [[1, 2], [3, 4]] and [v1] and [[v]]"
    assert rendered([text]) == text
