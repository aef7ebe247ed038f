"""Users: registers people under an e-mail address that is theirs alone."""

import pulumi

from components.api import Endpoint, answering
from components.bus import Bus
from components.platform import Platform
from components.service import Service


class Users(Service):
    """Owns the users and the claims to their e-mail addresses."""

    def __init__(
        self, platform: Platform, bus: Bus, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("users", {"platform": platform, "bus": bus, "key": "userId"}, opts)
        writing = self.table.allowing("USERS_TABLE", "GetItem", "PutItem", "UpdateItem")
        self.api = self.function("users-api", "api.handler", writing)
        self.register_outputs({})

    def endpoints(self) -> list[Endpoint]:
        """What the service answers to over HTTP."""
        return answering(self.api, ("POST", "/users"))
