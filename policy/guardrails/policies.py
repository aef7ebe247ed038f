"""Where declared resources hold policy documents and names of policies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .aws import MANAGED_POLICY, ROLE, ROLE_POLICY
from .iam.documents import Document, InvalidDocument, parse
from .resource import Resource, Unknown, UnknownValue, value_at, values_at


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
    **dict.fromkeys(
        (
            *("aws:acmpca/policy:Policy", "aws:apigateway/domainName:DomainName"),
            *("aws:apigateway/restApi:RestApi", "aws:apigateway/restApiPolicy:RestApiPolicy"),
            "aws:backup/vaultPolicy:VaultPolicy",
            "aws:bedrock/agentcoreResourcePolicy:AgentcoreResourcePolicy",
            "aws:cloudwatch/eventBusPolicy:EventBusPolicy",
            *(
                "aws:codebuild/resourcePolicy:ResourcePolicy",
                "aws:dsql/clusterPolicy:ClusterPolicy",
            ),
            *("aws:dynamodb/resourcePolicy:ResourcePolicy", "aws:ec2/vpcEndpoint:VpcEndpoint"),
            *(
                "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
                "aws:ecr/registryPolicy:RegistryPolicy",
            ),
            "aws:ecr/repositoryPolicy:RepositoryPolicy",
            "aws:ecrpublic/repositoryPolicy:RepositoryPolicy",
            *("aws:efs/fileSystemPolicy:FileSystemPolicy", "aws:glacier/vaultLock:VaultLock"),
            *(
                "aws:glue/resourcePolicy:ResourcePolicy",
                "aws:kinesis/resourcePolicy:ResourcePolicy",
            ),
            *("aws:kms/externalKey:ExternalKey", "aws:kms/key:Key", "aws:kms/keyPolicy:KeyPolicy"),
            *("aws:kms/replicaExternalKey:ReplicaExternalKey", "aws:kms/replicaKey:ReplicaKey"),
            "aws:lambda/resourcePolicy:ResourcePolicy",
            *(
                "aws:mediastore/containerPolicy:ContainerPolicy",
                "aws:msk/clusterPolicy:ClusterPolicy",
            ),
            *("aws:networkfirewall/resourcePolicy:ResourcePolicy", "aws:oam/sinkPolicy:SinkPolicy"),
            "aws:opensearchingest/resourcePolicy:ResourcePolicy",
            "aws:pinpoint/smsvoicev2ResourcePolicy:Smsvoicev2ResourcePolicy",
            "aws:redshift/resourcePolicy:ResourcePolicy",
            "aws:redshiftserverless/resourcePolicy:ResourcePolicy",
            *("aws:s3/accessPoint:AccessPoint", "aws:s3/bucket:Bucket"),
            "aws:s3/bucketPolicy:BucketPolicy",
            "aws:s3/filesFileSystemPolicy:FilesFileSystemPolicy",
            "aws:s3/vectorsVectorBucketPolicy:VectorsVectorBucketPolicy",
            "aws:s3control/accessGrantsInstanceResourcePolicy:AccessGrantsInstanceResourcePolicy",
            "aws:s3control/accessPointPolicy:AccessPointPolicy",
            "aws:s3control/bucketPolicy:BucketPolicy",
            "aws:s3control/objectLambdaAccessPointPolicy:ObjectLambdaAccessPointPolicy",
            *("aws:schemas/registryPolicy:RegistryPolicy", "aws:secretsmanager/secret:Secret"),
            *(
                "aws:secretsmanager/secretPolicy:SecretPolicy",
                "aws:ses/identityPolicy:IdentityPolicy",
            ),
            *("aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy", "aws:sns/topic:Topic"),
            *("aws:sns/topicPolicy:TopicPolicy", "aws:sqs/queue:Queue"),
            *("aws:sqs/queuePolicy:QueuePolicy", "aws:vpclattice/authPolicy:AuthPolicy"),
            "aws:vpclattice/resourcePolicy:ResourcePolicy",
        ),
        "policy",
    ),
    "aws:amp/resourcePolicy:ResourcePolicy": "policyDocument",
    "aws:cloudsearch/domainServiceAccessPolicy:DomainServiceAccessPolicy": "accessPolicy",
    "aws:cloudwatch/logDeliveryDestinationPolicy:LogDeliveryDestinationPolicy": "deliveryDestinationPolicy",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    LOG_RESOURCE_POLICY: "policyDocument",
    "aws:codeartifact/domainPermissions:DomainPermissions": "policyDocument",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": "policyDocument",
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": "repositoryPolicy",
    "aws:elasticsearch/domain:Domain": "accessPolicies",
    "aws:elasticsearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:glacier/vault:Vault": "accessPolicy",
    "aws:opensearch/domain:Domain": "accessPolicies",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:s3tables/tableBucketPolicy:TableBucketPolicy": "resourcePolicy",
    "aws:s3tables/tablePolicy:TablePolicy": "resourcePolicy",
    "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "resourcePolicy",
    "aws:xray/resourcePolicy:ResourcePolicy": "policyDocument",
}
"""Types with a resource policy, and the property that holds it."""
IDENTITY_TYPES = frozenset({ROLE, *IDENTITY_DOCUMENTS})
DOCUMENT_TYPES = IDENTITY_TYPES | frozenset(RESOURCE_DOCUMENTS)

ATTACHED: Mapping[str, str] = {
    ROLE: "managedPolicyArns.*",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns.*",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns.*",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns.*",
    "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment": "customerManagedPolicyReference.name",
    "aws:ssoadmin/customerManagedPolicyAttachmentsExclusive:CustomerManagedPolicyAttachmentsExclusive": "customerManagedPolicyReferences.*.name",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
    "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive": "managedPolicyArns.*",
}
"""Types that attach policies, and the property that says which; `*` stands for each of a list."""
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
    """The ARNs or names of the managed policies that a resource attaches; those that are not known yet come last."""
    found = values_at(resource.props, *ATTACHED[resource.type].split("."))
    return sorted(found, key=lambda policy: isinstance(policy, Unknown))


def is_aws_managed(arn: str) -> bool:
    """Whether a policy is one of those that AWS keeps for every account."""
    return ":iam::aws:policy/" in arn
