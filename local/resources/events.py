"""EventBridge: buses, rules, targets and archives."""

from local.resources.declaration import Aws, Declaration, Made, pascal

DEFAULT_BUS = "default"


def event_bus(aws: Aws, declared: Declaration) -> Made:
    name = declared.physical_name
    arn = aws("events").create_event_bus(
        Name=name,
        Tags=declared.tags(),
        **declared.capitalised("description", "kmsKeyIdentifier", "deadLetterConfig"),
    )["EventBusArn"]
    return Made(name, {"arn": arn, "name": name})


def event_bus_policy(aws: Aws, declared: Declaration) -> Made:
    bus = declared.get("eventBusName", DEFAULT_BUS)
    aws("events").put_permission(EventBusName=bus, Policy=declared["policy"])
    return Made(bus, {})


def event_rule(aws: Aws, declared: Declaration) -> Made:
    name, bus = declared.physical_name, declared.get("eventBusName", DEFAULT_BUS)
    arn = aws("events").put_rule(
        Name=name,
        EventBusName=bus,
        Tags=declared.tags(),
        **declared.capitalised(
            "description", "eventPattern", "roleArn", "scheduleExpression", "state"
        ),
    )["RuleArn"]
    identity = name if bus == DEFAULT_BUS else f"{bus}/{name}"
    return Made(identity, {"arn": arn, "name": name, "eventBusName": bus})


def event_target(aws: Aws, declared: Declaration) -> Made:
    rule, bus = declared["rule"], declared.get("eventBusName", DEFAULT_BUS)
    target = declared.get("targetId") or declared.name
    answer = aws("events").put_targets(
        Rule=rule,
        EventBusName=bus,
        Targets=[
            {
                "Id": target,
                **declared.capitalised("arn", "roleArn", "input", "inputPath"),
                **declared.capitalised("retryPolicy", "deadLetterConfig"),
                **_parameters(declared),
            }
        ],
    )
    for failure in answer["FailedEntries"]:
        raise ValueError(f"{failure['ErrorCode']}: {failure['ErrorMessage']}")
    return Made(f"{rule}-{target}", {"targetId": target, "eventBusName": bus})


def _parameters(declared: Declaration) -> dict[str, object]:
    """What AWS calls `...Parameters`, and a transformer, whose paths' names are the program's own."""
    found: dict[str, object] = {
        name: pascal(declared[key])
        for name, key in {
            "SqsParameters": "sqsTarget",
            "KinesisParameters": "kinesisTarget",
        }.items()
        if key in declared
    }
    transformer = declared.get("inputTransformer")
    if transformer:
        found["InputTransformer"] = {
            "InputTemplate": transformer["inputTemplate"],
            "InputPathsMap": transformer.get("inputPaths", {}),
        }
    return found


def event_archive(aws: Aws, declared: Declaration) -> Made:
    name = declared.physical_name
    arn = aws("events").create_archive(
        ArchiveName=name,
        EventSourceArn=declared["eventSourceArn"],
        **declared.capitalised("description", "eventPattern", "retentionDays", "kmsKeyIdentifier"),
    )["ArchiveArn"]
    return Made(name, {"arn": arn, "name": name})


TYPES = {
    "aws:cloudwatch/eventBus:EventBus": event_bus,
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": event_bus_policy,
    "aws:cloudwatch/eventRule:EventRule": event_rule,
    "aws:cloudwatch/eventTarget:EventTarget": event_target,
    "aws:cloudwatch/eventArchive:EventArchive": event_archive,
}
