"""Write the list of resource types that take tags, from the package of the AWS provider.

Run `python -m policy.generate_taggable` after an update of pulumi-aws, and read the difference.
"""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path

TABLE = Path(__file__).parent / "guardrails" / "taggable.json"
_TOKEN = re.compile(r"__init__\(\s*'(aws:[^']+)',")
_TAGS = re.compile(r"^\s+tags: \S*(pulumi\.Input|Optional)", re.MULTILINE)


def text() -> str:
    """The list as it is kept in git."""
    return json.dumps(sorted(set(_types())), indent=0) + "\n"


def _types() -> Iterator[str]:
    # Read instead of imported: the package has 1,700 modules, and importing them takes minutes.
    spec = importlib.util.find_spec("pulumi_aws")
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        for module in Path(folder).rglob("*.py"):
            source = module.read_text()
            token = _TOKEN.search(source)
            if token and "pulumi.CustomResource" in source and _TAGS.search(source):
                yield token[1]


if __name__ == "__main__":
    TABLE.write_text(text())
