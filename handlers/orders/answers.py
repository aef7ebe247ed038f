"""Answers of other services, kept for as long as somebody may wait for them."""

import os
import time
from functools import cache
from typing import Protocol

import msgspec

from events.catalogue import AvailabilityAnswered
from events.envelope import Envelope
from handlers.batch import Delivery, consumer
from handlers.clients import client
from handlers.table import from_item, to_item

KEPT_SECONDS = 300
"""How long an answer is kept; DynamoDB takes its time to delete it after that."""


class Stock(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What inventory said of a product."""

    available: bool
    """Whether as many as were asked for are in stock."""
    in_stock: int


class Answers(Protocol):
    """The answers that have come."""

    def to(self, question_id: str) -> Stock | None:
        """The answer to one question, if it has come."""
        ...


class AnswersTable:
    """The answers in DynamoDB, by the id of the event that asked.

    That id is new for each question. A correlation id is not: callers choose theirs, and may send many
    requests under one.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def to(self, question_id: str) -> Stock | None:
        """The answer to one question, if it has come."""
        found = client("dynamodb").get_item(
            TableName=self._name, Key={"questionId": {"S": question_id}}, ConsistentRead=True
        )
        return msgspec.convert(from_item(found["Item"]), Stock) if "Item" in found else None

    def keep(self, answer: Envelope[AvailabilityAnswered]) -> None:
        """Keep an answer; a second one to the same question is as good as the first."""
        stock = Stock(available=answer.data.sufficient, in_stock=answer.data.in_stock)
        item = {
            **msgspec.to_builtins(stock),
            "questionId": answer.metadata.causation_id,
            "expiresAt": int(time.time()) + KEPT_SECONDS,
        }
        client("dynamodb").put_item(TableName=self._name, Item=to_item(item))


@cache
def answers() -> AnswersTable:
    """The table that the environment names."""
    return AnswersTable(os.environ["ANSWERS_TABLE"])


@consumer(AvailabilityAnswered)
def handler(delivery: Delivery) -> None:
    """Entry point: take an answer to whoever waits for it."""
    answers().keep(delivery.envelope)
