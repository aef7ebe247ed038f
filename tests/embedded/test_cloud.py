"""What a Pulumi program declares is made in the embedded AWS, with the outputs that AWS's provider gives."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
import urllib3
from pulumi_aws import (
    apigateway,
    athena,
    cloudwatch,
    dynamodb,
    glue,
    iam,
    kinesis,
    kms,
    lambda_,
    s3,
    ses,
    sesv2,
    sfn,
    sns,
    sqs,
    xray,
)

from local.cloud import Cloud, CloudError
from local.deployment import deploy
from local.emulator import Emulator
from local.program import run
from local.resources.archives import zipped
from tests.embedded.conftest import Workbench, eventually

pytestmark = pytest.mark.embedded

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
NOTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}],
    }
)
"""A policy that allows nothing."""


class Deployed:
    """The outputs of a program, and what its cloud says it made nothing of."""

    def __init__(self, emulator: Emulator, program: Callable[[], object]) -> None:
        cloud = Cloud(emulator.client)
        self.outputs = run(program, stack="test", config={}, cloud=cloud).outputs
        self.not_emulated = cloud.not_emulated


def exported(emulator: Emulator, program: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The outputs of a program that returns what it exports, all of whose declarations are emulated."""

    def exporting() -> None:
        for name, value in program().items():
            pulumi.export(name, value)

    deployed = Deployed(emulator, exporting)
    assert deployed.not_emulated == []
    return deployed.outputs


def a_function(name: str, *actions: str, **arguments: Any) -> lambda_.Function:
    role = iam.Role(f"{name}-role", assume_role_policy=TRUST)
    statement = {"Effect": "Allow", "Action": actions or ("logs:*",), "Resource": "*"}
    allowed = iam.RolePolicy(
        f"{name}-allowed",
        role=role.name,
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    source = "def handler(event, context):\n    return event"
    return lambda_.Function(
        name,
        name=name,
        runtime="python3.13",
        architectures=["arm64"],
        handler="app.handler",
        role=role.arn,
        code=pulumi.AssetArchive({"app.py": pulumi.StringAsset(source)}),
        opts=pulumi.ResourceOptions(depends_on=[allowed]),
        **arguments,
    )


def test_a_function_runs_with_all_that_was_declared_of_it(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        layer = lambda_.LayerVersion(
            f"{name}-layer",
            layer_name=f"{name}-layer",
            code=pulumi.FileArchive("build/no-such-folder"),
            compatible_runtimes=["python3.13"],
        )
        group = cloudwatch.LogGroup(f"{name}-logs", name=f"/tests/{name}", retention_in_days=3)
        function = a_function(
            name,
            timeout=7,
            memory_size=512,
            layers=[layer.arn],
            environment={"variables": {"lowerCase": "kept"}},
            tracing_config={"mode": "Active"},
            logging_config={"log_format": "JSON", "log_group": group.name},
            reserved_concurrent_executions=2,
            tags={"owner": "tests"},
        )
        return {"arn": function.arn, "name": function.name, "invoke": function.invoke_arn}

    outputs = exported(bench.emulator, program)

    found = bench.client("lambda").get_function(FunctionName=name)
    configuration = found["Configuration"]
    assert bench.call(outputs["name"], {"a": 1}) == {"a": 1}
    assert outputs["arn"] == configuration["FunctionArn"]
    assert outputs["arn"] in outputs["invoke"]
    assert (configuration["Timeout"], configuration["MemorySize"]) == (7, 512)
    assert configuration["Environment"]["Variables"] == {"lowerCase": "kept"}
    assert configuration["LoggingConfig"]["LogGroup"] == f"/tests/{name}"
    assert configuration["TracingConfig"] == {"Mode": "Active"}
    assert found["Concurrency"] == {"ReservedConcurrentExecutions": 2}
    assert found["Tags"] == {"owner": "tests"}
    [group] = bench.client("logs").describe_log_groups(logGroupNamePrefix=f"/tests/{name}")[
        "logGroups"
    ]
    assert group["retentionInDays"] == 3


def test_what_calls_a_function_is_declared_with_it(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        function = a_function(name, "sqs:*")
        failures = sqs.Queue(f"{name}-failures", name=f"{name}-failures")
        lambda_.FunctionEventInvokeConfig(
            f"{name}-async",
            function_name=function.name,
            maximum_retry_attempts=1,
            destination_config={"on_failure": {"destination": failures.arn}},
        )
        lambda_.Permission(
            f"{name}-permission",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="events.amazonaws.com",
            source_arn="arn:aws:events:us-east-1:000000000000:rule/any",
        )
        queue = sqs.Queue(f"{name}-queue", name=f"{name}-queue")
        mapping = lambda_.EventSourceMapping(
            f"{name}-mapping",
            event_source_arn=queue.arn,
            function_name=function.name,
            batch_size=5,
            scaling_config={"maximum_concurrency": 3},
            function_response_types=["ReportBatchItemFailures"],
            filter_criteria={"filters": [{"pattern": json.dumps({"body": {"a": [1]}})}]},
        )
        return {"uuid": mapping.uuid}

    uuid = exported(bench.emulator, program)["uuid"]

    client = bench.client("lambda")
    invoked = client.get_function_event_invoke_config(FunctionName=name)
    assert invoked["MaximumRetryAttempts"] == 1
    assert invoked["DestinationConfig"]["OnFailure"]["Destination"].endswith(f"{name}-failures")
    [statement] = json.loads(client.get_policy(FunctionName=name)["Policy"])["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    mapping = client.get_event_source_mapping(UUID=uuid)
    assert mapping["BatchSize"] == 5
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 3}
    assert mapping["FilterCriteria"] == {"Filters": [{"Pattern": '{"body": {"a": [1]}}'}]}


def test_a_table_has_its_indexes_stream_and_expiry(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        table = dynamodb.Table(
            name,
            name=name,
            hash_key="id",
            range_key="at",
            attributes=[{"name": key, "type": "S"} for key in ("id", "at", "owner")],
            global_secondary_indexes=[
                {
                    "name": "byOwner",
                    "projection_type": "ALL",
                    "key_schemas": [
                        {"attribute_name": "owner", "key_type": "HASH"},
                        {"attribute_name": "at", "key_type": "RANGE"},
                    ],
                }
            ],
            billing_mode="PAY_PER_REQUEST",
            stream_enabled=True,
            stream_view_type="NEW_IMAGE",
            ttl={"enabled": True, "attribute_name": "expiresAt"},
            point_in_time_recovery={"enabled": True},
        )
        return {"arn": table.arn, "stream": table.stream_arn}

    outputs = exported(bench.emulator, program)

    client = bench.client("dynamodb")
    table = client.describe_table(TableName=name)["Table"]
    assert outputs == {"arn": table["TableArn"], "stream": table["LatestStreamArn"]}
    [index] = table["GlobalSecondaryIndexes"]
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["owner", "at"]
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert ttl["AttributeName"] == "expiresAt"
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_provisioned_table_is_encrypted_with_a_declared_key(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        key = kms.Key(f"{name}-key", description="tests", enable_key_rotation=True)
        kms.Alias(f"{name}-alias", name=f"alias/{name}", target_key_id=key.key_id)
        dynamodb.Table(
            name,
            name=name,
            hash_key="id",
            attributes=[{"name": "id", "type": "S"}],
            billing_mode="PROVISIONED",
            read_capacity=5,
            write_capacity=6,
            server_side_encryption={"enabled": True, "kms_key_arn": key.arn},
        )
        return {"key": key.arn}

    outputs = exported(bench.emulator, program)

    table = bench.client("dynamodb").describe_table(TableName=name)["Table"]
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 6
    assert table["SSEDescription"]["KMSMasterKeyArn"] == outputs["key"]
    rotation = bench.client("kms").get_key_rotation_status(KeyId=f"alias/{name}")
    assert rotation["KeyRotationEnabled"]


def test_a_queue_sets_aside_what_its_consumer_cannot_process(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        failures = sqs.Queue(f"{name}-failures", name=f"{name}-failures")
        queue = sqs.Queue(
            name,
            name=name,
            visibility_timeout_seconds=0,
            message_retention_seconds=3600,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": failures.arn, "maxReceiveCount": 1}
            ),
        )
        sqs.RedriveAllowPolicy(
            f"{name}-redrive",
            queue_url=failures.url,
            redrive_allow_policy=pulumi.Output.json_dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [queue.arn]}
            ),
        )
        sqs.QueuePolicy(f"{name}-policy", queue_url=queue.url, policy=TRUST)
        return {"queue": queue.url, "failures": failures.url, "arn": queue.arn}

    outputs = exported(bench.emulator, program)

    client = bench.client("sqs")
    attributes = client.get_queue_attributes(QueueUrl=outputs["queue"], AttributeNames=["All"])
    assert attributes["Attributes"]["QueueArn"] == outputs["arn"]
    assert attributes["Attributes"]["MessageRetentionPeriod"] == "3600"
    assert attributes["Attributes"]["Policy"] == TRUST
    client.send_message(QueueUrl=outputs["queue"], MessageBody="1")
    client.receive_message(QueueUrl=outputs["queue"])
    client.receive_message(QueueUrl=outputs["queue"])
    assert bench.bodies(outputs["failures"]) == [1]


def test_an_event_goes_through_a_rule_to_its_target(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        bus = cloudwatch.EventBus(name, name=name)
        cloudwatch.EventArchive(
            f"{name}-archive", name=name, event_source_arn=bus.arn, retention_days=3
        )
        rule = cloudwatch.EventRule(
            f"{name}-rule",
            name=f"{name}-rule",
            event_bus_name=bus.name,
            event_pattern=json.dumps({"source": ["tests"]}),
        )
        queue = sqs.Queue(f"{name}-queue", name=f"{name}-queue")
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue.arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule.arn}},
        }
        sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        cloudwatch.EventTarget(
            f"{name}-target",
            rule=rule.name,
            event_bus_name=bus.name,
            arn=queue.arn,
            retry_policy={"maximum_retry_attempts": 7, "maximum_event_age_in_seconds": 60},
            dead_letter_config={"arn": queue.arn},
            input_transformer={
                "input_paths": {"theNumber": "$.detail.number"},
                "input_template": '{"got": <theNumber>}',
            },
        )
        return {"queue": queue.url, "rule": rule.arn, "bus": bus.arn}

    outputs = exported(bench.emulator, program)
    bench.publish(name, {"number": 3})

    assert bench.bodies(outputs["queue"]) == [{"got": 3}]
    assert outputs["rule"].endswith(f":rule/{name}/{name}-rule")
    [target] = bench.client("events").list_targets_by_rule(Rule=f"{name}-rule", EventBusName=name)[
        "Targets"
    ]
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 7, "MaximumEventAgeInSeconds": 60}
    archive = bench.client("events").describe_archive(ArchiveName=name)
    assert (archive["RetentionDays"], archive["EventSourceArn"]) == (3, outputs["bus"])


def test_a_topic_hands_messages_to_its_subscribers(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        topic = sns.Topic(name, name=name)
        queue = sqs.Queue(f"{name}-queue", name=f"{name}-queue")
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue.arn,
        }
        policy = sqs.QueuePolicy(
            f"{name}-policy",
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        sns.TopicPolicy(f"{name}-topic-policy", arn=topic.arn, policy=TRUST)
        sns.TopicSubscription(
            f"{name}-subscription",
            topic=topic.arn,
            protocol="sqs",
            endpoint=queue.arn,
            raw_message_delivery=True,
            opts=pulumi.ResourceOptions(depends_on=[policy]),
        )
        return {"topic": topic.arn, "queue": queue.url}

    outputs = exported(bench.emulator, program)
    bench.client("sns").publish(TopicArn=outputs["topic"], Message='{"told": true}')

    assert bench.bodies(outputs["queue"]) == [{"told": True}]


def test_mail_is_sent_from_a_declared_address(bench: Workbench):
    name = bench.name()
    first, second = f"{name}@one.example.com", f"{name}@two.example.com"

    def program() -> dict[str, Any]:
        sender = ses.EmailIdentity(f"{name}-1", email=first)
        identity = sesv2.EmailIdentity(f"{name}-2", email_identity=second)
        return {"first": sender.arn, "second": identity.arn}

    outputs = exported(bench.emulator, program)

    assert outputs["first"].endswith(f":identity/{first}")
    assert outputs["second"].endswith(f":identity/{second}")
    for address in first, second:
        bench.client("ses").send_email(
            Source=address,
            Destination={"ToAddresses": ["somebody@example.com"]},
            Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "b"}}},
        )


def test_a_state_machine_runs_and_logs(bench: Workbench):
    name = bench.name()
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Output": "done", "End": True}},
    }

    def program() -> dict[str, Any]:
        group = cloudwatch.LogGroup(f"{name}-logs", name=f"/tests/{name}")
        role = iam.Role(f"{name}-role", assume_role_policy=TRUST)
        iam.RolePolicy(f"{name}-policy", name="p", role=role.name, policy=NOTHING)
        machine = sfn.StateMachine(
            name,
            name=name,
            role_arn=role.arn,
            definition=json.dumps(definition),
            logging_configuration={
                "level": "ALL",
                "include_execution_data": False,
                "log_destination": pulumi.Output.concat(group.arn, ":*"),
            },
        )
        return {"arn": machine.arn}

    arn = exported(bench.emulator, program)["arn"]

    client = bench.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn, input="{}")["executionArn"]
    assert bench.ended(execution)["output"] == '"done"'
    described = client.describe_state_machine(stateMachineArn=arn)
    [destination] = described["loggingConfiguration"]["destinations"]
    assert destination["cloudWatchLogsLogGroup"]["logGroupArn"].endswith(f"/tests/{name}:*")


def test_an_api_is_reachable_at_its_invoke_url_as_it_stands(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        source = (
            "def handler(event, context):\n"
            "    return {'statusCode': 200, 'body': event['pathParameters']['id'] + event['body']}"
        )
        role = iam.Role(f"{name}-role", assume_role_policy=TRUST)
        function = lambda_.Function(
            name,
            name=name,
            runtime="python3.13",
            handler="app.handler",
            role=role.arn,
            code=pulumi.AssetArchive({"app.py": pulumi.StringAsset(source)}),
        )
        rest = apigateway.RestApi(
            f"{name}-api", name=name, endpoint_configuration={"types": "REGIONAL"}
        )
        things = apigateway.Resource(
            f"{name}-things", rest_api=rest.id, parent_id=rest.root_resource_id, path_part="things"
        )
        thing = apigateway.Resource(
            f"{name}-thing", rest_api=rest.id, parent_id=things.id, path_part="{id}"
        )
        validator = apigateway.RequestValidator(
            f"{name}-validator", rest_api=rest.id, name="body", validate_request_body=True
        )
        model = apigateway.Model(
            f"{name}-model",
            rest_api=rest.id,
            name="Object",
            content_type="application/json",
            schema=json.dumps(
                {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"}
            ),
        )
        refusal = apigateway.Response(
            f"{name}-refusal",
            rest_api_id=rest.id,
            response_type="BAD_REQUEST_BODY",
            status_code="400",
            response_templates={"application/json": '{"title":"no"}'},
            response_parameters={
                "gatewayresponse.header.Content-Type": "'application/problem+json'"
            },
        )
        method = apigateway.Method(
            f"{name}-post",
            rest_api=rest.id,
            resource_id=thing.id,
            http_method="POST",
            authorization="NONE",
            request_validator_id=validator.id,
            request_models={"application/json": model.name},
        )
        integration = apigateway.Integration(
            f"{name}-integration",
            rest_api=rest.id,
            resource_id=thing.id,
            http_method=method.http_method,
            type="AWS_PROXY",
            integration_http_method="POST",
            uri=function.invoke_arn,
        )
        lambda_.Permission(
            f"{name}-permission",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="apigateway.amazonaws.com",
            source_arn=pulumi.Output.concat(rest.execution_arn, "/*/*"),
        )
        deployment = apigateway.Deployment(
            f"{name}-deployment",
            rest_api=rest.id,
            opts=pulumi.ResourceOptions(depends_on=[integration, refusal]),
        )
        stage = apigateway.Stage(
            f"{name}-stage", rest_api=rest.id, deployment=deployment.id, stage_name="v1"
        )
        apigateway.MethodSettings(
            f"{name}-settings",
            rest_api=rest.id,
            stage_name=stage.stage_name,
            method_path="*/*",
            settings={"throttling_burst_limit": 9, "metrics_enabled": True},
        )
        return {"url": stage.invoke_url, "api": rest.id}

    outputs = exported(bench.emulator, program)

    http = urllib3.PoolManager(retries=False)
    accepted = http.request("POST", f"{outputs['url']}/things/7", json={"a": 1})
    assert (accepted.status, accepted.data) == (200, b'7{"a":1}')
    refused = http.request("POST", f"{outputs['url']}/things/7", json=[1])
    assert (refused.status, refused.json()) == (400, {"title": "no"})
    assert refused.headers["Content-Type"] == "application/problem+json"
    stage = bench.client("apigateway").get_stage(restApiId=outputs["api"], stageName="v1")
    assert stage["methodSettings"]["*/*"]["throttlingBurstLimit"] == 9


def test_alarms_and_dashboards_are_made(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        alarm = cloudwatch.MetricAlarm(
            name,
            name=name,
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": "q"},
            statistic="Maximum",
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=1,
            period=60,
            evaluation_periods=1,
            ok_actions=["arn:aws:sns:us-east-1:000000000000:alarms"],
        )
        cloudwatch.Dashboard(name, dashboard_name=name, dashboard_body='{"widgets": []}')
        return {"alarm": alarm.arn}

    outputs = exported(bench.emulator, program)

    client = bench.client("cloudwatch")
    [alarm] = client.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["AlarmArn"] == outputs["alarm"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": "q"}]
    assert alarm["OKActions"] == ["arn:aws:sns:us-east-1:000000000000:alarms"]
    assert client.get_dashboard(DashboardName=name)["DashboardBody"] == '{"widgets": []}'


def test_events_are_kept_in_a_bucket_where_they_can_be_queried(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        bucket = s3.Bucket(name, bucket=name, force_destroy=True, tags={"owner": "tests"})
        s3.BucketPublicAccessBlock(name, bucket=bucket.id, block_public_policy=True)
        s3.BucketVersioning(name, bucket=bucket.id, versioning_configuration={"status": "Enabled"})
        s3.BucketServerSideEncryptionConfiguration(
            name,
            bucket=bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
        )
        s3.BucketLifecycleConfiguration(
            name,
            bucket=bucket.id,
            rules=[
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": "events/"},
                    "expiration": {"days": 9},
                }
            ],
        )
        s3.BucketPolicy(name, bucket=bucket.id, policy=bucket.arn.apply(_closed))
        role = iam.Role(f"{name}-role", assume_role_policy=TRUST)
        source = kinesis.Stream(name, name=name, shard_count=1, retention_period=48)
        delivery = kinesis.FirehoseDeliveryStream(
            name,
            name=name,
            destination="extended_s3",
            kinesis_source_configuration={"kinesis_stream_arn": source.arn, "role_arn": role.arn},
            extended_s3_configuration={
                "role_arn": role.arn,
                "bucket_arn": bucket.arn,
                "prefix": "events/",
                "buffering_interval": 1,
                "buffering_size": 1,
                "compression_format": "UNCOMPRESSED",
            },
        )
        database = glue.CatalogDatabase(name, name=name)
        glue.CatalogTable(
            name,
            name="events",
            database_name=database.name,
            table_type="EXTERNAL_TABLE",
            parameters={"projection.enabled": "true"},
            partition_keys=[{"name": "day", "type": "string"}],
            storage_descriptor={
                "location": bucket.bucket.apply(lambda found: f"s3://{found}/events/"),
                "columns": [{"name": "id", "type": "string"}],
                "ser_de_info": {
                    "serialization_library": "org.openx.data.jsonserde.JsonSerDe",
                    "parameters": {"ignore.malformed.json": "true"},
                },
            },
        )
        athena.Workgroup(
            name,
            name=name,
            configuration={
                "enforce_workgroup_configuration": True,
                "bytes_scanned_cutoff_per_query": 10_485_760,
                "result_configuration": {
                    "output_location": bucket.bucket.apply(lambda found: f"s3://{found}/results/")
                },
            },
        )
        return {"bucket": bucket.arn, "stream": source.arn, "delivery": delivery.arn}

    outputs = exported(bench.emulator, program)

    client = bench.client("s3")
    bench.client("kinesis").put_record(StreamName=name, Data=b'{"id": "1"}', PartitionKey="1")
    [kept] = eventually(lambda: client.list_objects_v2(Bucket=name).get("Contents"))
    assert kept["Key"].startswith("events/")
    [rule] = client.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert (rule["ID"], rule["Expiration"]) == ("expire", {"Days": 9})
    assert client.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert client.get_bucket_policy(Bucket=name)["Policy"] == _closed(outputs["bucket"])
    summary = bench.client("kinesis").describe_stream_summary(StreamName=name)
    assert summary["StreamDescriptionSummary"]["RetentionPeriodHours"] == 48
    [destination] = bench.client("firehose").describe_delivery_stream(DeliveryStreamName=name)[
        "DeliveryStreamDescription"
    ]["Destinations"]
    hints = destination["ExtendedS3DestinationDescription"]["BufferingHints"]
    assert hints == {"IntervalInSeconds": 1, "SizeInMBs": 1}
    table = bench.client("glue").get_table(DatabaseName=name, Name="events")["Table"]
    assert table["Parameters"] == {"projection.enabled": "true"}
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["Parameters"] == {"ignore.malformed.json": "true"}
    group = bench.client("athena").get_work_group(WorkGroup=name)["WorkGroup"]
    assert group["Configuration"]["BytesScannedCutoffPerQuery"] == 10_485_760
    assert group["Configuration"]["EnforceWorkGroupConfiguration"]


def _closed(bucket_arn: str) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"{bucket_arn}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_managed_policies_are_attached(bench: Workbench):
    name = bench.name()

    def program() -> dict[str, Any]:
        role = iam.Role(name, name=name, assume_role_policy=TRUST, tags={"owner": "tests"})
        policy = iam.Policy(name, name=name, policy=NOTHING)
        iam.RolePolicyAttachment(name, role=role.name, policy_arn=policy.arn)
        return {"policy": policy.arn, "role": role.arn}

    outputs = exported(bench.emulator, program)

    client = bench.client("iam")
    [attached] = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert attached["PolicyArn"] == outputs["policy"]
    assert client.get_role(RoleName=name)["Role"]["Arn"] == outputs["role"]


def test_what_nothing_is_made_of_is_listed_by_name(bench: Workbench):
    name = bench.name()

    def program() -> None:
        xray.Group(name, group_name=name, filter_expression="error")
        sqs.Queue(name, name=name, region="us-east-1")

    assert Deployed(bench.emulator, program).not_emulated == [
        "aws:sqs/queue:Queue.region",
        "aws:xray/group:Group",
    ]


def test_a_refusal_names_the_resource_and_the_service_s_message(bench: Workbench):
    def program() -> None:
        iam.Policy("readers", policy=TRUST)

    with pytest.raises(
        CloudError, match=r"aws:iam/policy:Policy 'readers': .*at least one Statement"
    ):
        Deployed(bench.emulator, program)


def test_a_folder_that_is_missing_is_named(bench: Workbench):
    def program() -> None:
        lambda_.Function(
            "f", runtime="python3.13", handler="a.b", role="r", code=pulumi.FileArchive("no/such")
        )

    with pytest.raises(CloudError, match=r"Function 'f': there is no folder .*no/such"):
        Deployed(bench.emulator, program)


def test_what_the_program_raises_is_raised(bench: Workbench):
    def program() -> None:
        raise LookupError("of its own")

    with pytest.raises(LookupError, match="of its own"):
        Deployed(bench.emulator, program)


def test_a_look_up_is_refused_by_name(bench: Workbench):
    def program() -> None:
        sqs.get_queue(name="any")

    with pytest.raises(Exception, match=r"the program looks up aws:sqs/getQueue:getQueue"):
        Deployed(bench.emulator, program)


def test_the_same_content_is_the_same_archive(tmp_path: Path):
    folder = tmp_path / "code"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "a.pyc").write_text("cached")
    (folder / "a.py").write_text("1")
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "a.py").write_text("1")

    assert zipped(pulumi.FileArchive(str(folder))) == zipped(pulumi.FileArchive(str(copy)))
    assert zipped(pulumi.FileArchive(str(folder))) == zipped(
        pulumi.AssetArchive({"a.py": pulumi.StringAsset("1")})
    )


def test_a_setting_that_the_program_refuses_stops_the_deployment(emulator: Emulator):
    with pytest.raises(ValueError, match="ordermesh:logRetentionDays is '2'"):
        deploy(emulator, logRetentionDays=2)
