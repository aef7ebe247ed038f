"""The stock table: what is available of each product, and what moves it: reservations and restockings."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from events.envelope import Envelope
from handlers.clients import client
from handlers.inventory.domain import Reservation, movements
from handlers.inventory.restocking import Restocking, delivery
from handlers.inventory.shelves import Move, Shelf, consequences, move
from handlers.rows import OvertakenError, RowT
from handlers.table import CONDITION_FAILED, Table, from_item

PRODUCT = "product#"
MOST_KEYS = 100
"""Items that one call of BatchGetItem takes; an order has fewer lines."""


class ShortageError(Exception):
    """Less is available than a reservation would take; nothing was written."""

    def __init__(self, available: Mapping[str, int]) -> None:
        super().__init__(f"available: {available}")
        self.available = available
        """By product, for those that there is too little of."""


class StockTable(Table[RowT]):
    """Rows, each written in one transaction with the stock that it moves and all that is told of it.

    A transaction takes 100 items. With 40 lines it has 83 at most: row, event and the change of stock
    once, and for each line its product and that this is low.
    """

    def __init__(
        self,
        name: str,
        row_type: type[RowT],
        prefix: str,
        movements: Callable[[RowT], Mapping[str, int]],
        *,
        restocks: bool = False,
    ) -> None:
        super().__init__(name, "id", row_type, prefix=prefix)
        self._movements, self._restocks = movements, restocks

    def available(self, product: str) -> int:
        """How many of a product can be reserved; none of a product that was never in stock."""
        [shelf] = self._shelves([product])
        return shelf.available

    def save(self, key: str, row: RowT, outbox: Sequence[Envelope[Any]]) -> None:
        """Write the row, move its stock and tell of both, or do nothing.

        Raises `ShortageError` when less is available than the row takes, `OvertakenError` when the row
        or one of its products was written since it was read.
        """
        moved = self._movements(row)
        moves = [
            move(shelf, moved[shelf.product_id], restocks=self._restocks)
            for shelf in self._shelves(moved)
        ]
        # Of a shortage there is nothing to tell; the transaction decides on it, as of its own moment.
        possible = all(one.after.available >= 0 for one in moves)
        told = [event for cause in outbox[:possible] for event in consequences(cause, moves)]
        canceled = client("dynamodb").exceptions.TransactionCanceledException
        try:
            self.commit(
                [
                    self.update(key, row),
                    *map(self._shelve, moves),
                    *map(self.publication, [*outbox, *told]),
                ]
            )
        except canceled as error:
            raise _unmoved(moves, error) from error

    def _shelves(self, products: Collection[str]) -> list[Shelf]:
        """The products as they are, in this order; empty shelves for those that were never in stock."""
        keys = [{"id": {"S": PRODUCT + product}} for product in products]
        found: dict[str, Shelf] = {}
        asked = {self.name: {"Keys": keys[:MOST_KEYS], "ConsistentRead": True}} if keys else {}
        while asked:
            answer = client("dynamodb").batch_get_item(RequestItems=asked)
            shelves = [
                msgspec.convert(from_item(item), Shelf) for item in answer["Responses"][self.name]
            ]
            found |= {shelf.product_id: shelf for shelf in shelves}
            asked = answer["UnprocessedKeys"]
        return [found.get(product, Shelf(product_id=product, available=0)) for product in products]

    def _shelve(self, change: Move) -> dict[str, Any]:
        # What is told was decided on the shelf as it was read, so it must still be like that. And
        # whatever was read and decided: nothing is taken that is not there.
        unchanged = "#low = :was" if change.before.low else "attribute_not_exists(#low)"
        update = "SET available = :available, #low = :low"
        values: dict[str, Any] = {
            ":seen": {"N": str(change.before.available)},
            ":taken": {"N": str(-change.delta)},
            ":available": {"N": str(change.after.available)},
        }
        if change.before.low:
            values[":was"] = {"BOOL": True}
        if change.after.low:
            values[":low"] = {"BOOL": True}
        else:
            update = "SET available = :available REMOVE #low"
        return {
            "Update": {
                "TableName": self.name,
                "Key": {"id": {"S": PRODUCT + change.after.product_id}},
                "UpdateExpression": update,
                "ConditionExpression": f"available = :seen AND available >= :taken AND {unchanged}",
                "ExpressionAttributeNames": {"#low": "low"},
                "ExpressionAttributeValues": values,
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        }


def _unmoved(moves: Sequence[Move], error: Any) -> Exception:
    """Why a transaction failed of which the row itself was as expected."""
    reasons = error.response["CancellationReasons"][1 : 1 + len(moves)]
    failed = [
        (change, from_item(reason.get("Item", {})).get("available"))
        for change, reason in zip(moves, reasons, strict=True)
        if reason["Code"] == CONDITION_FAILED
    ]
    # The transaction itself has looked: what it found is what there is, whatever was read before.
    short = {
        change.after.product_id: available or 0
        for change, available in failed
        if available is None or available + change.delta < 0
    }
    if short:
        return ShortageError(short)
    if failed:
        changed = [change.after.product_id for change, _ in failed]
        return OvertakenError(f"the stock of {changed} changed")
    return error


@cache
def stock() -> StockTable[Reservation]:
    """Reservations, in the table that the environment names."""
    return StockTable(os.environ["STOCK_TABLE"], Reservation, "reservation#", movements)


@cache
def restockings() -> StockTable[Restocking]:
    """Restockings, in the same table."""
    name = os.environ["STOCK_TABLE"]
    return StockTable(name, Restocking, "restocking#", delivery, restocks=True)
