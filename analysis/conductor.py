"""Carries out one turn: hears the provider and the tools, asks the machine, writes the journal, does what is ordered.

Everything happens on the event loop's thread and in one place, `_hear`: a signal goes into the machine, its events go
to the journal, its orders become tasks. There is no queue in between, so a delta costs a call, not a task switch; and
since the machine is never entered twice at once, it needs no lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from analysis.errors import StoreError
from analysis.events import Draft
from analysis.frame import Phase
from analysis.history import History
from analysis.journals.journal import Journal
from analysis.mentions import held_ids, mentioned
from analysis.messages import Prompt
from analysis.orders import AskModel, Order, RunTool, StopAll
from analysis.providers.provider import Provider
from analysis.signals import DeadlinePassed, Interrupted, ModelBroke, Signal, ToolProgressed, ToolRaised, ToolReturned
from analysis.turn import Turn
from analysis.workbench import ToolCall

log = logging.getLogger(__name__)

UNSETTLED_BATCHES = 200  # network reads whose events may wait for their commit before we stop reading


class Tools(Protocol):
    """Where tools run (analysis/workbench.py)."""

    async def run_tool(
        self, call: ToolCall, on_progress: Callable[[int, int, str], None] | None = None
    ) -> ToolReturned | ToolRaised:
        """Run one call; never raises for what the tool does."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The parts a turn plays on."""

    conversation_id: str
    journal: Journal
    tools: Tools
    provider: Provider
    history: History
    prompt: Callable[[], Prompt]
    turn_timeout_s: float = 600


class Conductor:
    """One running turn. `start` posts its first events; `done` is set when its last event is committed, or the store failed."""

    def __init__(self, turn: Turn, stage: Stage, on_done: Callable[[], None] = lambda: None) -> None:
        self.turn = turn
        self.conversation_id = stage.conversation_id
        self.done = asyncio.Event()
        self.failure: StoreError | None = None
        self._stage = stage
        self._on_done = on_done
        self._tasks: set[asyncio.Task[None]] = set()
        self._deadline: asyncio.TimerHandle | None = None

    async def start(self, before: Sequence[Draft]) -> int:
        """Commit `before` (the question) together with the first events of the answer, then go. The last number committed."""
        step = self.turn.begin()
        self._write([*before, *step.drafts])  # nothing is awaited before this: whoever interrupts now comes after it
        try:
            seq = await self._stage.journal.settle(self.conversation_id)
        except StoreError as error:
            self._give_up(error)
            raise
        except asyncio.CancelledError:  # the caller left; the question is handed over, and its answer does not need him
            self._go(step.orders)
            raise
        self._go(step.orders)
        return seq

    def _go(self, orders: Sequence[Order]) -> None:
        if self.turn.phase is Phase.ENDED:
            return
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(self._stage.turn_timeout_s, self._hear, DeadlinePassed("turn"))
        for order in orders:
            self._carry_out(order)

    def interrupt(self, reason: str = "user") -> None:
        """Stop now. What was written stays."""
        self._hear(Interrupted(reason))

    # -- the one place -----------------------------------------------------------------------------------------------

    def _hear(self, signal: Signal) -> None:
        if self.failure:
            return  # what cannot be stored is not said
        step = self.turn.hear(signal)
        if step.drafts:
            self._write(step.drafts)
        for order in step.orders:
            self._carry_out(order)

    def _write(self, drafts: Sequence[Draft]) -> None:
        self._stage.journal.post(self.conversation_id, drafts)
        self._stage.history.extend(drafts)

    def _carry_out(self, order: Order) -> None:
        match order:
            case AskModel():
                self._spawn(self._ask())
            case RunTool():
                self._spawn(self._run(order))
            case StopAll():
                self._stop()
            case _:
                raise AssertionError(f"nobody carries out {order}")

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- the model ---------------------------------------------------------------------------------------------------

    async def _ask(self) -> None:
        stage = self._stage
        try:
            async with contextlib.aclosing(stage.provider.stream(stage.prompt())) as batches:  # type: ignore[type-var]
                await self._listen(batches)
        except StoreError as error:
            self._give_up(error)
        except Exception:
            log.exception("provider %s raised", stage.provider.name)
            words = "Something went wrong on our side while the model answered. What had arrived is kept; ask again."
            self._hear(ModelBroke("internal", words, True, "ours"))

    async def _listen(self, batches: Any) -> None:
        unsettled = 0
        async for batch in batches:
            for signal in batch:
                self._hear(signal)
            if self.turn.phase is Phase.ENDED or self.failure:
                return
            unsettled += 1
            if unsettled >= UNSETTLED_BATCHES:  # the disk is slower than the model: read no further than it writes
                await self._stage.journal.settle(self.conversation_id)
                unsettled = 0

    # -- the tools ---------------------------------------------------------------------------------------------------

    async def _run(self, order: RunTool) -> None:
        history = self._stage.history
        call = ToolCall(
            tool_id=order.tool_id,
            tool_name=order.tool_name,
            input=order.input,
            documents=[
                (alias, card["document_id"], card["name"], card["sha256"]) for alias, card in history.documents.items()
            ],
            **_named(order.input, history),
        )

        def on_progress(done: int, total: int, note: str) -> None:
            self._hear(ToolProgressed(order.tool_id, done, total, note))

        try:
            self._hear(await self._stage.tools.run_tool(call, on_progress))
        except Exception:
            log.exception("tool %s could not be run", order.tool_name)
            self._hear(ToolRaised(order.tool_id, "tool_failed", "this tool failed on our side; go on without it"))

    # -- the end -----------------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        self._cancel()
        self._ending = asyncio.get_running_loop().create_task(self._settle())

    def _cancel(self) -> None:
        if self._deadline:
            self._deadline.cancel()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:  # the stream that brought the last word ends by itself, and keeps its connection
                task.cancel()

    async def _settle(self) -> None:
        try:
            await self._stage.journal.settle(self.conversation_id)
        except StoreError as error:
            self._give_up(error)
        else:
            self._over()

    def _give_up(self, error: StoreError) -> None:
        """The store failed in mid-answer: stop spending and say no more. Whoever hears `done` sees to the end."""
        log.error("conversation %s: %s", self.conversation_id, error.text)
        self.failure = error
        self._cancel()
        self._over()

    def _over(self) -> None:
        if not self.done.is_set():
            self._on_done()
            self.done.set()


def _named(given: Mapping[str, Any], history: History) -> dict[str, Any]:
    """The values and result tables that the arguments name, and the values those tables hold: all that a call carries."""
    value_ids, result_ids = mentioned(given)
    results = {result_id: history.tables[result_id] for result_id in result_ids if result_id in history.tables}
    wanted = dict.fromkeys([*value_ids, *(value_id for table in results.values() for value_id in held_ids(table))])
    values = {value_id: history.values[value_id].to_wire() for value_id in wanted if value_id in history.values}
    return {"values": values, "results": results}
