"""Charts as files."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.plotly_script import plotly_script
from api.terminal.charts import SCRIPT, Charts, in_script, page_of

CHART: dict[str, Any] = {
    "chart_id": "chart_1",
    "title": "Revenue",
    "unit": "GBP",
    "x": {"label": "Year", "values": ["FY2023", "FY2024"]},
    "series": [{"name": "Revenue", "unit": "GBP", "values": [55_120_000, None], "value_ids": ["v1", "v2"]}],
    "summary": "It rose.",
    "source_note": "northwind.csv",
    "figure": {"data": [{"type": "bar", "x": ["FY2023"], "y": [55_120_000]}], "layout": {"height": 340}},
}


class Tags(HTMLParser):
    """What a browser would see of a page: its tags, and the JSON it carries."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.data = ""
        self._in_data = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_data = tag == "script" and ("id", "figure") in attrs

    def handle_endtag(self, tag: str) -> None:
        self._in_data = self._in_data and tag != "script"

    def handle_data(self, data: str) -> None:
        self.data += data if self._in_data else ""


def test_a_page_carries_its_figure_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    path = Charts(tmp_path / "deep" / "charts").write(CHART)
    page = path.read_text("utf-8")
    seen = Tags(page)
    assert json.loads(seen.data) == CHART["figure"]
    assert [attributes["src"] for tag, attributes in seen.tags if "src" in attributes] == [SCRIPT]
    assert not re.search(r"https?://", page)
    script = plotly_script()
    assert script
    assert (path.parent / SCRIPT).read_bytes() == script.read_bytes()


def test_charts_share_one_script_and_keep_out_of_each_others_way(tmp_path: Path) -> None:
    charts = Charts(tmp_path)
    first = charts.write(CHART)
    other = charts.write({**CHART, "summary": "It fell."})
    again = charts.write({**CHART, "chart_id": "chart_9"})
    assert [path.name for path in (first, other, again)] == ["revenue.html", "revenue-2.html", "revenue.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [SCRIPT, "revenue-2.html", "revenue.html"]


def test_a_script_that_was_cut_off_is_brought_again(tmp_path: Path) -> None:
    (tmp_path / SCRIPT).write_text("half")
    Charts(tmp_path).write(CHART)
    assert (tmp_path / SCRIPT).stat().st_size > 1_000_000


@given(
    st.recursive(
        st.text() | st.integers() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_no_figure_can_leave_its_script_element(data: Any) -> None:
    written = in_script(data)
    assert json.loads(written) == data
    assert "<" not in written


@pytest.mark.parametrize(
    "evil", ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{0} {title}"]
)
def test_words_of_a_document_are_words_on_the_page(evil: str) -> None:
    data = {**CHART, "title": evil, "summary": evil, "source_note": evil, "unit": evil}
    data["series"] = [{**CHART["series"][0], "name": evil}]
    data["figure"] = {"data": [{"name": evil}], "layout": {}}
    tags = [tag for tag, _ in Tags(page_of(data)).tags]
    assert tags == [tag for tag, _ in Tags(page_of(CHART)).tags]


def test_a_folder_that_cannot_be_made_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        Charts(tmp_path / "file" / "charts").write(CHART)
