"""The notices table."""

import os
from functools import cache

from handlers.notifications.domain import Notice
from handlers.table import Table


@cache
def notices() -> Table[Notice]:
    """The table that the environment names."""
    return Table(os.environ["NOTIFICATIONS_TABLE"], "id", Notice, prefix="notice#")
