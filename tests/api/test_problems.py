"""Every refusal over HTTP has one shape, the right status, and words for people."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from analysis.errors import CallerError, StoreError, UpstreamError
from api import problems

JSON = {"Content-Type": "application/json"}
SAY = "/api/conversation/c/message"


def the_error(reply: Any) -> dict[str, Any]:
    """The error of a reply, after checking its shape."""
    assert reply.headers["content-type"] == "application/json"
    body = reply.json()
    assert set(body) == {"error"}
    error = dict(body["error"])
    assert {"code", "text", "retryable", "fault"} <= set(error)
    assert error["fault"] in ("caller", "upstream", "store", "ours")
    assert isinstance(error["retryable"], bool)
    for word in ("Traceback", "Error(", "exception", "pydantic", "starlette"):
        assert word not in error["text"], error["text"]
    return error


def deep(levels: int) -> bytes:
    return b'{"message":' + b"[" * levels + b"]" * levels + b"}"


CASES: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/nowhere", {}, 404, "not_found"),
    ("GET", "/api/conversations/", {}, 404, "not_found"),
    ("PUT", "/api/conversations", {}, 405, "method_not_allowed"),
    ("GET", SAY, {}, 405, "method_not_allowed"),
    ("GET", "/api/conversation/nobody", {}, 404, "unknown_conversation"),
    ("GET", "/api/conversation/%00%ff%f0", {}, 404, "unknown_conversation"),
    ("DELETE", "/api/conversation/nobody", {}, 404, "unknown_conversation"),
    ("PATCH", "/api/conversation/nobody", {"json": {"title": "x"}}, 404, "unknown_conversation"),
    ("POST", "/api/conversation/nobody/interrupt", {}, 404, "unknown_conversation"),
    ("POST", "/api/conversation/nobody/message", {"json": {"message": "?"}}, 404, "unknown_conversation"),
    ("POST", "/api/conversation/nobody/documents", {"json": {"document_ids": ["d"]}}, 404, "unknown_conversation"),
    ("GET", "/api/conversation/nobody/tables/t", {}, 404, "unknown_conversation"),
    ("GET", "/api/conversation/c/tables/t", {}, 404, "unknown_table"),
    ("GET", "/api/document/nothing", {}, 404, "unknown_document"),
    ("DELETE", "/api/document/nothing", {}, 404, "unknown_document"),
    ("GET", "/assets/nothing.js", {}, 404, "not_found"),
    ("GET", "/assets/..%2f..%2fpyproject.toml", {}, 404, "not_found"),
    ("POST", "/api/samples/nothing.csv", {}, 404, "not_found"),
    ("POST", "/api/samples/..%2f..%2fREADME.md", {}, 404, "not_found"),
    ("POST", "/api/conversations", {"json": {"conversation_id": "c"}}, 409, "conversation_exists"),
    ("POST", "/api/conversations", {"json": {"conversation_id": "a b"}}, 422, "bad_conversation_id"),
    ("POST", "/api/conversations", {"json": {"conversation_id": ""}}, 422, "bad_conversation_id"),
    ("POST", "/api/conversations", {"json": {"provider": "nobody"}}, 422, "unknown_provider"),
    ("POST", "/api/conversations", {"json": {"document_ids": ["nothing"]}}, 404, "unknown_document"),
    ("POST", "/api/conversations", {"json": {"document_ids": "d"}}, 422, "bad_field"),
    ("POST", "/api/conversations", {"json": {"tilte": "x"}}, 422, "bad_field"),
    ("POST", "/api/conversations", {"json": {"title": "x" * 70_000}}, 413, "body_too_large"),
    ("GET", "/api/conversations?limit=0", {}, 422, "bad_field"),
    ("GET", "/api/conversations?limit=many", {}, 422, "bad_field"),
    ("PATCH", "/api/conversation/c", {"json": {}}, 422, "bad_field"),
    ("PATCH", "/api/conversation/c", {"json": {"title": "  "}}, 422, "empty_title"),
    ("POST", "/api/conversation/c/documents", {"json": {"document_ids": []}}, 422, "bad_field"),
    ("POST", "/api/conversation/c/documents", {"json": {"document_ids": ["nothing"]}}, 404, "unknown_document"),
    ("POST", SAY, {}, 422, "bad_field"),
    ("POST", SAY, {"json": {"message": ""}}, 422, "empty_message"),
    ("POST", SAY, {"json": {"message": " \n\t"}}, 422, "empty_message"),
    ("POST", SAY, {"json": {"message": None}}, 422, "bad_field"),
    ("POST", SAY, {"json": {"message": "?", "provider": "nobody"}}, 422, "unknown_provider"),
    ("POST", SAY, {"json": {"message": "?", "document_ids": ["nothing"]}}, 404, "unknown_document"),
    ("POST", SAY, {"json": {"message": "?", "if_busy": "shout"}}, 422, "bad_field"),
    ("POST", SAY, {"json": ["message"]}, 422, "bad_field"),
    ("POST", SAY, {"content": b'"x"', "headers": JSON}, 422, "bad_field"),
    ("POST", SAY, {"content": b"{", "headers": JSON}, 400, "bad_json"),
    ("POST", SAY, {"content": b"\xff\xfe", "headers": JSON}, 400, "bad_json"),
    ("POST", SAY, {"content": b'{"message":"\xed\xa0\x80"}', "headers": JSON}, 400, "bad_json"),
    ("POST", SAY, {"content": b'{"message":"\x00"}', "headers": JSON}, 400, "bad_json"),
    ("POST", SAY, {"content": b'{"message":NaN}', "headers": JSON}, 400, "bad_json"),
    ("POST", SAY, {"content": deep(200_000), "headers": JSON}, 400, "bad_json"),
    ("POST", SAY, {"content": deep(500), "headers": JSON}, 422, "bad_field"),
    (
        "POST",
        SAY,
        {"content": b'{"message":"?"}', "headers": {"Content-Type": "text/plain"}},
        415,
        "wrong_content_type",
    ),
    ("POST", SAY, {"content": b'{"message":"?"}'}, 415, "wrong_content_type"),
    ("POST", SAY, {"data": {"message": "?"}}, 415, "wrong_content_type"),
    (
        "POST",
        SAY,
        {"content": b"{}", "headers": {"Content-Type": "application/json; charset=utf-16"}},
        415,
        "wrong_content_type",
    ),
    ("POST", SAY, {"json": {"message": "x" * 1_000_001}}, 413, "message_too_long"),
    ("POST", SAY, {"json": {"message": "x" * 10_000_000}}, 413, "message_too_long"),
    ("POST", "/api/documents", {}, 415, "wrong_content_type"),
    ("POST", "/api/documents", {"json": {}}, 415, "wrong_content_type"),
    (
        "POST",
        "/api/documents",
        {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
        400,
        "bad_multipart",
    ),
    ("POST", "/api/documents", {"files": {"file": ("a.csv", b"")}}, 422, "empty_file"),
    ("POST", "/api/documents", {"files": {"file": ("a.csv", b"\x00\xff")}}, 422, "unreadable_document"),
    ("POST", "/api/documents", {"files": {"other": ("a.csv", b"x")}}, 422, "bad_field"),
    ("POST", "/api/documents", {"files": {"file": (None, b"x")}}, 422, "bad_field"),
    ("POST", "/api/analyze", {"files": {"question": (None, b"?")}}, 422, "bad_field"),
    ("POST", "/api/analyze", {"files": {"file": ("a.csv", b"x")}}, 422, "bad_field"),
]


async def test_every_refusal_has_one_shape_and_the_conversation_stays_usable(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})
    for method, path, options, status, code in CASES:
        reply = await house.client.request(method, path, **options)
        error = the_error(reply)
        assert (reply.status_code, error["code"]) == (status, code), (method, path, error)
    answered = await house.client.post(SAY, json={"message": "Are you there?"})
    assert (answered.status_code, answered.json()["text"]) == (200, "Done.")


async def test_a_refused_field_is_named(house: Any) -> None:
    reply = await house.client.post("/api/conversations", json={"tilte": "x", "document_ids": [7]})
    assert the_error(reply)["fields"] == [
        {"field": "document_ids.0", "text": "input should be a valid string"},
        {"field": "tilte", "text": "is not a field here"},
    ]


async def test_a_wrong_method_is_told_the_right_ones(house: Any) -> None:
    assert (await house.client.put("/api/conversation/c")).headers["allow"] == "GET"


async def test_a_body_without_a_length_is_cut_off_at_its_limit(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})

    async def endless() -> Any:
        yield b'{"message":"'
        for _ in range(200):
            yield b"x" * 65_536

    reply = await house.client.post(SAY, content=endless(), headers=JSON)
    assert (reply.status_code, the_error(reply)["code"]) == (413, "message_too_long")


async def test_the_longest_message_is_taken_however_it_is_escaped(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})
    for body in (json.dumps({"message": "é" * 80_000}), '{"message":"%s"}' % ("é" * 80_000)):
        reply = await house.client.post(SAY, content=body.encode(), headers=JSON)
        assert reply.status_code == 200, reply.text[:200]


async def test_json_nested_past_all_reason_is_the_callers_fault_also_where_it_is_escaped(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})
    for depth in (300, 500, 900, 20_000):
        body = '{"message":' + "[" * depth + '"\\u0041"' + "]" * depth + "}"
        reply = await house.client.post(SAY, content=body.encode(), headers=JSON)
        assert reply.status_code in (400, 422), reply.text


async def test_a_defect_is_internal_with_a_request_id_that_the_log_carries(house: Any, caplog: Any) -> None:
    async def broken(*_: Any) -> None:
        raise ValueError("secret detail")

    house.front.view = broken
    reply = await house.client.get("/api/conversation/c")
    error = the_error(reply)
    assert (reply.status_code, error["code"], error["fault"]) == (500, "internal", "ours")
    assert "secret detail" not in reply.text
    assert error["request_id"] in caplog.text
    assert "secret detail" in caplog.text


async def test_a_reply_that_breaks_off_is_logged_and_not_begun_again(caplog: Any) -> None:
    async def breaks_off(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("secret detail")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await problems.Catch(breaks_off)({"type": "http", "method": "GET", "path": "/x"}, send, send)
    assert sent == ["http.response.start"]
    assert "GET /x failed, request id" in caplog.text


async def test_a_store_that_fails_is_503_and_an_upstream_502(house: Any) -> None:
    raised: list[Exception] = [
        StoreError("store_unavailable", "The disk is full.", retryable=True),
        UpstreamError("no_key", "There is no key."),
        CallerError("something_new", "That cannot be."),
    ]

    async def failing(*_: Any) -> None:
        raise raised.pop(0)

    house.front.view = failing
    replies = [await house.client.get("/api/conversation/c") for _ in range(3)]
    assert [reply.status_code for reply in replies] == [503, 502, 400]
    assert [the_error(reply)["fault"] for reply in replies] == ["store", "upstream", "caller"]
    assert replies[0].headers["retry-after"] == "1"


async def test_a_defect_in_the_middle_of_a_stream_is_told_on_it(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})

    async def broken(*_: Any) -> None:
        raise ValueError("secret detail")

    house.journal.wait = broken
    heard = (await house.client.get("/api/conversation/c/message/stream")).content
    told = json.loads(heard.split(b"data: ")[1])
    assert (told["type"], told["code"]) == ("rejected", "internal")
    assert b"secret detail" not in heard


async def test_a_socket_tells_a_defect_and_goes_on(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})

    async def broken(*_: Any, **__: Any) -> None:
        raise ValueError("secret detail")

    house.front.say = broken
    async with house.socket("/ws/conversation/c") as socket:
        await socket.recv()
        await socket.send('{"type":"message","message":"?","client_id":"mine"}')
        told = json.loads(await socket.recv())
        assert (told["code"], told["client_id"]) == ("internal", "mine")
        assert "secret detail" not in told["text"]
        await socket.send('{"type":"ping"}')
        assert await socket.recv() == '{"type":"pong"}'


async def test_a_client_that_leaves_in_the_middle_of_an_upload_is_no_defect(house: Any, caplog: Any) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", int(house.address.rsplit(":", 1)[1]))
    head = "POST /api/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=X\r\n"
    part = '--X\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n1,2'
    writer.write(f"{head}Content-Length: 5000\r\n\r\n{part}".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await house.client.get("/api/documents")).json()["items"] == []
    assert "failed, request id" not in caplog.text


@pytest.mark.parametrize("code", sorted(problems.ANSWERS))
def test_every_code_of_the_table_is_one_problem_and_one_frame(code: str) -> None:
    body = CallerError(code, "Words.", running_message_id="msg_1").body()
    reply = problems.problem(body)
    assert reply.status_code == problems.ANSWERS[code].status
    assert json.loads(bytes(reply.body)) == {"error": body}
    frame = json.loads(problems.rejected(body, client_id="mine", conversation_id=None))
    assert frame == {
        "type": "rejected",
        "code": code,
        "text": "Words.",
        "retryable": False,
        "running_message_id": "msg_1",
        "client_id": "mine",
    }


def test_starlettes_own_refusals_get_our_words() -> None:
    assert problems.from_http(HTTPException(404), "/x").body()["text"] == "There is nothing at /x."
    assert problems.from_http(HTTPException(418), "/x").body()["code"] == "bad_request"
    assert problems.from_http(HTTPException(500), "/x").body()["fault"] == "ours"
