"""The rules, one module for each family."""

from ..rule import Rule
from . import (
    access,
    admission,
    apis,
    boundaries,
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
    transport,
    trust,
    workflows,
)

FAMILIES = (
    *(grants, documents, boundaries, roles, trust, proof, admission),
    *(access, transport, logs, functions, queues, events, workflows),
    *(data, buckets, apis, containers, networks, operations),
)
RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family.RULES)
"""All rules, in the order of the documentation."""
