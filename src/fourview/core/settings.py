"""Settings: frozen dataclasses filled from TOML and `--set`, every wrong key and value refused."""

from __future__ import annotations

import contextlib
import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, get_args, get_type_hints

from fourview.core.errors import RecipeError

S = TypeVar("S")


def read_toml(text: str, *, source: str) -> dict[str, Any]:
    """The values of a TOML text. Raises RecipeError where it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{source}: not TOML: {error}") from error


def filled(base: S, values: Mapping[str, Any], *, source: str) -> S:
    """`base`, a frozen dataclass, with these values put in; sections are mappings.

    Raises RecipeError for a key that it does not have, with the nearest one, or a value of another
    type.
    """
    changed: S = _fill(base, values, source=source, where="")
    return changed


def changes_of(settings: Sequence[str]) -> dict[str, Any]:
    """`section.key=value` settings as nested values; a value is read as TOML, else as text."""
    source = set_source(settings)
    changes: dict[str, Any] = {}
    for setting in settings:
        path, equals, text = setting.partition("=")
        if not equals:
            raise RecipeError(
                f"--set {setting!r} has no '='", hint="write it as --set heatmaps.stride_px=70"
            )
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        *sections, key = path.strip().split(".")
        into = changes
        for section in sections:
            into = into.setdefault(section, {})
            if not isinstance(into, dict):
                raise RecipeError(f"{source}: {section} is set as a value and as a section")
        into[key] = value
    return changes


def set_source(settings: Sequence[str]) -> str:
    """What settings are called in errors."""
    return f"--set {', '.join(settings)}"


def _fill(base: Any, values: Mapping[str, Any], *, source: str, where: str) -> Any:
    types = get_type_hints(type(base))
    known = [f.name for f in fields(base)]
    changes: dict[str, Any] = {}
    for key, value in values.items():
        place = f"{where}.{key}" if where else key
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it may be {', '.join(known)}"
            section = f"[{where}]" if where else "a recipe"
            raise RecipeError(f"{source}: {section} has no setting {key!r}", hint=hint)
        old = getattr(base, key)
        if is_dataclass(old):
            if not isinstance(value, Mapping):
                raise RecipeError(f"{source}: {place} is a section, not the value {value!r}")
            changes[key] = _fill(old, value, source=source, where=place)
        else:
            changes[key] = _converted(value, types[key], source=source, place=place)
    try:
        return replace(base, **changes)
    except RecipeError as error:
        raise RecipeError(f"{source}: {error.problem}", hint=error.hint) from error


def _converted(value: Any, wanted: Any, *, source: str, place: str) -> Any:
    """`value` as the field's type, or a clear refusal (true is no number, 1.5 no whole number)."""
    allowed = get_args(wanted) or (wanted,)
    if wanted == tuple[int, int]:
        if (
            isinstance(value, list | tuple)
            and len(value) == 2
            and all(type(v) is int for v in value)
        ):
            return tuple(value)
        raise RecipeError(
            f"{source}: {place} is {value!r}; it must be two whole numbers [rows, columns]"
        )
    if type(value) is int and float in allowed:
        with contextlib.suppress(OverflowError):
            return float(value)
    if type(value) in allowed:
        return value
    names = " or ".join("nothing" if t is type(None) else t.__name__ for t in allowed)
    raise RecipeError(f"{source}: {place} is {value!r}; it must be {names}")
