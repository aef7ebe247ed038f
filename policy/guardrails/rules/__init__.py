"""The rules, one module for each family."""

from ..rule import Rule
from . import (
    access,
    apis,
    buckets,
    containers,
    data,
    documents,
    events,
    functions,
    grants,
    logs,
    networks,
    operations,
    proof,
    queues,
    roles,
    trust,
    workflows,
)

FAMILIES = (
    *(grants, documents, roles, trust, proof, access, logs, functions, queues, events, workflows),
    *(data, buckets, apis, containers, networks, operations),
)
RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family.RULES)
"""All rules, in the order of the documentation."""
