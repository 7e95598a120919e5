"""Settings for people: a table of what is in force, and a file to begin with."""

import json
from collections.abc import Iterator

from config.catalog import Entry, catalog, section_words
from config.load import LoadedSettings


def table(loaded: LoadedSettings) -> str:
    """List every setting with its value, origin, range, unit and reason."""
    return "\n".join(_table_lines(loaded)) + "\n"


def file(loaded: LoadedSettings) -> str:
    """Write a TOML file of every setting; those at their defaults are commented out."""
    return "\n".join(_file_lines(loaded)) + "\n"


def _table_lines(loaded: LoadedSettings) -> Iterator[str]:
    section = ""
    for path, entry in catalog().items():
        if entry.section != section:
            section = entry.section
            yield f"\n[{section}]  {section_words()[section]}" if section else ""
        value, unit = (
            _literal(_value(loaded, entry)),
            f" {entry.unit}" if entry.unit else "",
        )
        yield f"\n  {path} = {value}{unit}    <- {loaded.origins[path]}"
        yield f"      {entry.description}"
        yield f"      {entry.allowed}. {entry.reason}"
        yield f"      {entry.variable}; default {_literal(entry.default)}"


def _file_lines(loaded: LoadedSettings) -> Iterator[str]:
    yield "# Settings of Phosphene. What is commented out is the default."
    yield "# The environment and the command line override this file."
    section = ""
    for path, entry in catalog().items():
        if entry.section != section:
            section = entry.section
            yield f"\n[{section}]  # {section_words()[section]}"
        unit = f" ({entry.unit})" if entry.unit else ""
        said = loaded.origins[path] != "default"
        yield f"\n# {entry.description}"
        yield f"# {entry.allowed}{unit}. {entry.reason}"
        yield f"{'' if said else '# '}{entry.name} = {_literal(_value(loaded, entry))}"


def _value(loaded: LoadedSettings, entry: Entry) -> object:
    return getattr(getattr(loaded.settings, entry.section), entry.name)


def _literal(value: object) -> str:
    # What JSON writes of texts, numbers, booleans and flat lists is TOML as well.
    return json.dumps(value, ensure_ascii=False)
