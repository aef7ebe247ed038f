"""Where the embedded AWS would differ from AWS in a way that matters to us, and what makes it the same.

Each adaptation takes the place of one function of the emulator; its docstring names the behaviour of AWS that
it restores. Their modules import the emulator, which reads its environment as it is imported.
"""

import pkgutil
from importlib import import_module


def install() -> None:
    """Adapt the emulator, before it serves: each module here that names its seams takes their places."""
    for found in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "SEAMS"):
            module.SEAMS.install()
