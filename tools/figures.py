"""Every plotly figure is built here, in one style, from plain lists.

A figure is a dict that plotly.js draws; it needs no library on this side (tests check each one against plotly's own
validation). The rules: no template, no `bdata`, no key outside `KEYS`, strings escaped because plotly reads a subset of
HTML, `customdata` carries the value id of each point, and hover shows the words we made, never plotly's rounding. Axes
carry our own ticks, so that £60m on an axis is spelled as in the prose; the price is that a money axis does not zoom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.finance.ticks import ticks
from tools.units import unit_words

Kind = Literal["line", "bar", "stacked_bar", "area", "pie", "scatter"]
XKind = Literal["category", "date", "number"]
Json = dict[str, Any]

HEIGHT = 340
INK, TEXT, GRID, PAPER = "#1f3a5f", "#43505c", "#e6e3d9", "#fffefb"
COLOURS = (
    INK,
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#b07d00",
    "#56b4e9",
    "#7a5195",
    "#5f6b76",
    "#8c510a",
    "#35978f",
    "#15202b",
)
DASHES = ("solid", "dash", "solid", "dot", "dashdot", "longdash")
FONT = "Inter, 'Segoe UI', system-ui, -apple-system, Roboto, 'Helvetica Neue', Arial, sans-serif"
KEYS = frozenset(
    "data layout type name x y labels values customdata text hovertemplate texttemplate textposition textinfo textfont mode "
    "line color width dash shape marker colors size symbol opacity fill fillcolor stackgroup orientation connectgaps "
    "cliponaxis sort direction hole yaxis xaxis yaxis2 showlegend font family paper_bgcolor plot_bgcolor margin l r t b "
    "height autosize hovermode hoverlabel bgcolor bordercolor legend xanchor yanchor title standoff barmode bargap "
    "bargroupgap tickmode tickvals ticktext nticks ticks tickfont automargin gridcolor zeroline zerolinecolor zerolinewidth "
    "showgrid showline linecolor fixedrange rangemode hoverformat overlaying side anchor annotations showarrow xref yref "
    "yshift xshift align autorange".split()
)
_LABEL_GAP_PX, _PLOT_PX = 15, 250
_LONG_LABEL = 32


@dataclass(frozen=True, slots=True)
class Plotted:
    """One series, ready to draw: a number, a value id and words for each point; None is a gap."""

    name: str
    unit: str
    axis: Literal["left", "right"]
    values: Sequence[int | float | None]
    value_ids: Sequence[str | None]
    shown: Sequence[str]


@dataclass(frozen=True, slots=True)
class Picture:
    """What to draw. `x` are categories, ISO dates or numbers, one per point of every series; `timed`: they follow in time."""

    kind: Kind
    x: Sequence[str | int | float]
    x_kind: XKind
    x_label: str
    series: Sequence[Plotted]
    x_unit: str = ""
    timed: bool = False


def figure(picture: Picture) -> Json:
    """The plotly figure. The lengths of x and of every series are the caller's promise."""
    if picture.kind == "pie":
        layout = _layout(legend=False)
        return {"data": [_pie(picture)], "layout": {**layout, "margin": {"l": 24, "r": 24, "t": 32, "b": 32}}}
    traces = [_trace(picture, number) for number in range(len(picture.series))]
    labelled = _labelled_at_ends(picture)
    layout = _layout(legend=len(traces) > 1 and not labelled)
    if picture.kind in ("bar", "stacked_bar"):
        layout |= {
            "barmode": "relative" if picture.kind == "stacked_bar" else "group",
            "bargap": 0.32,
            "bargroupgap": 0.06,
        }
    layout |= _axes(picture)
    if any(trace.get("textposition") == "outside" for trace in traces):
        longest = max(len(words) for each in picture.series for words in each.shown)
        layout["margin"] |= {"r": 20 + 8 * longest} if _is_horizontal(picture) else {"t": layout["margin"]["t"] + 16}
    if labelled:
        layout["annotations"] = _end_labels(picture)
        layout["margin"] = {
            **layout["margin"],
            "r": 24 + 7 * max(len(_short(each.name, 24)) for each in picture.series),
        }
    return {"data": traces, "layout": layout}


def escaped(text: str) -> str:
    """Text that plotly shows as it is: it reads tags and entities in every string."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def foreign_keys(figure: Any, path: str = "") -> list[str]:
    """The keys of a figure that are not allowed, with their paths."""
    if isinstance(figure, list):
        return [found for number, item in enumerate(figure) for found in foreign_keys(item, f"{path}[{number}]")]
    if not isinstance(figure, dict):
        return []
    return [
        found
        for key, item in figure.items()
        for found in ([] if key in KEYS else [f"{path}.{key}"]) + foreign_keys(item, f"{path}.{key}")
    ]


# -- traces --------------------------------------------------------------------------------------------------------------


def _trace(picture: Picture, number: int) -> Json:
    series = picture.series[number]
    flat = _is_horizontal(picture)
    places = _places(picture)
    trace: Json = {
        "type": "bar" if _as_bars(picture, series) else "scatter",
        "name": escaped(series.name),
        "x": list(series.values) if flat else places,
        "y": places if flat else list(series.values),
        "customdata": list(series.value_ids),
        "text": [escaped(words) for words in series.shown],
        "hovertemplate": f"%{{{'y' if flat else 'x'}}}<br><b>%{{text}}</b><extra>{escaped(series.name)}</extra>",
    }
    if series.axis == "right":
        trace["yaxis"] = "y2"
    style = _bar_style if trace["type"] == "bar" else _line_style
    return trace | style(picture, number)


def _as_bars(picture: Picture, series: Plotted) -> bool:
    """In a bar chart what is measured on the right (a margin beside revenue) is a line, or the bars would hide each other."""
    return picture.kind in ("bar", "stacked_bar") and series.axis == "left"


def _places(picture: Picture) -> list[Any]:
    return [escaped(place) if isinstance(place, str) else place for place in picture.x]


def _bar_style(picture: Picture, number: int) -> Json:
    style: Json = {"marker": {"color": _colour(picture, number)}, "textposition": "none"}
    few = len(picture.x) <= 12 and len(picture.series) == 1
    if few and picture.kind == "bar" and all(each.axis == "left" for each in picture.series):
        style |= {"textposition": "outside", "cliponaxis": False, "textfont": {"color": TEXT, "size": 12}}
    if _is_horizontal(picture):
        style["orientation"] = "h"
    return style


def _line_style(picture: Picture, number: int) -> Json:
    colour = _colour(picture, number)
    if picture.kind == "scatter":
        return {"mode": "markers", "marker": {"color": colour, "size": 7, "opacity": 0.75}}
    dash = "solid" if picture.kind == "bar" else DASHES[number % len(DASHES)]
    line = {"color": colour, "width": 2.5 if number == 0 else 2, "dash": dash}
    few = len(picture.x) <= 40
    style: Json = {"mode": "lines+markers" if few else "lines", "line": line, "connectgaps": False}
    if few:
        style["marker"] = {"color": PAPER, "size": 6, "line": {"color": colour, "width": 1.75}}
    if picture.kind == "area":
        style |= {"mode": "lines", "line": {**line, "dash": "solid", "width": 1.5}, "fillcolor": _faint(colour)}
        style.pop("marker", None)
        style |= {"stackgroup": "one"} if len(picture.series) > 1 else {"fill": "tozeroy"}
    return style


def _colour(picture: Picture, number: int) -> str:
    """A line over bars takes vermilion, which stands out from ink and blue."""
    over = picture.kind == "bar" and picture.series[number].axis == "right" and number < 2
    return COLOURS[2 if over else number % len(COLOURS)]


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.28)"


def _pie(picture: Picture) -> Json:
    series = picture.series[0]
    colours = [COLOURS[number % len(COLOURS)] for number in range(len(picture.x))]
    return {
        "type": "pie",
        "name": escaped(series.name),
        "labels": _places(picture),
        "values": list(series.values),
        "customdata": list(series.value_ids),
        "text": [escaped(words) for words in series.shown],
        "texttemplate": "%{label}<br>%{text}",
        "textposition": "outside",
        "automargin": True,
        "hovertemplate": "%{label}<br><b>%{text}</b><br>%{percent}<extra></extra>",
        "marker": {"colors": colours, "line": {"color": PAPER, "width": 1.5}},
        "sort": False,
        "direction": "clockwise",
        "hole": 0.5,
    }


# -- layout --------------------------------------------------------------------------------------------------------------


def _layout(legend: bool) -> Json:
    return {
        "height": HEIGHT,
        "autosize": True,
        "font": {"family": FONT, "size": 12.5, "color": TEXT},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 12, "r": 16, "t": 36 if legend else 16, "b": 12},
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": PAPER,
            "bordercolor": "#dedbd0",
            "font": {"family": FONT, "size": 12.5, "color": "#15202b"},
        },
        "showlegend": legend,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
        },
    }


def _axes(picture: Picture) -> Json:
    left = [each for each in picture.series if each.axis == "left"]
    right = [each for each in picture.series if each.axis == "right"]
    places, amounts = _place_axis(picture), _amount_axis(picture, left)
    if _is_horizontal(picture):
        return {"xaxis": {**amounts, "ticks": ""}, "yaxis": {**places, "autorange": "reversed"}}
    axes = {"xaxis": places, "yaxis": amounts}
    if right:
        axes["yaxis2"] = {**_amount_axis(picture, right), "overlaying": "y", "side": "right", "showgrid": False}
        for name, group in (("yaxis", left), ("yaxis2", right)):
            axes[name]["title"] = {"text": _axis_words(group), "standoff": 8, "font": {"size": 12, "color": TEXT}}
    return axes


def _axis_words(group: Sequence[Plotted]) -> str:
    """With two axes each says whose it is."""
    names = ", ".join(dict.fromkeys(each.name for each in group))
    words = unit_words(group[0].unit)
    said = f" ({words})"  # a series may say its unit itself: "Gross margin (%)"
    return escaped(_short(names, 40) + (said if words and not names.endswith(said) else ""))


def _place_axis(picture: Picture) -> Json:
    axis: Json = {"automargin": True, "showgrid": False, "showline": True, "linecolor": "#cfcabd", "zeroline": False}
    if picture.x_kind == "number":
        numbers = [place for place in picture.x if isinstance(place, int | float)]
        return axis | ticks(numbers, picture.x_unit) | {"type": "linear", "title": _title(picture.x_label)}
    if picture.x_kind == "date":
        return axis | {"type": "date", "hoverformat": "%-d %b %Y", "nticks": 8}
    axis |= {"type": "category"}
    shown = _labelled_places(picture)
    if len(shown) < len(picture.x) or any(len(str(place)) > _LONG_LABEL for place in shown):
        words = [escaped(_short(str(place), _LONG_LABEL)) for place in shown]
        axis |= {"tickmode": "array", "tickvals": [escaped(str(place)) for place in shown], "ticktext": words}
    return axis


def _labelled_places(picture: Picture) -> Sequence[Any]:
    """Every category, or of many that follow in time every nth, so that labels stand upright and apart."""
    longest = max((len(str(place)) for place in picture.x), default=1)
    most = max(4, 80 // max(4, longest)) if picture.timed else 60
    step = -(-len(picture.x) // most)
    return picture.x[::step]


def _title(words: str) -> Json:
    return {"text": escaped(_short(words, 60)), "standoff": 8, "font": {"size": 12, "color": TEXT}}


def _amount_axis(picture: Picture, group: Sequence[Plotted]) -> Json:
    stacked = len(group) > 1 and picture.kind in ("stacked_bar", "area")
    reach = _stacked(group) if stacked else [value for each in group for value in each.values if value is not None]
    from_zero = picture.kind in ("bar", "stacked_bar", "area")
    axis: Json = {
        "automargin": True,
        "gridcolor": GRID,
        "zeroline": min(reach, default=0) < 0 or from_zero,
        "zerolinecolor": "#cfcabd",
        "zerolinewidth": 1,
        "fixedrange": True,
    }
    if from_zero:
        axis["rangemode"] = "tozero"
    unit = group[0].unit if group else ""
    if unit in ("shares", "days") or "/" in unit:
        axis["title"] = _title(unit_words(unit))
    return axis | ticks([*reach, 0] if from_zero else reach, unit)


def _stacked(group: Sequence[Plotted]) -> list[int | float]:
    """The heights the stacks reach, up and down."""
    ups = [
        sum(value for value in values if value and value > 0) for values in zip(*(s.values for s in group), strict=True)
    ]
    downs = [
        sum(value for value in values if value and value < 0) for values in zip(*(s.values for s in group), strict=True)
    ]
    return [*ups, *downs]


def _is_horizontal(picture: Picture) -> bool:
    """Bars lie down when their names are long: they are read, not turned sideways."""
    names = [str(place) for place in picture.x]
    plain = picture.kind == "bar" and not picture.timed and all(each.axis == "left" for each in picture.series)
    bars = len(names) * len(picture.series)
    return plain and len(names) > 1 and bars <= 24 and max(map(len, names)) > 12 and sum(map(len, names)) > 48


def _labelled_at_ends(picture: Picture) -> bool:
    """Few lines carry their names at their ends, where the eye is; more need a legend."""
    lines = picture.kind == "line" and all(each.axis == "left" for each in picture.series)
    whole = all(each.values and each.values[-1] is not None for each in picture.series)
    return lines and whole and 2 <= len(picture.series) <= 4 and len(picture.x) > 1


def _end_labels(picture: Picture) -> list[Json]:
    """Names at the line ends, pushed apart where they would touch."""
    values = [value for each in picture.series for value in each.values if value is not None]
    span = (max(values) - min(values)) or 1
    ends = [float(each.values[-1] or 0) for each in picture.series]
    order = sorted(range(len(ends)), key=lambda number: ends[number])
    wanted = [ends[number] / span * _PLOT_PX for number in order]
    placed: list[float] = []
    for height in wanted:
        placed.append(max(height, placed[-1] + _LABEL_GAP_PX) if placed else height)
    excess = (placed[-1] - wanted[-1]) / 2
    return [
        {
            "x": escaped(last) if isinstance(last := picture.x[-1], str) else last,
            "y": picture.series[number].values[-1],
            "text": escaped(_short(picture.series[number].name, 24)),
            "xanchor": "left",
            "xshift": 9,
            "yshift": round(placed[spot] - wanted[spot] - (excess if placed[spot] != wanted[spot] or excess else 0)),
            "showarrow": False,
            "font": {"color": COLOURS[number % len(COLOURS)], "size": 12.5},
        }
        for spot, number in enumerate(order)
    ]


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
