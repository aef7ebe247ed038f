"""Values that a condition compares with, and that are none of what its operator compares."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from .addresses import range_of
from .documents import Test

_DATE = re.compile(r"\d+(-\d\d)?")
"""A year, with a month or without, or seconds since 1970; all other dates are read as such."""


def _is_logical(value: str) -> bool:
    return value.lower() in {"true", "false"}


def _is_address(value: str) -> bool:
    return range_of(value) is not None


def _is_date(value: str) -> bool:
    return bool(_DATE.fullmatch(value)) or _can(lambda: datetime.fromisoformat(value))


def _is_number(value: str) -> bool:
    return _can(lambda: float(value))


def _can(read: Callable[[], object]) -> bool:
    try:
        read()
    except ValueError:
        return False
    return True


_COMPARED: Mapping[str, tuple[Callable[[str], bool], str]] = {
    r"Bool|Null": (_is_logical, "true or false"),
    r"(Not)?IpAddress": (_is_address, "an address or a range of them, such as 10.0.0.0/8"),
    r"Date(Not)?(Equals|(Less|Greater)Than(Equals)?)": (_is_date, "a date, such as 2027-03-31"),
    r"Numeric(Not)?(Equals|(Less|Greater)Than(Equals)?)": (_is_number, "a number"),
}
"""For operators: what a value has to be, and how to say so. All others compare texts."""


def misfits(test: Test) -> tuple[list[str], str]:
    """The values of a condition that its operator cannot compare with anything, and what it does compare with."""
    operator = test.operator.rpartition(":")[2].removesuffix("IfExists")
    for pattern, (fits, compared) in _COMPARED.items():
        if re.fullmatch(pattern, operator):
            return [each for each in test.values if "${" not in each and not fits(each)], compared
    return [], ""
