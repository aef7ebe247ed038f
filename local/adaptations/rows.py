"""Athena's rows: a table of JSON has the columns that were declared, whatever is in its objects."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ministack.services import athena, firehose

from local.adaptations.seam import Seams

Json = dict[str, Any]

SEAMS = Seams()

OPENX = "org.openx.data.jsonserde.JsonSerDe"
ROWS = ".rows.json"
"""Ending of the files that are made of a table's objects for one query."""


@SEAMS.replaces(athena, "_table_relation")
def read_as_declared(original: Callable[..., str], table: Json, files: list[str]) -> str:
    """The OpenX SerDe reads one object from each line, and of it what the table's columns ask for.

    Names are the same in upper and lower case, what is missing is NULL, and so is a whole line that is no
    object if `ignore.malformed.json` says so; otherwise it fails the query.
    """
    serde = table["StorageDescriptor"].get("SerdeInfo", {})
    if serde.get("SerializationLibrary") != OPENX:
        return original(table, files)
    options = serde.get("Parameters", {})
    rows = [_rewritten(Path(file), options) for file in files]
    declared = ", ".join(
        f"'{column['Name']}': '{athena._duckdb_type(column)}'"
        for column in table["StorageDescriptor"]["Columns"]
    )
    hive = athena._hive_options(athena._path_partition_keys(table, rows))
    return (
        f"read_json({athena._sql_list(rows)}, format = 'newline_delimited', "
        f"columns = {{{declared}}}, ignore_errors = {_is_on(options, 'ignore.malformed.json')}, {hive})"
    )


@SEAMS.replaces(athena, "_duckdb_type")
def nested_type(original: Callable[[Json], str], column: Json) -> str:
    """A column can be a struct, a map or an array, also in a table that is still empty."""
    type_ = column.get("Type", "string")
    return firehose._hive_to_duckdb_type(type_) if "<" in type_ else original(column)


def _rewritten(file: Path, options: dict[str, str]) -> str:
    content = file.read_bytes()
    text = (gzip.decompress(content) if file.suffix == ".gz" else content).decode()
    rows = file.with_name(file.name + ROWS)
    rows.write_text("".join(f"{json.dumps(row)}\n" for row in _rows(text, options)))
    return str(rows)


def _rows(text: str, options: dict[str, str]) -> Iterator[Json]:
    for line in text.splitlines():
        try:
            row, _ = json.JSONDecoder().raw_decode(line.strip())
        except ValueError:
            row = None
        if isinstance(row, dict):
            yield _lowered(row) if _is_on(options, "case.insensitive", default="true") else row
        elif _is_on(options, "ignore.malformed.json"):
            yield {}
        else:
            raise ValueError(f"HIVE_CURSOR_ERROR: Row is not a valid JSON Object: {line[:80]}")


def _is_on(options: dict[str, str], name: str, default: str = "false") -> bool:
    return options.get(name, default).lower() == "true"


def _lowered(value: Any) -> Any:
    if isinstance(value, list):
        return [_lowered(one) for one in value]
    if isinstance(value, dict):
        return {name.lower(): _lowered(one) for name, one in value.items()}
    return value
