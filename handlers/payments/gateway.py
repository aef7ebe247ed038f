"""The payment gateway: what we need of one, and a simulated one that keeps books of its own."""

import hashlib
from collections.abc import Callable
from typing import Protocol

import msgspec

from handlers.payments.domain import Approved, Closed, Declined, Verdict
from handlers.rows import Change, Row, Rows, carry_out

ALWAYS = {"tok_approved": True, "tok_declined": False, "tok_charged_then_error": True}
"""Tokens whose approval does not depend on the success rate."""
FAILING_AFTERWARDS = {"tok_charged_then_error"}
"""Tokens whose charge is never confirmed."""


class PaymentGateway(Protocol):
    """Takes money and gives it back, at most once per key, however often it is asked."""

    def charge(self, key: str, amount: str, token: str) -> Verdict:
        """Take the money; the same answer whenever the key is charged again."""
        ...

    def refund(self, key: str) -> str | None:
        """Give back what the key was charged, and refuse every later charge of it.

        Answers what has been given back in all, None if nothing was ever charged.
        """
        ...


class GatewayError(Exception):
    """The gateway did not answer, or not sensibly: whether it took the money is unknown."""


class GatewayDownError(GatewayError):
    """The gateway takes no requests at all; it said so, or could not be reached."""


class Book(Row, frozen=True, kw_only=True):
    """The gateway's own record of one key: the truth about the money."""

    charged: str | None = None
    refunded: str | None = None
    declined: str | None = None
    """Why the card was refused."""
    closed: bool = False
    """Whether the key was refunded, so that it is never charged again."""

    @property
    def verdict(self) -> Verdict:
        """What the gateway answers whenever the key is charged."""
        if self.closed:
            return Closed()
        return Declined(self.declined) if self.declined else Approved()


class SimulatedGateway:
    """A gateway whose answers follow from the card's token, and are the same in every run."""

    def __init__(self, books: Rows[Book], success_rate: float, hang: Callable[[], None]) -> None:
        self._books = books
        self._success_rate = success_rate
        self._hang = hang

    def charge(self, key: str, amount: str, token: str) -> Verdict:
        """Approve, decline or fail as the token says."""
        match token:
            case "tok_gateway_down":
                raise GatewayDownError(f"the gateway took no request about {key}")
            case "tok_timeout":
                self._hang()
                raise GatewayError(f"no answer about {key} in time")
            case "tok_error":
                raise GatewayError(f"the gateway failed before charging {key}")
        book = carry_out(self._books, key, lambda found: self._charged(found, key, amount, token))
        if book.charged and token in FAILING_AFTERWARDS:
            raise GatewayError(f"the gateway failed after charging {key}")
        return book.verdict

    def refund(self, key: str) -> str | None:
        """Give back what was charged, or close the key."""
        return carry_out(self._books, key, _refunded).refunded

    def _charged(self, book: Book | None, key: str, amount: str, token: str) -> Change[Book]:
        if book is not None:
            return Change(book)
        approved = self._approves(key, token)
        return Change(Book(charged=amount) if approved else Book(declined="the card was refused"))

    def _approves(self, key: str, token: str) -> bool:
        if token in ALWAYS:
            return ALWAYS[token]
        digest = hashlib.sha256(f"{key} {token}".encode()).digest()
        return int.from_bytes(digest[:8]) / 2**64 < self._success_rate


def _refunded(book: Book | None) -> Change[Book]:
    found = book or Book()
    return Change(msgspec.structs.replace(found, closed=True, refunded=found.charged))
