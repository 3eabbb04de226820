"""The workbench against tools that do everything a tool must not (tests/analysis/rogues.py), in real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import psutil
import pytest
import pytest_asyncio
import uvloop

from analysis.errors import CallerError, TickmarkError
from analysis.signals import ToolRaised, ToolReturned
from analysis.workbench import ToolCall, Workbench

ROGUES = "tests.analysis.rogues"
HOUSE = Path(__file__).resolve().parent.parent.parent
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals"),
]


def bench_in(folder: Path, **options: Any) -> Workbench:
    """A workbench of rogues: nothing to warm up, little memory, little time."""
    rogues: dict[str, Any] = {"tools": f"{ROGUES}:TOOLS", "reader": f"{ROGUES}:read", "outcome": f"{ROGUES}:outcome"}
    limits: dict[str, Any] = {"memory_bytes": 400_000_000, "tool_timeout_s": 20, "read_timeout_s": 20}
    return Workbench(folder / "cache", **{**rogues, **limits, "warm": (), **options})


@asynccontextmanager
async def working(folder: Path, **options: Any) -> AsyncIterator[Workbench]:
    bench = bench_in(folder, **options)
    await bench.start()
    try:
        yield bench
    finally:
        await bench.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bench(folder: Path) -> AsyncIterator[Workbench]:
    async with working(folder) as bench:
        yield bench


def call(tool_name: str, word: str = "", **more: Any) -> ToolCall:
    return ToolCall("toolu_1", tool_name, {"word": word}, **more)


async def content(bench: Workbench, tool_name: str, word: str = "", **more: Any) -> str:
    answer = await bench.run_tool(call(tool_name, word, **more))
    assert isinstance(answer, ToolReturned), answer
    return answer.content


async def failure(bench: Workbench, tool_name: str, word: str = "", **more: Any) -> ToolRaised:
    answer = await bench.run_tool(call(tool_name, word, **more))
    assert isinstance(answer, ToolRaised), answer
    return answer


class Begun:
    """Hears progress, and tells when the first came."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self._first = asyncio.Event()

    def __call__(self, *progress: Any) -> None:
        self.heard.append(progress)
        self._first.set()

    async def wait(self) -> None:
        await asyncio.wait_for(self._first.wait(), 10)


async def looping(bench: Workbench) -> asyncio.Task[ToolReturned | ToolRaised]:
    """A call that is certainly running, and never ends by itself."""
    begun = Begun()
    task = asyncio.create_task(bench.run_tool(call("loop"), begun))
    await begun.wait()
    return task


def source(folder: Path, text: str) -> Path:
    path = folder / "blobs" / f"{abs(hash(text))}"
    path.write_text(text)
    return path


async def read(bench: Workbench, path: Path, on_progress: Any = None) -> tuple[dict[str, Any], bytes]:
    about = {"document_id": "doc_1", "name": "lines.csv", "media_type": "text/csv", "sha256": "5ha"}
    return await bench.read_document(path, **about, on_progress=on_progress)


# What tools get and give.


async def test_a_tool_sees_the_values_and_results_of_its_call_and_returns_its_own(bench: Workbench) -> None:
    value = {"value_id": "v1", "label": "Revenue", "amount": "61904000", "unit": "GBP", "shown": "£61.9m"}
    columns = [{"key": "c0", "label": "FY2024", "kind": "number", "unit": "GBP"}]
    table: dict[str, Any] = {
        "result_id": "r1",
        "title": "Revenue",
        "columns": columns,
        "rows": [["v1"]],
        "cells": "values",
    }
    table |= {"rows_total": 1, "note": "", "source_note": ""}
    answer = await bench.run_tool(
        call("look_up", "v1", values={"v1": {**value, "state": "tied"}}, results={"r1": table})
    )
    assert isinstance(answer, ToolReturned)
    assert (answer.tool_id, answer.summary, answer.content) == ("toolu_1", "done", "£61.9m")
    assert answer.tables == [table]


async def test_thousands_of_values_come_back_whole_and_in_order(bench: Workbench) -> None:
    answer = await bench.run_tool(call("count", "2345"))
    assert isinstance(answer, ToolReturned)
    assert [(value.value_id, int(value.amount)) for value in answer.values] == [(f"~{n + 1}", n) for n in range(2345)]
    assert answer.tables[0]["rows"][-1] == ["~2345"]


async def test_documents_carry_the_id_and_name_of_the_call_and_bytes_may_be_several_documents(
    bench: Workbench, folder: Path
) -> None:
    _, written = await read(bench, source(folder, "a\nb"))
    (bench.cache / "5ha").mkdir(exist_ok=True)
    (bench.cache / "5ha" / "document.json").write_bytes(written)
    documents = [("d1", "doc_7", "mine.csv", "5ha"), ("d2", "doc_8", "yours.csv", "5ha")]
    for _ in range(2):  # from the cache, and from what is at hand
        answer = await bench.run_tool(call("documents", documents=documents))
        assert isinstance(answer, ToolReturned)
        assert answer.data == {"seen": [list(document) for document in documents]}


async def test_a_document_that_the_cache_has_lost_is_a_refusal_in_words(bench: Workbench) -> None:
    raised = await failure(bench, "documents", documents=[("d1", "doc_7", "mine.csv", "10st")])
    assert raised.code == "document_unavailable"
    assert "mine.csv" in raised.text


async def test_progress_reaches_whoever_asked(bench: Workbench) -> None:
    begun = Begun()
    task = asyncio.create_task(bench.run_tool(call("loop"), begun))
    await begun.wait()
    task.cancel()
    assert begun.heard == [(1, 2, "looping")]


# What tools do to us.


@pytest.mark.parametrize(
    ("tool_name", "word", "code"),
    [
        ("break", "", "tool_failed"),
        ("refuse", "", "no_such_line"),
        ("exit", "politely", "tool_failed"),
        ("exit", "at once", "tool_died"),
        ("hoard", "blocks", "out_of_memory"),
        ("hoard", "objects", "out_of_memory"),
        ("surrogate", "", "tool_failed"),
        ("recurse", "", "tool_failed"),
        ("bulk", "17000000", "result_too_large"),
        ("nothing", "", "unknown_tool"),
        ("connect", "9", "tool_failed"),
        ("resolve", "localhost", "tool_failed"),
        ("spawn", sys.executable, "tool_failed"),
        ("fork", "", "tool_failed"),
        pytest.param("kill", str(os.getpid()), "tool_failed", id="kill-us"),
        ("peek", "/etc/passwd", "tool_failed"),
    ],
)
async def test_a_tool_that_misbehaves_is_a_failed_call_and_the_next_one_works(
    bench: Workbench, tool_name: str, word: str, code: str
) -> None:
    raised = await failure(bench, tool_name, word)
    assert raised.code == code
    assert not any(word in raised.text for word in ("Traceback", "Error", "secret", ".py"))
    assert await content(bench, "say", "still here") == "said still here"


async def test_input_that_does_not_fit_the_arguments_is_refused_with_its_path(bench: Workbench) -> None:
    answer = await bench.run_tool(ToolCall("toolu_1", "say", {"word": 5, "wrod": "x"}))
    assert isinstance(answer, ToolRaised)
    assert answer.code == "bad_arguments"
    assert answer.text == "word: Input should be a valid string; wrod: Extra inputs are not permitted"


async def test_input_that_is_no_json_is_a_failed_call(bench: Workbench) -> None:
    assert (await failure(bench, "say", "\ud800")).code == "tool_failed"


async def test_an_endless_tool_is_stopped_at_its_time_and_its_worker_replaced(tmp_path: Path) -> None:
    async with working(tmp_path, tool_timeout_s=0.3, workers=1) as bench:
        pid = await content(bench, "pid")
        raised = await failure(bench, "loop")
        assert (raised.code, raised.duration_ms >= 300) == ("tool_timeout", True)
        assert "0.3 s" in raised.text
        assert await content(bench, "pid") != pid


async def test_what_a_tool_prints_goes_to_the_log_tamed_and_not_into_the_pipe(
    bench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    assert await content(bench, "shout") == "shouted"
    assert await content(bench, "say", "x") == "said x"
    assert "printed" in caplog.text
    assert "\x1b" not in caplog.text
    assert len(caplog.text) < 40_000


async def test_a_tool_can_neither_write_nor_remove_a_file(bench: Workbench, folder: Path) -> None:
    kept = folder / "cache" / "kept"
    kept.write_text("kept")
    for tool_name in ("write", "remove"):
        assert (await failure(bench, tool_name, str(kept))).code == "tool_failed"
    assert (await failure(bench, "write", str(folder / "blobs" / "new"))).code == "tool_failed"
    assert kept.read_text() == "kept"
    assert not (folder / "blobs" / "new").exists()


async def test_native_code_meets_the_same_walls_where_the_kernel_has_them(bench: Workbench, folder: Path) -> None:
    await content(bench, "say")
    if not {"landlock", "network namespace"} <= set(bench.walls):
        pytest.skip(f"this kernel offers only {bench.walls}")
    callers: list[Any] = []
    server = await asyncio.start_server(lambda *streams: callers.append(streams), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    secret = folder / "journal.db"
    secret.write_text("conversations")
    for deed in (f"write:{folder / 'cache' / 'new'}", f"read:{secret}", "run:", f"connect:{port}"):
        assert await content(bench, "native", deed) == "did it: -1"
    assert not (folder / "cache" / "new").exists()
    server.close()
    await server.wait_closed()
    assert callers == []


async def test_nothing_of_the_servers_environment_is_seen_in_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    monkeypatch.setenv("TICKMARK_AUTH_SECRET", "secret")
    async with working(tmp_path, workers=1) as bench:
        answer = await bench.run_tool(call("environment"))
        assert isinstance(answer, ToolReturned)
        assert "secret" not in str(answer.data)
        assert not {"HOME", "USER", "ANTHROPIC_API_KEY"} & set(answer.data)
        own = f"/proc/{os.getpid()}/environ"
        assert (await failure(bench, "peek", own)).code == "tool_failed"


async def test_a_worker_that_once_needed_nearly_all_memory_is_not_asked_again(tmp_path: Path) -> None:
    async with working(tmp_path, workers=1) as bench:
        pid = await content(bench, "pid")
        assert await content(bench, "weigh", "1000000") == "1000000"
        assert await content(bench, "pid") == pid
        assert await content(bench, "weigh", "270000000") == "270000000"
        assert await content(bench, "pid") != pid


# Waiting, leaving, dying.


async def test_twenty_calls_at_once_are_all_answered_by_two_workers(bench: Workbench) -> None:
    answers = await asyncio.gather(*(content(bench, "say", str(n)) for n in range(20)))
    assert answers == [f"said {n}" for n in range(20)]


async def test_a_cancelled_call_takes_its_worker_with_it_and_the_next_call_works(tmp_path: Path) -> None:
    async with working(tmp_path, workers=1) as bench:
        pid = int(await content(bench, "pid"))
        process = psutil.Process(pid)
        task = await looping(bench)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert int(await content(bench, "pid")) != pid
        await asyncio.to_thread(process.wait, 10)


async def test_who_leaves_the_queue_leaves_the_others_their_place(tmp_path: Path) -> None:
    async with working(tmp_path, workers=1) as bench:
        endless = await looping(bench)
        waiting = [asyncio.create_task(content(bench, "say", str(n))) for n in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        endless.cancel()
        answers = await asyncio.gather(endless, *waiting, return_exceptions=True)
        assert answers[1::2] == ["said 0", "said 2"]
        assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[0::2])


async def test_a_worker_killed_while_idle_costs_no_call(bench: Workbench) -> None:
    for _ in range(5):
        await content(bench, "say")
        for pid in bench.pids:
            os.kill(pid, signal.SIGKILL)
        assert await content(bench, "say", "x") == "said x"


async def test_a_worker_killed_at_work_fails_its_call_alone(tmp_path: Path) -> None:
    async with working(tmp_path, workers=1) as bench:
        task = await looping(bench)
        os.kill(bench.pids[0], signal.SIGKILL)
        answer = await task
        assert isinstance(answer, ToolRaised)
        assert answer.code == "tool_died"
        assert await content(bench, "say", "x") == "said x"


async def test_long_reads_leave_a_worker_for_tools_and_wait_for_each_other(bench: Workbench, folder: Path) -> None:
    endless, short = source(folder, "loop"), source(folder, "short")
    begun = Begun()
    first = asyncio.create_task(read(bench, endless, begun))
    await begun.wait()
    second = asyncio.create_task(read(bench, short))
    assert [await content(bench, "say", str(n)) for n in range(5)] == [f"said {n}" for n in range(5)]
    assert not second.done()
    first.cancel()
    card, _ = await second
    assert card["name"] == "lines.csv"
    assert begun.heard[0] == ("reading", 1, 2)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_when_the_server_is_killed_its_workers_end_even_from_an_endless_loop(tmp_path: Path) -> None:
    program = f"""
import asyncio
from pathlib import Path
from tests.analysis.test_workbench import bench_in, call, looping
async def main():
    bench = bench_in(Path({str(tmp_path)!r}), workers=1)
    await bench.start()
    task = await looping(bench)
    print(*bench.pids, flush=True)
    await task
asyncio.run(main())
"""
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=HOUSE, stdout=PIPE)
    assert server.stdout is not None
    workers = [psutil.Process(int(pid)) for pid in (await server.stdout.readline()).split()]
    server.kill()
    await server.wait()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, workers, 10)
    assert (len(gone), alive) == (1, [])


async def test_closing_ends_every_process_and_refuses_what_waits_and_what_comes(tmp_path: Path) -> None:
    bench = bench_in(tmp_path, workers=1)
    await bench.start()
    running = await looping(bench)
    queued = asyncio.create_task(bench.run_tool(call("say")))
    await asyncio.sleep(0)
    workers = [psutil.Process(pid) for pid in bench.pids]
    await bench.close()
    answers = [await running, await queued, await bench.run_tool(call("say"))]
    assert [answer.code for answer in answers if isinstance(answer, ToolRaised)] == [
        "tool_died",
        "workbench_down",
        "workbench_down",
    ]
    assert not any(worker.is_running() for worker in workers)
    with pytest.raises(TickmarkError, match="not available"):
        await read(bench, tmp_path / "blobs" / "any")
    await bench.close()


async def test_closing_while_workers_start_leaves_none(tmp_path: Path) -> None:
    before = set(psutil.Process().children())
    for _ in range(3):
        bench = bench_in(tmp_path)
        await bench.start()
        await asyncio.sleep(0)
        await bench.close()
    assert set(psutil.Process().children()) <= before


async def test_tools_that_cannot_be_loaded_are_an_answer_and_not_a_wait(tmp_path: Path) -> None:
    async with working(tmp_path, tools="tests.analysis.no_such_module:TOOLS") as bench:
        assert (await failure(bench, "say")).code == "workbench_down"
        assert (await failure(bench, "say")).code == "workbench_down"


async def test_outcomes_do_not_stay_in_the_servers_memory(bench: Workbench) -> None:
    own = psutil.Process()

    async def ask(times: int) -> int:
        for _ in range(times):
            assert len(await content(bench, "bulk", "2000000")) == 2_000_000
        return int(own.memory_info().rss)

    before = await ask(10)
    assert await ask(60) - before < 20_000_000


# Documents.


async def test_a_document_is_read_into_its_card_and_its_json(bench: Workbench, folder: Path) -> None:
    progress = Begun()
    card, written = await read(bench, source(folder, "a\nb\nc"), progress)
    assert (card["document_id"], card["name"], card["sha256"], card["bytes"]) == ("doc_1", "lines.csv", "5ha", 5)
    assert orjson.loads(written)["tables"][0]["columns"][0]["texts"] == ["a", "b", "c"]
    assert progress.heard == [("tables", 1, 1)]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("refuse", "unsupported_type", "of no kind we can read"),
        ("break", "unreadable_document", "could not be read"),
        ("exit", "unreadable_document", "ended unexpectedly"),
        ("loop", "unreadable_document", "took longer than 0.5 s"),
    ],
)
async def test_a_document_that_cannot_be_read_is_refused_in_words_for_people(
    tmp_path: Path, text: str, code: str, words: str
) -> None:
    async with working(tmp_path, workers=1, read_timeout_s=0.5) as bench:
        with pytest.raises(CallerError, match=words) as refusal:
            await read(bench, source(tmp_path, text))
        assert refusal.value.code == code
        assert "lines.csv" in refusal.value.text


async def test_a_large_document_comes_through_whole(bench: Workbench, folder: Path) -> None:
    text = "\n".join(str(number) for number in range(300_000))
    _, written = await read(bench, source(folder, text))
    assert orjson.loads(written)["tables"][0]["columns"][0]["texts"][-1] == "299999"


async def test_a_workbook_is_read_behind_the_walls(tmp_path: Path) -> None:
    """The libraries for workbooks look at files of the machine when they are imported, so that must be over by then."""
    bench = Workbench(tmp_path / "cache", workers=1)
    await bench.start()
    try:
        path = tmp_path / "blobs" / "model"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((HOUSE / "fixtures/samples/northwind_model.xlsx").read_bytes())
        card, written = await bench.read_document(
            path, document_id="doc_1", name="model.xlsx", media_type="", sha256="5ha"
        )
        assert card["tables"] == len(orjson.loads(written)["tables"]) > 0
        assert any(column["formulas"] for table in orjson.loads(written)["tables"] for column in table["columns"])
    finally:
        await bench.close()


# Other loops, other systems.


@pytest.mark.parametrize("loop_factory", [uvloop.new_event_loop, asyncio.new_event_loop])
async def test_any_loop_in_any_thread_will_do(
    tmp_path: Path, loop_factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    heard: list[Any] = []

    async def journey() -> None:
        async with working(tmp_path) as bench:
            heard.append(await content(bench, "say", "x"))
            heard.append((await failure(bench, "exit")).code)
            task = await looping(bench)
            task.cancel()
            heard.append(await content(bench, "say", "y"))

    def run() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(journey())

    await asyncio.to_thread(run)
    assert heard == ["said x", "tool_died", "said y"]
