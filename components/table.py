"""DynamoDB tables whose changes can be followed."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import dynamodb

from components.arguments import check_arguments
from components.autoscaling import READ_UNITS, WRITE_UNITS, autoscale
from components.link import Link
from components.platform import Platform, physical_name, table_arn


class Index(TypedDict):
    """Another way to look items up."""

    name: str
    """Name of the index."""
    hash_key: str
    """Attribute that items are found by."""
    range_key: str
    """Attribute that items are sorted by."""


class TableArgs(TypedDict):
    """What a table's items are found by."""

    platform: Platform
    """What the stack's components share."""
    hash_key: str
    """Attribute that identifies an item; text."""
    range_key: NotRequired[str]
    """Attribute that identifies it further; text. Default: none."""
    indexes: NotRequired[Sequence[Index]]
    """Further ways to look items up. Default: none."""
    streamed: NotRequired[bool]
    """Whether new items can be followed by a consumer. Default: false."""
    ttl_attribute: NotRequired[str]
    """Attribute with the time, in epoch seconds, after which an item is deleted. Default: none."""


class Table(pulumi.ComponentResource):
    """A table with the stack's capacity, encryption and protection."""

    table_name: pulumi.Output[str]
    """Name to read and write by."""
    stream_arn: pulumi.Output[str]
    """ARN of the stream of changes; empty when the table is not streamed."""

    def __init__(
        self, name: str, args: TableArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, TableArgs)
        _check_names(name, args)
        super().__init__("ordermesh:index:Table", name, {**args}, opts)
        platform = args["platform"]
        self.physical_name = physical_name(platform, name)
        self.static_arn = table_arn(platform, name)
        capacity, indexes = platform["capacity"], args.get("indexes", ())
        if capacity["mode"] not in {"on-demand", "provisioned"}:
            raise ValueError(
                f"table {name!r}: the mode of its capacity is {capacity['mode']!r}; "
                "take 'on-demand' or 'provisioned'"
            )
        provisioned = capacity["mode"] == "provisioned"
        read = capacity.get("read", READ_UNITS) if provisioned else None
        write = capacity.get("write", WRITE_UNITS) if provisioned else None
        keys = [args["hash_key"], args.get("range_key")]
        keys += [index[key] for index in indexes for key in ("hash_key", "range_key")]

        table = dynamodb.Table(
            name,
            name=self.physical_name,
            hash_key=args["hash_key"],
            range_key=args.get("range_key"),
            attributes=[{"name": key, "type": "S"} for key in dict.fromkeys(keys) if key],
            global_secondary_indexes=[
                dynamodb.TableGlobalSecondaryIndexArgsDict(
                    name=index["name"],
                    key_schemas=[
                        {"attribute_name": index["hash_key"], "key_type": "HASH"},
                        {"attribute_name": index["range_key"], "key_type": "RANGE"},
                    ],
                    projection_type="ALL",
                    read_capacity=read,
                    write_capacity=write,
                )
                for index in indexes
            ]
            or None,
            billing_mode="PROVISIONED" if provisioned else "PAY_PER_REQUEST",
            read_capacity=read,
            write_capacity=write,
            stream_enabled=args.get("streamed", False),
            stream_view_type="NEW_IMAGE" if args.get("streamed") else None,
            ttl=dynamodb.TableTtlArgsDict(enabled=True, attribute_name=args["ttl_attribute"])
            if "ttl_attribute" in args
            else None,
            server_side_encryption=dynamodb.TableServerSideEncryptionArgsDict(
                enabled=True, kms_key_arn=platform["key_arn"]
            )
            if "key_arn" in platform
            else None,
            point_in_time_recovery={"enabled": platform["retain_data"]},
            deletion_protection_enabled=platform["retain_data"],
            opts=pulumi.ResourceOptions(
                parent=self,
                # Autoscaling moves the units; a later deployment must not reset them.
                ignore_changes=["readCapacity", "writeCapacity"] if provisioned else None,
            ),
        )
        scaled = pulumi.ResourceOptions(parent=self, depends_on=[table])
        if provisioned:
            autoscale(name, f"table/{self.physical_name}", capacity, scaled)
        for index in indexes if provisioned else ():
            resource_id = f"table/{self.physical_name}/index/{index['name']}"
            autoscale(f"{name}-{index['name']}", resource_id, capacity, scaled)

        self.table_name = table.name
        self.stream_arn = table.stream_arn
        self.register_outputs({"table_name": self.table_name, "stream_arn": self.stream_arn})

    def allowing(self, variable: str, *operations: str) -> Link:
        """Address and the named DynamoDB operations, such as `GetItem`; `variable` holds the name."""
        return {
            "environment": {variable: self.physical_name},
            "actions": [f"dynamodb:{operation}" for operation in operations],
            "resources": [self.static_arn],
        }

    def querying(self, variable: str, index: str) -> Link:
        """Address and permission to query one index."""
        return {
            "environment": {variable: self.physical_name},
            "actions": ["dynamodb:Query"],
            "resources": [f"{self.static_arn}/index/{index}"],
        }

    def following(self) -> list[Link]:
        """What an event source mapping needs of its function's role to read the stream."""
        return [
            {
                "environment": {},
                "actions": [
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                ],
                # The stream's label is the time at which AWS makes it.
                "resources": [f"{self.static_arn}/stream/*"],
            },
            # ListStreams knows no resources.
            {"environment": {}, "actions": ["dynamodb:ListStreams"], "resources": ["*"]},
        ]


def _check_names(name: str, args: TableArgs) -> None:
    names = ("hash_key", "range_key", "ttl_attribute")
    given = [(key, value) for key, value in args.items() if key in names]
    for number, index in enumerate(args.get("indexes", ()), start=1):
        given += [(f"{key} of index {number}", value) for key, value in index.items()]
    for key, value in given:
        if not (isinstance(value, str) and value):
            raise ValueError(f"table {name!r}: {key} is {value!r}; take a name")
