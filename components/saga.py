"""The saga as deployed: its state machine, the one that resumes parked work, and where that waits."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi
from pulumi_aws import cloudwatch, iam, sfn

from components.alarm import alarm
from components.arguments import check_arguments
from components.link import allow, document, trust
from components.platform import Platform, arn, log_group_arn, machine_arn, physical_name
from components.queue import IDEMPOTENT
from components.saga_definition import permissions, resume_machine, state_machine
from components.saga_steps import Parallel, Plan, Step
from components.table import Table

LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
"""What Step Functions needs to write to a log group; none of these knows a resource."""
TRACING = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)
"""What a traced state machine needs; none of these knows a resource."""
ALARMS = {
    "ExecutionsFailed": "a saga was undone after a failure, or work is parked. Find the cause in its "
    "execution history, mend it, then resume what is parked",
    "ExecutionsTimedOut": "a saga ran into its deadline. Find out what it did, and resume or undo it",
    "ExecutionsAborted": "a saga was stopped by hand. Find out what it did, and resume or undo it",
    "ExecutionThrottled": "state transitions are throttled. Raise the account's quota",
}


class SagaArgs(TypedDict):
    """What the saga does, step by step."""

    platform: Platform
    """What the stack's components share."""
    steps: Sequence[Step | Parallel]
    """In order of execution."""
    settle_arn: NotRequired[str]
    """Function that is told how a saga ended that did not complete. Default: nobody."""
    deadline_seconds: NotRequired[int]
    """When a saga gives up; the worst case must fit. Default: 3,600."""


class Saga(pulumi.ComponentResource):
    """A saga run by Step Functions, with a role derived from its definition."""

    machine_arn: pulumi.Output[str]
    """ARN of the state machine."""
    resume_arn: pulumi.Output[str]
    """ARN of the state machine that resumes parked work."""
    parked_table_name: pulumi.Output[str]
    """Name of the table in which work waits that could not be done."""

    def __init__(
        self, name: str, args: SagaArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, SagaArgs)
        super().__init__("ordermesh:index:Saga", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]
        plan = Plan(
            steps=args["steps"],
            parked_table=physical_name(platform, f"{name}-parked"),
            settle=args.get("settle_arn"),
            deadline_seconds=args.get("deadline_seconds", Plan.deadline_seconds),
            partition=platform["partition"],
        )

        self.parked = Table(
            f"{name}-parked",
            {"platform": platform, "hash_key": "execution", "range_key": "step"},
            child,
        )
        alarm(
            f"{name}-parked-work",
            {
                "platform": platform,
                "description": f"{name}: work was parked. Mend the cause, then resume it.",
                # A table has no metric of its size; each record that is parked is one write.
                "namespace": "AWS/DynamoDB",
                "metric": "SuccessfulRequestLatency",
                "dimensions": {"TableName": self.parked.physical_name, "Operation": "PutItem"},
                "statistic": "SampleCount",
            },
            parent=self,
        )
        machine = self._machine(name, platform, state_machine(plan))
        resume = self._machine(f"{name}-resume", platform, resume_machine(plan))

        self.static_arn = machine_arn(platform, name)
        self.machine_arn = machine.arn
        self.resume_arn = resume.arn
        self.parked_table_name = self.parked.table_name
        self.register_outputs(
            {
                "machine_arn": self.machine_arn,
                "resume_arn": self.resume_arn,
                "parked_table_name": self.parked_table_name,
            }
        )

    def _machine(
        self, name: str, platform: Platform, definition: Mapping[str, Any]
    ) -> sfn.StateMachine:
        child = pulumi.ResourceOptions(parent=self)
        # Under this prefix AWS keeps one resource policy for all groups instead of one for each.
        group_name = f"/aws/vendedlogs/states/{physical_name(platform, name)}"
        group = cloudwatch.LogGroup(
            f"{name}-logs",
            name=group_name,
            retention_in_days=platform["log_retention_days"],
            kms_key_id=platform.get("key_arn"),
            opts=child,
        )
        role = iam.Role(
            f"{name}-role",
            name=physical_name(platform, f"{name}-role"),
            assume_role_policy=trust("states.amazonaws.com", platform["account"]),
            opts=child,
        )
        allowed = iam.RolePolicy(
            f"{name}-permissions",
            name="permissions",
            role=role.name,
            policy=document(_statements(platform, definition)),
            opts=child,
        )
        machine = sfn.StateMachine(
            name,
            name=physical_name(platform, name),
            role_arn=role.arn,
            definition=json.dumps(definition),
            logging_configuration={
                "level": "ALL",
                # An order names its customer and card token; neither belongs into logs.
                "include_execution_data": False,
                "log_destination": log_group_arn(platform, group_name),
            },
            tracing_configuration={"enabled": platform["tracing"]},
            # Every step and undo of a saga bears being called twice; that is a step's contract.
            tags=IDEMPOTENT,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed, group]),
        )
        for metric, happened in ALARMS.items():
            alarm(
                f"{name}-{metric.removeprefix('Execution').removeprefix('s').lower()}",
                {
                    "platform": platform,
                    "description": f"{name}: {happened}.",
                    "namespace": "AWS/States",
                    "metric": metric,
                    "dimensions": {"StateMachineArn": machine_arn(platform, name)},
                },
                parent=self,
            )
        return machine


def _statements(platform: Platform, definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    needed = permissions(definition)
    statements = [
        allow(["lambda:InvokeFunction"], needed["lambda:InvokeFunction"]),
        allow(
            ["dynamodb:PutItem"],
            [arn(platform, "dynamodb", f"table/{table}") for table in needed["dynamodb:PutItem"]],
        ),
        allow(LOG_DELIVERY, ["*"]),
    ]
    return [*statements, allow(TRACING, ["*"])] if platform["tracing"] else statements
