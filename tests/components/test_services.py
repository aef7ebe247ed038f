"""What each function of the order system may do, apart from logging and tracing."""

import json

import pytest

from local.program import Program
from tests.programs import policy_of, stack_program, statements

FUNCTION = "aws:lambda/function:Function"
ACCOUNT = "us-east-1:111111111111"


def table(name: str) -> str:
    return f"arn:aws:dynamodb:{ACCOUNT}:table/ordermesh-dev-{name}"


def writing(name: str) -> set[tuple[str, str]]:
    return {(f"dynamodb:{verb}", table(name)) for verb in ("GetItem", "PutItem", "UpdateItem")}


def consuming(name: str) -> set[tuple[str, str]]:
    queue = f"arn:aws:sqs:{ACCOUNT}:ordermesh-dev-{name}-queue"
    verbs = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
    return {(f"sqs:{verb}", queue) for verb in verbs} | {("sqs:SendMessage", f"{queue}-failures")}


MAY = {
    "orders-api": writing("orders")
    | {
        ("dynamodb:Query", f"{table('orders')}/index/byCustomer"),
        ("dynamodb:BatchGetItem", table("products")),
        ("sqs:SendMessage", f"arn:aws:sqs:{ACCOUNT}:ordermesh-dev-orders-api-failures"),
    },
    "confirm-order": writing("orders"),
    "withdraw-order": {
        ("dynamodb:GetItem", table("orders")),
        ("dynamodb:UpdateItem", table("orders")),
    },
    "settle-order": writing("orders"),
    "track-order": consuming("track-order")
    | {("dynamodb:GetItem", table("orders")), ("dynamodb:UpdateItem", table("orders"))},
    "reserve-stock": writing("inventory"),
    "release-stock": writing("inventory"),
    "charge-card": writing("payments"),
    "refund-card": writing("payments"),
    "ship-order": writing("shipping"),
    "deliver-order": consuming("deliver-order") | writing("shipping"),
    "notify-customer": consuming("notify-customer")
    | writing("notifications")
    | {
        ("sns:Publish", f"arn:aws:sns:{ACCOUNT}:ordermesh-dev-notifications-topic"),
        ("ses:SendEmail", f"arn:aws:ses:{ACCOUNT}:identity/orders@example.com"),
    },
    "record-event": consuming("record-event") | {("dynamodb:PutItem", table("journal"))},
    "journal-api": {("dynamodb:Query", table("journal"))},
    "users-api": writing("users"),
}
TOLD = {
    "orders-api": {"ORDERS_TABLE": "orders", "PRODUCTS_TABLE": "products"},
    "confirm-order": {"ORDERS_TABLE": "orders"},
    "withdraw-order": {"ORDERS_TABLE": "orders"},
    "settle-order": {"ORDERS_TABLE": "orders"},
    "track-order": {"ORDERS_TABLE": "orders"},
    "reserve-stock": {"STOCK_TABLE": "inventory"},
    "release-stock": {"STOCK_TABLE": "inventory"},
    "charge-card": {"PAYMENTS_TABLE": "payments"},
    "refund-card": {"PAYMENTS_TABLE": "payments"},
    "ship-order": {"SHIPMENTS_TABLE": "shipping"},
    "deliver-order": {"SHIPMENTS_TABLE": "shipping"},
    "notify-customer": {"NOTIFICATIONS_TABLE": "notifications"},
    "record-event": {"JOURNAL_TABLE": "journal"},
    "journal-api": {"JOURNAL_TABLE": "journal"},
    "users-api": {"USERS_TABLE": "users"},
}
"""Function to the tables that it is told of."""


@pytest.fixture(scope="module")
def program() -> Program:
    return stack_program("dev")


def test_every_function_but_the_relays_is_listed(program):
    names = {it.name for it in program.of(FUNCTION) if not it.name.endswith("-relay")}

    assert names == set(MAY) == set(TOLD)


@pytest.mark.parametrize("name", MAY)
def test_a_function_may_do_its_work_and_nothing_else(program, name):
    allowed = {
        (action, resource)
        for action, resource in policy_of(program, f"{name}-permissions")
        if not action.startswith(("logs:", "xray:"))
    }

    assert allowed == MAY[name]


@pytest.mark.parametrize("name", TOLD)
def test_a_function_is_told_of_the_tables_that_it_may_use(program, name):
    variables = program.named(FUNCTION, name).inputs["environment"]["variables"]

    assert {key: value for key, value in variables.items() if key.endswith("_TABLE")} == {
        key: f"ordermesh-dev-{table}" for key, table in TOLD[name].items()
    }


def test_the_simulated_gateway_is_told_how_often_to_approve(program):
    for name in ("charge-card", "refund-card"):
        variables = program.named(FUNCTION, name).inputs["environment"]["variables"]
        assert variables["PAYMENT_SUCCESS_RATE"] == "0.9"


def test_customers_are_told_by_mail_and_by_topic(program):
    variables = program.named(FUNCTION, "notify-customer").inputs["environment"]["variables"]

    assert variables["SENDER_EMAIL"] == "orders@example.com"
    assert variables["TOPIC_ARN"] == f"arn:aws:sns:{ACCOUNT}:ordermesh-dev-notifications-topic"
    assert program.only("aws:ses/emailIdentity:EmailIdentity").inputs == {
        "email": "orders@example.com"
    }


def test_the_topic_of_notifications_takes_nothing_in_the_clear(program):
    policy = program.named("aws:sns/topicPolicy:TopicPolicy", "notifications-topic-policy")

    assert policy.inputs["arn"] == "arn:aws:mock:::notifications-topic"
    assert statements(policy) == [
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": f"arn:aws:sns:{ACCOUNT}:ordermesh-dev-notifications-topic",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


@pytest.mark.parametrize(
    ("step", "function", "undo", "refusals"),
    [
        ("ReserveStock", "reserve-stock", "release-stock", ["OutOfStock", "OrderWithdrawn"]),
        ("ChargeCard", "charge-card", "refund-card", ["PaymentDeclined", "OrderWithdrawn"]),
        ("ConfirmOrder", "confirm-order", "withdraw-order", ["OrderWithdrawn"]),
        ("ShipOrder", "ship-order", None, None),
    ],
)
def test_each_step_of_an_order_is_done_and_undone_by_its_service(
    program, step, function, undo, refusals
):
    definition = program.named("aws:sfn/stateMachine:StateMachine", "order-saga").inputs[
        "definition"
    ]
    states = json.loads(definition)["States"]
    arn = f"arn:aws:lambda:{ACCOUNT}:function:ordermesh-dev-"

    assert states[step]["Arguments"]["FunctionName"] == f"{arn}{function}"
    never = [it["ErrorEquals"] for it in states[step]["Retry"] if it["MaxAttempts"] == 0]
    assert never == ([refusals] if refusals else [])
    undoing = states.get(f"Undo{step}", {}).get("Arguments", {}).get("FunctionName")
    assert undoing == (f"{arn}{undo}" if undo else None)


def test_the_order_service_is_told_how_a_saga_ended(program):
    definition = program.named("aws:sfn/stateMachine:StateMachine", "order-saga").inputs[
        "definition"
    ]
    settle = json.loads(definition)["States"]["Settle"]["Arguments"]["FunctionName"]

    assert settle == f"arn:aws:lambda:{ACCOUNT}:function:ordermesh-dev-settle-order"


def test_a_saga_is_given_the_envelope_of_its_event(program):
    assert (
        program.named("aws:cloudwatch/eventTarget:EventTarget", "start-saga-1").inputs["inputPath"]
        == "$.detail"
    )


def test_the_api_offers_what_the_services_answer_to(program):
    methods = {it.name for it in program.of("aws:apigateway/method:Method")}

    assert methods == {
        "api-post-orders",
        "api-get-orders-orderId",
        "api-post-orders-orderId-cancel",
        "api-get-orders-orderId-history",
        "api-post-users",
        "api-get-customers-customerId-orders",
        "api-get-health",
    }


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ("start-saga", ["order.created"]),
        ("track-order-route", ["order.fulfilled", "order.shipped"]),
        ("deliver-order-route", ["order.shipped"]),
        (
            "notify-customer-route",
            ["order.cancelled", "order.confirmed", "order.fulfilled", "order.shipped"],
        ),
    ],
)
def test_each_service_listens_to_the_events_that_concern_it(program, rule, names):
    pattern = program.named("aws:cloudwatch/eventRule:EventRule", rule).inputs["eventPattern"]

    assert json.loads(pattern)["detail-type"] == names


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("orders", "orderId"),
        ("products", "productId"),
        ("inventory", "id"),
        ("payments", "orderId"),
        ("shipping", "orderId"),
        ("notifications", "id"),
    ],
)
def test_items_of_a_table_are_found_by_their_key(program, name, key):
    assert program.named("aws:dynamodb/table:Table", name).inputs["hashKey"] == key


def test_orders_are_found_by_customer_and_time_too(program):
    [index] = program.named("aws:dynamodb/table:Table", "orders").inputs["globalSecondaryIndexes"]

    assert [it["attributeName"] for it in index["keySchemas"]] == ["customerId", "createdAt"]
