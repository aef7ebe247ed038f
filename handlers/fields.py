"""Reads single values of a request; `ValueError` says what is allowed.

A value given as a card is never repeated in a message, for it may be a card number after all.
"""

import re
from decimal import Decimal
from typing import TypeGuard

from handlers import faults

CENT = Decimal("0.01")
MOST_MONEY = Decimal("999999999.99")
MOST_OF_A_PRODUCT = 10_000
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}")
MONEY = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
CARD_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
CARD_NUMBER = re.compile(r"(\d[.-]?){12,19}", re.ASCII)
LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){ATOM}(\.{ATOM})*@{LABEL}(\.{LABEL})*")
"""What browsers take for an address (WHATWG HTML), less what SES refuses: dots at either end, or two in a row."""
LONGEST_EMAIL = 254
LONGEST_QUOTE = 60
LONGEST_PERSON_NAME = 128
JOINERS = {0x200C: None, 0x200D: None}
"""Invisible, and yet part of how names are spelled in Persian and in the scripts of India."""


def identifier(value: object) -> str:
    """The id of a customer or product."""
    if isinstance(value, str) and IDENTIFIER.fullmatch(value):
        return value
    raise ValueError(
        f"is {_quoted(value)}; must be a text of 1 to 128 characters, which are letters, digits "
        "or one of . _ : @ + -, beginning with a letter or digit"
    )


def quantity(value: object) -> int:
    """So many of one product."""
    if _is_number(value) and 1 <= value <= MOST_OF_A_PRODUCT and value == int(value):
        return int(value)
    raise ValueError(f"is {_quoted(value)}; must be a whole number from 1 to {MOST_OF_A_PRODUCT}")


def money(value: object) -> Decimal:
    """An amount in USD, as a number or as text, with two decimals."""
    amount = _decimal(value)
    if amount.is_finite() and 0 <= amount <= MOST_MONEY and amount == amount.quantize(CENT):
        return amount.quantize(CENT).copy_abs()
    raise ValueError(
        f"is {_quoted(value)}; must be an amount from 0.00 to {MOST_MONEY} "
        "with at most two decimals, as a number or as text"
    )


def card(value: object) -> str:
    """A payment token."""
    if isinstance(value, str) and CARD_TOKEN.fullmatch(value) and not CARD_NUMBER.fullmatch(value):
        return value
    raise ValueError(
        "must be a payment token, never a card number: a text of 1 to 64 characters, "
        "which are letters, digits or one of . _ -"
    )


def email(value: object) -> str:
    """Where the customer wants to hear about the order."""
    if isinstance(value, str) and len(value) <= LONGEST_EMAIL and EMAIL.fullmatch(value):
        return value
    raise ValueError(f"must be an e-mail address of at most {LONGEST_EMAIL} ASCII characters")


def name(value: object) -> str:
    """What somebody is called."""
    text = value.strip() if isinstance(value, str) else ""
    seen = text.translate(JOINERS)
    if seen and len(text) <= LONGEST_PERSON_NAME and seen.isprintable():
        return text
    raise ValueError(f"must be a text of 1 to {LONGEST_PERSON_NAME} printable characters")


def faults_by_state(value: object) -> dict[str, str]:
    """Failures to provoke: the name of a step of the saga, or of a listener, to `<kind>:<when>`."""
    if not isinstance(value, dict):
        raise ValueError(
            "must be a JSON object from the name of a step or listener to <kind>:<when>"
        )
    for fault in value.values():
        faults.parse(fault)
    return value


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901), which is not repeated in full when it is long."""
    return _shortened(name).replace("~", "~0").replace("/", "~1")


def _decimal(value: object) -> Decimal:
    if isinstance(value, str) and MONEY.fullmatch(value):
        return Decimal(value)
    return Decimal(str(value)) if _is_number(value) else Decimal("NaN")


def _is_number(value: object) -> TypeGuard[int | float | Decimal]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _quoted(value: object) -> str:
    # A number is shown as it was written, whatever it was read as.
    return _shortened(str(value) if isinstance(value, Decimal) else ascii(value))


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."
