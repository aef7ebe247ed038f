"""Keeps every event of the catalogue."""

from events.catalogue import CATALOGUE
from handlers.batch import Delivery, consumer
from handlers.journal.store import journal


@consumer(*CATALOGUE)
def handler(delivery: Delivery) -> None:
    """Entry point: keep one event, however many copies of it arrive."""
    journal().record(delivery.envelope)
