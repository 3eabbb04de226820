from __future__ import annotations

import asyncio

import pytest

from analysis.providers.progress import ProgressClock


async def test_a_wait_without_progress_is_ended() -> None:
    clock = ProgressClock(0.02)
    with pytest.raises(TimeoutError), clock:
        await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_progress_and_waits_of_others_start_the_count_anew() -> None:
    clock, loop = ProgressClock(0.05), asyncio.get_running_loop()
    for outside in (False, True) * 2:
        rested = asyncio.Event()
        loop.call_later(0.03, rested.set)
        if outside:
            await rested.wait()
        else:
            with clock:
                await rested.wait()
            clock.progressed()
    clock.stop()


async def test_a_stopped_clock_ends_nothing() -> None:
    clock, rested = ProgressClock(0.01), asyncio.Event()
    clock.stop()
    asyncio.get_running_loop().call_later(0.03, rested.set)
    with clock:
        await rested.wait()


@pytest.mark.parametrize("limit_s", [10.0, 0.0])
async def test_a_cancellation_from_outside_stays_one_even_when_time_is_up_too(limit_s: float) -> None:
    begun = asyncio.Event()

    async def wait() -> None:
        with ProgressClock(limit_s):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_other_errors_pass_as_they_are() -> None:
    clock = ProgressClock(10)
    with pytest.raises(ValueError, match="mine"), clock:
        raise ValueError("mine")
    clock.stop()
