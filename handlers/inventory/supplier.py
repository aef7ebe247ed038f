"""The supplier: what we need of one, and a simulated one that has everything."""

from typing import Protocol


class Supplier(Protocol):
    """Delivers what is ordered, at most once for each key, however often it is asked."""

    def deliver(self, key: str, product_id: str, quantity: int) -> int:
        """Order so many of a product; how many come. The same answer whenever the key is used again."""
        ...


class SimulatedSupplier:
    """A supplier who delivers all that is ordered, at once."""

    def deliver(self, key: str, product_id: str, quantity: int) -> int:  # noqa: ARG002 (the port's)
        """All of it: an answer that follows from the order needs no books to be the same again."""
        return quantity
