"""What is generated, by the path at which it is kept in the repository."""

from components.package import schema_text
from docs.generate.architecture import architecture_page
from docs.generate.asyncapi import asyncapi_text
from docs.generate.events_page import events_page
from docs.generate.system import System
from events.catalogue import CATALOGUE
from events.contract import PUBLISHED, published_file, published_text
from local.program import ROOT, declare

STACK = "dev"


def generated() -> dict[str, str]:
    """Path and text of every generated file; `ValueError` when the program cannot be declared."""
    system = System(declare(STACK), CATALOGUE)
    folder = PUBLISHED.relative_to(ROOT).as_posix()
    return {
        "docs/events.md": events_page(system),
        "docs/asyncapi.yaml": asyncapi_text(system),
        "docs/architecture.md": architecture_page(system),
        "plugin/schema.json": schema_text(),
    } | {
        f"{folder}/{published_file(event)}": published_text(
            event, {one.consumer.name for one in system.consumers(event)}
        )
        for event in CATALOGUE
    }
