"""The same commands against a running server: the same answer, over a line that breaks."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from analysis.errors import UpstreamError
from api.terminal.remote import RemoteService
from api.terminal.service import Question
from tests.api.terminal.commands import STATEMENTS, Run, breaking, broken_off, model, running_server

QUESTION = "How did revenue develop, and what happened to the gross margin? Chart it."


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("server") / "data"


@pytest.fixture(scope="module")
def server(kept: Path) -> Iterator[str]:
    with running_server(kept) as (address, _):
        yield address


def paragraphs(text: str) -> list[str]:
    """The blocks of an answer; charts, tables and metrics of one moment may come in any order."""
    return sorted(re.split(r"\n\n", text.strip()))


def test_a_server_gives_the_answer_that_this_process_gives(tickmark: Run, server: str) -> None:
    here = tickmark("ask", STATEMENTS, QUESTION, "-q")
    there = tickmark("ask", STATEMENTS, QUESTION, "-q", "--server", server)
    assert paragraphs(there.out) == paragraphs(here.out)
    assert (there.status, there.err) == (0, "")


def test_sources_are_asked_of_the_server(tickmark: Run, server: str) -> None:
    done = tickmark("ask", STATEMENTS, "What was revenue in FY2024?", "--sources", "--server", server)
    assert "northwind_statements.csv, line 6, column 5" in done.out


def test_a_conversation_on_the_server_goes_on(tickmark: Run, server: str) -> None:
    first = tickmark("ask", STATEMENTS, "How did revenue develop?", "--server", server)
    [conversation] = re.findall(r"Kept as conversation (\S+);", first.err)
    second = tickmark("ask", "And operating profit?", "--server", server, "--conversation", conversation, "--json")
    events = [json.loads(line) for line in second.out.splitlines()]
    view = httpx.get(f"{server}/api/conversation/{conversation}").json()
    assert [event["seq"] for event in events] == list(range(events[0]["seq"], view["last_seq"] + 1))
    assert events[0]["type"] == "user_message"
    assert second.status == 0


@pytest.mark.parametrize("cut_after", [(20, 20, 400), (300, 1_000, 1_000, 9_000), (5_000,) * 3])
def test_a_line_that_breaks_loses_nothing_and_repeats_nothing(
    cut_after: tuple[int, ...], tickmark: Run, server: str
) -> None:
    with breaking(server, 0, *cut_after) as line:  # the first to break is the upload's own stream
        upload = tickmark("ask", STATEMENTS, QUESTION, "-q", "--json", "--server", line.address)
        assert (upload.status, upload.out) == (1, "")
        assert "cannot be reached" in upload.err or "without a word" in upload.err
    document = httpx.post(f"{server}/api/documents", files={"file": ("n.csv", STATEMENTS.read_bytes())}).json()
    made = httpx.post(f"{server}/api/conversations", json={"document_ids": [document["document_id"]]}).json()
    with breaking(server, *cut_after) as line:
        done = tickmark("ask", QUESTION, "--json", "--server", line.address, "--conversation", made["conversation_id"])
        assert line.cut >= 2
    events = [json.loads(text) for text in done.out.splitlines()]
    view = httpx.get(f"{server}/api/conversation/{made['conversation_id']}").json()
    assert [event["seq"] for event in events] == list(range(made["last_seq"] + 1, view["last_seq"] + 1))
    assert [message["role"] for message in view["messages"]] == ["user", "assistant"]  # it was asked once
    assert done.status == 0


def test_ctrl_c_stops_the_answer_on_the_server(begun: Callable[..., Any], tmp_path: Path) -> None:
    with (
        model(broken_off("Revenue rose.\n\n", "And the rea")) as environment,
        running_server(tmp_path / "data", **environment) as (address, _),
    ):
        process = begun("ask", STATEMENTS, "How?", "--server", address)
        assert process.stdout.readline() == b"Revenue rose.\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        [kept] = httpx.get(f"{address}/api/conversations").json()["items"]
        view = httpx.get(f"{address}/api/conversation/{kept['conversation_id']}").json()
    assert (process.returncode, out) == (130, b"\nAnd the rea\n")
    assert b"Stopped." in err
    assert view["messages"][-1]["stop_reason"] == "interrupted"


def test_a_server_that_dies_and_comes_back_is_waited_for(begun: Callable[..., Any], tmp_path: Path) -> None:
    with model(broken_off("Revenue rose.\n\n", "And the rea")) as environment:
        with running_server(tmp_path / "data", **environment) as (address, first):
            process = begun("ask", STATEMENTS, "How?", "--server", address)
            assert process.stdout.readline() == b"Revenue rose.\n"
            first.kill()
            first.wait()
        port = int(address.rpartition(":")[2])
        with running_server(tmp_path / "data", port, **environment):
            out, err = process.communicate(timeout=40)
    assert (process.returncode, out) == (1, b"\nAnd the rea\n")
    assert b"tickmark: " in err


async def test_a_server_that_stays_away_is_given_up_and_the_answer_goes_on_there(tmp_path: Path) -> None:
    said: list[str] = []
    with (
        model(broken_off("Revenue ", "rose")) as environment,
        running_server(tmp_path / "data", **environment) as (address, server),
    ):
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            service = RemoteService(client, said.append, give_up_s=1.0)
            view = await service.open()
            heard = service.ask(Question("How?"))
            while (await anext(heard)).event["type"] != "text_delta":
                pass
            server.kill()
            await asyncio.to_thread(server.wait)
            with pytest.raises(UpstreamError) as refused:
                async for _ in heard:
                    pass
    assert refused.value.text.endswith(f"The answer goes on there, in conversation {view['conversation_id']}.")
    assert said == ["The line to the server is broken; trying again."]


def test_what_is_no_tickmark_is_told_apart(tickmark: Run) -> None:
    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_error(501)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        thread = Thread(target=other.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{other.server_port}"
        done = tickmark("ask", "Why?", "--server", address, "-q")
        other.shutdown()
        thread.join()
    assert (done.status, done.err) == (1, f"tickmark: What answers at {address}/ is no Tickmark (status 501).\n")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("empty.csv", b"", "empty.csv is empty."),
        (
            "binary.csv",
            bytes(range(256)) * 20,
            "binary.csv is not a text file; export the table as CSV and attach that",
        ),
    ],
)
def test_the_servers_refusals_are_told_in_its_words(
    name: str, content: bytes, complaint: str, tickmark: Run, server: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    done = tickmark("ask", name, "Why?", "--server", server, "-q")
    assert (done.status, done.err) == (2, f"tickmark: {complaint}\n")


def test_a_folder_that_a_server_holds_is_asked_through_it(tickmark: Run, server: str, kept: Path) -> None:
    done = tickmark("ask", STATEMENTS, "Why?", "--data", kept, "-q")
    assert (done.status, done.out) == (1, "")
    assert "is in use, probably by a running Tickmark. Ask that one with --server URL" in done.err
