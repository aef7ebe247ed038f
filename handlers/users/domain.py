"""Who a user is, and how somebody becomes one."""

from typing import Any

from events.catalogue import UserRegistered
from handlers import fields
from handlers.reading import Reading
from handlers.rows import Change, Row

ALLOWED = ("name", "email")


class User(Row, frozen=True, kw_only=True):
    """A registered user."""

    user_id: str
    full_name: str
    email: str
    created_at: str


class EmailTakenError(Exception):
    """Another user has registered under this e-mail address."""

    def __init__(self) -> None:
        super().__init__("a user with this e-mail address is registered already")


def read(body: object) -> dict[str, Any]:
    """The name and e-mail address in a body; `InvalidRequestError` lists all that is wrong with it."""
    reading = Reading()
    if isinstance(body, dict):
        reading.refuse_others("", body, ALLOWED)
        reading.take("/name", body.get("name"), fields.name)
        reading.take("/email", body.get("email"), fields.email)
    else:
        reading.complain("", "must be a JSON object")
    reading.require()
    return {"full_name": reading.values["/name"], "email": reading.values["/email"]}


def register(registered: User | None, *, user: User) -> Change[User]:
    """Make somebody a user, once."""
    if registered is not None:
        return Change(registered)
    event = UserRegistered(user_id=user.user_id, full_name=user.full_name, email=user.email)
    return Change(user, (event,))


def identity(email: str) -> str:
    """What two spellings of one address have in common: no provider tells upper from lower case."""
    return email.casefold()
