"""What words alone read of tagged filings does not fall below what was measured."""

from __future__ import annotations

import pytest

from benchmarks import scales
from tools.documents.periods import read_period


def fact(identity: str, concept: str, text: str, more: str = 'scale="6"') -> str:
    tag = f'id="{identity}" name="us-gaap:{concept}" contextRef="c1" unitRef="usd" {more}'
    return f"<ix:nonFraction {tag}>{text}</ix:nonFraction>"


def line(label: str, before: str, figure: str, after: str = "") -> str:
    return f"<tr><td>{label}</td><td>{before}</td><td>{figure}</td><td>{after}</td></tr>"


SAMPLE = f"""<html><body><div style="display:none"><ix:header><ix:resources>
<xbrli:context id="c1"><xbrli:period><xbrli:startDate>2024-01-01</xbrli:startDate>
<xbrli:endDate>2024-12-31</xbrli:endDate></xbrli:period></xbrli:context>
<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit></ix:resources></ix:header></div>
<p>Results for the year ended December 31, 2024 (in millions)</p>
<table><tr><td></td><td colspan="3">2024</td></tr>
{line("Sales", "$", fact("f1", "Revenues", "1,300"))}
{line("Costs", "(", fact("f2", "Costs", "700"), ")")}
{line("Other of " + fact("f3", "Other", "9") + " and more", "", fact("f4", "Odd", "5", 'scale="3" sign="-"'))}
</table></body></html>"""


def test_figures_are_judged_by_what_is_printed_and_prose_is_left_out() -> None:
    judged = scales.judge("sample", SAMPLE.encode())
    assert [one.fact.concept for one in judged] == ["us-gaap:Revenues", "us-gaap:Costs", "us-gaap:Odd"]
    assert [one.negative for one in judged] == [False, True, False]
    assert [one.scale_right for one in judged] == [True, True, False]
    assert [one.tag_differs for one in judged] == [False, True, True]
    found = scales.figures(judged)
    assert (found.facts, found.sign, found.period) == (3, 1.0, 1.0)
    assert "| sample | 3 | 66.7% | 100.0% |" in scales.table([("sample", found)])


@pytest.mark.parametrize(
    ("read", "said", "same"),
    [
        ("year ended 28 September 2023", "year ended 30 September 2023", True),
        ("year ended 31 December 2023", "year ended 30 September 2023", False),
        ("as at 31 December 2023", "year ended 31 December 2023", False),
        ("3 months ended 30 June 2023", "6 months ended 30 June 2023", False),
    ],
)
def test_periods_agree_by_length_and_end(read: str, said: str, same: bool) -> None:
    assert scales.same_period(read_period(read), read_period(said)) is same


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("half", "both", "unit", "period"), [("development", 0.997, 0.975, 0.964), ("report", 0.988, 0.973, 0.91)]
)
def test_words_read_tagged_figures_as_well_as_was_measured(half: str, both: float, unit: float, period: float) -> None:
    if not (scales.CORPUS / "ixbrl").is_dir():
        pytest.skip(f"{scales.CORPUS / 'ixbrl'} is missing; set TICKMARK_CORPUS to the folder that holds it")
    found = scales.figures(scales.judge_half(half))
    assert found.both >= both
    assert found.unit >= unit
    assert found.period >= period
