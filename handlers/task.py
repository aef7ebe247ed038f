"""A function that the saga's state machine calls as one of its tasks."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from events.catalogue import OrderCreated
from events.envelope import Metadata, parse
from events.refusals import Refusal
from handlers import faults
from handlers.logs import logger


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why the saga gave up going forward."""

    step: str
    refused: bool
    """Whether it was a business answer rather than a failure."""
    error: str
    cause: str = ""


class Saga(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the saga's execution the call comes from."""

    execution: str
    step: str
    """Name of the state."""
    attempt: int = 0
    """How often the state was tried before."""
    resumed: bool = False
    """Whether an operator resumed the saga after it was parked."""
    failure: Failure | None = None
    parked: tuple[str, ...] = ()
    """States whose work failed for good in this execution and waits for an operator."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is to be done for an order, whether a saga or an event asks for it."""

    order: OrderCreated
    """The order as it was placed."""
    metadata: Metadata
    """The metadata of what the work causes."""
    seconds_left: Callable[[], float]
    """How long the function may still run."""


@dataclass(frozen=True, kw_only=True)
class Call(Work):
    """What a task of the saga is asked, and where the saga stands."""

    saga: Saga
    resumed_at: str | None
    """The state at which an operator resumed the saga."""


Answer = dict[str, Any]


def task(work: Callable[[Call], Answer]) -> Callable[[Mapping[str, Any], Any], Answer]:
    """Make a function of the saga: it gets a `Call`, and answers or raises a refusal or a failure."""

    @functools.wraps(work)
    def entry(payload: Mapping[str, Any], context: Any) -> Answer:
        call = _read(payload, context)
        keys = {
            "correlation_id": call.metadata.correlation_id,
            "order_id": call.order.order_id,
            "execution": call.saga.execution,
            "step": call.saga.step,
        }
        with logger().append_context_keys(**keys):
            try:
                return faults.around(
                    call.saga.step,
                    call.metadata.faults,
                    partial(work, call),
                    attempt=call.saga.attempt,
                    resumed=call.saga.resumed,
                )
            except Refusal as refusal:
                logger().info("refused", refusal=type(refusal).__name__, answer=str(refusal))
                raise

    return entry


def _read(payload: Mapping[str, Any], context: Any) -> Call:
    event = payload["event"]
    envelope = parse(event, OrderCreated)
    saga = msgspec.convert(payload["saga"], Saga)
    return Call(
        order=envelope.data,
        metadata=envelope.causes(),
        saga=saga,
        # Without a resume it is a field like any other that an event may have, and that nobody reads.
        resumed_at=event.get("resume", {}).get("step") if saga.resumed else None,
        seconds_left=lambda: context.get_remaining_time_in_millis() / 1000,
    )
