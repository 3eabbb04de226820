"""What the SEC publishes of a company as `companyfacts`: every tagged figure of every filing, by concept, unit and period.

Figures go by the days they are about. The year and quarter beside them (`fy`, `fp`) are those of the filing, in which most
figures are comparatives. A figure that was filed again with another value is a restatement: the latest filing counts, and
what it was before is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tools.documents.document import Column, Document, Finding, Table
from tools.documents.periods import period_between, read_period
from tools.tags import tagged
from tools.units import CURRENCIES
from tools.values import Period, plain

MAX_FIGURES = 500_000
MAX_NAMED = 8
_KINDS = {
    "year": "fiscal years",
    "quarter": "quarters",
    "half": "half-years",
    "span": "other stretches",
    "instant": "balances",
}


@dataclass(frozen=True, slots=True)
class _Figure:
    """One figure as the latest filing has it; `earlier` are the other values it was filed with."""

    amount: Decimal
    pointer: str
    earlier: tuple[Decimal, ...]


def is_companyfacts(content: Any) -> bool:
    """Whether a parsed file has the shape of the SEC's companyfacts."""
    return (
        isinstance(content, dict)
        and isinstance(content.get("facts"), dict)
        and any(isinstance(group, dict) for group in content["facts"].values())
        and any(
            isinstance(concept, dict) and isinstance(concept.get("units"), dict)
            for group in content["facts"].values()
            if isinstance(group, dict)
            for concept in group.values()
        )
    )


def read(content: Mapping[str, Any], document: Document) -> None:
    """Fills the document: a table for each unit and kind of period, with concepts as lines and periods as columns."""
    groups: dict[tuple[str, str], dict[tuple[str, str], dict[Period, _Figure]]] = {}
    restated: list[str] = []
    for tag, label, unit, figures in _concepts(content["facts"]):
        for period, figure in figures.items():
            kind: str = period.kind if period.kind in _KINDS else "span"
            groups.setdefault((unit, kind), {}).setdefault((tag, label), {})[period] = figure
            if figure.earlier:
                restated.append(f"{label}, {period.label}")
    for (unit, kind), lines in sorted(groups.items(), key=lambda item: _rank(*item[0])):
        document.tables.append(_table(f"t{len(document.tables) + 1}", unit, kind, lines))
    name = str(content.get("entityName") or "").strip()
    if name:
        document.notes.append(f"the facts that {name[:120]} has filed")
    if restated:
        named = "; ".join(restated[:MAX_NAMED])
        more = f" and {len(restated) - MAX_NAMED} more" if len(restated) > MAX_NAMED else ""
        text = f"{len(restated)} figures were filed with more than one value; the latest filing counts: {named}{more}"
        document.findings.append(Finding("restated", "info", text[:400]))


def _rank(unit: str, kind: str) -> tuple[int, int, str]:
    units = 0 if unit in CURRENCIES else 1 if "/" in unit else 2
    return (list(_KINDS).index(kind), units, unit)


def _concepts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str, str, dict[Period, _Figure]]]:
    """Every concept by unit, as (tag, label, unit, its figures)."""
    seen = 0
    for taxonomy, group in facts.items():
        for name, concept in group.items() if isinstance(group, dict) else ():
            units = concept.get("units") if isinstance(concept, dict) else None
            for unit, entries in units.items() if isinstance(units, dict) else ():
                if not isinstance(entries, list):
                    continue
                seen += len(entries)
                if seen > MAX_FIGURES:
                    return
                base = f"/facts/{_escaped(taxonomy)}/{_escaped(name)}/units/{_escaped(unit)}"
                figures = _figures(entries, base)
                if figures:
                    label = " ".join(str(concept.get("label") or name).split())[:300]
                    if _unit(unit) == "count" and unit != "pure":
                        label = (
                            f"{label} ({unit[:60]})"  # `Number of businesses (company)` is another line than `(deal)`
                        )
                    yield f"{taxonomy}:{name}", label, _unit(unit), figures


def _figures(entries: list[Any], base: str) -> dict[Period, _Figure]:
    filed: dict[Period, list[tuple[str, int, Decimal]]] = {}
    for at, entry in enumerate(entries):
        period = _period(entry) if isinstance(entry, dict) else None
        amount = entry.get("val") if period else None
        if period is not None and isinstance(amount, Decimal) and amount.is_finite():
            filed.setdefault(period, []).append((str(entry.get("filed") or ""), at, amount))
    found: dict[Period, _Figure] = {}
    for period, versions in filed.items():
        versions.sort()
        _, at, amount = versions[-1]
        earlier = tuple(dict.fromkeys(each for _, _, each in versions if each != amount))
        found[period] = _Figure(amount, f"{base}/{at}", earlier)
    return found


def _period(entry: Mapping[str, Any]) -> Period | None:
    try:
        end = date.fromisoformat(str(entry["end"])[:10])
        if not entry.get("start"):
            return read_period(f"as at {end.isoformat()}")
        return period_between(date.fromisoformat(str(entry["start"])[:10]), end)
    except (KeyError, ValueError):
        return None


def _unit(unit: str) -> str:
    head, slash, tail = unit.partition("/")
    if head.upper() in CURRENCIES:
        return f"{head.upper()}/share" if slash and tail == "shares" else head.upper() if not slash else "count"
    return "shares" if unit == "shares" else "count"


def _table(table_id: str, unit: str, kind: str, lines: Mapping[tuple[str, str], Mapping[Period, _Figure]]) -> Table:
    ordered = sorted(lines.items(), key=lambda item: item[0][1].casefold())
    periods = sorted({period for figures in lines.values() for period in figures}, key=_end, reverse=True)
    columns = [Column("c0", "Concept", "text", [label for (_, label), _ in ordered])]
    labels: dict[str, int] = {}
    for number, period in enumerate(periods, 1):
        labels[period.label] = labels.get(period.label, 0) + 1
        label = period.label if labels[period.label] == 1 else f"{period.label} ({labels[period.label]})"
        cells = [figures.get(period) for _, figures in ordered]
        columns.append(
            Column(
                f"c{number}",
                label,
                "number",
                ["" if cell is None else plain(cell.amount) for cell in cells],
                [None if cell is None else cell.amount for cell in cells],
                unit=unit,
                period=period,
                ats={row: (("pointer", cell.pointer),) for row, cell in enumerate(cells) if cell},
            )
        )
    table = Table(table_id, f"Facts by {_KINDS[kind]}, {unit}", columns, "statement")
    table.lines = list(range(1, len(ordered) + 1))
    table.fields = list(range(1, len(columns) + 1))
    table.tags = {row: tag for row, ((tag, _), _) in enumerate(ordered)}
    table.concepts = {row: concept for row, tag in table.tags.items() if (concept := tagged(tag))}
    return table


def _end(period: Period) -> tuple[date, date]:
    return (period.end or date.min, period.start or date.min)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
