"""Write the tables of README.md from the rules themselves.

Run `python -m policy.generate_readme` after a change of a rule.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from .guardrails.oversight import OVERSIGHT
from .guardrails.rule import StackRule, schema
from .guardrails.rules import RULES
from .peers import PEERS

README = Path(__file__).parent / "README.md"


def text() -> str:
    """README.md with the tables as the rules are now."""
    found = README.read_text()
    for name, lines in (("rules", _rules()), ("settings", _settings()), ("peers", _peers())):
        found = re.sub(
            rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)",
            lambda match, lines=lines: match[1] + "\n".join(lines) + "\n" + match[2],
            found,
            flags=re.DOTALL,
        )
    return found


def _rules() -> Iterator[str]:
    yield "| Rule | Level | Severity | Judges | Demands | Control |"
    yield "|---|---|---|---|---|---|"
    for rule in RULES:
        judges = "stack" if isinstance(rule, StackRule) else "resource"
        yield f"| `{rule.id}` | {rule.level} | {rule.severity} | {judges} | {rule.demand} | {rule.reference} |"
    for rule in OVERSIGHT:
        yield f"| `{rule.id}` | {rule.level} | {rule.severity} | the pack | {rule.demand} | {rule.reference} |"


def _settings() -> Iterator[str]:
    yield "| Rule | Setting | Default | Meaning |"
    yield "|---|---|---|---|"
    for rule in RULES:
        for name, setting in schema(rule).items():
            if name != "exceptions":
                default = setting["default"]
                shown = ", ".join(map(str, default)) if isinstance(default, list) else str(default)
                yield f"| `{rule.id}` | `{name}` | {shown or 'none'} | {setting['description']} |"


def _peers() -> Iterator[str]:
    yield "| Rule | AWSGuard | cdk-nag | Checkov (CKV_AWS_…) | Prowler |"
    yield "|---|---|---|---|---|"
    for rule in RULES:
        yield f"| `{rule.id}` | {' | '.join(PEERS[rule.id])} |"


if __name__ == "__main__":
    README.write_text(text())
