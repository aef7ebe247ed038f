"""What holds for the whole program, on every stack, in its first preview and once applied."""

import ast
import importlib
import inspect
import json
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
import pytest

import components
from events.catalogue import CATALOGUE
from events.matchers import accepts
from local.program import ROOT, Declared, Program, declare
from tests.programs import STACKS, element, statements

TOKENS = {
    "Analytics": "ordermesh:index:Analytics",
    "Api": "ordermesh:index:Api",
    "Bucket": "ordermesh:index:Bucket",
    "Bus": "ordermesh:index:Bus",
    "DeliveryStream": "ordermesh:index:DeliveryStream",
    "Endpoints": "ordermesh:index:Endpoints",
    "FailureQueue": "ordermesh:index:FailureQueue",
    "Firewall": "ordermesh:index:Firewall",
    "Foundation": "ordermesh:index:Foundation",
    "Function": "ordermesh:index:Function",
    "Inventory": "ordermesh:index:Inventory",
    "Journal": "ordermesh:index:Journal",
    "Key": "ordermesh:index:Key",
    "Lake": "ordermesh:index:Lake",
    "Listener": "ordermesh:index:Listener",
    "Network": "ordermesh:index:Network",
    "Notifications": "ordermesh:index:Notifications",
    "Observability": "ordermesh:index:Observability",
    "Orders": "ordermesh:index:Orders",
    "Payments": "ordermesh:index:Payments",
    "Queue": "ordermesh:index:Queue",
    "QueueConsumer": "ordermesh:index:QueueConsumer",
    "Relay": "ordermesh:index:Relay",
    "Route": "ordermesh:index:Route",
    "Saga": "ordermesh:index:Saga",
    "Shipping": "ordermesh:index:Shipping",
    "Stream": "ordermesh:index:Stream",
    "StreamConsumer": "ordermesh:index:StreamConsumer",
    "Table": "ordermesh:index:Table",
    "Users": "ordermesh:index:Users",
}
"""Class to type token. A token that changes replaces whatever is deployed under it."""
FUNCTION = "aws:lambda/function:Function"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
QUEUE, QUEUE_POLICY = "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"
TABLE = "aws:dynamodb/table:Table"
RULE, TARGET = "aws:cloudwatch/eventRule:EventRule", "aws:cloudwatch/eventTarget:EventTarget"
MACHINE = "aws:sfn/stateMachine:StateMachine"
DELIVERY = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
STREAM = "aws:kinesis/stream:Stream"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
TOPIC = "aws:sns/topic:Topic"
DOCUMENTS = {
    "assumeRolePolicy",
    "definition",
    "eventPattern",
    "policy",
    "redriveAllowPolicy",
    "redrivePolicy",
}
"""Properties that hold JSON text which decides who may do what."""
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate"}
OUTPUTS = {
    "alarmTopicArn",
    "analyticsBucketName",
    "analyticsDatabaseName",
    "apiUrl",
    "athenaWorkgroupName",
    "dashboardName",
    "eventBusArn",
    "eventBusName",
    "failureQueues",
    "inventoryTableName",
    "notificationTopicArn",
    "notificationsTableName",
    "orderServiceName",
    "ordersTableName",
    "parkedTableName",
    "paymentsTableName",
    "productsTableName",
    "sagaArn",
    "sagaResumeArn",
    "shipmentsTableName",
    "journalTableName",
    "usersTableName",
}

RUNS = [(stack, preview) for stack in STACKS for preview in (True, False)]


@pytest.fixture(
    params=RUNS, ids=lambda run: f"{run[0]} {'in its first preview' if run[1] else 'applied'}"
)
def program(request) -> Program:
    stack, preview = request.param
    return declare(stack, preview=preview)


@pytest.fixture(params=STACKS)
def previewed(request) -> Program:
    return declare(request.param, preview=True)


@pytest.fixture(params=STACKS)
def applied(request) -> Program:
    return declare(request.param)


def test_nothing_is_declared_twice(program):
    times = Counter((it.type, it.parent, it.name) for it in program)

    assert [declared for declared, count in times.items() if count > 1] == []


def test_no_physical_name_is_taken_twice(program):
    names = Counter(
        # An inline policy's name is unique in its role, everything else's in its type.
        (it.type, it.inputs[key], it.inputs.get("role"))
        for it in program
        for key in ("name", "layerName", "dashboardName")
        if key in it.inputs
    )

    assert len(names) > 150
    assert [name for name, count in names.items() if count > 1] == []


def test_every_component_says_when_it_is_complete(program):
    assert {it.urn for it in program if not it.custom} == program.finished


def test_everything_belongs_to_a_component(program):
    orphans = [
        it.name
        for it in program
        if it.custom and not element(it.parent)[0].startswith("ordermesh:")
    ]

    assert orphans == []


def test_no_output_was_turned_into_text(program):
    texts = {it.urn: json.dumps(it.inputs, default=str) for it in program}

    assert [
        urn for urn, text in texts.items() if "Output[T]" in text or "Calling __str__" in text
    ] == []


def test_the_program_is_one_page_that_wires_and_computes_nothing():
    text = (ROOT / "__main__.py").read_text()
    nodes = list(ast.walk(ast.parse(text)))

    assert len(text.splitlines()) <= 120
    loops = (ast.For, ast.While, ast.comprehension)
    assert [ast.unparse(node) for node in nodes if isinstance(node, loops)] == []
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    names |= {node.id for node in nodes if isinstance(node, ast.Name)}
    assert names.isdisjoint({"apply", "all", "json", "json_dumps"})


def test_every_component_class_has_its_token():
    # All are imported before any class is asked for its subclasses.
    modules = [
        importlib.import_module(module.name)
        for module in pkgutil.walk_packages(components.__path__, "components.")
    ]
    classes = {
        found.__name__
        for module in modules
        for _, found in inspect.getmembers(module, inspect.isclass)
        if issubclass(found, pulumi.ComponentResource) and not found.__subclasses__()
    }

    assert classes == set(TOKENS)
    # Prod alone has a key; a network and a firewall can be turned on, and no stack leaves a component out otherwise.
    everything = declare("prod", vpc=True, waf=True)
    assert {it.type for it in everything if not it.custom} == set(TOKENS.values())


def test_the_outputs_are_those_that_operators_and_tests_rely_on(program):
    assert set(program.outputs) == OUTPUTS


def test_every_failure_queue_is_an_output(program):
    assert set(program.outputs["failureQueues"]) == {it.name for it in _failure_queues(program)}


def _failure_queues(program: Program) -> list[Declared]:
    return [it for it in program.of(QUEUE) if "failures" in it.inputs.get("tags", {})]


def _arn(program: Program, service: str, resource: str) -> str:
    """The ARN of a resource of this program's region and account, taken from its alarms."""
    *_, region, account, _ = program.of(ALARM)[0].inputs["alarmActions"][0].split(":")
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def _allowed(program: Program, queue_arn: str) -> list[dict[str, Any]]:
    """What the policy of a queue allows."""
    return [
        statement
        for policy in program.of(QUEUE_POLICY)
        for statement in statements(policy)
        if statement["Resource"] == queue_arn and statement["Effect"] == "Allow"
    ]


def test_what_no_target_takes_waits_in_a_queue_that_admits_that_very_rule(program):
    queues = {_arn(program, "sqs", it.inputs["name"]): it for it in program.of(QUEUE)}

    assert program.of(TARGET)
    for target in program.of(TARGET):
        rule = _arn(
            program, "events", f"rule/{target.inputs['eventBusName']}/{target.inputs['rule']}"
        )
        failures = target.inputs["deadLetterConfig"]["arn"]
        [statement] = _allowed(program, failures)
        assert queues[failures].inputs["tags"]["failures"] == "delivery"
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Action"] == "sqs:SendMessage"
        assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": [rule]}}


def test_a_queue_that_is_a_target_admits_that_very_rule(program):
    for target in program.of(TARGET):
        if ":sqs:" in target.inputs["arn"]:
            rule = f"rule/{target.inputs['eventBusName']}/{target.inputs['rule']}"
            [statement] = _allowed(program, target.inputs["arn"])
            assert statement["Condition"]["ArnEquals"]["aws:SourceArn"] == [
                _arn(program, "events", rule)
            ]


def test_every_rule_has_a_target_that_is_declared(program):
    known = {_arn(program, "sqs", it.inputs["name"]) for it in program.of(QUEUE)}
    known |= {
        _arn(program, "states", f"stateMachine:{it.inputs['name']}") for it in program.of(MACHINE)
    }
    known |= {
        _arn(program, "firehose", f"deliverystream/{it.inputs['name']}")
        for it in program.of(DELIVERY)
    }
    known |= {_arn(program, "kinesis", f"stream/{it.inputs['name']}") for it in program.of(STREAM)}

    assert {it.inputs["arn"] for it in program.of(TARGET)} <= known
    assert {it.inputs["rule"] for it in program.of(TARGET)} == {
        it.inputs["name"] for it in program.of(RULE)
    }


def test_every_event_reaches_somebody_or_is_declared_terminal(program):
    patterns = [
        json.loads(it.inputs["eventPattern"])
        for it in program.of(RULE)
        # These two keep whatever happens; an event that reaches them alone moves nobody.
        if it.name not in {"analytics-route", "record-event-route"}
    ]
    unheard = [
        event.name
        for event in CATALOGUE
        if not event.terminal and not any(_matches(pattern, event) for pattern in patterns)
    ]

    assert unheard == []


def test_every_rule_waits_for_events_that_somebody_publishes(program):
    for rule in program.of(RULE):
        pattern = json.loads(rule.inputs["eventPattern"])
        assert any(_matches(pattern, event) for event in CATALOGUE), rule.name


def _matches(pattern: Mapping[str, Any], event: Any) -> bool:
    return event.source in pattern["source"] and any(
        accepts(matcher, event.name) for matcher in pattern["detail-type"]
    )


def test_every_policy_document_is_complete_in_the_first_preview(previewed):
    documents = [
        (it.name, key, it.inputs[key]) for it in previewed for key in DOCUMENTS & set(it.inputs)
    ]

    assert len(documents) > 60
    for name, key, text in documents:
        assert isinstance(text, str), (name, key)
        assert json.loads(text), (name, key)


def _shown(program: Program) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Namespace, metric and dimensions of everything on the dashboard."""
    body = json.loads(program.only("aws:cloudwatch/dashboard:Dashboard").inputs["dashboardBody"])
    for widget in body["widgets"]:
        for namespace, metric, *dimensions in widget["properties"]["metrics"]:
            yield namespace, metric, tuple(dimensions)


def test_the_dashboard_shows_everything_that_was_declared(program):
    shown = set(_shown(program))

    expected = {
        ("AWS/Lambda", "Errors", ("FunctionName", it.inputs["name"])) for it in program.of(FUNCTION)
    }
    expected |= {
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", it.inputs["name"]))
        for it in program.of(QUEUE)
    }
    expected |= {
        ("AWS/Firehose", "DeliveryToS3.DataFreshness", ("DeliveryStreamName", it.inputs["name"]))
        for it in program.of(DELIVERY)
    }
    expected |= {
        ("AWS/DynamoDB", "ConsumedWriteCapacityUnits", ("TableName", it.inputs["name"]))
        for it in program.of(TABLE)
    }
    expected |= {
        (
            "AWS/Events",
            "FailedInvocations",
            ("EventBusName", it.inputs["eventBusName"], "RuleName", it.inputs["name"]),
        )
        for it in program.of(RULE)
    }
    expected |= {
        (
            "AWS/States",
            "ExecutionsFailed",
            ("StateMachineArn", _arn(program, "states", f"stateMachine:{it.inputs['name']}")),
        )
        for it in program.of(MACHINE)
    }
    assert expected <= shown
    metrics = Counter(metric for _, metric, _ in shown)
    assert metrics["Invocations"] == metrics["Throttles"] == len(program.of(FUNCTION))
    assert metrics["ApproximateNumberOfMessagesVisible"] == len(program.of(QUEUE))


def test_the_saved_query_reads_every_log_group(program):
    [query] = program.of("aws:cloudwatch/queryDefinition:QueryDefinition")

    assert sorted(query.inputs["logGroupNames"]) == sorted(
        it.inputs["name"] for it in program.of(LOG_GROUP)
    )


def test_the_first_message_in_a_failure_queue_raises_an_alarm(program):
    alarms = {
        it.inputs["dimensions"].get("QueueName"): it.inputs
        for it in program.of(ALARM)
        if it.inputs["metricName"] == "ApproximateNumberOfMessagesVisible"
    }

    assert len(_failure_queues(program)) > 10
    for queue in _failure_queues(program):
        alarm = alarms[queue.inputs["name"]]
        assert (alarm["threshold"], alarm["evaluationPeriods"]) == (1, 1)
        assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
        assert alarm["statistic"] == "Maximum"


def test_every_alarm_tells_the_topic_when_it_begins_and_when_it_is_over(program):
    topic = _arn(program, "sns", program.named(TOPIC, "alarms").inputs["name"])

    for alarm in program.of(ALARM):
        assert alarm.inputs["alarmActions"] == [topic], alarm.name
        assert alarm.inputs["okActions"] == [topic], alarm.name


def test_every_alarm_watches_something_that_is_declared(program):
    declared = {
        "AWS/Lambda": ("FunctionName", FUNCTION, "name"),
        "AWS/SQS": ("QueueName", QUEUE, "name"),
        "AWS/DynamoDB": ("TableName", TABLE, "name"),
        "AWS/Events": ("RuleName", RULE, "name"),
        "AWS/Firehose": ("DeliveryStreamName", DELIVERY, "name"),
        "AWS/Kinesis": ("StreamName", STREAM, "name"),
        "AWS/ApiGateway": ("ApiName", "aws:apigateway/restApi:RestApi", "name"),
        "AWS/States": ("StateMachineArn", MACHINE, "name"),
    }
    for alarm in program.of(ALARM):
        dimension, type_, key = declared[alarm.inputs["namespace"]]
        watched = alarm.inputs["dimensions"][dimension].rsplit(":", 1)[-1]
        assert watched in {it.inputs[key] for it in program.of(type_)}, alarm.name


def test_a_message_stays_hidden_for_six_times_as_long_as_its_consumer_may_take(program):
    functions = {it.inputs["name"]: it.inputs for it in program.of(FUNCTION)}
    queues = {_arn(program, "sqs", it.inputs["name"]): it.inputs for it in program.of(QUEUE)}
    consumed = [it.inputs for it in program.of(MAPPING) if it.inputs["eventSourceArn"] in queues]

    assert len(consumed) > 5
    for mapping in consumed:
        timeout = functions[mapping["functionName"]]["timeout"]
        hidden = queues[mapping["eventSourceArn"]]["visibilityTimeoutSeconds"]
        assert hidden >= 6 * timeout + mapping["maximumBatchingWindowInSeconds"]


def test_a_queue_gives_up_a_message_long_before_its_failure_queue_does(program):
    queues = {_arn(program, "sqs", it.inputs["name"]): it.inputs for it in program.of(QUEUE)}
    redriving = [it.inputs for it in program.of(QUEUE) if "redrivePolicy" in it.inputs]

    assert len(redriving) > 5
    for queue in redriving:
        redrive = json.loads(queue["redrivePolicy"])
        failures = queues[redrive["deadLetterTargetArn"]]
        assert redrive["maxReceiveCount"] >= 5
        assert failures["tags"]["failures"] == "processing"
        assert queue["messageRetentionSeconds"] < failures["messageRetentionSeconds"] == 1_209_600


def test_every_consumer_gets_only_failed_messages_again(program):
    for mapping in program.of(MAPPING):
        assert mapping.inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]


def _archive(function: Declared) -> set[str]:
    return set(function.inputs["code"].assets)


def _service(function: Declared) -> str:
    """The package of a function's entry point; empty for code that all services share."""
    parts = function.inputs["handler"].split(".")
    return parts[1] if len(parts) == 4 else ""


def test_an_archive_holds_its_service_and_what_all_services_share_and_nothing_else(program):
    shared = {
        path.relative_to(ROOT).as_posix()
        for folder in ("events", "handlers")
        for path in (ROOT / folder).glob("*.py")
    }
    for function in program.of(FUNCTION):
        own = _archive(function) - shared
        service = _service(function)
        assert shared <= _archive(function), function.name
        assert all(name.startswith(f"handlers/{service}/") for name in own), function.name
        assert bool(own) is bool(service), function.name
        assert all(name.endswith(".py") for name in own), function.name


def test_archives_of_two_services_differ_in_their_own_packages_only(program):
    archives = {_service(it): _archive(it) for it in program.of(FUNCTION)}

    for first, second in ((a, b) for a in archives for b in archives if a and b and a != b):
        assert all(
            name.startswith(f"handlers/{first}/") for name in archives[first] - archives[second]
        )


def test_the_functions_of_a_service_share_one_archive(program):
    archives: dict[str, set[frozenset[str]]] = {}
    for function in program.of(FUNCTION):
        archives.setdefault(_service(function), set()).add(frozenset(_archive(function)))

    assert {service: len(found) for service, found in archives.items()} == dict.fromkeys(
        archives, 1
    )


def test_every_entry_point_is_in_its_archive(program):
    for function in program.of(FUNCTION):
        module, _, name = function.inputs["handler"].rpartition(".")
        file = f"{module.replace('.', '/')}.py"
        assert file in _archive(function), function.name
        assert name in _defined(file), function.name


def _defined(file: str) -> set[str]:
    """The names that a module defines."""
    names: set[str] = set()
    for node in ast.parse((ROOT / file).read_text()).body:
        match node:
            case ast.FunctionDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _tasks(states: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for state in states.values():
        if state["Type"] == "Task":
            yield state["Arguments"]
        for branch in state.get("Branches", ()):
            yield from _tasks(branch["States"])


def _states(program: Program, name: str) -> dict[str, Any]:
    return json.loads(program.named(MACHINE, name).inputs["definition"])["States"]


def test_an_order_that_is_bought_takes_one_state_for_each_step(program):
    states = _states(program, "order-saga")
    path = ["ReserveStock"]
    while "Next" in states[path[-1]]:
        path.append(states[path[-1]]["Next"])
    *steps, both = path

    assert steps == ["ReserveStock", "ChargeCard", "ConfirmOrder"]
    branches = [branch["States"].keys() for branch in states[both]["Branches"]]
    assert [next(iter(states)) for states in branches] == ["ShipOrder", "SendConfirmation"]


@pytest.mark.parametrize("machine", ["order-saga", "order-saga-resume"])
def test_a_state_machine_may_do_what_its_definition_does_and_nothing_else(program, machine):
    tasks = list(_tasks(_states(program, machine)))
    policy = program.named(ROLE_POLICY, f"{machine}-permissions")
    allowed = [
        (action, resource)
        for statement in statements(policy)
        for action in statement["Action"]
        for resource in statement["Resource"]
    ]

    needed = {("lambda:InvokeFunction", it["FunctionName"]) for it in tasks if "Payload" in it}
    needed |= {
        ("dynamodb:PutItem", _arn(program, "dynamodb", f"table/{it['TableName']}"))
        for it in tasks
        if "Item" in it
    }
    assert {(action, resource) for action, resource in allowed if resource != "*"} == needed
    # Neither log delivery nor tracing knows resources.
    assert {action.split(":")[0] for action, resource in allowed if resource == "*"} == {
        "logs",
        "xray",
    }
    assert len(allowed) == len(set(allowed))


def test_everything_that_a_state_machine_calls_is_declared(program):
    functions = {
        _arn(program, "lambda", f"function:{it.inputs['name']}") for it in program.of(FUNCTION)
    }
    tables = {it.inputs["name"] for it in program.of(TABLE)}

    for machine in ("order-saga", "order-saga-resume"):
        for task in _tasks(_states(program, machine)):
            assert task.get("FunctionName") in functions or task.get("TableName") in tables


def _top(program: Program, declared: Declared) -> str:
    """Name of the outermost component that a resource belongs to."""
    above = {it.urn: it for it in program}
    while declared.parent in above:
        declared = above[declared.parent]
    return declared.name


def test_nobody_but_its_owner_writes_a_table(program):
    owners = {
        _arn(program, "dynamodb", f"table/{it.inputs['name']}"): _top(program, it)
        for it in program.of(TABLE)
    }
    written = Counter[str]()
    for policy in program.of(ROLE_POLICY):
        for statement in statements(policy):
            actions = {action.removeprefix("dynamodb:") for action in statement["Action"]}
            for resource in statement["Resource"] if actions & WRITES else ():
                assert owners[resource] == _top(program, policy), policy.name
                written[resource] += 1

    # Products are stocked by operators.
    assert set(owners) - set(written) == {
        _arn(program, "dynamodb", f"table/{program.named(TABLE, 'products').inputs['name']}")
    }


def test_nothing_is_allowed_by_a_wildcard_action(program):
    for policy in program.of(ROLE_POLICY):
        for statement in statements(policy):
            assert not [action for action in statement["Action"] if "*" in action], policy.name


def test_every_function_writes_to_a_log_group_of_its_own(program):
    groups = {it.inputs["name"] for it in program.of(LOG_GROUP)}
    used = [it.inputs["loggingConfig"]["logGroup"] for it in program.of(FUNCTION)]

    assert set(used) <= groups
    assert len(used) == len(set(used))
    for function in program.of(FUNCTION):
        [logs] = [
            statement["Resource"]
            for statement in statements(program.named(ROLE_POLICY, f"{function.name}-permissions"))
            if "logs:PutLogEvents" in statement["Action"]
        ]
        group = function.inputs["loggingConfig"]["logGroup"]
        assert logs == [_arn(program, "logs", f"log-group:{group}:*")]


DAYS = {"local": 1, "dev": 14, "prod": 90}


@pytest.mark.parametrize("stack", STACKS)
def test_every_log_group_keeps_its_events_as_long_as_its_stack_says(stack):
    groups = declare(stack).of(LOG_GROUP)

    assert len(groups) > 20
    assert {group.inputs["retentionInDays"] for group in groups} == {DAYS[stack]}


@pytest.mark.parametrize("stack", STACKS)
def test_everything_is_traced(stack):
    program = declare(stack)

    assert {it.inputs["tracingConfig"]["mode"] for it in program.of(FUNCTION)} == {"Active"}
    assert {it.inputs["tracingConfiguration"]["enabled"] for it in program.of(MACHINE)} == {True}
    assert program.only("aws:apigateway/stage:Stage").inputs["xrayTracingEnabled"] is True


@pytest.mark.parametrize(("stack", "protected"), [("local", False), ("dev", False), ("prod", True)])
def test_only_prod_protects_its_data_from_deletion_and_restores_it_to_any_second(stack, protected):
    for table in declare(stack).of(TABLE):
        assert table.inputs["deletionProtectionEnabled"] is protected
        assert table.inputs["pointInTimeRecovery"] == {"enabled": protected}


@pytest.mark.parametrize("stack", ["local", "dev"])
def test_without_load_to_plan_for_tables_are_paid_by_request(stack):
    program = declare(stack)

    assert {it.inputs["billingMode"] for it in program.of(TABLE)} == {"PAY_PER_REQUEST"}
    assert program.of("aws:appautoscaling/target:Target") == []


def test_in_prod_every_table_and_index_follows_the_load():
    program = declare("prod")
    scaled = {
        (it.inputs["resourceId"], it.inputs["scalableDimension"]): (
            it.inputs["minCapacity"],
            it.inputs["maxCapacity"],
        )
        for it in program.of("aws:appautoscaling/target:Target")
    }

    tables = [it.inputs for it in program.of(TABLE)]
    expected = {
        (f"table/{table['name']}", f"dynamodb:table:{verb}CapacityUnits"): (5, 200)
        for table in tables
        for verb in ("Read", "Write")
    } | {
        (f"table/{table['name']}/index/{index['name']}", f"dynamodb:index:{verb}CapacityUnits"): (
            5,
            200,
        )
        for table in tables
        for index in table.get("globalSecondaryIndexes", ())
        for verb in ("Read", "Write")
    }
    assert {table["billingMode"] for table in tables} == {"PROVISIONED"}
    assert scaled == expected
    assert len(program.of("aws:appautoscaling/policy:Policy")) == len(expected)


ENCRYPTED = {
    TABLE: lambda inputs: inputs.get("serverSideEncryption", {}).get("kmsKeyArn"),
    QUEUE: lambda inputs: inputs.get("kmsMasterKeyId"),
    TOPIC: lambda inputs: inputs.get("kmsMasterKeyId"),
    LOG_GROUP: lambda inputs: inputs.get("kmsKeyId"),
    "aws:cloudwatch/eventBus:EventBus": lambda inputs: inputs.get("kmsKeyIdentifier"),
    "aws:cloudwatch/eventArchive:EventArchive": lambda inputs: inputs.get("kmsKeyIdentifier"),
}
"""Where each kind of resource that keeps data names the key it is encrypted with."""


def test_in_prod_all_data_is_encrypted_with_one_key_that_is_rotated():
    program = declare("prod")
    key = program.only("aws:kms/key:Key")

    assert key.inputs["enableKeyRotation"] is True
    for type_, used in ENCRYPTED.items():
        assert {used(it.inputs) for it in program.of(type_)} == {
            _arn(program, "kms", f"key/{key.name}")
        }


@pytest.mark.parametrize("stack", ["local", "dev"])
def test_outside_prod_data_is_encrypted_with_keys_of_aws(stack):
    program = declare(stack)

    assert program.of("aws:kms/key:Key") == []
    for type_, used in ENCRYPTED.items():
        assert {used(it.inputs) for it in program.of(type_)} == {None}
    assert {it.inputs["sqsManagedSseEnabled"] for it in program.of(QUEUE)} == {True}


@pytest.mark.parametrize(("stack", "told"), [("local", []), ("dev", []), ("prod", ["email"])])
def test_alarms_are_mailed_in_prod(stack, told):
    program = declare(stack)
    subscriptions = program.of("aws:sns/topicSubscription:TopicSubscription")

    assert [it.inputs["protocol"] for it in subscriptions] == told
    assert [it.inputs["topic"] for it in subscriptions] == [
        alarm for alarm in program.of(ALARM)[0].inputs["alarmActions"] for _ in told
    ]


@pytest.mark.parametrize(("stack", "days"), [("local", 14), ("dev", 14), ("prod", 90)])
def test_events_can_be_replayed_as_long_as_the_stack_says(stack, days):
    archive = declare(stack).only("aws:cloudwatch/eventArchive:EventArchive")

    assert archive.inputs["retentionDays"] == days


@pytest.mark.parametrize(("stack", "value"), [("local", "true"), ("dev", None), ("prod", None)])
def test_failures_can_be_provoked_on_the_local_stack_only(stack, value):
    for function in declare(stack).of(FUNCTION):
        variables = function.inputs["environment"]["variables"]
        assert variables.get("FAULT_INJECTION") == value


def test_stacks_share_no_physical_name():
    names = {
        stack: {it.inputs["name"] for it in declare(stack) if it.type in {QUEUE, TABLE, TOPIC}}
        for stack in STACKS
    }

    assert not names["dev"] & names["prod"]
    assert not names["dev"] & names["local"]
