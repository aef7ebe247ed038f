"""Write every generated page and publish the catalogue's schemas: `python -m docs.generate`."""

import sys

from docs.generate.files import generated
from local.program import ROOT


def main() -> None:
    """Write what is not up to date; a change that breaks a consumer is refused and nothing is written."""
    try:
        files = generated()
    except ValueError as refusal:
        sys.exit(str(refusal))
    for name, text in files.items():
        path = ROOT / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(f"written: {name}")  # noqa: T201 (a command's answer)


if __name__ == "__main__":
    main()
