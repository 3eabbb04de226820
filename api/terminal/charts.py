"""Charts as files: one page for each, and beside them one plotly.min.js, copied from the installed plotly.

Nothing on such a page comes from the network, so it opens on any computer and for years. The same chart gives the same
bytes: asked again, it is found again and not written twice. A file of another chart is never overwritten.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from api.plotly_script import plotly_script

Json = dict[str, Any]

SCRIPT = "plotly.min.js"
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="connect-src 'none'; form-action 'none'; base-uri 'none'">
<title>{title}</title>
<style>
:root {{ --ink: #15202b; --soft: #5f6b76; --line: #dedbd0; }}
body {{ font: 16px/1.5 Inter, "Segoe UI", system-ui, sans-serif; color: var(--ink); background: #f6f4ee; margin: 0; }}
main {{ max-width: 60rem; margin: 2.5rem auto; padding: 1.5rem 2rem; background: #fffefb; border: 1px solid var(--line); }}
h1 {{ font-size: 1.25rem; margin: 0 0 .25rem; }}
h1 span, footer {{ color: var(--soft); font-weight: 400; font-size: .875rem; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0; font-size: .875rem; }}
th, td {{ padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right; }}
th:first-child, td:first-child {{ text-align: left; padding-left: 0; }}
.scroll {{ overflow-x: auto; }}
</style>
<main>
<h1>{title} <span>{unit}</span></h1>
<p>{summary}</p>
<div id="chart" role="img" aria-label="{summary}"></div>
<div class="scroll"><table>
{table}
</table></div>
<footer>{source}</footer>
</main>
<script id="figure" type="application/json">{figure}</script>
<script src="{script}"></script>
<script>
const figure = JSON.parse(document.getElementById("figure").textContent);
const config = {{
  responsive: true, modeBarButtons: [["toImage"]], displaylogo: false, showSendToCloud: false, plotlyServerURL: "",
}};
figure.layout.modebar = {{ bgcolor: "rgba(0,0,0,0)", color: "#cfcabd", activecolor: "#43505c" }};
Plotly.newPlot("chart", figure.data, figure.layout, config);
</script>
</html>
"""


class Charts:
    """A folder of charts; made, with its script, when the first one is written. OSError where it cannot be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, data: Json) -> Path:
        """The page of a `chart_data`: where it is now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._bring_script()
        page = page_of(data).encode()
        for path in _names(self.folder, data["title"]):
            try:
                with path.open("xb") as file:
                    file.write(page)
                return path
            except FileExistsError:
                if path.is_file() and path.read_bytes() == page:
                    return path
        raise AssertionError("there is always another name")

    def _bring_script(self) -> None:
        script, copy = plotly_script(), self.folder / SCRIPT
        if script is None:
            raise OSError(f"the installed plotly has no {SCRIPT}")
        if not copy.is_file() or copy.stat().st_size != script.stat().st_size:
            new = copy.with_name(f"{SCRIPT}.new")
            shutil.copyfile(script, new)
            new.replace(copy)


def page_of(data: Json) -> str:
    """The page of a `chart_data`."""
    return _PAGE.format(
        title=html.escape(data["title"]),
        unit=html.escape(_unit_words(data.get("unit"))),
        summary=html.escape(data.get("summary") or ""),
        source=html.escape(data.get("source_note") or ""),
        table="\n".join(_rows(data)),
        figure=in_script(data["figure"]),
        script=SCRIPT,
    )


def in_script(data: Any) -> str:
    """JSON that can stand inside a script element: no character of it can end the element or begin a comment."""
    return json.dumps(data, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026")


def slug(title: str) -> str:
    """A file name's stem: lower-case ASCII letters and digits, at most 60, joined by hyphens.

    >>> slug("Umsatz über Zeit: £ & %, FY2021 to FY2024"), slug("売上")
    ('umsatz-uber-zeit-fy2021-to-fy2024', 'chart')
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "chart"


def _names(folder: Path, title: str) -> Iterator[Path]:
    stem, number = slug(title), 1
    while True:
        yield folder / f"{stem}{f'-{number}' if number > 1 else ''}.html"
        number += 1


def _rows(data: Json) -> Iterator[str]:
    """The numbers of the chart, exactly, as a table."""
    series = data.get("series") or []
    units = ["" if one.get("unit") in (None, "", "count", "ratio") else f" ({one['unit']})" for one in series]
    heads = [f"<th>{html.escape(one['name'] + unit)}</th>" for one, unit in zip(series, units, strict=True)]
    x = data.get("x") or {}
    yield f"<tr><th>{html.escape(x.get('label') or '')}</th>{''.join(heads)}</tr>"
    labels = x.get("values") or [""] * max((len(one["values"]) for one in series), default=0)
    for at, label in enumerate(labels):
        cells = [
            worded(one["values"][at] if at < len(one["values"]) else None, one.get("unit") or "") for one in series
        ]
        yield f"<tr><td>{html.escape(str(label))}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _unit_words(unit: str | None) -> str:
    """The unit beside a title; a plain number has none to be shown."""
    return "" if unit in (None, "count") else str(unit)


def worded(value: float | None, unit: str) -> str:
    """A plotted number as it was plotted, digits grouped; a ratio in percent, to the hundredth.

    >>> worded(61904000, "GBP"), worded(0.412005795901, "ratio"), worded(-1.5, "count"), worded(None, "GBP")
    ('61,904,000', '41.20%', '−1.5', '')
    """
    if value is None:
        return ""
    exact = Decimal(repr(value))
    words = f"{exact * 100:,.2f}%" if unit == "ratio" else f"{exact:,f}"
    return words.removesuffix(".0").replace("-", "−")
