"""The users API."""

import uuid
from functools import partial
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from events.envelope import Metadata, utc_now
from handlers import rest
from handlers.rows import Rows, carry_out
from handlers.users import domain
from handlers.users.domain import EmailTakenError, User
from handlers.users.store import users

app = rest.resolver({EmailTakenError: HTTPStatus.CONFLICT})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Entry point: answer a request to the API."""
    return app.resolve(event, context)


@app.post("/users")
def post_user() -> Response[str]:
    user_id = register(rest.body(app), rest.request_id(app), rest.correlation_id(app), users())
    return rest.answer(HTTPStatus.CREATED, {"userId": user_id})


rest.refuse_other_methods(app, "/users", "POST")


def register(body: object, request_id: str, correlation_id: str, rows: Rows[User]) -> str:
    """Make somebody a user and tell of it; the user's id.

    Raises `InvalidRequestError`, or `EmailTakenError` when the address is another user's.
    """
    user = User(user_id=str(uuid.uuid4()), created_at=utc_now(), **domain.read(body))
    metadata = Metadata(
        correlation_id=correlation_id, causation_id=request_id, user_id=user.user_id
    )
    return carry_out(rows, user.user_id, partial(domain.register, user=user), metadata).user_id
