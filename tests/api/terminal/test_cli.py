"""The command line as a whole: help, version, wrong use, recordings, and how little `--help` loads."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.terminal.commands import HOUSE, STATEMENTS, STREAMS, Run, environment, recording

HEAVY = ("rich", "httpx", "apsw", "fastapi", "pandas", "plotly", "orjson", "pydantic", "asyncio")


def test_help_loads_next_to_nothing() -> None:
    code = f"""
import sys
from api.cli import main
try: main(["--help"])
except SystemExit: pass
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOUSE, env=environment())
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ["serve", "ask", "chat", "replay", "doctor"])
def test_each_command_has_help(name: str, tickmark: Run) -> None:
    done = tickmark(name, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"usage: tickmark {name}")


def test_the_version_is_told(tickmark: Run) -> None:
    done = tickmark("--version")
    assert done.status == 0
    assert done.out.startswith("tickmark ")


@pytest.mark.parametrize("words", [[], ["dance"], ["ask", "--dance"], ["--dance"], ["serve", "extra"]], ids=str)
def test_wrong_use_is_status_2_and_says_the_usage(words: list[str], tickmark: Run) -> None:
    done = tickmark(*words)
    assert (done.status, done.out) == (2, "")
    assert "usage: tickmark" in done.err
    assert "Traceback" not in done.err


def test_options_may_stand_anywhere(tickmark: Run) -> None:
    done = tickmark("ask", "-q", STATEMENTS, "--sources", "What was revenue in FY2024?", "--charts", "c")
    assert done.status == 0
    assert "Sources" in done.out


def test_a_misspelt_setting_is_one_line(tickmark: Run) -> None:
    done = tickmark("ask", "Why?", TICKMARK_WORKER="3")
    assert (done.status, done.out) == (2, "")
    assert done.err == "tickmark: TICKMARK_WORKER is not a setting; did you mean TICKMARK_WORKERS?\n"


def test_a_recording_is_played_through_everything(tickmark: Run) -> None:
    done = tickmark("replay", STREAMS / "chart.sse", STATEMENTS, "Draw it")
    assert done.status == 0
    assert "Revenue rose from £48.3m ✓ to £61.9m ✓ over four years" in done.out
    assert "tickmark-charts/revenue-and-gross-profit.html" in done.out


def test_without_a_question_all_that_was_recorded_is_played(tickmark: Run) -> None:
    done = tickmark("replay", STREAMS / "two_turns.sse", STATEMENTS)
    assert done.out == "One document.\n\nIt has three statements.\n"


@pytest.mark.parametrize(
    ("name", "out", "err"),
    [
        ("cut_in_text", "Revenue rose in every one of the four years, and then\n", "The connection to Anthropic broke"),
        ("overloaded_before", "", "Anthropic is overloaded at the moment."),
        ("refusal", "I cannot help with\n", "The model declined to answer."),
        ("max_tokens_in_text", "Revenue rose, and the reasons are these: first,\n", "longer than the model may write"),
    ],
)
def test_an_answer_that_failed_keeps_its_text_and_is_status_1(name: str, out: str, err: str, tickmark: Run) -> None:
    done = tickmark("replay", STREAMS / f"{name}.sse", STATEMENTS, "-q")
    assert (done.status, done.out, done.err.count("\n")) == (1, out, 1)
    assert err in done.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nope.sse"], "the recording nope.sse cannot be read: no such file or directory"),
        ([STATEMENTS], "is no recording: there is no response in this recording."),
        ([STREAMS / "text.sse", "nope.csv"], "there is no file nope.csv"),
    ],
    ids=str,
)
def test_a_bad_recording_is_one_line(words: list[str | Path], complaint: str, tickmark: Run) -> None:
    done = tickmark("replay", *words, "-q")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert complaint in done.err


def test_markdown_is_laid_out_on_a_terminal_and_left_alone_elsewhere(
    tickmark: Run, tmp_path: Path, terminal: Callable[..., Any]
) -> None:
    text = "## Findings\n\n- **Revenue** rose\n- `costs` fell\n\n| a | b |\n|---|--:|\n| x | 1 |\n\n[link](http://example.com/)"
    (tmp_path / "m.sse").write_bytes(recording(text))
    assert tickmark("replay", "m.sse", "-q").out == text + "\n"
    screen = terminal("replay", tmp_path / "m.sse", "-q")
    assert screen.end() == 0
    assert " • " in screen.seen
    assert "**" not in screen.seen
    assert "##" not in screen.seen
    assert "http://example.com/" in screen.seen  # an address is never hidden behind words
    assert "\x1b]8" not in screen.seen


def test_the_documentation_names_every_option_and_no_other(tickmark: Run) -> None:
    page = (HOUSE / "docs" / "command-line.md").read_text("utf-8")
    options = page.partition("## Options of ask")[2].partition("`chat` takes")[0]
    documented = set(re.findall(r"`(--[a-z]+)", options))
    offered = set(re.findall(r"(--[a-z]+)", tickmark("ask", "--help").out.partition("options:")[2])) - {"--help"}
    assert documented == offered


def test_the_example_of_the_documentation_is_what_is_printed(tickmark: Run) -> None:
    page = (HOUSE / "docs" / "command-line.md").read_text("utf-8")
    example = page.partition("```text\n")[2].partition("```")[0]
    done = tickmark("ask", STATEMENTS, "How did revenue develop? Chart it.", "-q")
    assert sorted(example.split()) == sorted(done.out.split())  # artifacts of one moment may come in any order
