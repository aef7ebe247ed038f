"""The embedded AWS behaves like AWS where the emulator alone would not; each test fails without its adaptation."""

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3
from boto3 import Session

from tests.embedded.conftest import DEADLINE_SECONDS, ROLE_ARN, Workbench, eventually

pytestmark = pytest.mark.embedded

SAY = """
import json, os, time
import boto3

sqs = boto3.client("sqs")

def say(what):
    sqs.send_message(QueueUrl=os.environ["SAID"], MessageBody=json.dumps(what))
"""
"""Beginning of a function that tells what it does through the queue SAID."""


def variables(said: str) -> dict[str, Any]:
    return {"Environment": {"Variables": {"SAID": said}}}


def with_role(bench: Workbench, *statements: dict[str, Any]) -> str:
    """ARN of a role that may do this and nothing else."""
    name = bench.name()
    made = bench.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    if statements:
        bench.client("iam").put_role_policy(
            RoleName=name,
            PolicyName="permissions",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )
    return made["Role"]["Arn"]


@pytest.fixture
def timeouts(bench: Workbench) -> Iterator[None]:
    """A second of a timeout lasts a hundredth."""
    bench.emulator.configure(task_timeout_scale=0.01)
    yield
    bench.emulator.configure(task_timeout_scale=1)


RAISE = """
class OutOfStock(Exception):
    pass

def handler(event, context):
    raise OutOfStock("2 of prod-001:\\nonly 1 left")
"""


def test_the_class_of_an_exception_is_its_error_type(bench: Workbench):
    reported = bench.call(bench.function(RAISE))

    assert reported["errorType"] == "OutOfStock"
    assert reported["errorMessage"] == "2 of prod-001:\nonly 1 left"
    assert "only 1 left" in reported["stackTrace"][0]


def test_a_state_machine_catches_an_exception_by_its_class(bench: Workbench):
    output = bench.run(
        {
            "Task": bench.task(
                bench.function(RAISE),
                Catch=[{"ErrorEquals": ["OutOfStock"], "Next": "Caught"}],
                End=True,
            ),
            "Caught": {"Type": "Pass", "Output": "caught", "End": True},
        }
    )

    assert output == "caught"


def test_a_process_that_ends_in_a_call_is_an_exit_error(bench: Workbench):
    reported = bench.call(
        bench.function("import os\n\ndef handler(event, context):\n    os._exit(1)")
    )

    assert reported["errorType"] == "Runtime.ExitError"
    assert "Runtime exited" in reported["errorMessage"]


FIRST_LOOK = """
import importlib.util, os, sys

LOADED = "boto3" in sys.modules
def handler(event, context):
    return {
        "loaded": LOADED,
        "neighbours": [name for name in ("local", "handlers") if importlib.util.find_spec(name)],
        "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
    }
"""


def test_a_function_starts_with_its_libraries_loaded_and_sees_nothing_else_of_ours(
    bench: Workbench,
):
    function = bench.function(FIRST_LOOK)

    seen = bench.call(function)

    assert seen == {"loaded": True, "neighbours": [], "name": function.rpartition(":")[2]}


def test_code_that_cannot_be_imported_is_an_import_error(bench: Workbench):
    reported = bench.call(bench.function("import no_such_module"))

    assert reported["errorType"] == "Runtime.ImportModuleError"
    assert "no_such_module" in reported["errorMessage"]


WHERE = """
import os

def handler(event, context):
    return os.path.realpath(__file__)
"""


def test_code_is_unpacked_once_for_all_processes_that_run_it(bench: Workbench):
    one, same, other = (bench.function(source) for source in (WHERE, WHERE, f"{WHERE}# changed"))

    assert bench.call(one) == bench.call(same)
    assert bench.call(other) != bench.call(one)


SHY = """
import os, time

if os.path.exists(os.environ["OUT"]):
    os._exit(1)

def handler(event, context):
    open(os.environ["BEGUN"], "w").close()
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.01)
    return "ended"
"""


def test_a_process_that_does_not_start_leaves_the_others_of_its_function_alone(
    bench: Workbench, tmp_path: Path
):
    begun, out, go = (tmp_path / name for name in ("begun", "out", "go"))
    environment = {"BEGUN": str(begun), "OUT": str(out), "GO": str(go)}
    name = bench.function(SHY, Environment={"Variables": environment})
    with ThreadPoolExecutor() as pool:
        call = pool.submit(bench.call, name)
        eventually(begun.exists)
        out.touch()
        failed = bench.call(name)
        go.touch()

        assert failed["errorType"] == "Runtime.ExitError"
        assert call.result() == "ended"


CHATTY = """
import sys

def handler(event, context):
    print("called with", event)
    sys.stderr.write("and no end of the line" if event == "open" else "")
"""


@pytest.mark.parametrize(
    ("event", "log"),
    [
        ("closed", "called with closed"),
        ("open", "called with open\nand no end of the line"),
    ],
)
def test_a_log_is_complete_when_its_call_answers(bench: Workbench, event: str, log: str):
    name = bench.function(CHATTY)
    for _ in range(2):
        answer = bench.client("lambda").invoke(
            FunctionName=name, Payload=json.dumps(event), LogType="Tail"
        )

        assert log in base64.b64decode(answer["LogResult"]).decode()
        assert "end_of_log" not in base64.b64decode(answer["LogResult"]).decode()


def test_an_exception_does_not_end_the_process_that_raised_it(bench: Workbench):
    function = bench.function(
        "calls = []\n\ndef handler(event, context):\n    calls.append(event)\n"
        "    if event == 'raise':\n        raise ValueError\n    return len(calls)"
    )

    bench.call(function, "raise")

    assert bench.call(function, "count") == 2


def test_no_more_than_four_calls_of_a_function_run_at_once_and_the_others_wait(bench: Workbench):
    function = bench.function(
        "import os, time\n\ndef handler(event, context):\n    time.sleep(0.1)\n    return os.getpid()"
    )

    with ThreadPoolExecutor(12) as callers:
        processes = list(callers.map(lambda _: bench.call(function), range(12)))

    assert len(set(processes)) == 4


def test_reserved_concurrency_throttles_instead_of_waiting(bench: Workbench):
    said = bench.queue()
    function = bench.function(
        SAY + "\ndef handler(event, context):\n    say('busy')\n    time.sleep(2)",
        **variables(said),
        Timeout=10,
    )
    bench.client("lambda").put_function_concurrency(
        FunctionName=function, ReservedConcurrentExecutions=1
    )

    with ThreadPoolExecutor(1) as caller:
        first = caller.submit(bench.call, function)
        bench.receive(said)
        ended = bench.ended(bench.start({"Task": bench.task(function, End=True)}))

        assert ended["error"] == "Lambda.TooManyRequestsException"
        assert first.result() is None


def test_eventbridge_repeats_a_failing_call_and_then_sends_it_to_its_failure_destination(
    bench: Workbench,
):
    said, failed, bus = bench.queue(), bench.queue(), bench.bus()
    function = bench.function(
        SAY
        + "\ndef handler(event, context):\n    say(event['detail'])\n    raise ValueError('no')",
        **variables(said),
    )
    bench.client("lambda").put_function_event_invoke_config(
        FunctionName=function,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": bench.queue_arn(failed)}},
    )
    bench.route(bus, bench.function_arn(function))

    bench.publish(bus, {"number": 1})

    assert bench.bodies(said, 2) == [{"number": 1}, {"number": 1}]
    [failure] = bench.bodies(failed)
    assert failure["requestPayload"]["detail"] == {"number": 1}
    assert failure["responsePayload"]["errorType"] == "ValueError"


FAIL_TWICE = (
    SAY
    + """
failures = {"poison": 2}

def handler(event, context):
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["id"]["S"]
        if failures.get(key):
            failures[key] -= 1
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        say(key)
"""
)


def test_a_stream_goes_on_only_after_the_record_that_failed(bench: Workbench):
    said = bench.queue()
    table, stream = bench.streamed_table()
    bench.put(table, "before", "poison", "after")

    bench.follow(stream, bench.function(FAIL_TWICE, **variables(said)))

    assert bench.bodies(said, 3) == ["before", "poison", "after"]
    assert bench.is_empty(said)


def test_an_unknown_record_in_a_response_fails_the_whole_batch(bench: Workbench):
    said = bench.queue()
    table, stream = bench.streamed_table()
    bench.put(table, "one")
    source = SAY + (
        "\ncalls = []\n\ndef handler(event, context):\n    calls.append(1)\n    say(len(calls))\n"
        "    return {'batchItemFailures': [{'itemIdentifier': None}] if len(calls) == 1 else []}"
    )

    bench.follow(stream, bench.function(source, **variables(said)))

    assert bench.bodies(said, 2) == [1, 2]


def test_a_stream_that_is_stuck_does_not_hold_up_another(bench: Workbench):
    said = bench.queue()
    table, stream = bench.streamed_table()
    stuck, stuck_stream = bench.streamed_table()
    wait = (
        SAY + "\ndef handler(event, context):\n    say('begun')\n    time.sleep(5)\n    say('slow')"
    )
    bench.follow(stuck_stream, bench.function(wait, Timeout=10, **variables(said)))
    source = SAY + "\ndef handler(event, context):\n    say('fast')"
    bench.follow(stream, bench.function(source, **variables(said)))

    bench.put(stuck, "x")
    assert bench.bodies(said) == ["begun"]
    bench.put(table, "x")

    assert bench.bodies(said, 2) == ["fast", "slow"]


RAISE_ON_POISON = (
    SAY
    + """
def handler(event, context):
    keys = [record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]]
    if "poison" in keys:
        raise ValueError("poisoned")
    for key in keys:
        say(key)
"""
)


def test_a_batch_is_halved_until_only_the_poisoned_record_is_given_up(bench: Workbench):
    said, failed = bench.queue(), bench.queue()
    table, stream = bench.streamed_table()
    bench.put(table, "a", "b", "poison", "c", "d")

    bench.follow(
        stream,
        bench.function(RAISE_ON_POISON, **variables(said)),
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": bench.queue_arn(failed)}},
    )

    [failure] = bench.bodies(failed)
    assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert failure["DDBStreamBatchInfo"]["batchSize"] == 1
    assert bench.bodies(said, 4) == ["a", "b", "c", "d"]


def test_a_batch_is_given_up_when_its_records_are_too_old(bench: Workbench):
    said, failed = bench.queue(), bench.queue()
    table, stream = bench.streamed_table()
    bench.put(table, "poison")

    bench.follow(
        stream,
        bench.function(RAISE_ON_POISON, **variables(said)),
        MaximumRecordAgeInSeconds=1,
        DestinationConfig={"OnFailure": {"Destination": bench.queue_arn(failed)}},
    )

    [failure] = bench.bodies(failed)
    assert failure["requestContext"]["condition"] == "MaxRecordAgeExceeded"
    bench.put(table, "after")
    assert bench.bodies(said) == ["after"]


@pytest.fixture
def redelivery(bench: Workbench) -> Iterator[None]:
    """A minute until a message comes, or comes again, lasts less than a second."""
    bench.emulator.configure(redelivery_scale=0.01, delay_scale=0.01)
    yield
    bench.emulator.configure(redelivery_scale=1, delay_scale=1)


COUNT_RECEIVES = (
    SAY
    + """
def handler(event, context):
    [record] = event["Records"]
    say([record["body"], record["attributes"]["ApproximateReceiveCount"]])
    if record["body"] == "put off":
        sqs.change_message_visibility(
            QueueUrl=os.environ["SOURCE"], ReceiptHandle=record["receiptHandle"], VisibilityTimeout=40
        )
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    if record["body"] == "crash":
        os._exit(1)
"""
)


@pytest.mark.parametrize("body", ["put off", "crash"])
def test_what_failed_comes_again_and_is_set_aside_in_good_time(
    bench: Workbench, redelivery: None, body: str
):
    dead, said = bench.queue(), bench.queue()
    policy = {"deadLetterTargetArn": bench.queue_arn(dead), "maxReceiveCount": 3}
    source = bench.queue(VisibilityTimeout="60", RedrivePolicy=json.dumps(policy))
    environment = {"Environment": {"Variables": {"SAID": said, "SOURCE": source}}}
    function = bench.function(COUNT_RECEIVES, Timeout=10, **environment)
    bench.client("lambda").create_event_source_mapping(
        EventSourceArn=bench.queue_arn(source),
        FunctionName=function,
        BatchSize=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )

    bench.client("sqs").send_message(QueueUrl=source, MessageBody=body)

    assert bench.bodies(said, 3) == [[body, str(count)] for count in (1, 2, 3)]
    [set_aside] = bench.receive(dead)
    assert set_aside["Body"] == body


def test_what_a_queue_delays_comes_in_good_time(bench: Workbench, redelivery: None):
    bus, delayed = bench.bus(), bench.queue(DelaySeconds="90")
    bench.route(bus, bench.queue_arn(delayed))

    bench.publish(bus, {"n": 1})

    assert bench.bodies(delayed)[0]["detail"] == {"n": 1}


def test_timeouts_of_tasks_scale(bench: Workbench, timeouts: None):
    function = bench.function(
        "import time\n\ndef handler(event, context):\n    time.sleep(1)", Timeout=10
    )

    ended = bench.ended(bench.start({"Task": bench.task(function, TimeoutSeconds=30, End=True)}))

    assert ended["error"] == "States.Timeout"


FAILS_TOO_LATE = """
import boto3, time

def handler(execution, context):
    machines = boto3.client("stepfunctions")
    while machines.describe_execution(executionArn=execution)["status"] == "RUNNING":
        time.sleep(0.05)
    raise ValueError
"""
"""Fails as soon as the execution that called it has ended."""


def test_an_execution_past_its_deadline_times_out_and_stays_so(bench: Workbench, timeouts: None):
    function = bench.function(FAILS_TOO_LATE, Timeout=10)
    task = bench.task(function, "{% $states.context.Execution.Id %}", End=True)
    execution = bench.start({"Task": task}, TimeoutSeconds=200)

    assert bench.ended(execution)["status"] == "TIMED_OUT"
    stepfunctions = bench.client("stepfunctions")
    eventually(lambda: "TaskFailed" in _history(bench, execution))
    assert stepfunctions.describe_execution(executionArn=execution)["status"] == "TIMED_OUT"


def _history(bench: Workbench, execution: str) -> list[str]:
    events = bench.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    return [event["type"] for event in events]


def test_an_execution_within_its_deadline_succeeds(bench: Workbench):
    execution = bench.start({"Pass": {"Type": "Pass", "End": True}}, TimeoutSeconds=60)

    assert bench.ended(execution)["status"] == "SUCCEEDED"


def test_an_execution_is_started_once_however_often_it_is_asked_for(bench: Workbench):
    stepfunctions, machine = (
        bench.client("stepfunctions"),
        bench.machine({"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}),
    )
    bench.emulator.configure(wait_scale=1)
    try:
        request = {"stateMachineArn": machine, "name": "once", "input": '{"a": 1}'}
        first = stepfunctions.start_execution(**request)

        assert stepfunctions.start_execution(**request)["startDate"] == first["startDate"]
        with pytest.raises(stepfunctions.exceptions.ExecutionAlreadyExists):
            stepfunctions.start_execution(**(request | {"input": '{"a": 2}'}))
        bench.ended(first["executionArn"])
        with pytest.raises(stepfunctions.exceptions.ExecutionAlreadyExists):
            stepfunctions.start_execution(**request)
    finally:
        bench.emulator.configure(wait_scale=0)


def test_a_succeed_state_has_an_output(bench: Workbench):
    states = {"Done": {"Type": "Succeed", "Output": {"was": "{% $states.input.number %}"}}}

    assert bench.run(states, {"number": 7}) == {"was": 7}


def test_a_parallel_state_has_arguments_output_and_variables(bench: Workbench):
    branch = {
        "StartAt": "Double",
        "States": {"Double": {"Type": "Pass", "Output": "{% $states.input * 2 %}", "End": True}},
    }
    states = {
        "Both": {
            "Type": "Parallel",
            "Arguments": "{% $states.input.number %}",
            "Branches": [branch, json.loads(json.dumps(branch).replace("Double", "Again"))],
            "Output": {"sum": "{% $sum($states.result) %}"},
            "Assign": {"first": "{% $states.result[0] %}"},
            "Next": "Show",
        },
        "Show": {"Type": "Pass", "Output": "{% [$states.input.sum, $first] %}", "End": True},
    }

    assert bench.run(states, {"number": 4}) == [16, 8]


def test_a_branch_sees_the_variables_around_it_and_keeps_its_own(bench: Workbench):
    def branch(name: str) -> dict[str, Any]:
        steps: dict[str, Any] = {
            f"Set{name}": {"Type": "Pass", "Assign": {"mine": name}, "Next": f"Show{name}"},
            f"Show{name}": {"Type": "Pass", "Output": "{% $outer & $mine %}", "End": True},
        }
        return {"StartAt": f"Set{name}", "States": steps}

    states = {
        "Begin": {"Type": "Pass", "Assign": {"outer": "o"}, "Next": "Both"},
        "Both": {"Type": "Parallel", "Branches": [branch("A"), branch("B")], "Next": "Show"},
        "Show": {
            "Type": "Pass",
            "Output": {"branches": "{% $states.input %}", "leaked": "{% $exists($mine) %}"},
            "End": True,
        },
    }

    assert bench.run(states) == {"branches": ["oA", "oB"], "leaked": False}


def test_the_first_branch_that_fails_stops_the_others(bench: Workbench):
    said, begun = bench.queue(), bench.queue()
    slow = bench.function(
        SAY + "\ndef handler(event, context):\n    sqs.send_message(QueueUrl=os.environ['BEGUN'],"
        " MessageBody='1')\n    time.sleep(1)\n    say(event)",
        Environment={"Variables": {"SAID": said, "BEGUN": begun}},
        Timeout=10,
    )
    until_begun = bench.function(
        SAY + "\ndef handler(event, context):\n    assert sqs.receive_message("
        "QueueUrl=os.environ['SAID'], WaitTimeSeconds=10)['Messages']",
        **variables(begun),
        Timeout=20,
    )
    failing = {
        "Wait": bench.task(until_begun, Next="Refuse"),
        "Refuse": {"Type": "Fail", "Error": "Refused", "Cause": "no"},
    }
    going = {"One": bench.task(slow, "one", Next="Two"), "Two": bench.task(slow, "two", End=True)}
    branches = [
        {"StartAt": "Wait", "States": failing},
        {"StartAt": "One", "States": going},
    ]

    execution = bench.start({"Both": {"Type": "Parallel", "Branches": branches, "End": True}})

    assert bench.ended(execution)["error"] == "Refused"
    assert bench.is_empty(said)
    assert bench.bodies(said) == ["one"]
    bench.call(slow, "later than two would be")
    assert bench.bodies(said) == ["later than two would be"]


def test_the_history_names_the_tasks_of_branches(bench: Workbench):
    function = bench.function("def handler(event, context): return 1")
    branch = {"StartAt": "Inner", "States": {"Inner": bench.task(function, End=True)}}
    execution = bench.start({"All": {"Type": "Parallel", "Branches": [branch], "End": True}})
    bench.ended(execution)

    events = bench.client("stepfunctions").get_execution_history(executionArn=execution)["events"]
    entered = [
        event["stateEnteredEventDetails"]["name"]
        for event in events
        if "stateEnteredEventDetails" in event
    ]

    assert entered == ["All", "Inner"]


def test_every_event_comes_twice_when_asked_for(bench: Workbench):
    queue, bus = bench.queue(), bench.bus()
    bench.route(bus, bench.queue_arn(queue))
    bench.emulator.configure(deliver_twice=True)
    try:
        bench.publish(bus, {"number": 1})
    finally:
        bench.emulator.configure(deliver_twice=False)

    first, second = bench.bodies(queue, 2)
    assert first == second


def set_aside(bench: Workbench, queue: str) -> tuple[Any, dict[str, str]]:
    """The next event of a dead-letter queue, and what its message says of it."""
    [message] = bench.receive(queue)
    attributes = message["MessageAttributes"].items()
    return json.loads(message["Body"]), {key: value["StringValue"] for key, value in attributes}


def test_an_event_whose_target_is_gone_is_set_aside_at_once(bench: Workbench):
    dead, bus, target = bench.queue(), bench.bus(), bench.queue()
    rule = bench.route(
        bus, bench.queue_arn(target), DeadLetterConfig={"Arn": bench.queue_arn(dead)}
    )
    bench.client("sqs").delete_queue(QueueUrl=target)

    bench.publish(bus, {"number": 1})

    event, attributes = set_aside(bench, dead)
    assert event["detail"] == {"number": 1}
    assert attributes == {
        "RULE_ARN": rule,
        "TARGET_ARN": bench.queue_arn(target),
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": f"{bench.queue_arn(target)} does not exist",
    }


def queue_of_strangers(bench: Workbench) -> str:
    return bench.queue_arn(bench.queue())


def function_of_strangers(bench: Workbench) -> str:
    return bench.function_arn(bench.function("def handler(event, context): pass"))


def topic_of_strangers(bench: Workbench) -> str:
    policy = {"Version": "2012-10-17", "Statement": []}
    return bench.client("sns").create_topic(
        Name=bench.name(), Attributes={"Policy": json.dumps(policy)}
    )["TopicArn"]


def machine(bench: Workbench) -> str:
    return bench.machine({"Done": {"Type": "Succeed"}})


def other_bus(bench: Workbench) -> str:
    return f"arn:aws:events:us-east-1:000000000000:event-bus/{bench.bus()}"


def stream(bench: Workbench) -> str:
    name = bench.name()
    bench.client("kinesis").create_stream(StreamName=name, ShardCount=1)
    return f"arn:aws:kinesis:us-east-1:000000000000:stream/{name}"


@pytest.mark.parametrize(
    "target",
    [queue_of_strangers, function_of_strangers, topic_of_strangers, machine, other_bus, stream],
)
def test_a_rule_reaches_no_target_without_permission(
    bench: Workbench, target: Callable[[Workbench], str]
):
    dead, bus, arn = bench.queue(), bench.bus(), target(bench)
    rule = bench.rule(bus)
    bench.admit(bench.queue_arn(dead), rule)
    bench.aim(
        bus,
        rule,
        arn,
        RoleArn=with_role(bench),
        DeadLetterConfig={"Arn": bench.queue_arn(dead)},
    )

    bench.publish(bus, {})

    _, attributes = set_aside(bench, dead)
    assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert attributes["ERROR_MESSAGE"] == f"{rule} may not deliver to {arn}"


@pytest.fixture
def outage(bench: Workbench) -> Iterator[Callable[[str], None]]:
    """Keeps a target from answering, until the test ends or another one is named."""
    yield lambda arn: bench.emulator.configure(outage=arn)
    bench.emulator.configure(outage="")


@pytest.mark.parametrize(
    ("policy", "attempts", "condition"),
    [
        ({"MaximumRetryAttempts": 3}, "3", "MaximumRetryAttempts"),
        ({"MaximumRetryAttempts": 0}, "0", "MaximumRetryAttempts"),
        # Pauses of 1, 2, 4, 8 and 16 seconds fit into a minute.
        ({"MaximumEventAgeInSeconds": 60}, "5", "MaximumEventAgeInSeconds"),
        ({}, "185", "MaximumRetryAttempts"),
    ],
)
def test_delivery_to_a_target_that_is_out_is_tried_as_its_policy_says(
    bench: Workbench,
    outage: Callable[[str], None],
    policy: dict[str, int],
    attempts: str,
    condition: str,
):
    dead, bus, target = bench.queue(), bench.bus(), bench.queue_arn(bench.queue())
    bench.route(bus, target, RetryPolicy=policy, DeadLetterConfig={"Arn": bench.queue_arn(dead)})
    outage(target)

    bench.publish(bus, {"number": 1})

    event, attributes = set_aside(bench, dead)
    assert event["detail"] == {"number": 1}
    assert attributes["ERROR_CODE"] == "TIMEOUT"
    assert attributes["RETRY_ATTEMPTS"] == attempts
    assert attributes["EXHAUSTED_RETRY_CONDITION"] == condition


def test_an_event_is_delivered_once_its_target_is_back(
    bench: Workbench, outage: Callable[[str], None]
):
    queue, dead, bus = bench.queue(), bench.queue(), bench.bus()
    bench.route(bus, bench.queue_arn(queue), DeadLetterConfig={"Arn": bench.queue_arn(dead)})
    outage(bench.queue_arn(queue))
    bench.emulator.configure(wait_scale=0.2)
    try:
        bench.publish(bus, {"number": 1})
        assert bench.is_empty(queue)
        outage("")

        assert [event["detail"] for event in bench.bodies(queue)] == [{"number": 1}]
        assert bench.is_empty(dead)
    finally:
        bench.emulator.configure(wait_scale=0)


def test_events_go_to_a_stream_by_a_key_of_theirs(bench: Workbench):
    bus, arn = bench.bus(), stream(bench)
    bench.route(
        bus,
        arn,
        InputPath="$.detail",
        KinesisParameters={"PartitionKeyPath": "$.detail.customer"},
    )

    bench.publish(bus, {"customer": "c1"})

    kinesis = bench.client("kinesis")
    name = arn.rsplit("/", 1)[1]
    [shard] = kinesis.list_shards(StreamName=name)["Shards"]
    iterator = kinesis.get_shard_iterator(
        StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    [record] = kinesis.get_records(ShardIterator=iterator)["Records"]
    assert json.loads(record["Data"]) == {"customer": "c1"}
    assert record["PartitionKey"] == "c1"


def test_events_go_through_a_delivery_stream_to_a_bucket(bench: Workbench):
    bus, name = bench.bus(), bench.name()
    bench.client("s3").create_bucket(Bucket=name)
    bench.client("firehose").create_delivery_stream(
        DeliveryStreamName=name,
        S3DestinationConfiguration={
            "RoleARN": ROLE_ARN,
            "BucketARN": f"arn:aws:s3:::{name}",
            "BufferingHints": {"IntervalInSeconds": 1, "SizeInMBs": 1},
        },
    )
    bench.route(
        bus,
        f"arn:aws:firehose:us-east-1:000000000000:deliverystream/{name}",
        InputTransformer={
            "InputPathsMap": {"n": "$.detail.number"},
            "InputTemplate": '{"got": <n>}',
        },
    )

    bench.publish(bus, {"number": 5})

    s3 = bench.client("s3")
    [object_] = eventually(lambda: s3.list_objects_v2(Bucket=name).get("Contents"))
    body = s3.get_object(Bucket=name, Key=object_["Key"])["Body"].read()
    assert json.loads(body) == {"got": 5}


def test_a_policy_that_demands_tls_locks_nobody_out(bench: Workbench):
    queue = bench.queue()
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": bench.queue_arn(queue),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    bench.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})

    bench.client("sqs").send_message(QueueUrl=queue, MessageBody="1")

    assert bench.bodies(queue) == [1]


PUBLISH = """
import boto3

events = boto3.client("events")

def handler(event, context):
    events.put_events(Entries=event)
"""


def test_a_role_publishes_only_the_events_that_its_condition_names(bench: Workbench):
    bus, queue = bench.bus(), bench.queue()
    statement = {
        "Effect": "Allow",
        "Action": "events:PutEvents",
        "Resource": f"arn:aws:events:us-east-1:000000000000:event-bus/{bus}",
        "Condition": {"StringEquals": {"events:source": "tests", "events:detail-type": ["a", "b"]}},
    }
    bench.route(bus, bench.queue_arn(queue), InputPath="$.detail-type")
    publish = bench.function(PUBLISH, Role=with_role(bench, statement))

    def answer(*events: tuple[str, str]) -> Any:
        entries = [
            {"EventBusName": bus, "Source": source, "DetailType": type_, "Detail": "{}"}
            for source, type_ in events
        ]
        return bench.call(publish, entries)

    assert answer(("tests", "a"), ("tests", "b")) is None
    assert bench.bodies(queue, 2) == ["a", "b"]
    for forbidden in ("tests", "c"), ("strangers", "a"):
        assert "AccessDenied" in answer(("tests", "a"), forbidden)["errorMessage"]
    assert bench.is_empty(queue)


MAIL = """
import boto3

def handler(sender, context):
    boto3.client("ses").send_email(
        Source=sender,
        Destination={"ToAddresses": ["somebody@example.com"]},
        Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}},
    )
"""


def test_a_role_sends_mail_only_from_the_address_that_it_is_allowed(bench: Workbench):
    allowed, other = "allowed@example.com", "other@example.com"
    statement = {
        "Effect": "Allow",
        "Action": "ses:SendEmail",
        "Resource": f"arn:aws:ses:us-east-1:000000000000:identity/{allowed}",
    }
    for address in allowed, other:
        bench.client("ses").verify_email_identity(EmailAddress=address)
    mail = bench.function(MAIL, Role=with_role(bench, statement))

    assert bench.call(mail, allowed) is None
    assert "AccessDenied" in bench.call(mail, other)["errorMessage"]


def test_a_state_machine_does_only_what_its_role_allows(bench: Workbench):
    allowed = bench.function("def handler(event, context): return 1")
    forbidden = bench.function("def handler(event, context): return 2")
    table, _ = bench.streamed_table()
    role = with_role(
        bench,
        {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": bench.function_arn(allowed),
        },
    )
    write = {
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Arguments": {"TableName": table, "Item": {"id": {"S": "1"}}},
        "End": True,
    }

    def error(state: dict[str, Any]) -> str | None:
        machine = bench.machine({"State": state}, role)
        started = bench.client("stepfunctions").start_execution(stateMachineArn=machine)
        return bench.ended(started["executionArn"]).get("error")

    assert error(bench.task(allowed, End=True)) is None
    assert error(bench.task(forbidden, End=True)) == "Lambda.AWSLambdaException"
    assert error(write) == "DynamoDB.AmazonDynamoDBException"


def test_an_api_calls_only_functions_that_admit_it(bench: Workbench):
    gateway = bench.client("apigateway")
    function = bench.function("def handler(event, context): return {'statusCode': 200}")
    api = gateway.create_rest_api(name=bench.name())["id"]
    [root] = gateway.get_resources(restApiId=api)["items"]
    place = {"restApiId": api, "resourceId": root["id"], "httpMethod": "GET"}
    gateway.put_method(**place, authorizationType="NONE")
    gateway.put_integration(
        **place,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri="arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        f"{bench.function_arn(function)}/invocations",
    )
    gateway.create_deployment(restApiId=api, stageName="v1")
    url = f"{bench.emulator.endpoint}/_aws/execute-api/{api}/v1/"

    assert urllib3.request("GET", url, retries=False, timeout=DEADLINE_SECONDS).status == 500
    bench.client("lambda").add_permission(
        FunctionName=function,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:000000000000:{api}/*/*",
    )
    assert urllib3.request("GET", url, retries=False, timeout=DEADLINE_SECONDS).status == 200


@pytest.mark.parametrize("asks", ["a program", "a page"])
def test_only_pages_in_browsers_are_told_what_they_may_read(bench: Workbench, asks: str):
    client = Session().client(
        "sqs",
        endpoint_url=bench.emulator.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    if asks == "a page":
        client.meta.events.register(
            "before-sign",
            lambda request, **_: request.headers.add_header("Origin", "https://shop.example"),
        )

    headers = client.list_queues()["ResponseMetadata"]["HTTPHeaders"]

    assert ("access-control-allow-origin" in headers) == (asks == "a page")


def test_only_s3_has_ids_of_its_own_for_an_answer(bench: Workbench):
    def ids(answer: dict[str, Any]) -> list[str]:
        return [
            name for name in answer["ResponseMetadata"]["HTTPHeaders"] if name.endswith("-id-2")
        ]

    assert ids(bench.client("s3").list_buckets()) == ["x-amz-id-2"]
    assert ids(bench.client("sqs").list_queues()) == []


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"wait_scale": -1}, "wait_scale is -1; take a number of 0 or more"),
        ({"concurrency": 0}, "concurrency is 0; take a whole number of 1 or more"),
        ({"deliver_twice": 3}, "deliver_twice is 3; take 0, 1, false or true"),
        ({"speed": 2}, "'speed' is no setting; there are .*'wait_scale'"),
    ],
)
def test_a_bad_setting_is_refused_by_name(
    bench: Workbench, setting: dict[str, float], complaint: str
):
    with pytest.raises(ValueError, match=complaint):
        bench.emulator.configure(**setting)
