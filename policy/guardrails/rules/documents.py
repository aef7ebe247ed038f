"""Rules on policy documents as such, and on policies that AWS manages."""

import re
from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..finding import Finding
from ..iam.arns import has_wildcard
from ..iam.documents import Document, InvalidDocument
from ..policies import Kind, attached, held, is_aws_managed
from ..policy_properties import ATTACHMENT_TYPES, DOCUMENT_TYPES
from ..resource import Resource, UnknownValue
from ..rule import HIGH, MANDATORY, MEDIUM, GrantConfig, ResourceRule
from .access import ENDPOINTS

_SID = re.compile("[0-9A-Za-z]*")


class ManagedConfig(GrantConfig, frozen=True, kw_only=True):
    """Which AWS managed policies are no finding."""

    allowed: Annotated[
        tuple[str, ...], Meta(description="ARNs of AWS managed policies that may be attached.")
    ] = ()


def _known(resource: Resource, _config: GrantConfig) -> Iterator[Finding]:
    for found in held(resource):
        where = f"the {found.kind.value} in {found.where}"
        try:
            document = found.document()
        except UnknownValue:
            yield Finding(
                f"{where} is not known in this preview, so no rule can judge it",
                "build its ARNs from fixed names instead of outputs, and state the order with depends_on",
            )
        except InvalidDocument as error:
            yield Finding(f"{where} is no policy document: {error}", "write one that IAM accepts")
        else:
            wrong = _misplaced(document, found.kind) or _misnamed(document, found.kind)
            if wrong:
                yield Finding(
                    f"{where} is no policy document: {wrong}", "write one that IAM accepts"
                )
            elif not document.statements and resource.type not in ENDPOINTS:
                # That of an endpoint would close it: there, nothing is something to say.
                yield Finding(
                    f"{where} has no statements, so it grants nothing, and AWS refuses it",
                    "state in it what is needed, or leave it out",
                )


def _misplaced(document: Document, kind: Kind) -> str:
    """What a document of a kind lacks, or has too much; empty if it is as it should be."""
    for statement in document.statements:
        for _, name in (*statement.principals, *statement.not_principals):
            if has_wildcard(name) and name != "*":
                return f"{statement.label} has the principal {name}, of which no part can be left open, except in a condition on aws:PrincipalArn"
        names_resource = statement.resources or statement.not_resources
        names_principal = statement.principals or statement.not_principals
        of_role = kind in {Kind.IDENTITY, Kind.BOUNDARY}
        if of_role and not names_resource:
            return f"{statement.label} has no Resource"
        if of_role and names_principal:
            return f"{statement.label} has a Principal, which only trust and resource policies have"
        if not of_role and not names_principal:
            return f"{statement.label} has no Principal"
        if kind is Kind.TRUST and names_resource:
            return f"{statement.label} has a Resource, which a trust policy is about anyway"
    return ""


def _misnamed(document: Document, kind: Kind) -> str:
    """What Sid IAM refuses; empty if it takes all. Other services have rules of their own, and most have none."""
    seen = set[str]()
    for statement in document.statements if kind is not Kind.RESOURCE else ():
        if not _SID.fullmatch(statement.sid):
            return f"{statement.label} has a Sid of more than letters (A to Z) and digits"
        if statement.sid and statement.sid in seen:
            return f"{statement.label} has the Sid of another statement"
        seen.add(statement.sid)
    return ""


def _aws_managed(resource: Resource, config: ManagedConfig) -> Iterator[Finding]:
    for arn in attached(resource):
        if is_aws_managed(arn) and arn not in config.allowed:
            yield Finding(
                "is managed by AWS, for every account and not for this role",
                "write a policy with the actions and resources that are needed",
                resource=arn,
            )


RULES = (
    ResourceRule(
        id="iam-document-known",
        level=MANDATORY,
        severity=HIGH,
        reference="WA SEC03-BP02",
        demand="Every policy document can be judged, also in the first preview.",
        remedy="Build ARNs from fixed names and write the document as text or as an object.",
        types=DOCUMENT_TYPES,
        config=GrantConfig,
        check=_known,
    ),
    ResourceRule(
        id="iam-no-aws-managed",
        level=MANDATORY,
        severity=MEDIUM,
        reference="WA SEC03-BP02",
        demand="No policy that AWS manages is attached.",
        remedy="Write a policy with the actions and resources that are needed.",
        types=ATTACHMENT_TYPES,
        config=ManagedConfig,
        check=_aws_managed,
    ),
)
