"""Long replies end when the doors close, and only then."""

from __future__ import annotations

import asyncio

import pytest

from api.closing import Closing


async def test_what_is_open_ends_and_can_still_say_its_last_words() -> None:
    closing, said = Closing(), list[str]()

    async def reply() -> None:
        async with closing.bound() as bound:
            await asyncio.Event().wait()
        said.append("ended" if bound.ended else "done")
        await asyncio.sleep(0)
        said.append("last words")

    replying = [asyncio.create_task(reply()) for _ in range(2)]
    await asyncio.sleep(0)
    closing.begin()
    closing.begin()
    await asyncio.gather(*replying)
    assert said == ["ended", "ended", "last words", "last words"]


async def test_what_opens_after_the_closing_has_begun_ends_at_once() -> None:
    closing = Closing()
    closing.begin()
    async with closing.bound() as bound:
        await asyncio.Event().wait()
    assert bound.ended


async def test_what_was_done_before_is_not_ended() -> None:
    closing = Closing()
    async with closing.bound() as bound:
        await asyncio.sleep(0)
    closing.begin()
    assert not bound.ended


async def test_a_cancellation_and_a_timeout_of_somebody_elses_pass_through() -> None:
    closing = Closing()

    async def reply() -> None:
        async with closing.bound():
            await asyncio.Event().wait()

    replying = asyncio.create_task(reply())
    await asyncio.sleep(0)
    replying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await replying
    with pytest.raises(TimeoutError):
        async with closing.bound(), asyncio.timeout(0):
            await asyncio.Event().wait()
