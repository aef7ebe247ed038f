"""Step Functions: state machines."""

from typing import Any

from local.resources.declaration import Aws, Declaration, Made


def state_machine(aws: Aws, declared: Declaration) -> Made:
    arn = aws("stepfunctions").create_state_machine(
        name=declared.physical_name,
        tags=declared.tags("key", "value"),
        **_logging(declared),
        **declared.same("definition", "roleArn", "type", "publish"),
    )["stateMachineArn"]
    return Made(arn, {"arn": arn, "name": declared.physical_name, "status": "ACTIVE"})


def _logging(declared: Declaration) -> dict[str, Any]:
    logging = declared.get("loggingConfiguration")
    if not logging:
        return {}
    target = {"cloudWatchLogsLogGroup": {"logGroupArn": logging["logDestination"]}}
    kept = {key: value for key, value in logging.items() if key != "logDestination"}
    return {"loggingConfiguration": kept | {"destinations": [target]}}


TYPES = {"aws:sfn/stateMachine:StateMachine": state_machine}
