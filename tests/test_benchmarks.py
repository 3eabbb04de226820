"""The benchmarks measure what they say: their inputs are legal, their table is honest about what was not held."""

from __future__ import annotations

import pytest

from analysis.gate import Gate, Passed
from analysis.messages import ToolSpec
from analysis.providers.anthropic_stream import StreamDecoder
from analysis.signals import ToolChunk
from benchmarks.__main__ import stream_rows
from benchmarks.query import QUESTIONS, measured
from benchmarks.service import GATE_SIZES, chart_call, table
from benchmarks.stream import Round
from tools import TOOLS


@pytest.mark.parametrize("size", GATE_SIZES)
def test_the_measured_tool_input_has_its_size_and_passes_the_gate(size: int) -> None:
    decoder = StreamDecoder()
    text = "".join(part.fragment for part in decoder.feed(chart_call(size)) if isinstance(part, ToolChunk))
    assert 0.75 * size < len(text) < 1.35 * size
    chart = TOOLS["create_chart"]
    verdict = Gate([ToolSpec(chart.name, chart.description, chart.schema())]).check("create_chart", text)
    assert isinstance(verdict, Passed), verdict


def test_a_budget_that_is_not_held_is_said_so() -> None:
    rounds = {
        "tickmark": [Round(10, 200.0, 1.0, 30.0, True)] * 3,
        "passthrough": [Round(10, 25.0, 0.1, 1.0, True)] * 3,
    }
    told = table(stream_rows(rounds, {"tickmark": 90.0, "passthrough": 3.0}, 1_000))
    assert "200 µs, 8.0 x the bare pass-through (25 µs) | 6 x | no" in told
    assert "| 1.0 ms | 5 ms | yes |" in told
    assert "| 30.0 ms | 25 ms | no |" in told


async def test_every_question_to_the_measured_ledger_is_answered() -> None:
    """A smaller ledger, because only the time depends on its size; a refusal would end it."""
    found = await measured(rows=2_000, tries=1)
    assert found.keys() == {"opening", *QUESTIONS}
    assert all(spent > 0 for spent in found.values())
