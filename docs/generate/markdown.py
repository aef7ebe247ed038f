"""Tables and code as the generated pages write them."""

from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `make docs`; changes to this file would be lost. -->"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar within a cell stays a bar."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def code(names: Iterable[str]) -> str:
    """Names as code, one after the other; `-` for none."""
    return ", ".join(f"`{name}`" for name in names) or "-"


def block(language: str, text: str) -> str:
    """Text as a block of code."""
    return f"```{language}\n{text}\n```"
