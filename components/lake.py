"""Lakes: what is kept in a bucket as a table, and who may ask it how much."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import athena, glue

from components.arguments import check_arguments
from components.bucket import Bucket
from components.platform import Platform, physical_name

SCAN_LIMIT_MB, SMALLEST_SCAN_LIMIT_MB = 10_240, 10
"""The default costs five cents; the smallest is Athena's."""
MB = 1_048_576
DAY = "day"
"""Column by which the table is partitioned: the day, in UTC, on which a row arrived."""
RESULTS = "results/"
"""Beginning of the keys of what queries answered."""


class Column(TypedDict):
    """A column of the table."""

    name: str
    """Name, in lower case."""
    type: str
    """Type as Hive writes it, such as `array<string>`."""


class Query(TypedDict):
    """A query that is kept for whoever wants to run it."""

    description: str
    """What it answers."""
    sql: str
    """The query, in Athena's SQL."""


class LakeArgs(TypedDict):
    """What is in the bucket, and what may be asked of it."""

    platform: Platform
    """What the stack's components share."""
    bucket: Bucket
    """Where rows and results are."""
    table: str
    """Name of the table. Its rows are JSON, one to a line, below the folder `TABLE/day=YYYY-MM-DD/`."""
    columns: Sequence[Column]
    """The table's columns, without `day`."""
    since: str
    """First day of which there can be rows, such as `2026-01-31`."""
    queries: NotRequired[Mapping[str, Query]]
    """Queries to keep, by their names. Default: none."""
    scan_limit_mb: NotRequired[int]
    """How much one query may read before it is stopped, in MB, 10 or more. Default: 10,240."""


class Lake(pulumi.ComponentResource):
    """A table whose partitions nobody has to add, and a workgroup that limits what a query costs."""

    database_name: pulumi.Output[str]
    """Name of the database that the table is in."""
    workgroup_name: pulumi.Output[str]
    """Workgroup to ask in; it decides on its own where results go."""

    def __init__(
        self, name: str, args: LakeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, LakeArgs)
        super().__init__("ordermesh:index:Lake", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]
        limit = args.get("scan_limit_mb", SCAN_LIMIT_MB)
        if limit < SMALLEST_SCAN_LIMIT_MB:
            raise ValueError(
                f"lake {name!r}: scan_limit_mb is {limit}; Athena takes {SMALLEST_SCAN_LIMIT_MB} or more"
            )

        database = glue.CatalogDatabase(
            name,
            # A dash would have to be quoted in each query.
            name=physical_name(platform, name).replace("-", "_"),
            description=f"What {platform['prefix']} keeps for analysis.",
            opts=child,
        )
        glue.CatalogTable(
            f"{name}-{args['table']}",
            name=args["table"],
            database_name=database.name,
            table_type="EXTERNAL_TABLE",
            parameters=_projected(args),
            partition_keys=[{"name": DAY, "type": "date"}],
            storage_descriptor=_json_lines(args),
            opts=child,
        )
        workgroup = athena.Workgroup(
            f"{name}-workgroup",
            name=physical_name(platform, name),
            configuration=_limited(args, limit * MB),
            force_destroy=not platform["retain_data"],
            opts=child,
        )
        for title, query in args.get("queries", {}).items():
            athena.NamedQuery(
                f"{name}-{title.replace(' ', '-')}",
                name=title,
                description=query["description"],
                database=database.name,
                workgroup=workgroup.name,
                query=query["sql"],
                opts=child,
            )

        self.database_name = database.name
        self.workgroup_name = workgroup.name
        self.register_outputs(
            {"database_name": self.database_name, "workgroup_name": self.workgroup_name}
        )


def partitioned(table: str) -> str:
    """Where Firehose has to put the rows of a table, as its prefix says it."""
    return f"{table}/{DAY}=!{{timestamp:yyyy-MM-dd}}/"


def _location(args: LakeArgs) -> str:
    return f"s3://{args['bucket'].physical_name}/{args['table']}"


def _projected(args: LakeArgs) -> dict[str, str]:
    """The days themselves say which partitions there are, so that no crawler has to look for them."""
    return {
        "EXTERNAL": "TRUE",
        "classification": "json",
        "projection.enabled": "true",
        f"projection.{DAY}.type": "date",
        f"projection.{DAY}.format": "yyyy-MM-dd",
        f"projection.{DAY}.range": f"{args['since']},NOW",
        f"projection.{DAY}.interval": "1",
        f"projection.{DAY}.interval.unit": "DAYS",
        "storage.location.template": f"{_location(args)}/{DAY}=${{{DAY}}}/",
    }


def _json_lines(args: LakeArgs) -> glue.CatalogTableStorageDescriptorArgsDict:
    return {
        "location": f"{_location(args)}/",
        "columns": [{"name": one["name"], "type": one["type"]} for one in args["columns"]],
        "input_format": "org.apache.hadoop.mapred.TextInputFormat",
        "output_format": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "ser_de_info": {
            "serialization_library": "org.openx.data.jsonserde.JsonSerDe",
            # One row that somebody else wrote must not stop every query.
            "parameters": {"case.insensitive": "TRUE", "ignore.malformed.json": "TRUE"},
        },
    }


def _limited(args: LakeArgs, limit_bytes: int) -> athena.WorkgroupConfigurationArgsDict:
    platform = args["platform"]
    return {
        "enforce_workgroup_configuration": True,
        "publish_cloudwatch_metrics_enabled": True,
        "bytes_scanned_cutoff_per_query": limit_bytes,
        "result_configuration": {
            "output_location": f"s3://{args['bucket'].physical_name}/{RESULTS}",
            "expected_bucket_owner": platform["account"],
            "encryption_configuration": {
                "encryption_option": "SSE_KMS",
                "kms_key_arn": platform["key_arn"],
            }
            if "key_arn" in platform
            else {"encryption_option": "SSE_S3"},
        },
    }
