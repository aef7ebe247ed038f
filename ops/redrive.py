"""Redrive: hand what failed to whom it was for, once the cause is mended."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from events.catalogue import FailuresRedriven
from ops.audit import record
from ops.failures import BATCH, PEEK_SECONDS, Failure, FailureQueue, Hold
from ops.handover import IDEMPOTENT, hand_over, is_idempotent
from ops.stack import Stack

LONGEST_HOLD_SECONDS = 43_200
"""SQS's maximum."""


class NotRedrivableError(ValueError):
    """A message cannot be handed to anybody, or must not be; it says why."""


@dataclass(frozen=True)
class Handover:
    """What is handed to whom."""

    target: str
    """ARN of a queue, state machine, function, topic, bus or stream."""
    payload: str
    key: str
    """The same for every copy of the same event."""


@dataclass(frozen=True)
class Options:
    """How to redrive."""

    limit: int
    rate: float
    """Messages in a second, at most."""
    force: bool = False
    """Also to targets that nobody vouches for."""
    dry_run: bool = False


@dataclass
class Outcome:
    """What became of the messages."""

    redriven: int = 0
    kept: int = 0
    interrupted: bool = False


@dataclass(frozen=True)
class Step:
    """What became of one message."""

    failure: Failure
    target: str
    """ARN; empty when none could be found."""
    refused: str | None = None
    """Why the message stays in the failure queue; none when it was handed over."""


@dataclass
class Pace:
    """Lets through so many a second, evenly."""

    rate: float
    now: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    _next: float = field(default=-math.inf, repr=False)

    def wait(self) -> None:
        """Return when the next one may go."""
        early = self._next - self.now()
        if early > 0:
            self.pause(early)
        self._next = max(self._next, self.now()) + 1 / self.rate


def redrive(
    stack: Stack, queue: FailureQueue, options: Options, told: Callable[[Step], None]
) -> Outcome:
    """Hand over the messages that are in a queue now; `told` hears of each.

    A message is deleted only after its target has it, so an interruption loses nothing; at worst a
    target gets a message twice, which is why it has to be idempotent. What was done is put on the bus.
    """
    outcome, pace = Outcome(), Pace(options.rate)
    router = Router(stack, queue, force=options.force)
    # A batch must stay hidden from others until its last message had its turn.
    hold_seconds = min(PEEK_SECONDS + math.ceil(BATCH / options.rate), LONGEST_HOLD_SECONDS)
    try:
        with Hold(stack, queue, hold_seconds) as hold:
            for failure in hold.take(options.limit):
                step = _redrive(stack, router, failure, pace, options)
                if step.refused is not None:
                    outcome.kept += 1
                elif not options.dry_run:
                    hold.delete(failure)
                    outcome.redriven += 1
                told(step)
    except KeyboardInterrupt:
        outcome.interrupted = True
    finally:
        if outcome.redriven:
            done = FailuresRedriven(
                queue_id=queue.name, redriven=outcome.redriven, kept=outcome.kept
            )
            record(stack, done)
    return outcome


def _redrive(
    stack: Stack, router: "Router", failure: Failure, pace: Pace, options: Options
) -> Step:
    target = ""
    try:
        handover = router.route(failure)
        target = handover.target
        router.check(target)
        if not options.dry_run:
            pace.wait()
            hand_over(stack, target, handover.payload, handover.key)
    except (ValueError, ClientError, BotoCoreError) as error:
        return Step(failure, target, str(error))
    return Step(failure, target)


class Router:
    """Finds out who a failed message was for, and whether it may be handed over again."""

    def __init__(self, stack: Stack, queue: FailureQueue, *, force: bool) -> None:
        self._stack, self._queue, self._force = stack, queue, force
        self._idempotent: dict[str, bool] = {}
        self._targets: dict[str, list[dict[str, Any]]] = {}

    def route(self, failure: Failure) -> Handover:
        """Who gets what; `NotRedrivableError` when the message does not say, or cannot be made again."""
        if "TARGET_ARN" in failure.attributes:
            return self._undelivered(failure)
        if failure.call:
            return _failed_call(failure)
        return Handover(self._source(failure), failure.body, _key(failure))

    def check(self, target: str) -> None:
        """Raise `NotRedrivableError` unless the target is known to be idempotent, or we are forced."""
        if target not in self._idempotent:
            self._idempotent[target] = self._force or is_idempotent(self._stack, target)
        if not self._idempotent[target]:
            raise NotRedrivableError(
                f"{target} has no tag {IDEMPOTENT}=true, so it may do its work twice; "
                "--force hands it over nevertheless"
            )

    def _undelivered(self, failure: Failure) -> Handover:
        """What EventBridge could not deliver: the queue has the whole event, the target may want a part."""
        rule, arn = failure.attributes.get("RULE_ARN", ""), failure.attributes["TARGET_ARN"]
        targets = [target for target in self._targets_of(rule) if target["Arn"] == arn]
        if not targets:
            raise NotRedrivableError(f"{rule!r} no longer delivers to {arn}")
        return Handover(arn, _input(targets[0], failure), _key(failure))

    def _targets_of(self, rule: str) -> list[dict[str, Any]]:
        if rule not in self._targets:
            *_, path = rule.split(":")
            bus, _, name = path.removeprefix("rule/").rpartition("/")
            self._targets[rule] = self._stack.client("events").list_targets_by_rule(
                Rule=name, EventBusName=bus or "default"
            )["Targets"]
        return self._targets[rule]

    def _source(self, failure: Failure) -> str:
        """The queue a message came from: SQS says so, or it is the only one that may send here."""
        if failure.source:
            return failure.source
        sources = self._queue.sources
        if len(sources) != 1:
            raise NotRedrivableError(
                f"it does not say where it came from; {self._queue.name} takes from {list(sources)}"
            )
        return sources[0]


def _failed_call(failure: Failure) -> Handover:
    """What a function was called with, as Lambda's failure destination tells it."""
    envelope = failure.envelope
    if "requestPayload" not in envelope:
        raise NotRedrivableError(
            "it holds positions in a stream and no records; the function reads them again by itself "
            "as long as the stream keeps them"
        )
    payload = json.dumps(envelope["requestPayload"])
    return Handover(failure.call["functionArn"], payload, _key(failure))


def _input(target: Mapping[str, Any], failure: Failure) -> str:
    """What EventBridge would give this target of an event."""
    if "InputTransformer" in target:
        raise NotRedrivableError(
            f"{target['Arn']} gets transformed events; replay the event from the archive instead"
        )
    if "Input" in target:
        return target["Input"]
    path = target.get("InputPath", "$")
    if path == "$":
        return failure.body
    found: Any = failure.envelope
    for part in path.removeprefix("$.").split("."):
        if not isinstance(found, dict) or part not in found:
            raise NotRedrivableError(
                f"{target['Arn']} gets {path} of an event, which this one lacks"
            )
        found = found[part]
    return json.dumps(found)


def _key(failure: Failure) -> str:
    """The event's id, or what stands for it in a message without."""
    found = failure.envelope.get("id")
    if isinstance(found, str) and found:
        return found
    return hashlib.sha256(failure.body.encode()).hexdigest()[:32]
