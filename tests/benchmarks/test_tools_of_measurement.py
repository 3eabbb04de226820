"""The command lines of the lab, as processes: what the figures are taken with must itself work."""

from __future__ import annotations

import asyncio
import time

from benchmarks.load import Tally, post, quantile, read_all
from benchmarks.servers import relay, stand_in
from benchmarks.stream import ASK, Round, table


async def test_a_relay_passes_on_what_the_emulator_paces_and_both_are_watched() -> None:
    began = time.monotonic_ns()
    async with stand_in(20, 200, None) as emulator, relay(emulator.url, None) as server:
        tally = Tally()
        async with asyncio.timeout(10):
            await read_all(server.port, [post("/v1/messages", ASK)] * 3, tally, 0.01)
        assert server.cpu_s() > 0
        assert server.memory_kb() > 1000
    assert (tally.begun, tally.ended, tally.out_of_order, len(tally.seen_ns)) == (3, 3, 0, 60)
    late_ms = tally.between(began, time.monotonic_ns())
    assert len(late_ms) == 60
    assert 0 < quantile(late_ms, 0.5) <= quantile(late_ms, 0.99) < 5000


def test_the_table_sets_each_system_beside_the_relay() -> None:
    rounds = {
        "direct": [Round(10, float("nan"), 0.2, 1.0, True)],
        "passthrough": [Round(10, 10.0, 0.3, 2.0, True), Round(10, 20.0, 0.3, 2.0, False)],
    }
    rows = table(rounds, {"passthrough": 2.5}, 50, 50).splitlines()
    assert rows[-2] == "| direct | - | - | 0.20 | 1.00 | 0.00 | 0.00 | - | 1/1 |"
    assert rows[-1] == "| passthrough | 15.0 | 1.0 | 0.30 | 2.00 | 0.10 | 1.00 | 2.5 | 1/2 |"
