"""Refusals: the business answers that a step of the saga may give instead of doing its work.

The class name is what the saga's state machine catches, so it is part of the contract between the
handlers that raise it and the definition that names it.
"""


class Refusal(Exception):  # noqa: N818 (an answer, not an error)
    """A step had no effect, for a reason that trying again will not change."""


class OutOfStock(Refusal):
    """Not all lines of the order are available."""


class PaymentDeclined(Refusal):
    """The gateway refused the card."""


class OrderWithdrawn(Refusal):
    """The order was given up before this step ran; raised by a step that finds its tombstone."""


class PivotPassed(Refusal):
    """The order is confirmed already, so it can only be completed; raised by the pivot's undo."""
