"""Rules on roles: who uses them, and how their policies are declared."""

from collections.abc import Iterator

from ..aws import MANAGED_POLICY, ROLE, ROLE_ATTACHMENT, ROLE_POLICY, TASK_DEFINITION
from ..finding import Finding
from ..policies import Kind, held
from ..resource import Resource, Stack, is_set, value_at
from ..role_users import POLICY_ATTACHMENT, holders, uses
from ..rule import ADVISORY, HIGH, LOW, MANDATORY, Config, ResourceRule, StackRule

INLINE_CHARACTERS, MANAGED_CHARACTERS = 10_240, 6_144
"""IAM's quotas for all inline policies of a role together, and for one managed policy; blanks are not counted."""


def _not_shared(role: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    using = uses(stack).get(role.urn, ())
    if len({use.shares for use in using}) > 1:
        names = sorted({use.user.name for use in using})
        if len(names) == 1:
            # By one resource for several purposes, such as a job and what starts it.
            names = [f"{use.user.name} as {use.at}" for use in using]
        wrong = f"is used by {', '.join(names)}, so each may do what only the others need"
        yield Finding(wrong, "declare a role for each")


def _distinct(task: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    its_own, execution = (
        {role.urn for role in stack.named_by(task, property_, task.get(property_), ROLE)}
        for property_ in ("taskRoleArn", "executionRoleArn")
    )
    if its_own & execution:
        wrong = "runs with the role that pulls its image and reads its secrets"
        yield Finding(wrong, "declare a task role of its own")


def _user(resource: Resource, _config: Config) -> Iterator[Finding]:
    if resource.type == POLICY_ATTACHMENT and not (
        is_set(resource.props.get("users")) or is_set(resource.props.get("groups"))
    ):
        return
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
                "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
                POLICY_ATTACHMENT,
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
)
