"""Where declared resources hold policy documents and names of policies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .aws import ROLE, ROLE_POLICY
from .iam.documents import Document, InvalidDocument, parse
from .resource import Resource, Unknown, UnknownValue


class Kind(Enum):
    """What a policy document is attached to."""

    IDENTITY = "identity policy"
    TRUST = "trust policy"
    RESOURCE = "resource policy"


IDENTITY_DOCUMENTS: Mapping[str, str] = {
    ROLE_POLICY: "policy",
    "aws:iam/policy:Policy": "policy",
    "aws:iam/groupPolicy:GroupPolicy": "policy",
    "aws:iam/userPolicy:UserPolicy": "policy",
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
}
"""Types with an identity policy, and the property that holds it; roles hold theirs in a list."""
RESOURCE_DOCUMENTS: Mapping[str, str] = {
    "aws:apigateway/restApi:RestApi": "policy",
    "aws:apigateway/restApiPolicy:RestApiPolicy": "policy",
    "aws:backup/vaultPolicy:VaultPolicy": "policy",
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": "policy",
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": "accessPolicy",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyDocument",
    "aws:dynamodb/resourcePolicy:ResourcePolicy": "policy",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "policy",
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": "policy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:glue/resourcePolicy:ResourcePolicy": "policy",
    "aws:kinesis/resourcePolicy:ResourcePolicy": "policy",
    "aws:lambda/resourcePolicy:ResourcePolicy": "policy",
    "aws:opensearch/domainPolicy:DomainPolicy": "accessPolicies",
    "aws:kms/key:Key": "policy",
    "aws:kms/keyPolicy:KeyPolicy": "policy",
    "aws:s3/bucket:Bucket": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:schemas/registryPolicy:RegistryPolicy": "policy",
    "aws:secretsmanager/secret:Secret": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:sns/topic:Topic": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queue:Queue": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
"""Types with a resource policy, and the property that holds it."""
IDENTITY_TYPES = frozenset({ROLE, *IDENTITY_DOCUMENTS})
DOCUMENT_TYPES = IDENTITY_TYPES | frozenset(RESOURCE_DOCUMENTS)

_ATTACHED: Mapping[str, str] = {
    ROLE: "managedPolicyArns",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
}
ATTACHMENT_TYPES = frozenset(_ATTACHED)


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
        if not isinstance(self.value, str | Mapping):
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
        if resource.props.get(name) is not None:
            yield Held(kind, name, resource.props[name])
    if resource.type == ROLE:
        yield from _inline(resource.props.get("inlinePolicies"))


def _inline(policies: Any) -> Iterator[Held]:
    if isinstance(policies, Unknown):
        yield Held(Kind.IDENTITY, "inlinePolicies", policies)
        return
    for position, inline in enumerate(policies or ()):
        where = f"inlinePolicies[{position}].policy"
        if isinstance(inline, Unknown):
            yield Held(Kind.IDENTITY, where, inline)
        elif inline.get("policy") is not None:
            yield Held(Kind.IDENTITY, where, inline["policy"])


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
    """The ARNs of the managed policies that a resource attaches."""
    value: Any = resource.get(_ATTACHED[resource.type], default=[])
    return [value] if isinstance(value, str | Unknown) else list(value)
