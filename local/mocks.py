"""What answers a program when nothing is made of what it declares: as in a first preview, or as after an update."""

import json
from collections.abc import Mapping
from typing import Any

from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks

from policy.guardrails.aws import BUCKET, QUEUE, TABLE, arn_of

REGION, ACCOUNT = "us-east-1", "222222222222"
"""Where the resources of a stack seem to be that does not say it."""
COMPUTED: Mapping[str, Mapping[str, str]] = {
    "aws:apigateway/restApi:RestApi": {
        "executionArn": "arn:aws:execute-api:{region}:{account}:{id}",
        "rootResourceId": "{name}-root",
    },
    "aws:apigateway/stage:Stage": {
        "invokeUrl": "https://{name}.execute-api.{region}.amazonaws.com",
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"prefixListId": "pl-{name}"},
    QUEUE: {"url": "https://sqs.{region}.amazonaws.com/{account}/{name}"},
    TABLE: {"streamArn": "{arn}/stream/2026-01-01T00:00:00.000"},
}
"""What AWS adds to a resource, apart from its id, name and ARN."""


class _Declared(Mocks):
    """Answers each declaration with its own inputs; refuses look-ups."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return None, {
            key: json.dumps(value)
            if key in {"policy", "assumeRolePolicy"} and isinstance(value, dict)
            else value
            for key, value in args.inputs.items()
        }

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"the program looks nothing up, yet it called {args.token}")


class FirstPreview(_Declared):
    """As in a first preview: a resource has no id, no ARN and no computed property yet."""


class Applied(_Declared):
    """As after an update: resources have ids, ARNs and addresses, which follow from their names."""

    def __init__(self, region: str = REGION, account: str = ACCOUNT) -> None:
        self._region, self._account = region, account

    @staticmethod
    def of(config: Mapping[str, str]) -> "Applied":
        """In the region, and in the account, that a stack is configured for."""
        [account] = json.loads(config.get("aws:allowedAccountIds", f'["{ACCOUNT}"]'))
        return Applied(config.get("aws:region", REGION), account)

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Answer with what was declared and what AWS would have computed."""
        _, declared = super().new_resource(args)
        state = {"name": args.name, "arn": f"arn:aws:mock:::{args.name}", **declared}
        # S3 alone calls the name of a bucket otherwise.
        name = state["bucket"] if args.typ == BUCKET else state["name"]
        if arn := arn_of(args.typ, name, self._region, self._account):
            state["arn"] = arn
        known = {
            "id": f"{args.name}-id",
            "name": name,
            "arn": state["arn"],
            "region": self._region,
            "account": self._account,
        }
        computed = COMPUTED.get(args.typ, {})
        return known["id"], state | {key: text.format(**known) for key, text in computed.items()}
