"""Where the embedded AWS would differ from AWS in a way that matters to us, and what makes it the same.

Each adaptation takes the place of one function of the emulator; its docstring names the behaviour of AWS that
it restores. Importing this package imports the emulator, which reads its environment as it is imported.
"""

from local.adaptations import (
    access,
    accesses,
    branches,
    buffering,
    delivery,
    forks,
    functions,
    machines,
    pollers,
    queues,
    rows,
    settings,
    streams,
)

ADAPTED = (
    access,
    accesses,
    branches,
    buffering,
    delivery,
    forks,
    functions,
    machines,
    pollers,
    queues,
    rows,
    settings,
    streams,
)


def install() -> None:
    """Adapt the emulator, before it serves."""
    for module in ADAPTED:
        module.SEAMS.install()
