"""`tickmark ask`, as a process of its own over the sample accounts: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.terminal.commands import STATEMENTS, STREAMS, Run, broken_off, model, recording

QUESTION = "How did revenue develop, and what happened to the gross margin? Chart it."
Begun = Callable[..., Any]


def test_an_answer_is_prose_with_ticks_a_table_a_metric_and_a_chart(process: Run, tmp_path: Path) -> None:
    done = process("ask", STATEMENTS, QUESTION)
    assert done.status == 0
    assert "from £48.3m ✓ in FY2021 to £61.9m ✓ in FY2024, 28.1% ✓✓ more in all" in done.out
    assert "(+12.3% ✓✓)" in done.out
    assert re.search(r"^Revenue, FY2024  £61.9m ✓   ▲ 12.3% ✓✓ on FY2023   ▁▃▅█$", done.out, re.M)
    assert re.search(r"^Revenue +48,310 ✓ +52,775 ✓ +55,120 ✓ +61,904 ✓$", done.out, re.M)
    chart = Path("tickmark-charts") / "revenue-and-gross-margin-fy2021-to-fy2024.html"
    assert f"\n{chart}\n" in done.out
    assert {path.name for path in (tmp_path / chart.parent).iterdir()} == {chart.name, "plotly.min.js"}
    assert not re.search(r"\x1b|[ \t]$", done.out, re.M)
    assert "Reading northwind_statements.csv" in done.err
    assert "rule-based analyst" in done.err
    assert re.search(r"Figures: 4 tied ✓, 13 computed ✓✓\.$", done.err, re.M)


def test_figures_of_a_column_end_below_each_other(tickmark: Run) -> None:
    done = tickmark("ask", STATEMENTS, QUESTION)
    rows = re.findall(r"^(?:Revenue|Gross margin)(?:, \w+)?  .*$", done.out, re.M)[-4:]
    figures = [[found.end() for found in re.finditer(r"(?<=\s)[−\d][\d,.]*(?:%| pp)?(?= ✓)", row)] for row in rows]
    assert len(rows) == 4
    assert len({row[-1] for row in figures}) == 1


def test_sources_lead_down_to_cells(tickmark: Run) -> None:
    done = tickmark("ask", STATEMENTS, QUESTION, "--sources", "-q")
    assert "from £48.3m ✓[1] in FY2021 to £61.9m ✓[2] in FY2024, 28.1% ✓✓[3]" in done.out
    notes = dict(re.findall(r"^ *\[(\d+)\]  (.*(?:\n {6}.*)+)", done.out.split("\nSources\n")[1], re.M))
    assert list(notes) == [str(number) for number in range(1, len(notes) + 1)]
    assert "= (£61.9m [2] − £48.3m [1]) ÷ [1]" in notes["3"]
    assert "northwind_statements.csv, line 6, column 5" in notes["2"]
    assert "row “Revenue”, column “FY2024”, printed “61,904”, in thousands (table title)" in notes["2"]
    leaves = [note for note in notes.values() if "line " in note]
    for note in notes.values():
        assert note in leaves or all(number in notes for number in re.findall(r"\[(\d+)\]", note))
    assert len(leaves) == 8  # revenue and gross profit in four years
    assert done.err == ""


def test_json_is_the_whole_journal_a_line_an_event(tickmark: Run, tmp_path: Path) -> None:
    done = tickmark("ask", STATEMENTS, QUESTION, "--json", "--quiet")
    events = [json.loads(line) for line in done.out.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["type"], events[1]["type"]) == ("conversation_created", "document_added")
    assert (events[-1]["type"], events[-1]["stop_reason"]) == ("message_complete", "end_turn")
    assert (done.status, done.err) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_json_with_a_folder_for_charts_writes_them(tickmark: Run, tmp_path: Path) -> None:
    done = tickmark("ask", STATEMENTS, QUESTION, "--json", "--charts", "c")
    assert all(json.loads(line) for line in done.out.splitlines())
    assert len(list((tmp_path / "c").glob("*.html"))) == 1
    assert "c/revenue" in done.err


def test_a_reader_who_leaves_ends_it_quietly(begun: Begun) -> None:
    with model(broken_off("Revenue ", "rose ")) as environment:
        process = begun("ask", STATEMENTS, "How?", "--json", "-q", **environment)
        lines = [json.loads(process.stdout.readline()) for _ in range(3)]  # though the answer never ends
        assert [line["seq"] for line in lines] == [1, 2, 3]
        process.stdout.close()
        process.send_signal(signal.SIGINT)  # so that something more is written, to nobody
        assert (process.wait(30), process.stderr.read()) == (141, b"")


def test_what_head_does_is_no_error(begun: Begun) -> None:
    process = begun("ask", STATEMENTS, QUESTION, "-q")
    process.stdout.close()
    assert (process.wait(30), process.stderr.read()) == (141, b"")


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_the_answer_and_keeps_what_was_written(begun: Begun, number: int, status: int) -> None:
    with model(broken_off("Revenue rose.\n\n", "And the rea")) as environment:
        process = begun("ask", STATEMENTS, "How?", "--data", "kept", **environment)
        assert process.stdout.readline() == b"Revenue rose.\n"  # a block is printed when it is finished
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (status, b"\nAnd the rea\n")
    assert b"Stopped. The answer stands as far as it was written." in err
    assert b"Kept as conversation" in err


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_an_interrupted_answer_is_journaled_as_that(begun: Begun) -> None:
    with model(broken_off("Revenue rose.\n\n", "And the rea")) as environment:
        process = begun("ask", STATEMENTS, "How?", "--json", **environment)
        while b"And the rea" not in process.stdout.readline():
            pass
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    last = json.loads(out.splitlines()[-1])
    assert (last["type"], last["stop_reason"], last["text"]) == (
        "message_complete",
        "interrupted",
        "Revenue rose.\n\nAnd the rea",
    )
    assert process.returncode == 130


def test_strict_is_status_3_when_a_figure_has_no_source(tickmark: Run, tmp_path: Path) -> None:
    (tmp_path / "open.sse").write_bytes(recording("Revenue was [[v99]].\n\nIt rose."))
    loose = tickmark("replay", "open.sse", STATEMENTS, "How much?", "--sources")
    strict = tickmark("replay", "open.sse", STATEMENTS, "How much?", "--strict")
    assert (loose.status, strict.status) == (0, 3)
    assert "Revenue was (figure missing) ○[1]." in loose.out
    assert "[1]  (figure missing) ○\n     no tool result showed a value v99" in loose.out
    assert "Figures: 1 without a source ○." in strict.err
    tied = tickmark("ask", STATEMENTS, QUESTION, "--strict")
    assert tied.status == 0


def test_a_workbook_is_read_by_a_worker_that_was_not_warm(tickmark: Run) -> None:
    done = tickmark("ask", STATEMENTS.with_name("northwind_model.xlsx"), "What is in this file?", "-q")
    assert (done.status, done.err) == (0, "")
    assert "northwind_model.xlsx" in done.out


def test_a_document_may_come_through_a_pipe(tickmark: Run) -> None:
    done = tickmark("ask", "-", "What was revenue in FY2024?", "--name", "accounts.csv", stdin=STATEMENTS.read_bytes())
    assert done.status == 0
    assert "From accounts.csv" in done.out
    assert "£61.9m ✓" in done.out


def test_a_terminal_gets_colours_and_its_own_width(terminal: Callable[..., Any]) -> None:
    screen = terminal("ask", STATEMENTS, QUESTION, columns=46)
    assert screen.end() == 0
    assert "\x1b[32m ✓✓" in screen.seen
    lines = re.sub(r"\r\x1b\[2K(?:\x1b\[2m.*?\x1b\[0m)?", "", screen.seen)  # what was replaced while it worked
    lines = re.sub(r"\x1b\[[\d;]*m", "", lines)
    answer = lines[lines.index("Revenue rose") : lines.index("Figures:")]
    wide = [line for line in answer.splitlines() if len(line) > 46 and not line.startswith("tickmark-charts/")]
    assert wide == []
    for figure in ("48,310 ✓", "−2.3 pp ✓✓", "61,904 ✓", "42.6% ✓✓"):
        assert figure in answer  # in parts below each other, and never cut
    assert answer.count("Revenue, growth") == 2


def test_no_color_takes_the_colours_away(terminal: Callable[..., Any]) -> None:
    screen = terminal("ask", STATEMENTS, QUESTION, "-q", NO_COLOR="1")
    assert screen.end() == 0
    assert not re.search(r"\x1b\[(?:\d+;)*3\d", screen.seen)


def test_a_dumb_terminal_gets_no_escape_sequences(terminal: Callable[..., Any]) -> None:
    screen = terminal("ask", STATEMENTS, QUESTION, TERM="dumb")
    assert screen.end() == 0
    assert "\x1b" not in screen.seen


def test_an_encoding_without_ticks_gets_them_in_ascii(process: Run) -> None:
    done = process("ask", STATEMENTS, QUESTION, "-q", PYTHONIOENCODING="ascii")
    assert (done.status, done.out.isascii()) == (0, True)
    assert "from GBP 48.3m [x] in FY2021 to GBP 61.9m [x] in FY2024, 28.1% [xx] more" in done.out


def test_a_conversation_that_is_kept_goes_on(tickmark: Run) -> None:
    first = tickmark("ask", STATEMENTS, "How did revenue develop?", "--data", "kept")
    [conversation] = re.findall(r"Kept as conversation (\S+);", first.err)
    second = tickmark("ask", "And operating profit?", "--data", "kept", "--conversation", conversation)
    assert second.status == 0
    assert "Operating profit" in second.out
    journal = tickmark("ask", "And the year before?", "--data", "kept", "--conversation", conversation, "--json")
    assert json.loads(journal.out.splitlines()[0])["seq"] > 100  # only what this question caused


def test_the_same_question_again_finds_its_chart(tickmark: Run, tmp_path: Path) -> None:
    for _ in range(2):
        tickmark("ask", STATEMENTS, QUESTION)
    assert len(list((tmp_path / "tickmark-charts").glob("*.html"))) == 1


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], 'there is no question: tickmark ask FILE... "question"'),
        ([STATEMENTS], "is a file, and no question follows it"),
        (["nope.csv"], "there is no file nope.csv, and no question follows it"),
        (["nope.csv", "Why?"], "there is no file nope.csv"),
        (["/", "Why?"], "/ is a folder; name the files in it"),
        ([STATEMENTS, "  "], "there is no question"),
        (["-", "-", "Why?"], "standard input (-) can be read only once"),
        (["empty.csv", "Why?"], "empty.csv is empty."),
        (["binary.csv", "Why?"], "binary.csv is not a text file; export the table as CSV and attach that"),
        (["odd.thing", "Why?"], "odd.thing cannot be read: its type is not known"),
        (["Why?", "--conversation", "x"], "--conversation needs --server or --data"),
        (["Why?", "--server", "http://127.0.0.1:9", "--data", "d"], "--server and --data exclude each other"),
        (["Why?", "--server", "ftp://x"], "--server 'ftp://x' is not understood"),
        (["Why?", "--provider", "oracle"], "--provider='oracle' is not understood"),
        (["Why?", "--data", "d", "--conversation", "nope"], "There is no conversation 'nope'."),
    ],
    ids=str,
)
def test_wrong_use_is_one_line_and_status_2(words: list[Any], complaint: str, tickmark: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "odd.thing").write_text("a,b\n1,2\n")
    done = tickmark("ask", *words, "-q")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert complaint in done.err


@pytest.mark.parametrize(
    ("words", "environment", "complaint"),
    [
        (["--provider", "anthropic"], {}, "There is no key for Anthropic. Set ANTHROPIC_API_KEY, or choose offline."),
        (["--server", "http://127.0.0.1:9"], {}, "The server at http://127.0.0.1:9 cannot be reached. Is it running?"),
    ],
)
def test_what_the_caller_cannot_mend_in_the_command_is_status_1(
    words: list[str], environment: dict[str, str], complaint: str, tickmark: Run
) -> None:
    done = tickmark("ask", STATEMENTS, "Why?", *words, "-q", **environment)
    assert (done.status, done.out, done.err) == (1, "", f"tickmark: {complaint}\n")


def test_a_chart_that_cannot_be_written_is_told_and_the_answer_goes_on(tickmark: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = tickmark("ask", STATEMENTS, QUESTION, "--charts", "file/charts", "-q")
    assert done.status == 1
    assert "The chart cannot be written to file/charts: " in done.err
    assert "Gross margin is *Gross profit* over *Revenue*." in done.out


def test_an_escape_sequence_in_a_document_does_not_reach_the_terminal(tickmark: Run) -> None:
    evil = b"Line,2023,2024\nRevenue\x1b[2J,10,12\nCosts,5,6\n"
    done = tickmark("ask", "-", "Show the table", "--name", "e\x1b[31m.csv", stdin=evil)
    assert "\x1b" not in done.out + done.err


@pytest.mark.parametrize("name", sorted(path.stem for path in STREAMS.glob("*.sse")))
def test_every_recording_is_rendered_without_a_traceback(name: str, tickmark: Run) -> None:
    done = tickmark("replay", STREAMS / f"{name}.sse", STATEMENTS)
    assert "Traceback" not in done.err
    assert "wrong on our side" not in done.err
    assert done.status in (0, 1)
