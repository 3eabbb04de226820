from __future__ import annotations

import asyncio

from analysis.journals.bell import Bell


async def test_a_ring_wakes_everybody_who_waits_for_that_conversation_and_nobody_else() -> None:
    bell = Bell()
    here = [asyncio.create_task(bell.wait("c1")) for _ in range(3)]
    there = asyncio.create_task(bell.wait("c2"))
    await asyncio.sleep(0)
    bell.ring("c1")
    await asyncio.gather(*here)
    assert not there.done()
    bell.ring_all()
    await there


async def test_a_ring_nobody_waits_for_is_forgotten() -> None:
    bell = Bell()
    bell.ring("c1")
    waiting = asyncio.create_task(bell.wait("c1"))
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_who_gives_up_waiting_leaves_nothing_behind_and_wakes_nobody() -> None:
    bell = Bell()
    impatient, patient = [asyncio.create_task(bell.wait("c1")) for _ in range(2)]
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.wait([impatient])
    assert not patient.done()
    bell.ring("c1")
    await patient
    alone = asyncio.create_task(bell.wait("c1"))
    await asyncio.sleep(0)
    alone.cancel()
    await asyncio.wait([alone])
    assert bell._waiting == {}


async def test_a_ring_and_a_cancellation_at_once_do_no_harm() -> None:
    bell = Bell()
    waiting = asyncio.create_task(bell.wait("c1"))
    await asyncio.sleep(0)
    bell.ring("c1")
    waiting.cancel()
    await asyncio.wait([waiting])
    bell.ring("c1")
    assert bell._waiting == {}
