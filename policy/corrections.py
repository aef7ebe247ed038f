"""Where what AWS publishes of its actions is not what a policy has to say, each with its reason."""

from collections.abc import Mapping

_ARN = "arn:${Partition}:"
RESOURCES: Mapping[tuple[str, str], str] = {
    # A recovery point may be of any service; the published format has a wildcard for the account.
    ("backup", "recoveryPoint"): _ARN + "${Vendor}:${Region}:${Account}:${RecoveryPointId}",
    # Consumers of a stream are under `stream/`; the published format leaves that part open.
    ("kinesis", "consumer"): _ARN
    + "kinesis:${Region}:${Account}:stream/${StreamName}/consumer/${ConsumerName}:${Created}",
    # Requests to a domain are authorised on their path.
    ("es", "domain path"): _ARN + "es:${Region}:${Account}:domain/${DomainName}/${Path}",
    # Access points of several regions are in none.
    ("s3", "multiregionaccesspointobject"): _ARN
    + "s3::${Account}:accesspoint/${AccessPointAlias}/object/${ObjectName}",
    # Parameters, documents and runbooks that AWS keeps for everybody are in no account.
    ("ssm", "public parameter"): _ARN + "ssm:${Region}::parameter/aws/service/${ParameterName}",
    ("ssm", "public document"): _ARN + "ssm:${Region}::document/${DocumentName}",
    ("ssm", "public automation-definition"): _ARN
    + "ssm:${Region}::automation-definition/${AutomationDefinitionName}:${VersionId}",
    # A model that may answer in any region is in none.
    ("bedrock", "global foundation-model"): _ARN + "bedrock:::foundation-model/${ResourceId}",
    # Under the same names, what is published of HTTP APIs has taken the place of these of REST APIs.
    ("apigateway", "RestApi part"): _ARN + "apigateway:${Region}::/restapis/${RestApiId}/${Path}",
    # Every secret's ARN ends in six characters of AWS's choice.
    ("secretsmanager", "Secret"): _ARN
    + "secretsmanager:${Region}:${Account}:secret:${SecretName}-??????",
    # The guides of S3 list all buckets "on" all buckets.
    ("s3", "every bucket"): _ARN + "s3:::*",
    # API destinations and connections have an id of AWS's choice after their name.
    ("events", "api-destination"): _ARN
    + "events:${Region}:${Account}:api-destination/${ApiDestinationName}/${Id}",
    ("events", "connection"): _ARN
    + "events:${Region}:${Account}:connection/${ConnectionName}/${Id}",
    # What a call has begun has an id of AWS's choice, which no policy can know: it names all of them.
    ("batch", "job"): _ARN + "batch:${Region}:${Account}:job/*",
    ("batch", "service-job"): _ARN + "batch:${Region}:${Account}:service-job/*",
    ("bedrock", "async-invoke"): _ARN + "bedrock:${Region}:${Account}:async-invoke/*",
    ("mediaconvert", "Job"): _ARN + "mediaconvert:${Region}:${Account}:jobs/*",
    ("route53", "change"): _ARN + "route53:::change/*",
    ("ssm", "automation-execution"): _ARN + "ssm:${Region}:${Account}:automation-execution/*",
    # CloudWatch Logs: "use the second version, with the trailing :*, … for all other API actions".
    ("logs", "log-group"): _ARN + "logs:${Region}:${Account}:log-group:${LogGroupName}:*",
    ("logs", "untailed log-group"): _ARN + "logs:${Region}:${Account}:log-group:${LogGroupName}",
}
"""Resource types whose published ARN format is not the one that a policy has to name."""
INSTEAD: Mapping[tuple[str, str], Mapping[str, str]] = {
    # The tagging actions are the ones that take a log group's ARN without the trailing `:*`.
    ("logs", action): {"log-group": "untailed log-group"}
    for action in ("ListTagsForResource", "TagResource", "UntagResource")
}
"""Actions that are authorised on another resource type than the published one."""
BESIDES: Mapping[tuple[str, str], tuple[str, ...]] = {
    # A call of an alias or a version is authorised on the qualified ARN.
    ("lambda", "function"): ("function alias", "function version"),
    ("bedrock", "foundation-model"): ("global foundation-model",),
    ("es", "domain"): ("domain path",),
    ("s3", "accesspointobject"): ("multiregionaccesspointobject",),
    ("ssm", "automation-definition"): ("public automation-definition",),
    ("ssm", "document"): ("public document",),
    ("ssm", "parameter"): ("public parameter",),
    ("states", "statemachine"): ("statemachinealias", "statemachineversion"),
}
"""Resource types that are authorised as well wherever the first one is."""
_OF_REST = (
    *("Account", "ApiKey", "ApiKeys", "BasePathMapping", "BasePathMappings", "ClientCertificate"),
    *("ClientCertificates", "DomainName", "DomainNames", "PrivateBasePathMapping"),
    *("PrivateBasePathMappings", "RestApi", "RestApi part", "RestApis", "Tags", "UsagePlan"),
    *("UsagePlanKey", "UsagePlanKeys", "UsagePlans", "VpcLink", "VpcLinks"),
)
LIMITED: Mapping[tuple[str, str], tuple[str, ...]] = {
    # Services that are published on two pages share these actions; only those of the later page are left.
    **{("apigateway", verb): _OF_REST for verb in ("DELETE", "GET", "PATCH", "POST", "PUT")},
    **{
        ("elasticloadbalancing", action): ("loadbalancer",)
        for action in (
            *("AddTags", "CreateLoadBalancer", "DeleteLoadBalancer"),
            *("ModifyLoadBalancerAttributes", "RemoveTags"),
        )
    },
    # Its policies name the machine, and the endpoint in conditions; neither is published as the action's.
    ("states", "InvokeHTTPEndpoint"): ("statemachine",),
    # The developer guides limit both, one to the table's streams and one to the cluster.
    ("dynamodb", "ListStreams"): ("stream",),
    ("kafka", "GetBootstrapBrokers"): ("cluster",),
    ("s3", "ListAllMyBuckets"): ("every bucket",),
}
"""Actions that can be limited to resource types that are not published."""
KNOWN: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("states", "InvokeHTTPEndpoint"): ("states:HTTPEndpoint", "states:HTTPMethod"),
}
"""Condition keys of actions that are not published."""
ACCESS: Mapping[tuple[str, str], str] = {
    # Published as changing permissions: logging in to a database, and owning the copies that one makes.
    ("rds-db", "connect"): "Write",
    ("s3", "ObjectOwnerOverrideToBucketOwner"): "Write",
}
"""Access levels that are not what the action does."""
_ON_ANYTHING: Mapping[str, tuple[str, ...]] = {
    "AWS makes the network interfaces of a function or task in a VPC itself": (
        *("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"),
        *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
    ),
    "the resource is an option of the call, and without it only * will do": (
        *("ce:GetCostAndUsage", "ce:GetCostForecast", "ce:GetDimensionValues", "ce:GetTags"),
        *("comprehend:DetectEntities", "rekognition:DetectModerationLabels"),
        *("polly:SynthesizeSpeech", "polly:StartSpeechSynthesisTask"),
        *("translate:TranslateText", "translate:TranslateDocument"),
        "translate:StartTextTranslationJob",
    ),
    "what AWS publishes for it knows no resources, though its guides do": (
        *("dynamodb:ListStreams", "kafka:GetBootstrapBrokers", "s3:ListAllMyBuckets"),
    ),
    "a call that names none of them lists all": (
        *("bedrock:ListGuardrails", "bedrock:ListPrompts"),
        *("rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBProxies"),
        *("rds:DescribeDBSubnetGroups", "rds:DescribeDBParameterGroups"),
    ),
}
ANYWHERE: Mapping[tuple[str, str], str] = {
    (service, name): reason
    for reason, actions in _ON_ANYTHING.items()
    for service, name in (action.split(":") for action in actions)
}
"""Actions that know resources but, in practice, are needed on all of them; with the reason."""
