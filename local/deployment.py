"""Deploy the program of this checkout, unchanged, to an embedded AWS."""

import contextlib
import importlib
import pkgutil
import threading
import time
from dataclasses import dataclass
from typing import Any

import components
from local.cloud import Cloud
from local.emulator import Emulator
from local.program import Declared, run_checkout


@dataclass(frozen=True)
class Deployment:
    """What a deployment made, and how long it took."""

    outputs: dict[str, Any]
    resources: list[Declared]
    """All that was declared, components included."""
    seconds: float
    not_emulated: list[str]
    """Types, and properties of types, that the embedded AWS makes nothing of."""


def load_components() -> None:
    """Import what the program consists of, in the background: it takes as long as an emulator takes to start."""
    threading.Thread(target=_import_components, daemon=True).start()


def _import_components() -> None:
    # What cannot be imported, the deployment will say.
    with contextlib.suppress(Exception):
        for module in pkgutil.walk_packages(components.__path__, f"{components.__name__}."):
            importlib.import_module(module.name)


def deploy(emulator: Emulator, stack: str = "local", **settings: object) -> Deployment:
    """Run the program against a running emulator, with some settings changed for this deployment.

    Raises what the program raises, and `CloudError` for a resource that its service refuses.
    """
    started = time.monotonic()
    cloud = Cloud(emulator.client)
    program = run_checkout(stack, cloud, settings)
    return Deployment(
        outputs=program.outputs,
        resources=program.declared,
        seconds=time.monotonic() - started,
        not_emulated=cloud.not_emulated,
    )
