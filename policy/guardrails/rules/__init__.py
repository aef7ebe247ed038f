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
    dead_letters,
    documents,
    escalation,
    events,
    functions,
    grants,
    logs,
    mappings,
    networks,
    operations,
    proof,
    queues,
    roles,
    sharing,
    streams,
    transport,
    trust,
    workflows,
)

FAMILIES = (
    *(grants, documents, boundaries, sharing, roles, escalation, trust, proof, admission),
    *(access, transport, logs, functions, mappings, queues, dead_letters, events, workflows),
    *(data, streams, buckets, apis, containers, networks, operations),
)
RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES for rule in family.RULES)
"""All rules, in the order of the documentation."""
