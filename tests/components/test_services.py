"""What each function of the order system may do, apart from logging and tracing."""

import json
from typing import Any

import pytest

from local.program import Program, declare
from tests.programs import policy_of, statements

FUNCTION = "aws:lambda/function:Function"
ACCOUNT = "us-east-1:111111111111"
BUS = f"arn:aws:events:{ACCOUNT}:event-bus/ordermesh-dev-bus"


def table(name: str) -> str:
    return f"arn:aws:dynamodb:{ACCOUNT}:table/ordermesh-dev-{name}"


def writing(name: str) -> set[tuple[str, str]]:
    return {(f"dynamodb:{verb}", table(name)) for verb in ("GetItem", "PutItem", "UpdateItem")}


def all_states(states: dict[str, Any]) -> dict[str, Any]:
    """The states of a machine, those within its parallel states too."""
    found = dict(states)
    for state in states.values():
        for branch in state.get("Branches", ()):
            found |= all_states(branch["States"])
    return found


def consuming(name: str) -> set[tuple[str, str]]:
    queue = f"arn:aws:sqs:{ACCOUNT}:ordermesh-dev-{name}-queue"
    verbs = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
    return {(f"sqs:{verb}", queue) for verb in verbs} | {("sqs:SendMessage", f"{queue}-failures")}


TELLING = {
    ("sns:Publish", f"arn:aws:sns:{ACCOUNT}:ordermesh-dev-notifications-topic"),
    ("ses:SendEmail", f"arn:aws:ses:{ACCOUNT}:identity/orders@example.com"),
}
MOVING = writing("inventory") | {("dynamodb:BatchGetItem", table("inventory"))}
ALWAYS = {
    "orders-api": writing("orders")
    | {
        ("dynamodb:Query", f"{table('orders')}/index/byCustomer"),
        ("dynamodb:BatchGetItem", table("products")),
        ("sqs:SendMessage", f"arn:aws:sqs:{ACCOUNT}:ordermesh-dev-orders-api-failures"),
    },
    "track-order": consuming("track-order")
    | {("dynamodb:GetItem", table("orders")), ("dynamodb:UpdateItem", table("orders"))},
    "deliver-order": consuming("deliver-order") | writing("shipping"),
    "notify-customer": consuming("notify-customer") | writing("notifications") | TELLING,
    "record-event": consuming("record-event") | {("dynamodb:PutItem", table("journal"))},
    "journal-api": {("dynamodb:Query", table("journal"))},
    "users-api": writing("users"),
    "payments-api": {("dynamodb:GetItem", table("payments"))},
    "restock-product": consuming("restock-product") | MOVING,
    "check-availability": {
        ("dynamodb:BatchGetItem", table("products")),
        ("dynamodb:GetItem", table("answers")),
        ("events:PutEvents", BUS),
    },
    "take-answer": consuming("take-answer") | {("dynamodb:PutItem", table("answers"))},
    "answer-check": consuming("answer-check")
    | {("dynamodb:BatchGetItem", table("inventory")), ("events:PutEvents", BUS)},
}
TASKS = {
    "confirm-order": writing("orders"),
    "withdraw-order": {
        ("dynamodb:GetItem", table("orders")),
        ("dynamodb:UpdateItem", table("orders")),
    },
    "settle-order": writing("orders"),
    "reserve-stock": MOVING,
    "release-stock": MOVING,
    "charge-card": writing("payments"),
    "refund-card": writing("payments"),
    "ship-order": writing("shipping"),
    "send-confirmation": writing("notifications") | TELLING,
}
PARTICIPANTS = {
    name: consuming(name) | (MOVING if service == "inventory" else writing(service))
    for name, service in {
        "reserve-on-order": "inventory",
        "release-on-cancellation": "inventory",
        "charge-on-reservation": "payments",
        "refund-on-cancellation": "payments",
        "confirm-on-payment": "orders",
        "cancel-on-refusal": "orders",
        "sweep-orders": "orders",
        "ship-on-confirmation": "shipping",
    }.items()
}
MAY = {"orchestrated": ALWAYS | TASKS, "choreographed": ALWAYS | PARTICIPANTS}
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
    "send-confirmation": {"NOTIFICATIONS_TABLE": "notifications"},
    "record-event": {"JOURNAL_TABLE": "journal"},
    "journal-api": {"JOURNAL_TABLE": "journal"},
    "users-api": {"USERS_TABLE": "users"},
    "payments-api": {"PAYMENTS_TABLE": "payments"},
    "check-availability": {"PRODUCTS_TABLE": "products", "ANSWERS_TABLE": "answers"},
    "take-answer": {"ANSWERS_TABLE": "answers"},
    "answer-check": {"STOCK_TABLE": "inventory"},
    "restock-product": {"STOCK_TABLE": "inventory"},
}
"""Function to the tables that it is told of."""


@pytest.fixture(scope="module")
def program() -> Program:
    return declare("dev")


@pytest.fixture(scope="module")
def choreographed() -> Program:
    return declare("dev", coordination="choreographed")


@pytest.mark.parametrize("coordination", MAY)
def test_a_function_may_do_its_work_and_nothing_else(coordination):
    program = declare("dev", coordination=coordination)
    functions = [it.name for it in program.of(FUNCTION) if not it.name.endswith("-relay")]
    allowed = {
        name: {
            (action, resource)
            for action, resource in policy_of(program, f"{name}-permissions")
            if not action.startswith(("logs:", "xray:"))
        }
        for name in functions
    }

    assert allowed == MAY[coordination]


@pytest.mark.parametrize(
    ("participant", "handler", "events"),
    [
        ("reserve-on-order", "inventory.choreography.reserve", ["order.created"]),
        (
            "charge-on-reservation",
            "payments.choreography.charge",
            ["inventory.reserved", "order.created"],
        ),
        ("confirm-on-payment", "orders.choreography.confirm", ["payment.processed"]),
        (
            "ship-on-confirmation",
            "shipping.choreography.ship",
            ["order.confirmed", "order.created"],
        ),
        (
            "cancel-on-refusal",
            "orders.choreography.cancel",
            ["inventory.failed", "payment.failed"],
        ),
        (
            "release-on-cancellation",
            "inventory.choreography.release",
            ["order.cancelled", "payment.failed"],
        ),
        ("refund-on-cancellation", "payments.choreography.refund", ["order.cancelled"]),
        (
            "sweep-orders",
            "orders.choreography.sweep",
            ["order.confirmed", "order.created"],
        ),
    ],
)
def test_who_reacts_to_what_without_a_saga(choreographed, participant, handler, events):
    pattern = choreographed.named("aws:cloudwatch/eventRule:EventRule", f"{participant}-route")
    mapping = choreographed.named(
        "aws:lambda/eventSourceMapping:EventSourceMapping", f"{participant}-consumer"
    )

    assert sorted(json.loads(pattern.inputs["eventPattern"])["detail-type"]) == events
    assert choreographed.named(FUNCTION, participant).inputs["handler"] == f"handlers.{handler}"
    assert mapping.inputs["batchSize"] == 1


def test_only_the_sweep_comes_later_than_its_event(choreographed):
    delays = {
        it.name: it.inputs["delaySeconds"]
        for it in choreographed.of("aws:sqs/queue:Queue")
        if it.inputs.get("delaySeconds")
    }

    assert delays == {"sweep-orders-queue": 600}


def test_there_is_no_state_machine_without_a_saga(choreographed):
    assert choreographed.of("aws:sfn/stateMachine:StateMachine") == []
    assert "sagaArn" not in choreographed.outputs


@pytest.mark.parametrize("coordination", MAY)
def test_the_api_knows_how_an_order_is_given_up(coordination):
    api = declare("dev", coordination=coordination).named(FUNCTION, "orders-api")

    assert api.inputs["environment"]["variables"]["COORDINATION"] == coordination


@pytest.mark.parametrize(
    ("coordination", "told"),
    [
        (
            "orchestrated",
            [
                "order.cancelled",
                "order.fulfilled",
                "order.paid",
                "order.shipped",
                "user.registered",
            ],
        ),
        (
            "choreographed",
            [
                "order.cancelled",
                "order.confirmed",
                "order.fulfilled",
                "order.paid",
                "order.shipped",
                "user.registered",
            ],
        ),
    ],
)
def test_a_saga_tells_of_the_confirmation_itself(coordination, told):
    program = declare("dev", coordination=coordination)
    pattern = program.named("aws:cloudwatch/eventRule:EventRule", "notify-customer-route").inputs

    assert sorted(json.loads(pattern["eventPattern"])["detail-type"]) == told


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


def test_charging_is_told_when_to_leave_a_gateway_alone(program):
    variables = program.named(FUNCTION, "charge-card").inputs["environment"]["variables"]

    assert (variables["BREAKER_FAILURES"], variables["BREAKER_COOL_DOWN_SECONDS"]) == ("5", "30")


def test_customers_are_told_by_mail_and_by_topic(program):
    variables = program.named(FUNCTION, "notify-customer").inputs["environment"]["variables"]

    assert variables["SENDER_EMAIL"] == "orders@example.com"
    assert variables["TOPIC_ARN"] == f"arn:aws:sns:{ACCOUNT}:ordermesh-dev-notifications-topic"
    assert program.only("aws:ses/emailIdentity:EmailIdentity").inputs == {
        "email": "orders@example.com"
    }


def test_subscribers_by_setting_get_a_copy_by_mail_or_by_text_message():
    program = declare("dev", notificationSubscribers=["desk@example.com", "+4915112345678"])

    assert [it.inputs for it in program.of("aws:sns/topicSubscription:TopicSubscription")] == [
        {
            "topic": f"arn:aws:sns:{ACCOUNT}:ordermesh-dev-notifications-topic",
            "protocol": protocol,
            "endpoint": endpoint,
        }
        for protocol, endpoint in [("sms", "+4915112345678"), ("email", "desk@example.com")]
    ]


def test_the_topic_of_notifications_takes_nothing_in_the_clear(program):
    policy = program.named("aws:sns/topicPolicy:TopicPolicy", "notifications-topic-policy")

    assert policy.inputs["arn"] == f"arn:aws:sns:{ACCOUNT}:ordermesh-dev-notifications-topic"
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
        ("SendConfirmation", "send-confirmation", None, None),
    ],
)
def test_each_step_of_an_order_is_done_and_undone_by_its_service(
    program, step, function, undo, refusals
):
    definition = program.named("aws:sfn/stateMachine:StateMachine", "order-saga").inputs[
        "definition"
    ]
    states = all_states(json.loads(definition)["States"])
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
        "api-get-orders-orderId-payment",
        "api-get-products-productId-availability",
        "api-post-users",
        "api-get-customers-customerId-orders",
        "api-get-health",
    }


def test_an_order_is_cancelled_by_its_path_alone(program):
    checked = {
        it.name
        for it in program.of("aws:apigateway/method:Method")
        if "requestValidatorId" in it.inputs
    }

    assert checked == {"api-post-orders", "api-post-users"}


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ("start-saga", ["order.created"]),
        ("track-order-route", ["order.fulfilled", "order.shipped"]),
        ("deliver-order-route", ["order.shipped"]),
        ("restock-product-route", ["inventory.low"]),
        ("answer-check-route", ["inventory.check.requested"]),
        ("take-answer-route", ["inventory.check.answered"]),
    ],
)
def test_each_service_listens_to_the_events_that_concern_it(program, rule, names):
    pattern = program.named("aws:cloudwatch/eventRule:EventRule", rule).inputs["eventPattern"]

    assert json.loads(pattern)["detail-type"] == names


@pytest.mark.parametrize(
    ("function", "event"),
    [
        ("check-availability", ("orders", "inventory.check.requested")),
        ("answer-check", ("inventory", "inventory.check.answered")),
    ],
)
def test_a_question_and_its_answer_are_all_that_is_published_past_the_outbox(
    program, function, event
):
    policy = program.named("aws:iam/rolePolicy:RolePolicy", f"{function}-permissions")
    [condition] = [it["Condition"] for it in statements(policy) if "Condition" in it]

    source, detail_type = event
    assert condition == {
        "StringEquals": {"events:source": source, "events:detail-type": [detail_type]}
    }


def test_answers_come_to_the_service_that_asked(program):
    rule = program.named("aws:cloudwatch/eventRule:EventRule", "take-answer-route")

    pattern = json.loads(rule.inputs["eventPattern"])

    assert pattern["detail"] == {"data": {"replyTo": ["orders"]}}


def test_answers_are_waited_for_as_long_as_is_said_and_forgotten(program):
    function = program.named(FUNCTION, "check-availability").inputs
    answers = program.named("aws:dynamodb/table:Table", "answers").inputs

    patience = float(function["environment"]["variables"]["ANSWER_SECONDS"])
    assert patience == 5
    assert patience < function["timeout"]
    assert answers["ttl"] == {"enabled": True, "attributeName": "expiresAt"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("orders", "orderId"),
        ("products", "productId"),
        ("inventory", "id"),
        ("payments", "orderId"),
        ("shipping", "orderId"),
        ("notifications", "id"),
        ("answers", "questionId"),
    ],
)
def test_items_of_a_table_are_found_by_their_key(program, name, key):
    assert program.named("aws:dynamodb/table:Table", name).inputs["hashKey"] == key


def test_orders_are_found_by_customer_and_time_too(program):
    [index] = program.named("aws:dynamodb/table:Table", "orders").inputs["globalSecondaryIndexes"]

    assert [it["attributeName"] for it in index["keySchemas"]] == ["customerId", "createdAt"]
