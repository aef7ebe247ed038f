"""All examples."""

from tests.policy.examples import (
    access,
    data,
    documents,
    edges,
    escalations,
    events,
    functions,
    grants,
    integrations,
    invocations,
    log_defaults,
    log_names,
    log_settings,
    logs,
    named,
    networks,
    notifications,
    proof,
    queues,
    roles,
    sources,
    tables,
    teams,
    users,
    workflows,
)

EXAMPLES = tuple(
    example
    for family in (
        *(access, data, documents, edges, escalations, events),
        *(
            functions,
            grants,
            integrations,
            invocations,
            log_defaults,
            log_names,
            log_settings,
            logs,
        ),
        *(named, networks, notifications, proof, queues, roles),
        *(sources, tables, teams, users, workflows),
    )
    for example in family.EXAMPLES
)
