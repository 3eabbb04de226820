"""Conversations over HTTP, whole."""

from __future__ import annotations

from typing import Any

import pytest

from analysis import signals
from analysis.providers.scripted import Hold, say


async def test_a_conversation_is_made_listed_read_renamed_and_removed(house: Any) -> None:
    made = await house.client.post("/api/conversations", json={"conversation_id": "my.one", "title": "Margins"})
    assert made.status_code == 201
    body = made.json()
    assert (body["conversation_id"], body["title"], body["messages"], body["last_seq"]) == ("my.one", "Margins", [], 1)
    assert (await house.client.get("/api/conversation/my.one")).json() == body

    listed = (await house.client.get("/api/conversations")).json()
    assert [item["conversation_id"] for item in listed["items"]] == ["my.one"]
    assert "next" not in listed

    renamed = await house.client.patch("/api/conversation/my.one", json={"title": "Gross margins"})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Gross margins")

    removed = await house.client.delete("/api/conversation/my.one")
    assert (removed.status_code, removed.content) == (204, b"")
    assert (await house.client.get("/api/conversation/my.one")).status_code == 404


async def test_a_conversation_is_made_of_nothing_at_all(house: Any) -> None:
    made = await house.client.post("/api/conversations")
    assert (made.status_code, made.json()["conversation_id"]) == (201, "conv_01")


async def test_lists_come_in_pages(house: Any) -> None:
    for number in range(5):
        await house.client.post("/api/conversations", json={"conversation_id": f"c{number}"})
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await house.client.get("/api/conversations", params=query)).json()
        seen += [item["conversation_id"] for item in page["items"]]
        cursor = page.get("next")
        if cursor is None:
            break
    assert seen == ["c4", "c3", "c2", "c1", "c0"]


async def test_a_message_is_answered_whole(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})
    reply = await house.client.post("/api/conversation/c/message", json={"message": "How did revenue do?"})
    assert reply.status_code == 200
    body = reply.json()
    assert (body["conversation_id"], body["text"], body["success"], body["stop_reason"]) == (
        "c",
        "Done.",
        True,
        "end_turn",
    )
    assert body["messages"] == [body["message_id"]]
    assert body["last_seq"] == (await house.front.last_seq("local", "c"))
    view = (await house.client.get("/api/conversation/c")).json()
    assert [(message["role"], message["text"]) for message in view["messages"]] == [
        ("user", "How did revenue do?"),
        ("assistant", "Done."),
    ]


@pytest.mark.parametrize(
    ("broke", "status"),
    [
        (signals.ModelBroke("provider_overloaded", "Overloaded."), 502),
        (signals.ModelBroke("provider_rate_limited", "Slow down."), 429),
        (signals.ModelBroke("unknown_model", "No such model.", False, "caller"), 422),
    ],
)
async def test_nothing_but_an_error_is_that_error(running: Any, broke: signals.ModelBroke, status: int) -> None:
    async with running([broke]) as house:
        await house.client.post("/api/conversations", json={"conversation_id": "c"})
        reply = await house.client.post("/api/conversation/c/message", json={"message": "?"})
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, broke.code)
        again = await house.client.post("/api/conversation/c/message", json={"message": "And now?"})
        assert (again.status_code, again.json()["text"]) == (200, "Done.")


async def test_an_error_after_some_text_is_a_reply_without_success(running: Any) -> None:
    async with running([signals.TextArrived("Revenue "), signals.ModelBroke("provider_cut", "Cut.")]) as house:
        await house.client.post("/api/conversations", json={"conversation_id": "c"})
        reply = await house.client.post("/api/conversation/c/message", json={"message": "?"})
        body = reply.json()
        assert (reply.status_code, body["success"], body["stop_reason"]) == (200, False, "failed")
        assert (body["text"], body["error"]["code"]) == ("Revenue ", "provider_cut")


async def test_two_messages_at_once_are_one_answer_and_one_refusal(running: Any) -> None:
    hold = Hold()
    async with running([signals.TextArrived("Revenue "), hold, *say("rose.")]) as house:
        await house.client.post("/api/conversations", json={"conversation_id": "c"})
        async with house.client.stream("POST", "/api/conversation/c/message/stream", json={"message": "?"}) as stream:
            await hold.reached.wait()
            refused = await house.client.post("/api/conversation/c/message", json={"message": "And?"})
            assert refused.status_code == 409
            error = refused.json()["error"]
            assert (error["code"], error["retryable"], error["fault"]) == ("busy", True, "caller")
            assert error["running_message_id"] == house.front.running_message_id("c")
            hold.release.set()
            assert b"message_complete" in await stream.aread()


async def test_an_interrupt_stops_the_answer_and_may_be_repeated(running: Any) -> None:
    hold = Hold()
    async with running([signals.TextArrived("Revenue "), hold]) as house:
        await house.client.post("/api/conversations", json={"conversation_id": "c"})
        assert (await house.client.post("/api/conversation/c/interrupt")).json() == {"state": "idle"}
        async with house.client.stream("POST", "/api/conversation/c/message/stream", json={"message": "?"}) as stream:
            await hold.reached.wait()
            stopped = await house.client.post("/api/conversation/c/interrupt", json={})
            assert (stopped.status_code, stopped.json()["state"]) == (200, "stopped")
            assert b'"stop_reason":"interrupted"' in await stream.aread()
        assert (await house.client.post("/api/conversation/c/interrupt")).json() == {"state": "idle"}


async def test_documents_are_attached_by_id(house: Any) -> None:
    await house.client.post("/api/conversations", json={"conversation_id": "c"})
    document = (await house.client.post("/api/documents", files={"file": ("a.csv", b"x,1\n")})).json()
    attached = await house.client.post("/api/conversation/c/documents", json={"document_ids": ["doc_1"]})
    assert attached.status_code == 200
    assert [card["document_id"] for card in attached.json()["documents"]] == [document["document_id"]]


async def test_health_and_readiness(house: Any) -> None:
    alive, ready = await house.client.get("/healthz"), await house.client.get("/readyz")
    assert (alive.status_code, alive.json()["status"]) == (200, "ok")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    house.app.state.closing.begin()
    stopping = await house.client.get("/readyz")
    assert (stopping.status_code, stopping.json()["error"]["code"]) == (503, "shutting_down")
    assert stopping.headers["retry-after"] == "1"
