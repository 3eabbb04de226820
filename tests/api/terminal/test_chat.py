"""`tickmark chat`, on a terminal and through a pipe."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.api.terminal.commands import STATEMENTS, Run, broken_off, model


def test_a_conversation_at_a_terminal(terminal: Callable[..., Any]) -> None:
    screen = terminal("chat", STATEMENTS)
    screen.expect("About northwind_statements.csv. Ask; /help tells what else can be done.")
    screen.expect("> ")
    screen.type("How did revenue develop?\n")
    screen.expect("28.1%")
    screen.expect("Figures:")
    screen.expect("  · ")  # what could be asked next
    screen.expect("> ")
    screen.type("And operating profit?\n")
    screen.expect("Operating profit")
    screen.expect("> ")
    screen.type("/sources\n")
    screen.expect("northwind_statements.csv, line ")
    screen.expect("> ")
    screen.type("/quit\n")
    assert screen.end() == 0


def test_ctrl_c_stops_the_answer_and_not_the_program(terminal: Callable[..., Any]) -> None:
    with model(broken_off("Revenue rose.\n\n", "And the rea"), broken_off("It is over.\n\n")) as environment:
        screen = terminal("chat", STATEMENTS, **environment)
        screen.expect("> ")
        screen.type("How?\n")
        screen.expect("Revenue rose.")
        screen.type("\x03")
        screen.expect("And the rea")
        screen.expect("Stopped. The answer stands as far as it was written.")
        screen.expect("> ")
        screen.type("Again?\n")
        screen.expect("It is over.")
        screen.type("\x03")
        screen.expect("Stopped.")
        screen.expect("> ")
        screen.type("\x1b[A")
        screen.expect(
            "Again?"
        )  # only the prompt brings a question back: from here on it waits for keys, and not before
        screen.insist("\x03", "(/quit or Ctrl-D ends)")
        screen.expect("> ")
        screen.type("\x04")
        assert screen.end() == 0
    assert "Traceback" not in screen.seen


def test_the_arrow_up_brings_the_last_question_back(terminal: Callable[..., Any]) -> None:
    screen = terminal("chat")
    screen.expect("> ")
    screen.type("/nothing\n")
    screen.expect("there is no /nothing")
    screen.expect("> ")
    screen.type("\x1b[A")
    screen.expect("/nothing")
    screen.type("\n/quit\n")
    assert screen.end() == 0


def test_questions_may_come_through_a_pipe(tickmark: Run) -> None:
    done = tickmark("chat", stdin=f"/attach {STATEMENTS}\nWhat was revenue in FY2024?\nAnd the year before?\n".encode())
    assert done.status == 0
    assert "Attached northwind_statements.csv." in done.err
    assert "£61.9m ✓[1] in FY2024" in done.out
    assert "FY2023" in done.out
    assert "> " not in done.out


def test_what_goes_wrong_is_told_and_the_next_line_is_heard(tickmark: Run) -> None:
    lines = "/sources\n/attach nope.csv\n/attach\n/dance\n/help\nWhat was revenue in FY2024?\n/sources\n"
    done = tickmark("chat", STATEMENTS, stdin=lines.encode())
    assert "There is no answer yet." in done.err
    assert "tickmark: there is no file nope.csv" in done.err
    assert "tickmark: /attach takes the name of a file" in done.err
    assert "tickmark: there is no /dance; there are /attach, /sources, /help and /quit" in done.err
    assert "/quit          end (so does Ctrl-D)" in done.err
    assert re.search(r"^\[1\]  Revenue, FY2024  £61.9m ✓\n     northwind_statements.csv, line 6", done.out, re.M)
    assert done.status == 2


def test_a_folder_keeps_the_conversation(tickmark: Run) -> None:
    first = tickmark("chat", STATEMENTS, "--data", "kept", stdin=b"What was revenue in FY2024?\n")
    [conversation] = re.findall(r"Kept as conversation (\S+);", first.err)
    second = tickmark("chat", "--data", "kept", "--conversation", conversation, stdin=b"And the year before?\n/quit\n")
    assert "FY2023" in second.out
    assert second.status == 0


def test_standard_input_cannot_be_a_document_and_the_questions(tickmark: Run) -> None:
    done = tickmark("chat", "-", stdin=b"a,b\n")
    assert (done.status, done.err) == (2, "tickmark: standard input holds the questions here; name files\n")
