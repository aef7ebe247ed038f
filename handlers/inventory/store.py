"""The stock table: what is available of each product, and the orders' reservations."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from events.envelope import Envelope
from handlers.clients import client
from handlers.inventory.domain import Reservation, movements
from handlers.table import CONDITION_FAILED, Table, from_item


class ShortageError(Exception):
    """Less is available than a reservation would take; nothing was written."""

    def __init__(self, available: Mapping[str, int]) -> None:
        super().__init__(f"available: {available}")
        self.available = available
        """By product, for those that there is too little of."""


class StockTable(Table[Reservation]):
    """Reservations, written in one transaction with the stock that they move."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "id", Reservation, prefix="reservation#")

    def available(self, product: str) -> int:
        """How many of a product can be reserved; none of a product that was never in stock."""
        found = client("dynamodb").get_item(
            TableName=self.name, Key={"id": {"S": f"product#{product}"}}, ConsistentRead=True
        )
        return from_item(found.get("Item", {})).get("available", 0)

    def save(self, key: str, row: Reservation, outbox: Sequence[Envelope[Any]]) -> None:
        """Write the reservation, move its stock and tell of it, or do nothing.

        Raises `ShortageError` when less is available than the reservation takes.
        """
        moved = movements(row)
        moves = [self._move(product, quantity) for product, quantity in moved.items()]
        canceled = client("dynamodb").exceptions.TransactionCanceledException
        try:
            self.commit([self.update(key, row), *moves, *map(self.publication, outbox)])
        except canceled as error:
            reasons = error.response["CancellationReasons"][1 : 1 + len(moved)]
            short = {
                product: from_item(reason.get("Item", {})).get("available", 0)
                for product, reason in zip(moved, reasons, strict=True)
                if reason["Code"] == CONDITION_FAILED
            }
            if not short:
                raise
            raise ShortageError(short) from error

    def _move(self, product: str, quantity: int) -> dict[str, Any]:
        # A product is never created by putting back: what was taken had a row.
        condition = "available >= :needed" if quantity < 0 else "attribute_exists(available)"
        values = {":quantity": {"N": str(quantity)}}
        if quantity < 0:
            values[":needed"] = {"N": str(-quantity)}
        return {
            "Update": {
                "TableName": self.name,
                "Key": {"id": {"S": f"product#{product}"}},
                "UpdateExpression": "SET available = available + :quantity",
                "ConditionExpression": condition,
                "ExpressionAttributeValues": values,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }


@cache
def stock() -> StockTable:
    """The table that the environment names."""
    return StockTable(os.environ["STOCK_TABLE"])
