"""Figures: what plotly accepts, in plain lists, with nothing in them that we did not put there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import figures
from tools.figures import Picture, Plotted
from tools.finance.ticks import nice_ticks, ticks

NUMBERS = st.none() | st.integers(-(10**12), 10**12) | st.floats(-1e12, 1e12, allow_nan=False)
NAMES = st.text(min_size=1, max_size=50)


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    kind = draw(st.sampled_from(["line", "bar", "stacked_bar", "area", "pie", "scatter"]))
    count = draw(st.integers(1, 20))
    x_kind = draw(st.sampled_from(["category", "number"])) if kind == "scatter" else "category"
    x: list[Any] = (
        draw(st.lists(st.floats(-1e9, 1e9), min_size=count, max_size=count))
        if x_kind == "number"
        else draw(st.lists(NAMES, min_size=count, max_size=count, unique=True))
    )
    series = []
    for number in range(1 if kind == "pie" else draw(st.integers(1, 5))):
        values = draw(st.lists(NUMBERS, min_size=count, max_size=count))
        if kind == "pie":
            values = [abs(value) if value else 1 for value in values]
        axis = draw(st.sampled_from(["left", "right"])) if number and kind in ("line", "bar") else "left"
        ids = [None if value is None else f"~{n}" for n, value in enumerate(values)]
        unit = draw(st.sampled_from(["GBP", "ratio", "count", "GBP/share", "days", "multiple", "XXX"]))
        series.append(Plotted(draw(NAMES), unit, axis, values, ids, ["" if v is None else str(v) for v in values]))
    return Picture(kind, x, x_kind, draw(NAMES), series, "count", draw(st.booleans()))


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from strings(item)


@settings(deadline=None)  # the first figure loads plotly's validators
@given(pictures())
def test_plotly_accepts_every_figure_and_it_holds_only_allowed_keys_and_plain_lists(picture: Picture) -> None:
    figure = figures.figure(picture)
    go.Figure(figure)
    assert figures.foreign_keys(figure) == []
    text = json.dumps(figure, allow_nan=False)
    assert "bdata" not in text
    assert "template" not in figure["layout"]


@given(pictures())
def test_every_point_carries_its_value_id(picture: Picture) -> None:
    for trace, series in zip(figures.figure(picture)["data"], picture.series, strict=True):
        assert trace["customdata"] == list(series.value_ids)
        points = trace["values"] if picture.kind == "pie" else trace["x" if trace.get("orientation") == "h" else "y"]
        assert points == list(series.values)


def test_names_cannot_bring_markup_into_a_figure() -> None:
    nasty = "<a href='x'>A & B</a>"
    series = [Plotted(nasty, "GBP", "left", [1, 2], ["~1", "~2"], [nasty, nasty]) for _ in range(2)]
    for kind in ("line", "bar", "scatter", "pie"):
        figure = figures.figure(Picture(kind, [nasty, "b"], "category", nasty, series))  # type: ignore[arg-type]
        ours = ("<b>%{text}</b>", "<br>", "<extra>", "</extra>")
        for text in strings(figure):
            for mark in ours:
                text = text.replace(mark, "")
            assert "<" not in text


def test_the_keys_that_are_not_allowed_are_named_with_their_paths() -> None:
    assert figures.foreign_keys({"data": [{"x": [1], "meta": {"evil": 1}}]}) == [".data[0].meta", ".data[0].meta.evil"]


@pytest.mark.parametrize(
    ("numbers", "unit", "expected"),
    [
        ([0, 61_904_000], "GBP", ["−£20m", "£0", "£20m", "£40m", "£60m", "£80m", "£100m"]),
        ([0.0, 0.42], "ratio", ["−10%", "0%", "10%", "20%", "30%", "40%", "50%", "60%"]),
        ([0, 1800], "USD", ["−$500", "$0", "$500", "$1,000", "$1,500", "$2,000", "$2,500"]),
        ([10_000, 60_000], "count", ["0", "10k", "20k", "30k", "40k", "50k", "60k", "70k"]),
        ([1.1, 2.1], "multiple", ["0.8x", "1.0x", "1.2x", "1.4x", "1.6x", "1.8x", "2.0x", "2.2x", "2.4x"]),
        ([0.4, 0.5], "GBP/share", ["£0.38", "£0.40", "£0.42", "£0.44", "£0.46", "£0.48", "£0.50", "£0.52"]),
    ],
)
def test_an_axis_is_worded_as_the_prose_is(numbers: list[float], unit: str, expected: list[str]) -> None:
    assert ticks(numbers, unit)["ticktext"] == expected


@given(st.floats(-1e15, 1e15), st.floats(-1e15, 1e15))
def test_ticks_reach_beyond_both_ends_and_are_few(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    places = nice_ticks(low, high)
    assert float(places[0]) <= low
    assert high <= float(places[-1])
    assert 3 <= len(places) <= 12
