"""Which conditions make a wildcard narrower, and which keys a condition may use."""

import re
from collections.abc import Container
from dataclasses import replace

from .addresses import are_anybodys
from .arns import VARIABLE, WILDCARDS, has_wildcard, is_arn, segments
from .documents import Statement, Test

_COMPARES = re.compile(
    r"(ForAnyValue:)?(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|IpAddress)"
)
"""Operators that a request has to satisfy; with `IfExists`, `ForAllValues` or `Not` it may pass without the key."""
_EXCLUDES = re.compile(
    r"(ForAnyValue:)?(StringNot(Equals|EqualsIgnoreCase|Like)|ArnNot(Equals|Like)|NotIpAddress)(IfExists)?"
)
"""Operators that are met by a request without the key, too."""
_UNLESS = re.compile(r"(Bool|StringEquals(IgnoreCase)?)(IfExists)?")
"""Operators that compare with true and false."""
_LITERAL = re.compile(r"(For(Any|All)Values?:)?String(Not)?Equals(IfExists)?")
"""Operators to which a wildcard is a character like any other."""
_NARROWS = re.compile(
    r"""
    [a-z0-9-]+:resourcetag/.+                       # the tags of the resource
    | s3:(buckettag|existingobjecttag|accesspointtag)/.+
    | s3:dataaccesspointarn
    | kms:(viaservice|requestalias|resourcealiases) # keys used through one service, or of one alias
    | kms:encryptioncontext:.+                      # what was encrypted for one purpose
    | secretsmanager:secretid
    | ecs:cluster
    | lambda:functionarn
    | ec2:(subnet|vpc|createaction)                 # createaction: only what is being made
    | elasticfilesystem:accesspointarn
    """,
    re.VERBOSE,
)
"""Keys that say which resource is meant; others narrow who asks, when, or how, but not what is touched."""
_ANY_RESOURCE = re.compile(
    r"""
    (alias/)?[*?]*
    | [*?].*\.amazonaws\.com(\.cn)?                 # a service
    """,
    re.VERBOSE,
)
"""Values of these keys that all resources have."""

_GLOBAL_KEYS = frozenset(
    {
        "calledvia",
        "calledviafirst",
        "calledvialast",
        "currenttime",
        "epochtime",
        "federatedprovider",
    }
    | {"multifactorauthage", "multifactorauthpresent", "chatbotsourcearn", "ec2instancesourcevpc"}
    | {
        "ec2instancesourceprivateipv4",
        "principalaccount",
        "principalarn",
    }
    | {"principalisawsservice", "principalorgid", "principalorgpaths", "principalservicename"}
    | {
        "principalservicenameslist",
        "principaltype",
        "referer",
        "requestedregion",
        "resourceaccount",
    }
    | {"resourceorgid", "resourceorgpaths", "securetransport", "sourceaccount", "sourcearn"}
    | {"sourceidentity", "sourceip", "sourceorgid", "sourceorgpaths", "sourceowner", "sourcevpc"}
    | {"sourcevpcarn", "sourcevpce", "tagkeys", "tokenissuetime", "useragent", "userid", "username"}
    | {"viaawsservice", "vpceaccount", "vpceorgid", "vpceorgpaths", "vpcsourceip"}
)
"""Keys that begin with `aws:` and apply to requests of every service."""

_EVERYBODY = re.compile(
    r"""
    [*?]*
    | \d+[*?][\d*?]*                                  # accounts
    | o-[^/*?]*[*?].*                                 # organisations
    | vpce?-[^*?]*[*?].*                              # networks, and endpoints in them
    | system:serviceaccount:[*?].*
    | (repo|project_path|organization):[^/:]*[*?].*   # an owner, of which anybody may found one that begins so
    | [*?]+:.*
    """,
    re.VERBOSE,
)
"""Values that anybody has: of accounts, organisations and networks, and of the subjects of identity providers."""
_SENT_FOR_CODE = frozenset(
    {"lambda:sourcefunctionarn", "ec2:sourceinstancearn", "ec2:roledelivery"}
)
"""Keys that are in every request which the code of a function, or a program on an instance, makes with its role."""


def narrowing(statement: Statement) -> tuple[str, ...]:
    """The condition keys by which a statement limits the resources of the actions that know them."""
    return tuple(
        test.key
        for test in statement.conditions
        if _NARROWS.fullmatch(test.key.lower())
        and _asks(statement, test)
        and test.values
        and all(map(_says_which, test.values))
    )


def limits(statement: Statement, keys: Container[str], prefix: str = "\0") -> bool:
    """Whether a condition on one of some keys, or on one with a prefix, tells those who may from all others."""
    return any(
        (test.key.lower() in keys or test.key.lower().startswith(prefix))
        and compares(test)
        and tells_apart(test)
        for test in statement.conditions
    )


def tells_apart(test: Test) -> bool:
    """Whether the values of a condition say who or what is meant, each of them and all together."""
    return all(map(identifies, test.values)) and not are_anybodys(test.values)


def identifies(value: str) -> bool:
    """Whether a value of a condition says who or what is meant: an ARN has to say in which account."""
    if _EVERYBODY.fullmatch(value):
        return False
    if not is_arn(value):
        return True
    *_, account, resource = segments(value)
    # Whoever comes first has a bucket, so without an account its whole name says whose it is.
    name = resource.partition("/")[0]
    return not has_wildcard(account) and (account != "" or not has_wildcard(name))


def is_global(key: str) -> bool:
    """Whether a condition key applies to every action."""
    service, _, name = key.lower().partition(":")
    if service != "aws":
        return key.lower() in _SENT_FOR_CODE
    return name in _GLOBAL_KEYS or name.startswith("principaltag/")


def requires(statement: Statement, key: str) -> tuple[str, ...]:
    """The values that a condition key must have, without wildcards; none when it may be anything."""
    for test in statement.conditions:
        named = test.key.lower() == key.lower() and compares(test)
        if named and not any(map(has_wildcard, test.values)):
            return test.values
    return ()


def is_literal_pattern(test: Test, value: str) -> bool:
    """Whether a value looks like a pattern, but is compared as it is."""
    return "*" in VARIABLE.sub("", value) and bool(_LITERAL.fullmatch(test.operator))


def excludes(test: Test) -> bool:
    """Whether a condition is met by every request but those that have one of its values."""
    return bool(_EXCLUDES.fullmatch(test.operator))


def is_unless(test: Test) -> bool:
    """Whether a condition is met unless its key is true."""
    return bool(_UNLESS.fullmatch(test.operator)) and tuple(map(str.lower, test.values)) == (
        "false",
    )


def compares(test: Test) -> bool:
    """Whether a request has to have the key of a condition, with one of its values."""
    return bool(_COMPARES.fullmatch(test.operator))


def _asks(statement: Statement, test: Test) -> bool:
    """Whether a request has to have the key of a condition, by itself or by another condition that it is there."""
    strict = replace(
        test, operator=test.operator.removeprefix("ForAllValues:").removesuffix("IfExists")
    )
    is_there = Test("Null", test.key.lower(), ("false",))
    return compares(test) or (
        compares(strict)
        and is_there in (replace(each, key=each.key.lower()) for each in statement.conditions)
    )


def _says_which(value: str) -> bool:
    """Whether a value of a condition says which resource is meant: of an ARN, account and name."""
    if not is_arn(value):
        return not _ANY_RESOURCE.fullmatch(value)
    *_, account, resource = segments(value)
    name = re.split("[/:]", resource, maxsplit=1)[-1] if account else resource
    return identifies(value) and not name.startswith(tuple(WILDCARDS))
