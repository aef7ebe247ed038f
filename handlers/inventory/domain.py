"""What may happen to an order's reservation."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec

from events.catalogue import Line, ReservationFailed, StockReleased, StockReserved
from events.refusals import OrderWithdrawn, OutOfStock
from handlers.rows import Change, Row


class Status(StrEnum):
    RESERVED = "RESERVED"
    """The lines are out of the available stock."""
    RELEASED = "RELEASED"
    """The lines are back, or were never taken and never will be."""
    REFUSED = "REFUSED"
    """Too little was available: nothing was taken and nothing will be."""


class Reservation(Row, frozen=True, kw_only=True):
    """An order's hold on stock; a released one without lines was released before it was made."""

    status: Status
    lines: tuple[Line, ...] = ()
    reason: str | None = None
    """Why it was refused."""


def lines_of(items: Iterable[Line]) -> tuple[Line, ...]:
    """One line per product, at the product's first position."""
    wanted = Counter[str]()
    for item in items:
        wanted[item.product_id] += item.quantity
    return tuple(
        Line(product_id=product, quantity=quantity) for product, quantity in wanted.items()
    )


def reserve(
    reservation: Reservation | None, *, order_id: str, lines: tuple[Line, ...]
) -> Change[Reservation]:
    """Take all lines out of stock, once; refused when the order was given up or refused before."""
    if reservation is None:
        return Change(
            Reservation(status=Status.RESERVED, lines=lines),
            (StockReserved(order_id=order_id, lines=lines),),
        )
    refuse_if_over(reservation, order_id=order_id)
    return Change(reservation)


def refuse(reservation: Reservation | None, *, order_id: str, reason: str) -> Change[Reservation]:
    """Note that too little is available, once: who asks again is refused again, whatever came in meanwhile."""
    if reservation is not None:
        return Change(reservation)
    return Change(
        Reservation(status=Status.REFUSED, reason=reason),
        (ReservationFailed(order_id=order_id, reason=reason),),
    )


def refuse_if_over(reservation: Reservation, *, order_id: str) -> None:
    """Raise the refusal that a reservation's state amounts to, if it does."""
    if reservation.status is Status.RELEASED:
        raise OrderWithdrawn(f"order {order_id} was given up before its stock was reserved")
    if reservation.status is Status.REFUSED:
        raise OutOfStock(f"order {order_id}: {reservation.reason}")


def release(reservation: Reservation | None, *, order_id: str) -> Change[Reservation]:
    """Put back what was taken, once; without a reservation, see to it that none is made later."""
    if reservation is None:
        return Change(Reservation(status=Status.RELEASED))
    if reservation.status is not Status.RESERVED:
        return Change(reservation)
    return Change(
        msgspec.structs.replace(reservation, status=Status.RELEASED),
        (StockReleased(order_id=order_id, lines=reservation.lines),),
    )


def movements(reservation: Reservation) -> dict[str, int]:
    """What writing the reservation does to the available stock of each product."""
    direction = -1 if reservation.status is Status.RESERVED else 1
    return {line.product_id: direction * line.quantity for line in reservation.lines}


def shortage(lines: Iterable[Line], available: Mapping[str, int]) -> str:
    """The reason that names each product of which too little is left."""
    return "; ".join(
        f"{line.quantity} of {line.product_id!r} wanted, {available[line.product_id]} available"
        for line in lines
        if line.product_id in available
    )
