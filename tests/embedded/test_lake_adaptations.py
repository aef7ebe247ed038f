"""Firehose and Athena behave like AWS's where the emulator's would not; each test fails without its adaptation."""

import gzip
import json
from typing import Any

import pytest

from tests.embedded.conftest import ROLE_ARN, Workbench, eventually

pytestmark = pytest.mark.embedded

DELIMITER = {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord"}]}
OPENX = "org.openx.data.jsonserde.JsonSerDe"


def bucket(bench: Workbench) -> str:
    name = bench.name()
    bench.client("s3").create_bucket(Bucket=name)
    return name


def delivery(bench: Workbench, to: str, seconds: int, **settings: Any) -> str:
    name = bench.name()
    bench.client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        ExtendedS3DestinationConfiguration={
            "BucketARN": f"arn:aws:s3:::{to}",
            "RoleARN": ROLE_ARN,
            "BufferingHints": {"IntervalInSeconds": seconds, "SizeInMBs": 1},
            **settings,
        },
    )
    return name


def put(bench: Workbench, stream: str, *records: bytes) -> None:
    bench.client("firehose").put_record_batch(
        DeliveryStreamName=stream, Records=[{"Data": record} for record in records]
    )


def written(bench: Workbench, name: str) -> dict[str, bytes]:
    """Key and content of what a bucket has, once it has something."""
    s3 = bench.client("s3")
    found = eventually(lambda: s3.list_objects_v2(Bucket=name).get("Contents"))
    return {one["Key"]: s3.get_object(Bucket=name, Key=one["Key"])["Body"].read() for one in found}


def test_records_of_an_interval_become_one_object_with_nothing_between_them(bench: Workbench):
    there = bucket(bench)

    put(bench, delivery(bench, there, 1), b"a", b"b", b"c")

    assert list(written(bench, there).values()) == [b"abc"]


def test_a_record_ends_with_its_line_if_the_stream_says_so(bench: Workbench):
    there = bucket(bench)

    put(bench, delivery(bench, there, 1, ProcessingConfiguration=DELIMITER), b"a", b"b")

    assert list(written(bench, there).values()) == [b"a\nb\n"]


def test_objects_are_compressed_if_the_stream_says_so(bench: Workbench):
    there = bucket(bench)

    put(bench, delivery(bench, there, 1, CompressionFormat="GZIP"), b"a" * 1000)

    [(key, content)] = written(bench, there).items()
    assert key.endswith(".gz")
    assert gzip.decompress(content) == b"a" * 1000
    assert len(content) < 100


def test_a_full_buffer_is_written_before_its_interval_is_over(bench: Workbench):
    there = bucket(bench)
    stream = delivery(bench, there, 900)

    put(bench, stream, b"a" * 600_000)
    assert "Contents" not in bench.client("s3").list_objects_v2(Bucket=there)
    put(bench, stream, b"b" * 600_000)

    assert [len(content) for content in written(bench, there).values()] == [1_200_000]


def table(bench: Workbench, *lines: str, **options: str) -> tuple[str, str]:
    """Database and bucket of a table `t` with the columns `id` and `data`, and with these lines."""
    there, database, glue = bucket(bench), bench.name().replace("-", "_"), bench.client("glue")
    if lines:
        bench.client("s3").put_object(Bucket=there, Key="t/1", Body="\n".join(lines).encode())
    glue.create_database(DatabaseInput={"Name": database})
    columns = {"id": "string", "data": "struct<total:string,lines:array<struct<sku:string>>>"}
    glue.create_table(
        DatabaseName=database,
        TableInput={
            "Name": "t",
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"classification": "json"},
            "StorageDescriptor": {
                "Location": f"s3://{there}/t/",
                "Columns": [{"Name": name, "Type": type_} for name, type_ in columns.items()],
                "SerdeInfo": {"SerializationLibrary": OPENX, "Parameters": options},
            },
        },
    )
    return database, there


def ask(bench: Workbench, where: tuple[str, str], sql: str) -> list[list[str | None]] | str:
    """The rows that a query finds, or why it failed."""
    athena, (database, there) = bench.client("athena"), where
    query = athena.start_query_execution(
        QueryString=sql,
        QueryExecutionContext={"Database": database},
        ResultConfiguration={"OutputLocation": f"s3://{there}/results/"},
    )["QueryExecutionId"]

    def ended() -> dict[str, Any] | None:
        status = athena.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
        return status if status["State"] in {"SUCCEEDED", "FAILED"} else None

    status = eventually(ended)
    assert status
    if status["State"] == "FAILED":
        return status["StateChangeReason"]
    _, *rows = athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    return [[value.get("VarCharValue") for value in row["Data"]] for row in rows]


def test_columns_are_those_that_were_declared_and_as_they_were_declared(bench: Workbench):
    rows = table(
        bench,
        json.dumps({"ID": 7, "data": {"Total": "1.50", "Lines": [{"SKU": "lamp"}]}, "more": 1}),
        json.dumps({"id": "2026-01-31T08:00:00Z", "data": {}}),
    )

    assert ask(bench, rows, "SELECT id, data.total, data.lines[1].sku FROM t ORDER BY id") == [
        ["2026-01-31T08:00:00Z", None, None],
        ["7", "1.50", "lamp"],
    ]
    assert "more" in ask(bench, rows, "SELECT more FROM t")


def test_a_table_without_rows_has_its_columns_too(bench: Workbench):
    assert ask(bench, table(bench), "SELECT data.total FROM t") == []


def test_only_the_first_object_of_a_line_is_read(bench: Workbench):
    rows = table(bench, '{"id": "1"}{"id": "2"}', '{"id": "3"}')

    assert ask(bench, rows, "SELECT id FROM t ORDER BY id") == [["1"], ["3"]]


@pytest.mark.parametrize("line", ["not an object", '"a text"'])
def test_a_line_that_is_no_object_is_empty_or_fails_the_query(bench: Workbench, line: str):
    tolerant = table(bench, '{"id": "1"}', line, **{"ignore.malformed.json": "TRUE"})
    strict = table(bench, '{"id": "1"}', line)

    assert ask(bench, tolerant, "SELECT id FROM t ORDER BY id NULLS LAST") == [["1"], [None]]
    assert "Row is not a valid JSON Object" in ask(bench, strict, "SELECT id FROM t")
