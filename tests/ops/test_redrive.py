import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.commands.command import count, rate
from ops.failures import Failure, FailureQueue
from ops.handover import hand_over, is_idempotent
from ops.redrive import Handover, NotRedrivableError, Pace, Router
from ops.stack import Stack

QUEUE = "arn:aws:sqs:eu-west-1:123456789012:work"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:orders:$LATEST"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:saga"
BUS = "arn:aws:events:eu-west-1:123456789012:event-bus/other"
RULE = "arn:aws:events:eu-west-1:123456789012:rule/orders-bus/start"
DEFAULT_RULE = "arn:aws:events:eu-west-1:123456789012:rule/start"
EVENT = {"id": "e-1", "source": "orders", "detail-type": "order.created", "detail": {"n": 1}}


class Rules:
    """EventBridge, which knows the targets of rules."""

    def __init__(self, **targets: dict[str, Any]) -> None:
        self._targets = targets
        self.put: list[dict[str, Any]] = []
        self.refuses = False

    def list_targets_by_rule(self, *, Rule: str, EventBusName: str) -> dict[str, Any]:  # noqa: N803 (AWS's names)
        return {"Targets": [self._targets[f"{EventBusName}_{Rule}".replace("-", "_")]]}

    def put_events(self, *, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self.put += Entries
        refusal = {"ErrorCode": "Throttled", "ErrorMessage": "slowly"}
        return {"FailedEntryCount": int(self.refuses), "Entries": [refusal]}


class Tagged:
    """Step Functions or Lambda, which know the tags of what they have."""

    def __init__(self, arn: str, **tags: str) -> None:
        self._arn, self._tags = arn, tags

    def list_tags(self, *, Resource: str) -> dict[str, Any]:  # noqa: N803
        assert self._arn == Resource
        return {"Tags": self._tags}

    def list_tags_for_resource(self, *, resourceArn: str) -> dict[str, Any]:  # noqa: N803
        assert self._arn == resourceArn
        return {"tags": [{"key": key, "value": value} for key, value in self._tags.items()]}


def router(*sources: str, force: bool = False, **clients: Any) -> Router:
    queue = FailureQueue("failures", "url", "processing", "owner", sources)
    return Router(Stack({}, "eu-west-1", None, clients), queue, force=force)


def failure(body: Any, source: str | None = None, **attributes: str) -> Failure:
    text = body if isinstance(body, str) else json.dumps(body)
    return Failure("m-1", "r-1", text, attributes, datetime(2026, 1, 1, tzinfo=UTC), source)


def undelivered(target: str, rule: str = RULE, body: Any = EVENT) -> Failure:
    return failure(body, RULE_ARN=rule, TARGET_ARN=target)


@pytest.mark.parametrize(
    ("fields", "payload"),
    [
        ({}, json.dumps(EVENT)),
        ({"InputPath": "$"}, json.dumps(EVENT)),
        ({"InputPath": "$.detail"}, '{"n": 1}'),
        ({"InputPath": "$.detail.n"}, "1"),
        ({"Input": "constant"}, "constant"),
    ],
)
def test_a_target_gets_what_eventbridge_would_give_it(fields: dict[str, Any], payload: str):
    rules = Rules(orders_bus_start={"Arn": MACHINE, **fields})

    assert router(events=rules).route(undelivered(MACHINE)) == Handover(MACHINE, payload, "e-1")


def test_a_rule_of_the_default_bus_has_no_bus_in_its_arn():
    rules = Rules(default_start={"Arn": QUEUE})

    assert router(events=rules).route(undelivered(QUEUE, DEFAULT_RULE)).target == QUEUE


@pytest.mark.parametrize(
    ("target", "body", "complaint"),
    [
        ({"Arn": QUEUE}, EVENT, "no longer delivers to arn:aws:states:"),
        ({"Arn": MACHINE, "InputTransformer": {}}, EVENT, "replay the event from the archive"),
        ({"Arn": MACHINE, "InputPath": "$.detail"}, "no JSON", r"gets \$\.detail of an event"),
    ],
)
def test_what_cannot_be_made_again_is_refused(target: Any, body: Any, complaint: str):
    routes = router(events=Rules(orders_bus_start=target))

    with pytest.raises(NotRedrivableError, match=complaint):
        routes.route(undelivered(MACHINE, body=body))


def test_a_function_is_called_with_what_it_was_called_with():
    body = {"requestContext": {"functionArn": FUNCTION}, "requestPayload": {"a": 1}}

    found = router().route(failure(body))

    assert (found.target, found.payload) == (FUNCTION, '{"a": 1}')


def test_positions_in_a_stream_are_no_records():
    body = {"requestContext": {"functionArn": FUNCTION}, "DDBStreamBatchInfo": {}}

    with pytest.raises(NotRedrivableError, match="positions in a stream"):
        router().route(failure(body))


@pytest.mark.parametrize(
    "context", ["no call", {}, {"functionArn": 5}, {"functionArn": None}], ids=str
)
def test_what_only_looks_like_a_failed_call_goes_back_to_its_queue(context: Any):
    body = {"requestContext": context, "requestPayload": {}}

    assert router(QUEUE).route(failure(body)).target == QUEUE


def test_a_message_goes_back_where_sqs_says_it_was():
    assert router("other").route(failure(EVENT, source=QUEUE)).target == QUEUE


def test_a_message_that_does_not_say_goes_to_the_only_queue_it_can_be_from():
    assert router(QUEUE).route(failure("no JSON")).target == QUEUE
    with pytest.raises(NotRedrivableError, match=r"failures takes from \['a', 'b'\]"):
        router("a", "b").route(failure("no JSON"))


def test_only_a_tag_vouches_for_a_target():
    vouched = Stack({}, "eu-west-1", None, {"stepfunctions": Tagged(MACHINE, idempotent="true")})
    # A function's tags are asked for without its version.
    plain = FUNCTION.removesuffix(":$LATEST")
    unvouched = Stack({}, "eu-west-1", None, {"lambda": Tagged(plain, idempotent="false")})

    assert is_idempotent(vouched, MACHINE)
    assert not is_idempotent(unvouched, FUNCTION)
    assert not is_idempotent(vouched, BUS)


def test_an_unvouched_target_is_refused_unless_forced():
    router(force=True).check(BUS)
    with pytest.raises(NotRedrivableError, match="has no tag idempotent=true"):
        router().check(BUS)


def test_a_bus_gets_the_event_itself_and_may_refuse_it():
    rules = Rules()
    stack = Stack({}, "eu-west-1", None, {"events": rules})

    hand_over(stack, BUS, json.dumps(EVENT), "e-1")

    [entry] = rules.put
    assert entry == {
        "EventBusName": BUS,
        "Source": "orders",
        "DetailType": "order.created",
        "Detail": '{"n": 1}',
    }
    rules.refuses = True
    with pytest.raises(ValueError, match="refused it: Throttled: slowly"):
        hand_over(stack, BUS, json.dumps(EVENT), "e-1")
    for payload in ("[]", "{}", "null"):
        with pytest.raises(ValueError, match="takes events, and this is none"):
            hand_over(stack, BUS, payload, "e-1")


@pytest.mark.parametrize("text", ["", "nothing", "arn:aws:lambda"])
def test_nobody_vouches_for_what_is_no_arn_and_it_takes_nothing(text: str):
    assert not is_idempotent(Stack({}, "eu-west-1"), text)
    with pytest.raises(ValueError, match="takes nothing from us"):
        hand_over(Stack({}, "eu-west-1"), text, "{}", "e-1")


def test_a_target_of_an_unknown_kind_is_named():
    with pytest.raises(ValueError, match="arn:aws:ecs:eu-west-1:1:cluster/c takes nothing from us"):
        hand_over(Stack({}, "eu-west-1"), "arn:aws:ecs:eu-west-1:1:cluster/c", "{}", "e-1")


def test_a_pace_is_even_and_does_not_catch_up():
    class Clock:
        now, paused = 100.0, list[float]()

        def pause(self, seconds: float) -> None:
            self.paused.append(seconds)
            self.now += seconds

    clock = Clock()
    pace = Pace(4, now=lambda: clock.now, pause=clock.pause)

    pace.wait()
    pace.wait()
    clock.now += 60
    pace.wait()
    pace.wait()

    assert clock.paused == [0.25, 0.25]


@pytest.mark.parametrize(("text", "value"), [("5", 5.0), ("0.5/s", 0.5)])
def test_a_rate_may_say_that_it_is_one(text: str, value: float):
    assert rate(text) == value


@pytest.mark.parametrize(
    ("read", "text"),
    [(rate, "0"), (rate, "nan"), (rate, "inf"), (rate, "fast"), (count, "0"), (count, "1.5")],
)
def test_numbers_that_make_no_sense_are_named(read: Callable[[str], Any], text: str):
    with pytest.raises(Exception, match=f"'{text}' is no "):
        read(text)


class TaggedStreams:
    """Kinesis or Firehose, which know the tags of one stream."""

    def __init__(self, name: str, **tags: str) -> None:
        self._name = name
        self._tags = [{"Key": key, "Value": value} for key, value in tags.items()]

    def list_tags_for_stream(self, *, StreamARN: str) -> dict[str, Any]:  # noqa: N803 (AWS's names)
        assert StreamARN.endswith(f":stream/{self._name}")
        return {"Tags": self._tags}

    def list_tags_for_delivery_stream(self, *, DeliveryStreamName: str) -> dict[str, Any]:  # noqa: N803
        assert self._name == DeliveryStreamName
        return {"Tags": self._tags}


@pytest.mark.parametrize(
    ("service", "resource"), [("kinesis", "stream/s"), ("firehose", "deliverystream/s")]
)
@pytest.mark.parametrize(("tags", "vouched"), [({"idempotent": "true"}, True), ({}, False)])
def test_a_stream_is_vouched_for_by_its_tag(
    service: str, resource: str, tags: dict[str, str], *, vouched: bool
):
    stack = Stack({}, "eu-west-1", None, {service: TaggedStreams("s", **tags)})

    assert is_idempotent(stack, f"arn:aws:{service}:eu-west-1:123456789012:{resource}") is vouched
