"""WebSocket: the same events as SSE, and refusals that leave the socket open."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from analysis import signals
from analysis.providers.scripted import Hold, say

TALK = [*map(signals.TextArrived, ["Revenue ", "rose 😀 "]), signals.ModelStopped("end_turn")]
STREAM = "/api/conversation/c/message/stream"


async def made(house: Any, *names: str) -> None:
    for name in names or ("c",):
        await house.client.post("/api/conversations", json={"conversation_id": name})


async def asked(house: Any, question: str = "?") -> None:
    reply = await house.client.post("/api/conversation/c/message", json={"message": question})
    assert reply.status_code == 200


async def heard(socket: Any) -> dict[str, Any]:
    frame = await socket.recv()
    assert isinstance(frame, str)
    return dict(orjson.loads(frame))


async def send(socket: Any, **frame: Any) -> None:
    await socket.send(orjson.dumps(frame).decode())


async def refusal(socket: Any) -> dict[str, Any]:
    frame = await heard(socket)
    assert frame["type"] == "rejected"
    assert {"code", "text", "retryable"} <= set(frame)
    assert "fault" not in frame
    return frame


async def test_a_message_is_asked_and_answered_on_the_socket(running: Any, frames: Any) -> None:
    async with running(TALK) as house:
        await made(house)
        async with house.socket("/ws/conversation/c") as socket:
            assert await heard(socket) == {"type": "hello", "conversation_id": "c", "last_seq": 1}
            await send(socket, type="message", message="How did revenue do?", client_id="mine")
            told = [orjson.loads(frame) for frame in await frames(socket, "message_complete")]
            assert [frame["seq"] for frame in told] == list(range(2, len(told) + 2))
            assert next(frame for frame in told if frame["type"] == "user_message")["client_id"] == "mine"
            assert told[-1]["text"] == "Revenue rose 😀 "


@pytest.mark.parametrize("option", ["true", "false"])
async def test_the_socket_and_the_stream_carry_the_same_bytes_from_every_cursor(
    running: Any, frames: Any, option: str
) -> None:
    async with running(TALK, TALK) as house:
        await made(house)
        await asked(house)
        await asked(house)
        last = await house.front.last_seq("local", "c")
        end = f'"seq":{last},'
        query = f"accumulated_text={option}"
        for after in range(last):
            stream = await house.sse(f"{STREAM}?{query}&after={after}", end.encode())
            sse = [data.decode() for data in re.findall(rb"data: (.*)\n", stream)]
            async with house.socket(f"/ws/conversation/c?{query}&after={after}") as socket:
                hello = await heard(socket)
                assert (hello["type"], hello["last_seq"]) == ("hello", last)
                assert await frames(socket, end) == sse
                await send(socket, type="resume", after=after)
                assert await frames(socket, end) == sse


async def test_the_header_is_a_cursor_too(running: Any, frames: Any) -> None:
    async with running(TALK) as house:
        await made(house)
        await asked(house)
        async with house.socket("/ws/conversation/c?after=0", additional_headers={"Last-Event-ID": "3"}) as socket:
            await heard(socket)
            assert (await heard(socket))["seq"] == 4


async def test_accumulated_text_is_on_for_one_conversation_and_off_for_many(running: Any, frames: Any) -> None:
    async with running(TALK) as house:
        await made(house)
        await asked(house)
        async with house.socket("/ws/conversation/c?after=0") as one, house.socket("/ws") as many:
            await send(many, type="resume", conversation_id="c", after=0)
            assert "accumulated_text" in "".join(await frames(one, "message_complete"))
            assert "accumulated_text" not in "".join(await frames(many, "message_complete"))


async def test_several_conversations_share_one_socket(running: Any, frames: Any) -> None:
    async with running(say("First."), say("Second.")) as house:
        await made(house, "c", "d")
        async with house.socket("/ws") as socket:
            await send(socket, type="message", conversation_id="c", message="?")
            first = [orjson.loads(frame) for frame in await frames(socket, "message_complete")]
            await send(socket, type="message", conversation_id="d", message="?")
            second = [orjson.loads(frame) for frame in await frames(socket, "message_complete")]
            assert [frame["type"] for frame in (first[0], second[0])] == ["hello", "hello"]
            assert {frame["conversation_id"] for frame in first} == {"c"}
            assert [frame["type"] for frame in first][1:3] == ["user_message", "message_start"]
            assert {frame["conversation_id"] for frame in second} == {"d"}
            await send(socket, type="ping")
            assert await heard(socket) == {"type": "pong"}
            await send(socket, type="resume", conversation_id="c", after=first[-2]["seq"])
            assert await heard(socket) == first[-1]


async def test_hello_names_the_running_message_and_the_reader_begins_there(running: Any, frames: Any) -> None:
    hold = Hold()
    async with running([signals.TextArrived("Revenue "), hold, *say("rose.")]) as house:
        await made(house)
        asking = asyncio.create_task(asked(house))
        await hold.reached.wait()
        async with house.socket("/ws/conversation/c") as socket:
            hello, start = await heard(socket), await heard(socket)
            assert hello["running_message_id"] == start["message_id"]
            assert start["type"] == "message_start"
            hold.release.set()
            await frames(socket, "message_complete")
        await asking


async def test_an_interrupt_stops_and_may_bring_the_next_question(running: Any, frames: Any) -> None:
    hold = Hold()
    async with running([signals.TextArrived("Revenue "), hold], say("Costs.")) as house:
        await made(house)
        async with house.socket("/ws/conversation/c") as socket:
            await send(socket, type="message", message="Revenue?")
            await hold.reached.wait()
            await send(socket, type="interrupt", then="Costs?")
            told = [orjson.loads(frame) for frame in await frames(socket, '"text":"Costs."')]
            told += [orjson.loads(frame) for frame in await frames(socket, "message_complete")]
            reasons = [frame["stop_reason"] for frame in told if frame["type"] == "message_complete"]
            assert reasons == ["interrupted", "end_turn"]
            await send(socket, type="interrupt")
            await send(socket, type="ping")
            assert (await heard(socket))["type"] == "pong"


BAD_FRAMES = [
    ("not json", "bad_json"),
    ('{"type":"ping"', "bad_json"),
    ("NaN", "bad_json"),
    ("[" * 100_000, "bad_json"),
    (b"\x00\x01", "bad_json"),
    (b'{"type":"ping"}', "bad_json"),
    ("[]", "bad_field"),
    ("null", "bad_field"),
    ("{}", "bad_field"),
    ('{"type":["ping"]}', "bad_field"),
    ('{"type":"shout"}', "bad_field"),
    ('{"type":"message"}', "bad_field"),
    ('{"type":"message","message":7}', "bad_field"),
    ('{"type":"message","message":"?","documents":[]}', "bad_field"),
    ('{"type":"message","message":"?","if_busy":"shout"}', "bad_field"),
    ('{"type":"message","message":"  "}', "empty_message"),
    ('{"type":"message","message":"?","document_ids":["doc_x"]}', "unknown_document"),
    ('{"type":"message","message":"?","provider":"nobody"}', "unknown_provider"),
    ('{"type":"message","message":"?","conversation_id":"other"}', "wrong_conversation"),
    ('{"type":"resume","after":99}', "cursor_ahead"),
    ('{"type":"resume","after":-1}', "bad_cursor"),
    ('{"type":"resume","after":"x"}', "bad_cursor"),
    ('{"type":"resume","after":true}', "bad_cursor"),
    ('{"type":"approval","approval_id":"apr_1","decision":"approve"}', "unknown_approval"),
    ('{"type":"approval","approval_id":"apr_1","decision":"perhaps"}', "bad_field"),
    ('{"type":"message","message":"%s"}' % ("x" * 1_000_001), "message_too_long"),
]


async def test_bad_frames_are_refused_and_the_socket_goes_on(running: Any, frames: Any) -> None:
    async with running(say("Still here.")) as house:
        await made(house)
        async with house.socket("/ws/conversation/c") as socket:
            await heard(socket)
            for frame, code in BAD_FRAMES:
                await socket.send(frame)
                assert (await refusal(socket))["code"] == code, frame[:80]
            await send(socket, type="message", message="Are you there?")
            assert "Still here." in (await frames(socket, "message_complete"))[-1]


async def test_a_refused_frame_says_which_it_was(house: Any) -> None:
    await made(house)
    async with house.socket("/ws") as socket:
        await send(socket, type="message", message="?", client_id="mine", conversation_id="nobody")
        frame = await refusal(socket)
        assert (frame["code"], frame["client_id"], frame["conversation_id"]) == (
            "unknown_conversation",
            "mine",
            "nobody",
        )
        await send(socket, type="message", message="?", client_id="mine")
        frame = await refusal(socket)
        assert (frame["code"], frame["client_id"]) == ("bad_field", "mine")
        await send(socket, type="interrupt", conversation_id="c")
        await send(socket, type="ping")
        assert await heard(socket) == {"type": "pong"}


async def test_busy_is_refused_with_the_running_message(running: Any) -> None:
    hold = Hold()
    async with running([signals.TextArrived("Revenue "), hold]) as house:
        await made(house)
        async with house.socket("/ws/conversation/c?accumulated_text=false") as socket:
            await send(socket, type="message", message="?")
            await hold.reached.wait()
            await send(socket, type="message", message="And?", client_id="second")
            frame = await heard(socket)
            while frame["type"] != "rejected":
                frame = await heard(socket)
            assert (frame["code"], frame["client_id"], frame["retryable"]) == ("busy", "second", True)
            assert frame["running_message_id"] == house.front.running_message_id("c")
            hold.release.set()


@pytest.mark.parametrize(
    ("path", "code", "close"),
    [
        ("/ws/conversation/nobody", "unknown_conversation", 4404),
        ("/ws/conversation/c?after=99", "cursor_ahead", 4409),
        ("/ws/conversation/c?after=x", "bad_cursor", 4400),
    ],
)
async def test_a_socket_with_nothing_to_talk_about_is_told_why_and_closed(
    house: Any, path: str, code: str, close: int
) -> None:
    await made(house)
    async with house.socket(path) as socket:
        assert (await refusal(socket))["code"] == code
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == close


async def test_a_deleted_conversation_closes_its_socket_but_not_one_that_carries_others(
    running: Any, frames: Any
) -> None:
    async with running(say("Here.")) as house:
        await made(house, "c", "d")
        async with house.socket("/ws/conversation/c") as one, house.socket("/ws") as many:
            await heard(one)
            await send(many, type="resume", conversation_id="c")
            await heard(many)
            await house.client.delete("/api/conversation/c")
            assert (await refusal(one))["code"] == "unknown_conversation"
            with pytest.raises(ConnectionClosed) as closed:
                await one.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4404
            frame = await refusal(many)
            assert (frame["code"], frame["conversation_id"]) == ("unknown_conversation", "c")
            await send(many, type="message", conversation_id="d", message="?")
            assert "Here." in (await frames(many, "message_complete"))[-1]


async def test_text_is_mended_the_same_way_on_both_transports(house: Any, frames: Any) -> None:
    await made(house)
    body = '{"message":"a\\u0000b\\ud800c\\ud83d\\ude00","client_id":"\\udc00\\u0000"}'
    reply = await house.client.post(STREAM, content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 200
    async with house.socket("/ws/conversation/c") as socket:
        await heard(socket)
        await socket.send('{"type":"message",' + body[1:])
        await frames(socket, "message_complete")
    asked = [entry.event for entry in await house.told() if entry.event.TYPE == "user_message"]
    assert [(event.text, event.client_id) for event in asked] == [("a\ufffdb\ufffdc😀", "\ufffd\ufffd")] * 2


async def test_a_frame_of_more_than_two_megabytes_closes_with_1009(house: Any) -> None:
    await made(house)
    async with house.socket("/ws/conversation/c") as socket:
        await heard(socket)
        with contextlib.suppress(ConnectionClosed):
            await socket.send("x" * (2 * 1024 * 1024 + 1))
        await socket.wait_closed()
        assert socket.close_code == 1009
    assert (await house.client.get("/healthz")).status_code == 200


async def test_bytes_that_are_not_utf8_close_with_1007(house: Any) -> None:
    await made(house)
    async with house.socket("/ws/conversation/c") as socket:
        await heard(socket)
        await socket.send(b"\xff\xfe", text=True)
        await socket.wait_closed()
        assert socket.close_code == 1007


async def test_the_server_says_1012_when_it_stops(house: Any) -> None:
    await made(house)
    async with house.socket("/ws/conversation/c") as socket:
        await heard(socket)
        house.server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012


async def test_no_other_address_has_a_socket(house: Any) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with house.socket("/ws/elsewhere"):
            pass
    assert refused.value.response.status_code == 404
    assert orjson.loads(refused.value.response.body)["error"]["code"] == "not_found"


async def test_a_socket_carries_a_hundred_conversations_and_no_more(house: Any) -> None:
    names = [f"c{number}" for number in range(101)]
    await made(house, *names)
    async with house.socket("/ws") as socket:
        for name in names:
            await send(socket, type="resume", conversation_id=name)
        told = [await heard(socket) for _ in names]
        assert [frame["type"] for frame in told] == ["hello"] * 100 + ["rejected"]
        assert told[-1]["code"] == "too_many_conversations"


async def test_a_client_that_vanishes_leaves_no_follower_behind(house: Any) -> None:
    await made(house, "c", "d")
    tasks = len(asyncio.all_tasks())
    async with house.socket("/ws") as socket:
        await send(socket, type="resume", conversation_id="c", after=0)
        await send(socket, type="resume", conversation_id="d", after=0)
        for _ in range(4):
            await heard(socket)
        socket.transport.abort()
    while len(asyncio.all_tasks()) > tasks:  # noqa: ASYNC110 (tasks ring no bell when they end)
        await asyncio.sleep(0)
