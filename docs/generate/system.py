"""The declared program as the pages see it: its parts, who publishes what, and where events go."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from events.envelope import Event
from events.routing import matched
from local.program import Declared, Program

KINDS = {
    "aws:dynamodb/table:Table": ("dynamodb", "table"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": ("firehose", "delivery stream"),
    "aws:kinesis/stream:Stream": ("kinesis", "stream"),
    "aws:lambda/function:Function": ("lambda", "function"),
    "aws:sfn/stateMachine:StateMachine": ("states", "state machine"),
    "aws:sns/topic:Topic": ("sns", "topic"),
    "aws:sqs/queue:Queue": ("sqs", "queue"),
}
"""Type token to the service in its ARN, and what the pages call it."""


@dataclass(frozen=True, order=True)
class Part:
    """One declared resource."""

    owner: str
    """The component at the top that it belongs to, such as a service."""
    kind: str
    name: str


@dataclass(frozen=True)
class Delivery:
    """Which events a route hands to which target, and who works on them there."""

    route: str
    events: tuple[type[Event], ...]
    target: Part
    consumer: Part


class System:
    """What the pages say about a program."""

    def __init__(self, program: Program, events: Sequence[type[Event]]) -> None:
        self.events = tuple(events)
        self._program = program
        self._parents = {declared.urn: declared for declared in program}
        self._parts = {
            (KINDS[declared.type][0], declared.inputs["name"]): self._part(declared)
            for declared in program
            if declared.type in KINDS
        }
        self.parts = sorted(self._parts.values())
        self.failure_queues = sorted(
            self._part(queue)
            for queue in program.of("aws:sqs/queue:Queue")
            if "failures" in queue.inputs.get("tags", {})
        )
        self.deliveries = sorted(self._deliveries(), key=lambda one: (one.route, one.target))

    def owners(self) -> list[str]:
        """The components that have anything but topics."""
        parts = {*self.parts, *self.failure_queues}
        return sorted({part.owner for part in parts if part.kind != "topic"})

    def publishers(self, event: type[Event]) -> list[Part]:
        """The functions that may publish an event, by their permissions."""
        return sorted(
            part
            for part, statement in self._publishing()
            if event.name in statement["Condition"]["StringEquals"]["events:detail-type"]
        )

    def consumers(self, event: type[Event]) -> list[Delivery]:
        """The deliveries of an event."""
        return [delivery for delivery in self.deliveries if event in delivery.events]

    def entrances(self) -> list[Part]:
        """The functions behind the API."""
        return sorted(
            {
                self._at(integration.inputs["uri"].removesuffix("/invocations"))
                for integration in self._program.of("aws:apigateway/integration:Integration")
            }
        )

    def outboxes(self) -> list[tuple[Part, Part]]:
        """Tables whose stream is followed, each with the function that follows it."""
        streamed = {
            self._owner(table): self._part(table)
            for table in self._program.of("aws:dynamodb/table:Table")
            if table.inputs.get("streamEnabled")
        }
        # The address of a stream is only known once its table exists; a relay is its own service's.
        followers = {
            self._parts["lambda", mapping.inputs["functionName"]]
            for mapping in self._program.of("aws:lambda/eventSourceMapping:EventSourceMapping")
            if "startingPosition" in mapping.inputs
        }
        return sorted((streamed[part.owner], part) for part in followers)

    def uses(self) -> list[tuple[Part, Part]]:
        """Functions and state machines, with the tables, topics and functions that they know of."""
        return sorted(
            (self._part(user), part)
            for user in self._program
            if user.type in {"aws:lambda/function:Function", "aws:sfn/stateMachine:StateMachine"}
            for (_, name), part in self._parts.items()
            if part.kind in {"table", "topic", "function"} and _mentions(user, name)
        )

    def _deliveries(self) -> Iterator[Delivery]:
        rules = {
            rule.inputs["name"]: rule
            for rule in self._program.of("aws:cloudwatch/eventRule:EventRule")
        }
        for target in self._program.of("aws:cloudwatch/eventTarget:EventTarget"):
            rule, part = rules[target.inputs["rule"]], self._at(target.inputs["arn"])
            found = matched(json.loads(rule.inputs["eventPattern"]), self.events)
            for consumer in self._workers(target.inputs["arn"]) or [part]:
                yield Delivery(rule.name, found, part, consumer)

    def _workers(self, arn: str) -> list[Part]:
        """The functions that take from a queue."""
        return [
            self._parts["lambda", mapping.inputs["functionName"]]
            for mapping in self._program.of("aws:lambda/eventSourceMapping:EventSourceMapping")
            if mapping.inputs.get("eventSourceArn") == arn
        ]

    def _publishing(self) -> Iterator[tuple[Part, dict[str, Any]]]:
        functions = {
            one.parent: self._part(one) for one in self._program.of("aws:lambda/function:Function")
        }
        for policy in self._program.of("aws:iam/rolePolicy:RolePolicy"):
            for statement in json.loads(policy.inputs["policy"])["Statement"]:
                if "events:PutEvents" in statement["Action"] and policy.parent in functions:
                    yield functions[policy.parent], statement

    def _at(self, arn: str) -> Part:
        # API Gateway writes the function's ARN behind a path of its own.
        service, name = arn.rpartition("arn:")[2].split(":")[1], re.split(r"[:/]", arn)[-1]
        return self._parts.get((service, name)) or Part("elsewhere", service, name)

    def _part(self, declared: Declared) -> Part:
        return Part(self._owner(declared), KINDS[declared.type][1], declared.name)

    def _owner(self, declared: Declared) -> str:
        while declared.parent in self._parents:
            declared = self._parents[declared.parent]
        return declared.name


def _mentions(user: Declared, name: str) -> bool:
    """Whether a machine's definition or a function's environment has this name, or an ARN with it."""
    told = user.inputs.get("definition") or json.dumps(user.inputs["environment"]["variables"])
    return re.search(rf'[:"]{re.escape(name)}"', told) is not None
