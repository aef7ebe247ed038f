"""Where declared resources hold policy documents and names of policies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .aws import MANAGED_POLICY, ROLE, ROLE_POLICY
from .iam.documents import Document, InvalidDocument, parse
from .resource import Resource, Unknown, UnknownValue, is_set, value_at


class Kind(Enum):
    """What a policy document is attached to."""

    IDENTITY = "identity policy"
    TRUST = "trust policy"
    RESOURCE = "resource policy"
    BOUNDARY = "permissions boundary"


IDENTITY_DOCUMENTS: Mapping[str, str] = {
    ROLE_POLICY: "policy",
    MANAGED_POLICY: "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
}
"""Types with an identity policy, and the property that holds it; roles hold theirs in a list."""
LOG_RESOURCE_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
RESOURCE_DOCUMENTS: Mapping[str, str] = {
    "aws:acmpca/policy:Policy": "policy",
    "aws:apigateway/domainName:DomainName": "policy",
    "aws:apigateway/restApi:RestApi": "policy",
    "aws:apigateway/restApiPolicy:RestApiPolicy": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    LOG_RESOURCE_POLICY: "policyDocument",
    "aws:codeartifact/domainPermissions:DomainPermissions": "policyDocument",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": "policyDocument",
    "aws:codebuild/resourcePolicy:ResourcePolicy": "policy",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": "policy",
    "aws:ecr/registryPolicy:RegistryPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:ecrpublic/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:elasticsearch/domain:Domain": "accessPolicies",
    "aws:elasticsearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:glacier/vault:Vault": "accessPolicy",
    "aws:glue/resourcePolicy:ResourcePolicy": "policy",
    "aws:kinesis/resourcePolicy:ResourcePolicy": "policy",
    "aws:kms/externalKey:ExternalKey": "policy",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:kms/replicaExternalKey:ReplicaExternalKey": "policy",
    "aws:kms/replicaKey:ReplicaKey": "policy",
    "aws:lambda/resourcePolicy:ResourcePolicy": "policy",
    "aws:mediastore/containerPolicy:ContainerPolicy": "policy",
    "aws:msk/clusterPolicy:ClusterPolicy": "policy",
    "aws:networkfirewall/resourcePolicy:ResourcePolicy": "policy",
    "aws:oam/sinkPolicy:SinkPolicy": "policy",
    "aws:opensearch/domain:Domain": "accessPolicies",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:opensearchingest/resourcePolicy:ResourcePolicy": "policy",
    "aws:redshift/resourcePolicy:ResourcePolicy": "policy",
    "aws:redshiftserverless/resourcePolicy:ResourcePolicy": "policy",
    "aws:s3/accessPoint:AccessPoint": "policy",
    "aws:s3/bucket:Bucket": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:s3control/accessPointPolicy:AccessPointPolicy": "policy",
    "aws:s3control/bucketPolicy:BucketPolicy": "policy",
    "aws:s3control/objectLambdaAccessPointPolicy:ObjectLambdaAccessPointPolicy": "policy",
    "aws:s3tables/tableBucketPolicy:TableBucketPolicy": "resourcePolicy",
    "aws:s3tables/tablePolicy:TablePolicy": "resourcePolicy",
    "aws:schemas/registryPolicy:RegistryPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:ses/identityPolicy:IdentityPolicy": "policy",
    "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
    "aws:vpclattice/authPolicy:AuthPolicy": "policy",
    "aws:vpclattice/resourcePolicy:ResourcePolicy": "policy",
    "aws:xray/resourcePolicy:ResourcePolicy": "policyDocument",
}
"""Types with a resource policy, and the property that holds it."""
IDENTITY_TYPES = frozenset({ROLE, *IDENTITY_DOCUMENTS})
DOCUMENT_TYPES = IDENTITY_TYPES | frozenset(RESOURCE_DOCUMENTS)

ATTACHED: Mapping[str, str] = {
    ROLE: "managedPolicyArns",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
}
"""Types that attach policies, and the property that says which."""
ATTACHMENT_TYPES = frozenset(ATTACHED)


@dataclass(frozen=True)
class Held:
    """A policy document, where a resource holds it."""

    kind: Kind
    where: str
    """The property, as messages name it."""
    value: Any
    """Text, an object, or a value that is not known yet."""

    def document(self) -> Document:
        """The document itself; raises `UnknownValue` or `InvalidDocument` when there is none to judge."""
        if isinstance(self.value, Unknown):
            self.value.refuse()
        if not isinstance(self.value, (str, Mapping)):
            raise InvalidDocument("it is neither text nor an object")
        return parse(self.value)


def held(resource: Resource) -> Iterator[Held]:
    """The policy documents of a resource."""
    for kind, properties in (
        (Kind.IDENTITY, IDENTITY_DOCUMENTS),
        (Kind.TRUST, {ROLE: "assumeRolePolicy"}),
        (Kind.RESOURCE, RESOURCE_DOCUMENTS),
    ):
        name = properties.get(resource.type, "")
        value = resource.props.get(name)
        # After an update, a queue or a bucket without a policy has an empty one.
        empty = kind is Kind.RESOURCE and not isinstance(value, Unknown) and value == ""
        if value is not None and not empty:
            yield Held(Kind.BOUNDARY if is_boundary(resource) else kind, name, value)
    yield from _inline(resource.props.get("inlinePolicies"))


def is_boundary(policy: Resource) -> bool:
    """Whether a policy bounds what others grant, and grants nothing itself: its name has to say so."""
    names = (policy.name, policy.props.get("name"), policy.props.get("path"))
    return policy.type == MANAGED_POLICY and any(
        isinstance(name, str) and is_boundary_name(name) for name in names
    )


def is_boundary_name(name: str) -> bool:
    """Whether a policy says in its name that it is a boundary."""
    return "boundary" in name.lower()


def _inline(policies: Any) -> Iterator[Held]:
    if isinstance(policies, Unknown):
        yield Held(Kind.IDENTITY, "inlinePolicies", policies)
        return
    for position, inline in enumerate(policies or ()):
        where = f"inlinePolicies[{position}].policy"
        if isinstance(inline, Unknown):
            yield Held(Kind.IDENTITY, where, inline)
        elif (value := value_at(inline, "policy")) is not None:
            yield Held(Kind.IDENTITY, where, value)


def judgeable(resource: Resource, kind: Kind) -> Iterator[Document]:
    """The documents of one kind that can be judged; `iam-document-known` reports all others."""
    for found in held(resource):
        if found.kind is kind:
            try:
                document = found.document()
            except (UnknownValue, InvalidDocument):
                continue
            yield document


def attached(resource: Resource) -> list[Any]:
    """The ARNs of the managed policies that a resource attaches; those that are not known yet come last."""
    value: Any = resource.get(ATTACHED[resource.type], default=[])
    found = [value] if isinstance(value, str | Unknown) else filter(is_set, value)
    return sorted(found, key=lambda arn: isinstance(arn, Unknown))


def is_aws_managed(arn: str) -> bool:
    """Whether a policy is one of those that AWS keeps for every account."""
    return ":iam::aws:policy/" in arn
