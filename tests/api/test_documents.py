"""Documents come in while they arrive; `analyze` brings documents and a question in one request."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import orjson

from analysis.providers.scripted import say

STREAMED = {"Accept": "text/event-stream"}
CSV = ("northwind.csv", b"Revenue,1\n", "text/csv")


def frames(body: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(data) for data in re.findall(rb"data: (.*)\n\n", body)]


async def test_a_document_is_added_listed_read_and_removed(house: Any) -> None:
    added = await house.client.post("/api/documents", files={"file": ("bücher & co.csv", b"Revenue,1\n", "text/csv")})
    assert added.status_code == 201
    document = added.json()
    assert (document["document_id"], document["name"], document["media_type"], document["bytes"]) == (
        "doc_1",
        "bücher & co.csv",
        "text/csv",
        10,
    )
    assert document["created_at"] == "2026-11-21T08:00:00.000Z"
    assert house.shelf.contents["doc_1"] == b"Revenue,1\n"
    assert (await house.client.get("/api/document/doc_1")).json() == document
    assert [item["document_id"] for item in (await house.client.get("/api/documents")).json()["items"]] == ["doc_1"]
    assert (await house.client.delete("/api/document/doc_1")).status_code == 204
    assert (await house.client.get("/api/document/doc_1")).status_code == 404


async def test_a_large_file_arrives_in_pieces_and_whole(house: Any) -> None:
    content = b"0123456789\n" * 500_000
    added = await house.client.post("/api/documents", files={"file": ("big.csv", content)})
    assert (added.status_code, added.json()["bytes"]) == (201, len(content))
    assert house.shelf.contents["doc_1"] == content


async def test_progress_is_streamed_without_numbers_and_ends_with_the_document(house: Any) -> None:
    reply = await house.client.post("/api/documents", files={"file": CSV}, headers=STREAMED)
    assert reply.headers["content-type"] == "text/event-stream"
    assert b"id:" not in reply.content
    told = frames(reply.content)
    assert told[0] == {
        "type": "document_progress",
        "name": "northwind.csv",
        "stage": "reading",
        "done": 10,
        "total": 10,
    }
    assert told[-1] == {"type": "document_ready", "document": (await house.client.get("/api/document/doc_1")).json()}
    assert reply.content.startswith(b"retry: 1000\n: open\n\n")


async def test_a_document_that_turns_out_unreadable_is_rejected_on_its_stream(house: Any) -> None:
    reply = await house.client.post("/api/documents", files={"file": ("a.csv", b"a\x00b")}, headers=STREAMED)
    assert reply.status_code == 200
    told = frames(reply.content)
    assert [frame["type"] for frame in told] == ["document_progress", "rejected"]
    assert told[-1]["code"] == "unreadable_document"


async def test_a_document_refused_before_anything_was_shown_is_a_problem_even_for_a_stream(house: Any) -> None:
    reply = await house.client.post("/api/documents", files={"file": ("a.csv", b"")}, headers=STREAMED)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "empty_file")
    reply = await house.client.post("/api/documents", content=b"x", headers=STREAMED)
    assert (reply.status_code, reply.json()["error"]["code"]) == (415, "wrong_content_type")


async def test_a_long_read_is_accompanied_by_comments(running: Any) -> None:
    async with running(heartbeat_s=0.01) as house:
        house.shelf.hold = asyncio.Event()
        heard = b""
        async with house.client.stream("POST", "/api/documents", files={"file": CSV}, headers=STREAMED) as reply:
            async for chunk in reply.aiter_raw():
                heard += chunk
                if heard.count(b": still here") == 2:
                    house.shelf.hold.set()
        assert frames(heard)[-1]["type"] == "document_ready"


async def test_a_server_that_stops_tells_an_upload_that_is_being_read(running: Any) -> None:
    async with running() as house:
        house.shelf.hold = asyncio.Event()
        async with house.client.stream("POST", "/api/documents", files={"file": CSV}, headers=STREAMED) as reply:
            await house.shelf.reading.wait()
            house.server.should_exit = True
            told = frames(await reply.aread())
        assert (told[-1]["type"], told[-1]["code"]) == ("rejected", "shutting_down")


async def test_one_request_adds_one_document_and_says_which_when_there_were_more(house: Any) -> None:
    files = [("file", ("a.csv", b"x")), ("file", ("b.csv", b"y"))]
    reply = await house.client.post("/api/documents", files=files)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"], error["document_ids"]) == (422, "bad_field", ["doc_1"])


async def test_analyze_makes_a_conversation_and_gives_the_whole_answer(running: Any) -> None:
    async with running(say("It rose.")) as house:
        files = [("file", CSV), ("file", ("b.csv", b"y")), ("question", (None, "How did revenue do?"))]
        reply = await house.client.post("/api/analyze", files=files)
        assert reply.status_code == 200
        assert reply.json()["text"] == "It rose."
        view = (await house.client.get(f"/api/conversation/{reply.json()['conversation_id']}")).json()
        assert [card["document_id"] for card in view["documents"]] == ["doc_1", "doc_2"]
        assert view["messages"][0]["text"] == "How did revenue do?"


async def test_analyze_streams_progress_and_then_everything_it_caused(running: Any) -> None:
    async with running(say("It rose.")) as house:
        files = [("question", (None, "How did revenue do?")), ("file", CSV)]
        reply = await house.client.post("/api/analyze", files=files, headers=STREAMED)
        told = frames(reply.content)
        assert told[0]["type"] == "document_progress"
        numbered = [frame for frame in told if "seq" in frame]
        assert [frame["seq"] for frame in numbered] == list(range(1, len(numbered) + 1))
        assert (numbered[0]["type"], numbered[-1]["type"]) == ("conversation_created", "message_complete")
        question = next(frame for frame in numbered if frame["type"] == "user_message")
        assert question["document_ids"] == ["doc_1"]
        assert b"accumulated_text" not in reply.content


async def test_analyze_goes_on_with_a_conversation_that_is_there(running: Any) -> None:
    async with running(say("It rose.")) as house:
        await house.client.post("/api/conversations", json={"conversation_id": "c"})
        files = [("conversation_id", (None, "c")), ("file", CSV), ("question", (None, "How did revenue do?"))]
        reply = await house.client.post("/api/analyze", files=files, headers=STREAMED)
        numbered = [frame for frame in frames(reply.content) if "seq" in frame]
        assert {frame["conversation_id"] for frame in numbered} == {"c"}
        assert [frame["type"] for frame in numbered][:2] == ["document_added", "conversation_renamed"]


async def test_analyze_tells_what_it_stored_before_it_was_refused(house: Any) -> None:
    files = [("file", CSV), ("file", ("b.csv", b"")), ("question", (None, "?"))]
    reply = await house.client.post("/api/analyze", files=files)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"], error["document_ids"]) == (422, "empty_file", ["doc_1"])
    files = [("file", CSV), ("question", (None, "  "))]
    reply = await house.client.post("/api/analyze", files=files)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"], error["document_ids"]) == (422, "empty_message", ["doc_2"])
    assert (await house.client.get("/api/conversations")).json()["items"] == []
    files = [("file", CSV), ("question", (None, "?")), ("conversation_id", (None, "nobody"))]
    reply = await house.client.post("/api/analyze", files=files)
    error = reply.json()["error"]
    assert (reply.status_code, error["code"], error["document_ids"]) == (404, "unknown_conversation", ["doc_3"])


async def test_the_samples_are_files_that_can_be_added(house: Any) -> None:
    items = (await house.client.get("/api/samples")).json()["items"]
    assert items
    for item in items:
        assert item["questions"]
        added = await house.client.post(f"/api/samples/{item['name']}", json={})
        assert (added.status_code, added.json()["name"]) == (201, item["name"])
