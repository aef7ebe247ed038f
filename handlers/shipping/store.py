"""The shipments table."""

import os
from functools import cache

from handlers.choreography import Remembered
from handlers.shipping.domain import Shipment
from handlers.table import Table


@cache
def orders() -> Table[Remembered]:
    """Orders that are to be shipped, under keys of their own in the same table."""
    return Table(os.environ["SHIPMENTS_TABLE"], "orderId", Remembered, prefix="order#")


@cache
def shipments() -> Table[Shipment]:
    """The table that the environment names."""
    return Table(os.environ["SHIPMENTS_TABLE"], "orderId", Shipment)
