"""People register with a name and an e-mail address, and that is told."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from handlers.reading import InvalidRequestError
from handlers.users import domain
from handlers.users.api import register
from handlers.users.domain import User
from tests.handlers.memory import MemoryRows

ADA = {"name": "Ada Lovelace", "email": "ada@example.com"}


def test_a_user_is_registered_and_told_of_with_what_caused_it():
    users = MemoryRows[User]()

    user_id = register(ADA, "req-1", "corr-1", users)

    stored = users.rows[user_id]
    assert (stored.user_id, stored.full_name, stored.email) == (user_id, *ADA.values())
    [told] = users.events
    assert (told.type, told.source, told.data.aggregate_id) == ("user.registered", "users", user_id)
    assert (told.data.full_name, told.data.email) == tuple(ADA.values())
    assert told.metadata.causation_id == "req-1"
    assert told.metadata.correlation_id == "corr-1"
    assert told.metadata.user_id == user_id


def test_each_user_has_an_id_and_a_beginning():
    users = MemoryRows[User]()

    ids = [register(ADA | {"email": f"{name}@example.com"}, "r", "c", users) for name in "ab"]

    assert len({uuid.UUID(user_id) for user_id in ids}) == 2
    for user in users.rows.values():
        age = datetime.now(UTC) - datetime.fromisoformat(user.created_at)
        assert timedelta(seconds=-1) < age < timedelta(minutes=1)


def test_a_user_who_is_there_is_not_registered_again():
    user = User(user_id="1", full_name="Ada", email="a@example.com", created_at="now", version=1)

    change = domain.register(user, user=user)

    assert (change.row, change.events) == (user, ())


def test_spaces_around_a_name_do_not_belong_to_it():
    assert domain.read(ADA | {"name": "  Ada "})["full_name"] == "Ada"


def test_a_name_is_spelled_as_its_script_spells_it():
    name = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"

    assert domain.read(ADA | {"name": name})["full_name"] == name


def test_a_name_may_be_as_long_as_is_said():
    assert domain.read(ADA | {"name": "x" * 128})["full_name"] == "x" * 128


@pytest.mark.parametrize(
    "name", ["", "  ", "\u200d", "\u200c" * 200 + "x", "\ud800", "x" * 129, "a\nb", 7, ["Ada"]]
)
def test_a_name_is_a_short_text(name):
    assert wrong(ADA | {"name": name}) == {
        "/name": "must be a text of 1 to 128 printable characters"
    }


@pytest.mark.parametrize(
    "email",
    [
        "ada",
        "a b@example.com",
        "@example.com",
        ".a@b.c",
        "a.@b.c",
        "a..b@c.d",
        "a" * 65 + "@b.c",
        7,
    ],
)
def test_an_address_has_two_sides(email):
    complaints = wrong(ADA | {"email": email})

    assert list(complaints) == ["/email"]
    assert complaints["/email"].startswith("must be an e-mail address of at most 254")


@pytest.mark.parametrize("body", [None, [], "ada", 1])
def test_a_body_is_an_object(body):
    assert wrong(body) == {"": "must be a JSON object"}


def test_everything_that_is_wrong_is_said_at_once():
    assert wrong({"admin": True}) == {
        "/admin": "is unknown; the fields are name, email",
        "/name": "is required",
        "/email": "is required",
    }


def wrong(body) -> Mapping[str, str]:
    users = MemoryRows[User]()
    with pytest.raises(InvalidRequestError) as refusal:
        register(body, "req-1", "corr-1", users)
    assert users.events == []
    return refusal.value.wrong


def test_one_address_in_two_spellings_is_one_address():
    assert domain.identity("Ada@Example.com") == domain.identity("ada@example.com")
    assert domain.identity("ada@example.com") != domain.identity("ada@example.org")
