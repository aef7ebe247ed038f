"""Rules on roles: how their policies are declared."""

from collections.abc import Iterable, Iterator

from ..aws import MANAGED_POLICY, ROLE, ROLE_ATTACHMENT, ROLE_POLICY
from ..finding import Finding
from ..policies import Kind, held
from ..resource import Resource, Stack, is_set, value_at
from ..role_users import POLICY_ATTACHMENT, holders
from ..rule import ADVISORY, HIGH, LOW, MANDATORY, Config, ResourceRule, StackRule

INLINE_CHARACTERS, MANAGED_CHARACTERS = 10_240, 6_144
"""IAM's quotas for all inline policies of a role together, and for one managed policy; blanks are not counted."""


def _user(resource: Resource, _config: Config) -> Iterator[Finding]:
    if resource.type == POLICY_ATTACHMENT and not (
        is_set(resource.props.get("users")) or is_set(resource.props.get("groups"))
    ):
        return
    yield Finding(
        "belongs to a user or group, whose keys do not expire",
        "use a role; people come in through IAM Identity Center",
    )


def _management(resource: Resource, _config: Config, stack: Stack) -> Iterator[Finding]:
    if resource.type == ROLE:
        yield from _ways(resource, stack)
        own = (each for each in holders(stack)[resource.urn] if each.type != MANAGED_POLICY)
        yield from _size(own)
    elif resource.type == MANAGED_POLICY:
        if _characters(resource) > MANAGED_CHARACTERS:
            wrong = f"is a managed policy of more than {MANAGED_CHARACTERS} characters"
            yield Finding(wrong, "divide it, as IAM takes no more")
    elif not stack.named_by(resource, "role", resource.get("role"), ROLE):
        # Of a role that is declared, all inline policies are counted together.
        yield from _size([resource])


def _ways(role: Resource, stack: Stack) -> Iterator[Finding]:
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


def _attachments(role: Resource, stack: Stack) -> Iterator[Resource]:
    for attachment in stack.of(ROLE_ATTACHMENT):
        if role in stack.named_by(attachment, "role", attachment.get("role"), ROLE):
            yield attachment


def _size(having: Iterable[Resource]) -> Iterator[Finding]:
    inline = sum(map(_characters, having))
    if inline > INLINE_CHARACTERS:
        wrong = f"has inline policies of {inline} characters; IAM takes {INLINE_CHARACTERS}"
        yield Finding(wrong, "move a part of them into a managed policy of your own")


def _characters(holder: Resource) -> int:
    """How long the policies are that a resource holds, as IAM counts them."""
    return sum(
        len("".join(found.value.split()))
        for found in held(holder)
        if found.kind in {Kind.IDENTITY, Kind.BOUNDARY} and isinstance(found.value, str)
    )


RULES = (
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
        types=frozenset({ROLE, ROLE_POLICY, MANAGED_POLICY}),
        check=_management,
    ),
)
