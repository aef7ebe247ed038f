"""The plugin that hosts the components: the Pulumi CLI runs this folder.

It is a folder of its own because Python looks for modules first in the folder that it runs: those of `components/`
(`queue`, `platform`) would stand in for the standard library's.
"""

import sys
from pathlib import Path

# Run as a folder, Python does not look for modules beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi.provider.experimental import component_provider_host

from components.package import COMPONENTS, NAME, VERSION

if __name__ == "__main__":
    component_provider_host(list(COMPONENTS), NAME, version=VERSION)
