"""The shipments table."""

import os
from functools import cache

from handlers.shipping.domain import Shipment
from handlers.table import Table


@cache
def shipments() -> Table[Shipment]:
    """The table that the environment names."""
    return Table(os.environ["SHIPMENTS_TABLE"], "orderId", Shipment)
