"""From what was said to settings: defaults <- file <- environment <- command line.

Every value is checked where it was said, also one that a later source overrides, and all
mistakes are reported at once: nobody likes to correct a file one start at a time.
"""

import ipaddress
import math
import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from config.catalog import Entry, catalog, section_words, suggestion
from config.errors import BadSettingsError, Mistake
from config.schema import Settings
from config.where import line_of

PREFIX = "PHOSPHENE_"
CONFIG_VARIABLE = "PHOSPHENE_CONFIG"
OTHER_VARIABLES = frozenset(
    {CONFIG_VARIABLE, "PHOSPHENE_KEY", "PHOSPHENE_URL", "PHOSPHENE_GUARD_FD"}
)
"""Not settings: the file to read, what clients of the server are given, and the pipe to
a guard."""

FILE_NAME = "phosphene.toml"
_NETWORKS = "web.trusted_proxies"
DEFAULT_ORIGIN = "default"


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that was given on the command line."""

    setting: str
    """`web.port`."""

    name: str
    """`--port`."""

    value: Any


class LoadedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings, and where each came from."""

    settings: Settings
    origins: Mapping[str, str]
    """By path (`web.port`): `default`, `phosphene.toml:4`, a variable or an option."""


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    value: Any
    source: str
    text: bool
    """True: the source knows only text (a variable, an option)."""


def load_settings(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    options: Sequence[Option] = (),
) -> LoadedSettings:
    """Read all sources and check them.

    Args:
        file: a TOML file that must be there; None: `PHOSPHENE_CONFIG`, else
            `phosphene.toml` in the current folder, else none.
        environment: variables; None: the process's own.
        options: what the command line said; its mistakes are reported with the others.

    Raises:
        BadSettingsError: with every mistake of every source.
    """
    variables = os.environ if environment is None else environment
    chosen = file or _find_file(variables)
    mistakes: list[Mistake] = []
    said = [
        *(_from_file(chosen, mistakes) if chosen else ()),
        *_from_environment(variables, mistakes),
        *(_Said(path=o.setting, value=o.value, source=o.name, text=True) for o in options),
    ]
    values, origins = _fold(said, mistakes)
    mistakes += _together(values, origins)
    if mistakes:
        raise BadSettingsError(mistakes)
    return LoadedSettings(settings=_build(values), origins=origins)


def _find_file(variables: Mapping[str, str]) -> Path | None:
    if named := variables.get(CONFIG_VARIABLE):
        return Path(named)
    here = Path(FILE_NAME)
    return here if here.is_file() else None


def _from_file(file: Path, mistakes: list[Mistake]) -> Iterable[_Said]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        mistakes.append(_unreadable(str(file), f"cannot be read: {error.strerror}"))
        return
    except UnicodeDecodeError:
        mistakes.append(_unreadable(str(file), "is not UTF-8 text"))
        return
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        mistakes.append(_syntax(file, text, error))
    else:
        for section, content in table.items():
            yield from _from_section(file, text, section, content, mistakes)


def _unreadable(source: str, message: str) -> Mistake:
    return Mistake(source=source, setting="", message=message)


def _syntax(file: Path, text: str, error: tomllib.TOMLDecodeError) -> Mistake:
    # Before Python 3.14 the place is in the message only.
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    line = int(found[1]) if found else max(1, text.count("\n"))
    return _unreadable(f"{file}:{line}", f"is not TOML: {str(error).split(' (at ')[0]}")


def _from_section(
    file: Path, text: str, section: str, content: object, mistakes: list[Mistake]
) -> Iterable[_Said]:
    sections = section_words()
    source = f"{file}:{line_of(text, (section,))}"
    if section not in sections:
        known = [*catalog()] if not isinstance(content, dict) else [*sections]
        wrong = f"there is no such section{suggestion(section, known)}"
        mistakes.append(Mistake(source=source, setting=section, message=wrong))
    elif not isinstance(content, dict):
        wrong = f"is a section: write [{section}] and its settings below"
        mistakes.append(Mistake(source=source, setting=section, message=wrong))
    else:
        for name, value in content.items():
            source = f"{file}:{line_of(text, (section, name))}"
            yield _Said(path=f"{section}.{name}", value=value, source=source, text=False)


def _from_environment(
    variables: Mapping[str, str], mistakes: list[Mistake]
) -> Iterable[_Said]:
    known = {entry.variable: entry for entry in catalog().values()}
    for name, value in sorted(variables.items()):
        if not name.startswith(PREFIX) or name in OTHER_VARIABLES:
            continue
        if name in known:
            yield _Said(path=known[name].path, value=value, source=name, text=True)
            continue
        dotted = name.removeprefix(PREFIX).lower().replace("__", ".")
        near = suggestion(dotted, catalog()).removeprefix("; did you mean ").rstrip("?")
        hint = f"; did you mean {catalog()[near].variable}?" if near else ""
        wrong = f"there is no such setting{hint}"
        mistakes.append(Mistake(source=name, setting="", message=wrong))


def _fold(
    said: Iterable[_Said], mistakes: list[Mistake]
) -> tuple[dict[str, Any], dict[str, str]]:
    values = {path: entry.default for path, entry in catalog().items()}
    origins = dict.fromkeys(catalog(), DEFAULT_ORIGIN)
    for one in said:
        entry = catalog().get(one.path)
        if entry is None:
            wrong = f"there is no such setting{suggestion(one.path, catalog())}"
            mistakes.append(Mistake(source=one.source, setting=one.path, message=wrong))
            continue
        try:
            values[one.path] = _checked(entry, one)
            origins[one.path] = one.source
        except ValueError:
            wrong = f"{_shown(one.value)} cannot be used; give {_wanted(entry)}"
            mistakes.append(Mistake(source=one.source, setting=one.path, message=wrong))
    return values, origins


def _checked(entry: Entry, said: _Said) -> Any:  # noqa: ANN401  # as many types as settings
    """Convert to the setting's type; `ValueError` (msgspec's is one) if it cannot be."""
    value = said.value
    if said.text and entry.is_list and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if said.text and entry.kind.__origin__ is bool and isinstance(value, str):
        value = value.lower()
    checked = msgspec.convert(value, entry.kind, strict=not said.text)
    if isinstance(checked, float) and not math.isfinite(checked):
        raise ValueError  # NaN passes every limit
    if entry.path == _NETWORKS:
        for network in checked:
            ipaddress.ip_network(network, strict=False)  # its errors are ValueErrors
    return checked


def _shown(value: object) -> str:
    return repr(value) if not isinstance(value, bool) else str(value).lower()


def _wanted(entry: Entry) -> str:
    return f"{entry.allowed} ({entry.unit})" if entry.unit else entry.allowed


def _together(values: Mapping[str, Any], origins: Mapping[str, str]) -> Iterable[Mistake]:
    """Check what no setting can be checked for alone."""
    for small, large in (
        ("encoder.step_s", "encoder.window_s"),
        ("sessions.duration_minutes", "sessions.max_duration_minutes"),
    ):
        if values[small] > values[large]:
            said = small if origins[small] != DEFAULT_ORIGIN else large
            yield Mistake(
                source=origins[said],
                setting=said,
                message=f"{small} = {values[small]:g} is more than {large} = "
                f"{values[large]:g} ({origins[large if said == small else small]})",
            )


def _build(values: Mapping[str, Any]) -> Settings:
    sections: dict[str, dict[str, Any]] = {}
    for path, value in values.items():
        section, name = path.split(".")
        sections.setdefault(section, {})[name] = value
    return msgspec.convert(sections, Settings)
