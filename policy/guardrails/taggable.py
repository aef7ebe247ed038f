"""The resource types of the AWS provider that take tags."""

import json
from pathlib import Path

TAGGABLE: frozenset[str] = frozenset(
    json.loads((Path(__file__).parent / "taggable.json").read_text())
)
