"""All examples."""

from tests.policy.examples import (
    access,
    data,
    documents,
    edges,
    events,
    functions,
    grants,
    integrations,
    logs,
    networks,
    proof,
    queues,
    roles,
    teams,
    workflows,
)

EXAMPLES = tuple(
    example
    for family in (
        *(access, data, documents, edges, events, functions),
        *(grants, integrations, logs, networks, proof, queues, roles, teams, workflows),
    )
    for example in family.EXAMPLES
)
