from typing import cast

import pytest

from components.platform import Capacity, Platform
from components.table import Table, TableArgs
from tests.programs import PLATFORM, declared_by, made

TABLE = "aws:dynamodb/table:Table"
TARGET, POLICY = "aws:appautoscaling/target:Target", "aws:appautoscaling/policy:Policy"
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/shop-test-orders"
ARGS: TableArgs = {"platform": PLATFORM, "hash_key": "orderId"}
INDEXED: TableArgs = {
    **ARGS,
    "indexes": [{"name": "byCustomer", "hash_key": "customerId", "range_key": "createdAt"}],
}
PROVISIONED: Capacity = {"mode": "provisioned"}


def on(capacity: Capacity) -> Platform:
    return {**PLATFORM, "capacity": capacity}


def test_a_table_is_paid_by_request_and_can_be_deleted_unless_told():
    assert declared_by(lambda: Table("orders", ARGS)).only(TABLE).inputs == {
        "name": "shop-test-orders",
        "hashKey": "orderId",
        "attributes": [{"name": "orderId", "type": "S"}],
        "billingMode": "PAY_PER_REQUEST",
        "streamEnabled": False,
        "pointInTimeRecovery": {"enabled": False},
        "deletionProtectionEnabled": False,
    }


def test_a_table_can_have_a_range_key():
    inputs = declared_by(lambda: Table("orders", {**ARGS, "range_key": "line"})).only(TABLE).inputs

    assert (inputs["hashKey"], inputs["rangeKey"]) == ("orderId", "line")
    assert [it["name"] for it in inputs["attributes"]] == ["orderId", "line"]


def test_a_table_can_be_followed_and_its_items_can_expire():
    args: TableArgs = {**ARGS, "streamed": True, "ttl_attribute": "expiresAt"}

    inputs = declared_by(lambda: Table("orders", args)).only(TABLE).inputs

    assert (inputs["streamEnabled"], inputs["streamViewType"]) == (True, "NEW_IMAGE")
    assert inputs["ttl"] == {"enabled": True, "attributeName": "expiresAt"}


def test_items_can_be_looked_up_in_a_second_way():
    inputs = declared_by(lambda: Table("orders", INDEXED)).only(TABLE).inputs

    assert inputs["globalSecondaryIndexes"] == [
        {
            "name": "byCustomer",
            "keySchemas": [
                {"attributeName": "customerId", "keyType": "HASH"},
                {"attributeName": "createdAt", "keyType": "RANGE"},
            ],
            "projectionType": "ALL",
        }
    ]
    assert [it["name"] for it in inputs["attributes"]] == ["orderId", "customerId", "createdAt"]


def test_an_attribute_that_is_in_two_keys_is_declared_once():
    args: TableArgs = {
        **ARGS,
        "indexes": [{"name": "i", "hash_key": "status", "range_key": "orderId"}],
    }

    inputs = declared_by(lambda: Table("orders", args)).only(TABLE).inputs

    assert [it["name"] for it in inputs["attributes"]] == ["orderId", "status"]


def test_data_that_is_retained_is_protected_and_can_be_restored():
    platform: Platform = {**PLATFORM, "retain_data": True}

    inputs = declared_by(lambda: Table("orders", {**ARGS, "platform": platform})).only(TABLE).inputs

    assert inputs["pointInTimeRecovery"] == {"enabled": True}
    assert inputs["deletionProtectionEnabled"] is True


def test_with_a_customer_key_a_table_is_encrypted_with_it():
    platform: Platform = {**PLATFORM, "key_arn": "arn:key"}

    inputs = declared_by(lambda: Table("orders", {**ARGS, "platform": platform})).only(TABLE).inputs

    assert inputs["serverSideEncryption"] == {"enabled": True, "kmsKeyArn": "arn:key"}


def test_on_demand_nothing_is_scaled():
    assert declared_by(lambda: Table("orders", INDEXED)).of(TARGET) == []


def test_provisioned_units_are_five_at_rest_and_a_hundred_at_most_unless_told():
    program = declared_by(lambda: Table("orders", {**INDEXED, "platform": on(PROVISIONED)}))

    inputs = program.only(TABLE).inputs
    [index] = inputs["globalSecondaryIndexes"]
    assert inputs["billingMode"] == "PROVISIONED"
    assert (inputs["readCapacity"], inputs["writeCapacity"]) == (5, 5)
    assert (index["readCapacity"], index["writeCapacity"]) == (5, 5)
    assert {(it.inputs["minCapacity"], it.inputs["maxCapacity"]) for it in program.of(TARGET)} == {
        (5, 100)
    }


def test_provisioned_units_can_be_chosen():
    capacity: Capacity = {"mode": "provisioned", "read": 7, "write": 9, "max": 50}
    program = declared_by(lambda: Table("orders", {**INDEXED, "platform": on(capacity)}))

    inputs = program.only(TABLE).inputs
    [index] = inputs["globalSecondaryIndexes"]
    assert (inputs["readCapacity"], inputs["writeCapacity"]) == (7, 9)
    assert (index["readCapacity"], index["writeCapacity"]) == (7, 9)
    assert {
        it.inputs["scalableDimension"]: (it.inputs["minCapacity"], it.inputs["maxCapacity"])
        for it in program.of(TARGET)
    } == {
        "dynamodb:table:ReadCapacityUnits": (7, 50),
        "dynamodb:table:WriteCapacityUnits": (9, 50),
        "dynamodb:index:ReadCapacityUnits": (7, 50),
        "dynamodb:index:WriteCapacityUnits": (9, 50),
    }


def test_without_an_index_only_the_table_is_scaled():
    program = declared_by(lambda: Table("orders", {**ARGS, "platform": on(PROVISIONED)}))

    assert {it.inputs["resourceId"] for it in program.of(TARGET)} == {"table/shop-test-orders"}


def test_units_follow_the_load_at_seventy_percent():
    program = declared_by(lambda: Table("orders", {**INDEXED, "platform": on(PROVISIONED)}))
    index = "table/shop-test-orders/index/byCustomer"

    assert program.named(TARGET, "orders-byCustomer-index-read-units").inputs == {
        "serviceNamespace": "dynamodb",
        "resourceId": index,
        "scalableDimension": "dynamodb:index:ReadCapacityUnits",
        "minCapacity": 5,
        "maxCapacity": 100,
    }
    assert program.named(POLICY, "orders-table-write-scaling").inputs == {
        "name": "orders-table-write-scaling",
        "policyType": "TargetTrackingScaling",
        "serviceNamespace": "dynamodb",
        "resourceId": "table/shop-test-orders",
        "scalableDimension": "dynamodb:table:WriteCapacityUnits",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": 70,
            "predefinedMetricSpecification": {
                "predefinedMetricType": "DynamoDBWriteCapacityUtilization"
            },
        },
    }


def test_units_are_scaled_once_the_table_exists():
    program = declared_by(lambda: Table("orders", {**INDEXED, "platform": on(PROVISIONED)}))

    assert len(program.of(TARGET)) == 4
    for target in program.of(TARGET):
        assert program.only(TABLE).urn in target.dependencies


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"hash_key": ""}, "hash_key is ''"),
        ({"hash_key": 5}, "hash_key is 5"),
        ({"range_key": None}, "range_key is None"),
        ({"ttl_attribute": ""}, "ttl_attribute is ''"),
        (
            {
                "indexes": [
                    *INDEXED.get("indexes", ()),
                    {"name": "i", "hash_key": "a", "range_key": ""},
                ]
            },
            "range_key of index 2 is ''",
        ),
        ({"indexes": [{"name": "", "hash_key": "a", "range_key": "b"}]}, "name of index 1 is ''"),
    ],
)
def test_what_is_no_name_is_refused(changed, complaint):
    with pytest.raises(ValueError, match=f"^table 'orders': {complaint}; take a name$"):
        declared_by(lambda: Table("orders", cast("TableArgs", {**ARGS, **changed})))


def test_a_capacity_of_an_unknown_mode_is_refused():
    with pytest.raises(
        ValueError,
        match=r"^table 'orders': the mode of its capacity is 'reserved'; "
        "take 'on-demand' or 'provisioned'$",
    ):
        declared_by(lambda: Table("orders", {**ARGS, "platform": on({"mode": "reserved"})}))


@pytest.mark.parametrize(
    ("verb", "capacity"),
    [
        ("read", {"mode": "provisioned", "max": 50, "read": 51}),
        ("write", {"mode": "provisioned", "max": 50, "write": 51}),
    ],
)
def test_a_capacity_above_its_own_maximum_is_refused(verb, capacity):
    with pytest.raises(
        ValueError,
        match=f"^table/shop-test-orders has {verb} capacity of 51 units; "
        "that must not exceed max, which is 50$",
    ):
        declared_by(lambda: Table("orders", {**ARGS, "platform": on(capacity)}))


def test_a_capacity_may_be_its_own_maximum():
    capacity: Capacity = {"mode": "provisioned", "read": 50, "write": 50, "max": 50}

    program = declared_by(lambda: Table("orders", {**ARGS, "platform": on(capacity)}))

    assert {it.inputs["minCapacity"] for it in program.of(TARGET)} == {50}


def test_a_link_to_a_table_carries_its_name_and_the_operations():
    table, _ = made(lambda: Table("orders", INDEXED))

    assert table.allowing("ORDERS_TABLE", "GetItem", "PutItem") == {
        "environment": {"ORDERS_TABLE": "shop-test-orders"},
        "actions": ["dynamodb:GetItem", "dynamodb:PutItem"],
        "resources": [ARN],
    }


def test_a_link_to_an_index_allows_queries_of_it_alone():
    table, _ = made(lambda: Table("orders", INDEXED))

    assert table.querying("ORDERS_TABLE", "byCustomer") == {
        "environment": {"ORDERS_TABLE": "shop-test-orders"},
        "actions": ["dynamodb:Query"],
        "resources": [f"{ARN}/index/byCustomer"],
    }


def test_who_follows_a_table_may_read_its_stream():
    table, _ = made(lambda: Table("orders", ARGS))

    assert table.following() == [
        {
            "environment": {},
            "actions": [
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
            ],
            "resources": [f"{ARN}/stream/*"],
        },
        {"environment": {}, "actions": ["dynamodb:ListStreams"], "resources": ["*"]},
    ]
