from __future__ import annotations

import asyncio
import time

import orjson
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.answers import STAMP, Pace, sent_at_ns, stamp
from benchmarks.emulator import Emulator, in_turn

ASK = {"model": "m", "max_tokens": 5, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}


def request(body: bytes, path: str = "/v1/messages", key: str = "k") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def replied(emulator: Emulator, raw: bytes, until: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(raw)
    async with asyncio.timeout(5):
        data = await reader.readuntil(until)
    writer.close()
    await writer.wait_closed()
    return data


async def test_paced_deltas_come_in_time_stamped_with_when_they_left() -> None:
    async with Emulator(in_turn(Pace(deltas=20, rate=400, size=48))) as emulator:
        began = time.monotonic_ns()
        body = await replied(emulator, request(orjson.dumps(ASK)), b"\r\n0\r\n\r\n")
        ended = time.monotonic_ns()
    sent = [sent_at_ns(found) for found in STAMP.findall(body)]
    assert len(sent) == 20
    assert sent == sorted(sent)
    assert began <= sent[0]
    assert sent[-1] <= ended
    assert sent[-1] - sent[0] >= 0.9 * 19 / 400 * 1e9
    lines = [orjson.loads(line[6:]) for line in body.split(b"\n") if line.startswith(b"data: ")]
    assert {len(line["delta"]["text"]) for line in lines if line["type"] == "content_block_delta"} == {48}
    assert lines[-1] == {"type": "message_stop"}


@given(st.integers(0, 2**64 - 1))
def test_a_stamp_is_letters_and_says_its_time_again(moment: int) -> None:
    letters = stamp(moment)
    assert letters.isalpha()
    found = STAMP.fullmatch(letters)
    assert found is not None
    assert sent_at_ns(found[1]) == moment


async def test_it_refuses_what_the_real_service_refuses() -> None:
    async with Emulator(in_turn(Pace(1, 50)), key="k", models=["m"]) as emulator:
        for raw, said in (
            (request(orjson.dumps(ASK), key="other"), b"authentication_error"),
            (request(orjson.dumps({**ASK, "model": "x"})), b"not_found_error"),
            (request(orjson.dumps({**ASK, "messages": []})), b"at least one message"),
            (request(orjson.dumps({**ASK, "stream": False})), b"only streams"),
            (request(b"{"), b"not JSON"),
            (request(b"[]"), b"only streams"),
            (request(b"{}", "/v1/nothing"), b"nothing here"),
        ):
            assert said in await replied(emulator, raw, said)
        told = await replied(emulator, b"GET /emulator/requests HTTP/1.1\r\nhost: x\r\n\r\n", b'required"]}')
        assert orjson.loads(told.partition(b"\r\n\r\n")[2])["refusals"] == emulator.refusals
    assert emulator.refusals == ["messages: at least one message is required"]
    assert len(emulator.requests) == 3


async def test_a_client_that_leaves_is_noticed_and_its_timer_stops() -> None:
    async with Emulator(in_turn(Pace(1000, 1000, hold=True))) as emulator:
        await replied(emulator, request(orjson.dumps(ASK)), b"text_delta")
        await asyncio.wait_for(emulator.hung_up.get(), 1)
