"""The plugin that hosts the components: the Pulumi CLI runs this folder.

It is a folder of its own because the CLI runs pip inside it, and the module names of `components/` (`queue`,
`platform`) would there stand in for those of the standard library.
"""

import sys
from pathlib import Path

# Run as a folder, Python looks for modules in it, and not beside it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi.provider.experimental import component_provider_host

from components.package import COMPONENTS, NAME, VERSION

if __name__ == "__main__":
    component_provider_host(list(COMPONENTS), NAME, version=VERSION)
