"""Reads what a request says, field by field, and remembers all that is wrong with it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.fields import escaped

MOST_COMPLAINTS = 200
"""More than anybody reads, and few enough for an answer of Lambda's, which may have 6 MB."""


class InvalidRequestError(ValueError):
    """The request cannot be met as it stands; lists all that is wrong with it."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {detail}" for name, detail in wrong.items()))
        self.wrong = wrong
        """What is wrong, by JSON pointer into the body, or by header or parameter."""


@dataclass
class Reading:
    """What could be read of a request, and what is wrong with the rest."""

    values: dict[str, Any] = field(default_factory=dict)
    """Those that are right, by JSON pointer."""
    wrong: dict[str, str] = field(default_factory=dict)
    """What is wrong with the others; one complaint each, the first, and not more than can be answered."""

    def complain(self, pointer: str, detail: str) -> None:
        """Note that something is wrong."""
        if len(self.wrong) < MOST_COMPLAINTS:
            self.wrong.setdefault(pointer, detail)

    def take(self, pointer: str, value: object, read: Callable[[Any], object]) -> None:
        """Read a value that has to be there."""
        if value is None:
            self.complain(pointer, "is required")
        else:
            self.take_if_given(pointer, value, read)

    def take_if_given(self, pointer: str, value: object, read: Callable[[Any], object]) -> None:
        """Read a value that may be left out."""
        if value is None:
            return
        try:
            self.values[pointer] = read(value)
        except ValueError as error:
            self.complain(pointer, str(error))

    def refuse_others(self, pointer: str, given: Iterable[str], allowed: Iterable[str]) -> None:
        """Complain about each field that nobody would read."""
        for name in given:
            if name not in allowed:
                detail = f"is unknown; the fields are {', '.join(allowed)}"
                self.complain(f"{pointer}/{escaped(name)}", detail)

    def require(self) -> None:
        """Raise `InvalidRequestError` if anything is wrong."""
        if self.wrong:
            raise InvalidRequestError(self.wrong)
