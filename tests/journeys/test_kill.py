"""kill -9 in mid-answer: what a client had received is there, the message is ended, the next question works."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from benchmarks.answers import Pace
from benchmarks.emulator import Emulator


@pytest.mark.parametrize("upto", [3, 40])
async def test_what_a_client_received_survives_kill_9(upto: int, start: Any, events: Any) -> None:
    async with Emulator(lambda request: Pace(deltas=100, rate=400)) as emulator:
        environment = {"ANTHROPIC_API_KEY": "x", "ANTHROPIC_BASE_URL": emulator.url}
        server = await start(**environment)
        conversation_id = await server.conversation()
        received = await server.ask(conversation_id, "Talk to me.", upto=upto)
        await server.kill()

        again = await start(**environment)
        view = (await again.client.get(f"/api/conversation/{conversation_id}")).json()
        assert "running_message_id" not in view
        kept = await again.follow(conversation_id, 0, view["last_seq"])
        assert kept[received[0][0] - 1 :][: len(received)] == received
        end = events(kept)[-1]
        assert (end["type"], end["stop_reason"]) == ("message_complete", "failed")
        assert end["text"] == "".join(event["text"] for event in events(kept) if event["type"] == "text_delta")

        answered = events(await again.ask(conversation_id, "Go on."))
        assert answered[-1]["stop_reason"] == "end_turn"
        assert emulator.refusals == []


async def test_sigterm_ends_answers_and_streams_and_exits_cleanly(start: Any, events: Any) -> None:
    async with Emulator(lambda request: Pace(deltas=5, rate=500, hold=True)) as emulator:
        server = await start(ANTHROPIC_API_KEY="x", ANTHROPIC_BASE_URL=emulator.url)
        conversation_id = await server.conversation()
        asking = asyncio.create_task(server.ask(conversation_id, "Talk to me."))
        view: dict[str, Any] = {}
        async with asyncio.timeout(10):
            while not view.get("running_message_id"):
                view = (await server.client.get(f"/api/conversation/{conversation_id}")).json()
        server.process.terminate()
        told = events(await asking)
        assert (told[-1]["type"], told[-1]["stop_reason"]) == ("message_complete", "interrupted")
        assert await server.stop() == 0
