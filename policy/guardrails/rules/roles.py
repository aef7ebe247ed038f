"""Rules on roles: who may assume them, who uses them, and what their policies allow together."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from ..aws import MANAGED_POLICY, ROLE, ROLE_ATTACHMENT, ROLE_POLICY, TASK_DEFINITION
from ..finding import Finding
from ..iam.conditions import compares, requires, says_nothing
from ..iam.documents import Statement
from ..iam.escalation import escalations
from ..policies import Kind, held, judgeable
from ..resource import Resource, Stack, value_at
from ..role_users import documents, holders, service_of, users
from ..rule import ADVISORY, CRITICAL, HIGH, LOW, MANDATORY, MEDIUM, Config, ResourceRule, StackRule

INLINE_CHARACTERS, MANAGED_CHARACTERS = 10_240, 6_144
"""IAM's quotas for all inline policies of a role together, and for one managed policy; blanks are not counted."""
ASSUMING = frozenset(
    {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"}
    | {"sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext"}
)


class TrustConfig(Config, frozen=True, kw_only=True):
    """Which services say for whom they assume a role."""

    services: Annotated[
        tuple[str, ...],
        Meta(description="Services that send aws:SourceAccount when they assume a role."),
    ] = tuple(
        f"{name}.amazonaws.com"
        for name in (
            "bedrock",
            "ecs-tasks",
            "events",
            "pipes",
            "scheduler",
            "states",
            "vpc-flow-logs",
        )
    )


def _not_shared(role: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    using = users(stack).get(role.urn, [])
    if len(using) > 1:
        names = ", ".join(sorted(user.name for user in using))
        wrong = f"is used by {names}, so each may do what only the others need"
        yield Finding(wrong, "declare a role for each")


def _distinct(task: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    roles = [
        {role.urn for role in stack.named_by(task, property_, task.get(property_), ROLE)}
        for property_ in ("taskRoleArn", "executionRoleArn")
        if task.get(property_) is not None
    ]
    if len(roles) > 1 and roles[0] & roles[1]:
        wrong = "runs with the role that pulls its image and reads its secrets"
        yield Finding(wrong, "declare a task role of its own")


def _trust(role: Resource, config: TrustConfig) -> Iterator[Finding]:
    for document in judgeable(role, Kind.TRUST):
        for statement in document.allowing():
            for action in statement.actions:
                if action not in ASSUMING:
                    yield Finding(
                        "is more than assuming the role",
                        "write sts:AssumeRole",
                        statement.label,
                        action,
                    )
            if len(statement.principals) > 1:
                names = ", ".join(name for _, name in statement.principals)
                wrong = f"lets several assume the role: {names}"
                yield Finding(wrong, "declare a role for each", statement.label)
            for kind, name in statement.principals:
                yield from _principal(statement, kind, name, config)


def _principal(
    statement: Statement, kind: str, name: str, config: TrustConfig
) -> Iterator[Finding]:
    if name == "*":
        yield Finding("lets anybody assume the role", "name the service", statement.label)
    elif kind == "Service" and name in config.services and not _on_behalf(statement):
        wrong = f"lets {name} assume the role on behalf of any account"
        yield Finding(wrong, "ask for aws:SourceAccount in a condition", statement.label)
    elif kind == "AWS" and name.endswith(":root") and not requires(statement, "sts:ExternalId"):
        wrong = f"lets everybody in {name} assume the role"
        yield Finding(
            wrong, "name a role, or ask for sts:ExternalId in a condition", statement.label
        )
    elif kind == "Federated" and not _of_subject(statement):
        wrong = f"lets everybody whom {name} knows assume the role"
        yield Finding(wrong, "ask for the subject in a condition", statement.label)


def _on_behalf(statement: Statement) -> bool:
    keys = {"aws:sourceaccount", "aws:sourcearn"}
    return any(test.key.lower() in keys and compares(test) for test in statement.conditions)


def _of_subject(statement: Statement) -> bool:
    return any(
        test.key.lower().endswith((":sub", ":aud"))
        and compares(test)
        and not any(map(says_nothing, test.values))
        for test in statement.conditions
    )


def _fits_user(role: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    trusted = {
        name
        for document in judgeable(role, Kind.TRUST)
        for statement in document.allowing()
        for kind, name in statement.principals
        if kind == "Service"
    }
    for user in users(stack).get(role.urn, []):
        if service_of(user) not in trusted:
            wrong = f"is the role of {user.name}, which {', '.join(sorted(trusted)) or 'nobody'} cannot assume for it"
            yield Finding(wrong, f"let {service_of(user)} assume it")


def _user(_resource: Resource, _config: Config) -> Iterator[Finding]:
    yield Finding(
        "belongs to a user or group, whose keys do not expire",
        "use a role; people come in through IAM Identity Center",
    )


def _management(role: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    separate = {
        holder.get("name", default=holder.name): holder.name
        for holder in holders(stack)[role.urn]
        if holder.type == ROLE_POLICY
    }
    # After an update, a role's own properties show what was declared separately as well.
    inline = {value_at(each, "name") for each in role.get("inlinePolicies", default=())}
    if separate and inline - separate.keys():
        names = ", ".join(sorted(separate.values()))
        wrong = f"has inlinePolicies, which at every deployment remove {names}"
        yield Finding(wrong, "declare all of them as RolePolicy")
    if managed := set(role.get("managedPolicyArns", default=())):
        attached = {each.get("policyArn"): each.name for each in _attachments(role, stack)}
        if attached and managed - attached.keys():
            names = ", ".join(sorted(attached.values()))
            wrong = f"has managedPolicyArns, which at every deployment remove {names}"
            yield Finding(wrong, "declare all of them as RolePolicyAttachment")
    yield from _size(role, stack)


def _attachments(role: Resource, stack: Stack) -> Iterator[Resource]:
    for attachment in stack.of(ROLE_ATTACHMENT):
        if role in stack.named_by(attachment, "role", attachment.get("role"), ROLE):
            yield attachment


def _size(role: Resource, stack: Stack) -> Iterator[Finding]:
    sizes = [
        (holder.type, len("".join(found.value.split())))
        for holder in holders(stack)[role.urn]
        for found in held(holder)
        if found.kind is Kind.IDENTITY and isinstance(found.value, str)
    ]
    inline = sum(size for type_, size in sizes if type_ != MANAGED_POLICY)
    if inline > INLINE_CHARACTERS:
        wrong = f"has inline policies of {inline} characters; IAM takes {INLINE_CHARACTERS}"
        yield Finding(wrong, "move a part of them into a managed policy of your own")
    if any(type_ == MANAGED_POLICY and size > MANAGED_CHARACTERS for type_, size in sizes):
        wrong = f"has a managed policy of more than {MANAGED_CHARACTERS} characters"
        yield Finding(wrong, "divide it")


def _escalation(role: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    for actions, means in escalations(documents(role, stack)):
        yield Finding(
            f"may do {' and '.join(actions)}, and so {means}",
            "take one of the actions away, or give it to another role",
        )


RULES = (
    StackRule(
        id="iam-role-not-shared",
        level=MANDATORY,
        severity=HIGH,
        reference="WA SEC03-BP02",
        demand="Everything that runs has a role of its own.",
        remedy="Declare a role for each function, state machine, target and task.",
        types=frozenset({ROLE}),
        check=_not_shared,
    ),
    StackRule(
        id="ecs-roles-distinct",
        level=MANDATORY,
        severity=HIGH,
        reference="WA SEC03-BP02",
        demand="A task does not run with its execution role.",
        remedy="Declare a task role.",
        types=frozenset({TASK_DEFINITION}),
        check=_distinct,
    ),
    ResourceRule(
        id="iam-trust-narrow",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA SEC03-BP01",
        demand="One named principal may assume a role, and a service only for this account.",
        remedy="Name the service, and ask for aws:SourceAccount where the service sends it.",
        types=frozenset({ROLE}),
        config=TrustConfig,
        check=_trust,
    ),
    StackRule(
        id="iam-trust-fits-user",
        level=MANDATORY,
        severity=MEDIUM,
        reference="WA SEC03-BP01",
        demand="The service that a role is for may assume it.",
        remedy="Name the service in the role's trust policy.",
        types=frozenset({ROLE}),
        check=_fits_user,
    ),
    ResourceRule(
        id="iam-no-users",
        level=MANDATORY,
        severity=HIGH,
        reference="FSBP IAM.2",
        demand="Nothing is done by IAM users or granted to groups.",
        remedy="Use roles.",
        types=frozenset(
            {
                "aws:iam/accessKey:AccessKey",
                "aws:iam/groupPolicy:GroupPolicy",
                "aws:iam/user:User",
                "aws:iam/userLoginProfile:UserLoginProfile",
                "aws:iam/userPolicy:UserPolicy",
                "aws:iam/userPolicyAttachment:UserPolicyAttachment",
            }
        ),
        check=_user,
    ),
    StackRule(
        id="iam-no-mixed-management",
        level=ADVISORY,
        severity=LOW,
        reference="WA SEC03-BP02",
        demand="The policies of a role are declared in one way, and fit into IAM's quotas.",
        remedy="Use RolePolicy and RolePolicyAttachment only.",
        types=frozenset({ROLE}),
        check=_management,
    ),
    StackRule(
        id="iam-no-privilege-escalation",
        level=MANDATORY,
        severity=CRITICAL,
        reference="WA SEC03-BP02",
        demand="The policies of a role do not, together, let it get more permissions.",
        remedy="Take one of the actions away, or divide the work between two roles.",
        types=frozenset({ROLE}),
        check=_escalation,
    ),
)
