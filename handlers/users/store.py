"""The users table: users, and which e-mail address is whose."""

import os
from collections.abc import Sequence
from functools import cache
from typing import Any

from events.envelope import Envelope
from handlers.clients import client
from handlers.table import CONDITION_FAILED, Table
from handlers.users.domain import EmailTakenError, User, identity

KEY = "userId"


class UsersTable(Table[User]):
    """Users, written in one transaction with the claim to their e-mail address."""

    def __init__(self, name: str) -> None:
        super().__init__(name, KEY, User)

    def save(self, key: str, row: User, outbox: Sequence[Envelope[Any]]) -> None:
        """Write the user, claim the address and tell of it, or do nothing.

        Raises `EmailTakenError` when the address is another user's.
        """
        canceled = client("dynamodb").exceptions.TransactionCanceledException
        writes = [self.update(key, row), self._claim(row), *map(self.publication, outbox)]
        try:
            self.commit(writes)
        except canceled as error:
            if error.response["CancellationReasons"][1]["Code"] != CONDITION_FAILED:
                raise
            raise EmailTakenError from error

    def _claim(self, user: User) -> dict[str, Any]:
        return {
            "Put": {
                "TableName": self.name,
                "Item": {
                    KEY: {"S": f"email#{identity(user.email)}"},
                    "owner": {"S": user.user_id},
                },
                "ConditionExpression": "attribute_not_exists(#key) OR #owner = :user",
                "ExpressionAttributeNames": {"#key": KEY, "#owner": "owner"},
                "ExpressionAttributeValues": {":user": {"S": user.user_id}},
            }
        }


@cache
def users() -> UsersTable:
    """The table that the environment names."""
    return UsersTable(os.environ["USERS_TABLE"])
