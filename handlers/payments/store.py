"""The payments table: our record of each payment and, apart from it, the simulated gateway's books."""

import os
from functools import cache

from handlers.choreography import Remembered
from handlers.payments.domain import Payment
from handlers.payments.gateway import Book
from handlers.table import Table


@cache
def payments() -> Table[Payment]:
    """Our records, in the table that the environment names."""
    return Table(os.environ["PAYMENTS_TABLE"], "orderId", Payment)


@cache
def orders() -> Table[Remembered]:
    """Orders whose cards are to be charged, under keys of their own in the same table."""
    return Table(os.environ["PAYMENTS_TABLE"], "orderId", Remembered, prefix="order#")


@cache
def books() -> Table[Book]:
    """The gateway's books, under keys of their own in the same table."""
    return Table(os.environ["PAYMENTS_TABLE"], "orderId", Book, prefix="gateway#")
