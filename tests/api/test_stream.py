"""Server-sent events: the bytes, the cursor, and that a resume is the same bytes."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from analysis import events, signals
from analysis.events import Entry, encode
from analysis.providers.scripted import Hold, say
from api.dialects.native import Native
from api.sse import ChainEnd

PIECES = ["Revenue ", "rose to ", "£61.9m ", "😀 ", "and “so” on.\n"]
TALK = [*map(signals.TextArrived, PIECES), signals.ModelStopped("end_turn")]
CALL = [
    signals.TextArrived("Let me look. "),
    signals.ToolOpened(1, "toolu_1", "look"),
    signals.ToolChunk(1, '{"at":"x"}'),
    signals.BlockClosed(1),
    signals.ModelStopped("tool_use"),
]
FRAME = re.compile(rb"id: (\d+)\ndata: ([^\r\n]+)\n\n")
STREAM = "/api/conversation/c/message/stream"


async def asked(house: Any, question: str = "How did revenue do?", path: str = STREAM) -> bytes:
    reply = await house.client.post(path, json={"message": question})
    assert reply.status_code == 200, reply.text
    return bytes(reply.content)


async def made(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})


def framed(entries: list[Any], option: bool, after: int = 0) -> bytes:
    """What a stream from `after` must carry, frame by frame, after its opening."""
    dialect = Native(option)
    frames = [b"id: %d\ndata: %b\n\n" % (entry.seq, dialect.encode(entry)) for entry in entries]
    return b"".join(frames[after:])


async def test_a_question_streams_from_its_user_message_to_the_end_of_its_answer(running: Any) -> None:
    async with running(CALL, TALK) as house:
        await made(house)
        heard = await asked(house)
        entries = await house.told()
        asked_at = next(e.seq for e in entries if isinstance(e.event, events.UserMessage))
        assert heard == b"retry: 1000\n: open\n\n" + framed(entries, True, asked_at - 1)
        assert isinstance(entries[-1].event, events.MessageComplete)


async def test_a_frame_is_an_id_line_and_one_data_line_and_nothing_else(running: Any) -> None:
    async with running(TALK) as house:
        await made(house)
        async with house.client.stream("POST", STREAM, json={"message": "?"}) as reply:
            headers = reply.headers
            heard = await reply.aread()
        assert headers["content-type"] == "text/event-stream"
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in headers
        assert b"\r" not in heard
        body = heard.removeprefix(b"retry: 1000\n: open\n\n")
        frames = FRAME.findall(body)
        assert b"".join(b"id: %b\ndata: %b\n\n" % frame for frame in frames) == body
        for seq, data in frames:
            assert orjson.loads(data)["seq"] == int(seq)


async def test_accumulated_text_is_on_until_it_is_turned_off(running: Any) -> None:
    async with running(TALK, TALK) as house:
        await made(house)
        on, off = await asked(house), await asked(house, path=f"{STREAM}?accumulated_text=false")
        texts = [orjson.loads(data) for _, data in FRAME.findall(on)]
        carried = [data["accumulated_text"] for data in texts if data["type"] == "text_delta"]
        assert carried[-1] == "".join(PIECES)
        assert b"accumulated_text" not in off


@pytest.mark.parametrize("option", [True, False])
async def test_resuming_at_every_cursor_gives_the_same_rest(running: Any, option: bool) -> None:
    async with running(CALL, TALK, TALK) as house:
        await made(house)
        await asked(house)
        await asked(house, "And then?")
        entries = await house.told()
        end = b'"seq":%d,' % entries[-1].seq
        for after in range(len(entries)):
            path = f"{STREAM}?accumulated_text={str(option).lower()}"
            by_query = await house.sse(f"{path}&after={after}", end)
            by_header = await house.sse(f"{path}&after=0", end, {"Last-Event-ID": str(after)})
            assert by_query == by_header == b"retry: 1000\n: open\n\n" + framed(entries, option, after)


async def test_after_a_restart_every_cursor_gives_the_same_bytes(running: Any, tmp_path: Path) -> None:
    async with running(CALL, TALK, folder=tmp_path) as house:
        await made(house)
        heard = await asked(house)
        entries = await house.told()
    async with running(folder=tmp_path) as house:
        end = b'"seq":%d,' % entries[-1].seq
        asked_at = next(e.seq for e in entries if isinstance(e.event, events.UserMessage))
        assert await house.sse(f"{STREAM}?after={asked_at - 1}", end) == heard
        for after in range(len(entries)):
            expected = b"retry: 1000\n: open\n\n" + framed(entries, True, after)
            assert await house.sse(f"{STREAM}?after={after}", end) == expected


async def test_a_resume_in_the_middle_of_a_running_message_goes_on_live(running: Any) -> None:
    hold = Hold()
    async with running([*map(signals.TextArrived, PIECES[:2]), hold, *TALK[2:]]) as house:
        await made(house)
        first = asyncio.create_task(asked(house))
        await hold.reached.wait()
        heard = b""
        async with house.client.stream("GET", f"{STREAM}?after=5") as reply:
            async for chunk in reply.aiter_raw():
                heard += chunk
                if b"rose to" in heard:
                    hold.release.set()
                if b"message_complete" in heard:
                    break
        await first
        assert heard == b"retry: 1000\n: open\n\n" + framed(await house.told(), True, 5)


async def test_without_a_cursor_a_reader_begins_at_the_running_message(running: Any) -> None:
    hold = Hold()
    async with running(say("First."), [signals.TextArrived("Revenue "), hold, *say("rose.")]) as house:
        await made(house)
        await asked(house)
        second = asyncio.create_task(asked(house, "More?"))
        await hold.reached.wait()
        heard = b""
        async with house.client.stream("GET", STREAM) as reply:
            async for chunk in reply.aiter_raw():
                heard += chunk
                if b'"text":"Revenue "' in heard:
                    hold.release.set()
                if b"message_complete" in heard:
                    break
        await second
        first = orjson.loads(FRAME.findall(heard)[0][1])
        assert first["type"] == "message_start"
        assert heard == b"retry: 1000\n: open\n\n" + framed(await house.told(), True, first["seq"] - 1)


async def test_without_a_cursor_an_idle_conversation_gives_only_what_comes(running: Any) -> None:
    async with running(say("First."), say("Second.")) as house:
        await made(house)
        await asked(house)
        async with house.client.stream("GET", STREAM) as reply:
            pieces = reply.aiter_raw()
            assert await anext(pieces) == b"retry: 1000\n: open\n\n"
            await asked(house, "More?")
            heard = b""
            async for chunk in pieces:
                heard += chunk
                if b"message_complete" in heard:
                    break
        assert b"First." not in heard
        assert b"user_message" in heard
        assert b"Second." in heard


async def test_a_cursor_that_is_ahead_or_malformed_or_of_nobody_is_a_problem(house: Any) -> None:
    await made(house)
    cases = [
        (f"{STREAM}?after=2", {}, 409, "cursor_ahead"),
        (f"{STREAM}?after=-1", {}, 400, "bad_cursor"),
        (f"{STREAM}?after=", {}, 400, "bad_cursor"),
        (f"{STREAM}?after=0", {"Last-Event-ID": "one"}, 400, "bad_cursor"),
        ("/api/conversation/nobody/message/stream?after=0", {}, 404, "unknown_conversation"),
        ("/api/conversation/nobody/message/stream", {}, 404, "unknown_conversation"),
    ]
    for path, headers, status, code in cases:
        reply = await house.client.get(path, headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code), path
    refused = await house.client.post("/api/conversation/nobody/message/stream", json={"message": "?"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_conversation")


async def test_a_comment_comes_when_nothing_else_does(running: Any) -> None:
    async with running(heartbeat_s=0.01) as house:
        await made(house)
        heard = await house.sse(STREAM, b": still here\n\n: still here\n\n")
        assert heard.startswith(b"retry: 1000\n: open\n\n: still here\n\n")


async def test_a_client_that_leaves_is_noticed_and_costs_nothing_more(running: Any) -> None:
    async with running() as house:
        await made(house)
        tasks = len(asyncio.all_tasks())
        assert await house.sse(STREAM, b": open")
        while len(asyncio.all_tasks()) > tasks:  # noqa: ASYNC110 (tasks ring no bell when they end)
            await asyncio.sleep(0)
        assert not house.app.state.closing._open


async def test_deleting_a_conversation_ends_its_streams(house: Any) -> None:
    await made(house)
    async with house.client.stream("GET", f"{STREAM}?after=0") as reply:
        pieces = reply.aiter_raw()
        await anext(pieces)
        await house.client.delete("/api/conversation/c")
        assert b"conversation_created" in b"".join([piece async for piece in pieces])


async def test_a_server_that_stops_ends_its_answers_and_everybody_hears_their_end(running: Any) -> None:
    hold = Hold()
    async with running([signals.TextArrived("Revenue "), hold]) as house:
        await made(house)
        waiting = asyncio.create_task(house.client.post("/api/conversation/c/message", json={"message": "?"}))
        await hold.reached.wait()
        async with house.client.stream("GET", f"{STREAM}?after=0") as reply:
            house.server.should_exit = True
            heard = await reply.aread()
        assert b'"stop_reason":"interrupted"' in heard.splitlines()[-2]
        answered = await waiting
        assert (answered.status_code, answered.json()["stop_reason"]) == (200, "interrupted")


async def test_what_cannot_end_in_time_is_cut_when_the_server_stops(running: Any) -> None:
    hold = Hold()
    async with running([signals.TextArrived("Revenue "), hold]) as house:
        drain, house.front.drain = house.front.drain, over_at_once
        await made(house)
        waiting = asyncio.create_task(house.client.post("/api/conversation/c/message", json={"message": "?"}))
        await hold.reached.wait()
        async with house.client.stream("GET", f"{STREAM}?after=0") as reply:
            house.server.should_exit = True
            assert b"Revenue" in await reply.aread()
        refused = await waiting
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "shutting_down")
        house.front.drain = drain


async def over_at_once() -> None:
    """A drain whose time is up before anything ended."""


async def test_a_long_conversation_is_read_in_batches_and_complete(house: Any) -> None:
    pieces = [f"{number} " for number in range(700)]
    offsets = [sum(map(len, pieces[:index])) for index in range(len(pieces))]
    await house.tell(
        events.ConversationCreated("t", {}),
        events.MessageStart("msg_1", "msg_0", "scripted", "m"),
        *(events.TextDelta("msg_1", piece, offset) for piece, offset in zip(pieces, offsets, strict=True)),
    )
    entries = await house.told()
    end = b'"seq":%d,' % len(entries)
    assert await house.sse(f"{STREAM}?after=650", end) == b"retry: 1000\n: open\n\n" + framed(entries, True, 650)
    plain = await house.sse(f"{STREAM}?after=0&accumulated_text=false", end)
    assert plain == b"retry: 1000\n: open\n\n" + framed(entries, False)
    assert [data for _, data in FRAME.findall(plain)] == [encode(entry) for entry in entries]


async def test_a_slow_reader_holds_up_nobody_and_misses_nothing(house: Any) -> None:
    table = {"table_id": "t", "title": "x" * 300_000, "columns": [], "rows": [], "rows_total": 0}
    big = [events.TableReady("msg_1", "toolu_1", index, 0, table) for index in range(60)]
    await house.tell(events.ConversationCreated("t", {}), *big)
    async with house.client.stream("GET", f"{STREAM}?after=0&accumulated_text=false") as reply:
        pieces = reply.aiter_raw()
        first = await anext(pieces)
        assert (await house.client.get("/healthz")).status_code == 200
        heard = bytearray(first)
        async for piece in pieces:
            heard += piece
            if b'"table_index":59' in heard[-400_000:] and heard.endswith(b"\n\n"):
                break
    assert [int(seq) for seq in re.findall(rb"id: (\d+)\n", bytes(heard))] == list(range(1, 62))


def test_a_parked_message_does_not_end_its_chain_but_the_one_that_continues_it_does() -> None:
    def entry(event: Any) -> Entry:
        return Entry("c", 1, "", event)

    ended = ChainEnd("msg_1")
    told = [
        (events.MessageComplete("msg_0", True, "end_turn", "", {}), False),
        (events.MessageStart("msg_1", "q", "p", "m"), False),
        (events.MessageComplete("msg_1", True, "awaiting_approval", "", {}), False),
        (events.MessageStart("msg_x", "q", "p", "m"), False),
        (events.MessageComplete("msg_x", True, "end_turn", "", {}), False),
        (events.MessageStart("msg_2", "q", "p", "m", continues="msg_1"), False),
        (events.MessageComplete("msg_2", True, "end_turn", "", {}), True),
    ]
    assert [ended(entry(event)) for event, _ in told] == [expected for _, expected in told]
