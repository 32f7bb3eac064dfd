"""Settings as a TOML document."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel


def document(settings: BaseModel, *, comments: bool = False) -> str:
    """A model's fields as TOML, a table for each model in it.

    A field that is None is left out, or stands as a comment with the others'. What TOML has no form for is written as
    the text of its Python literal.

    Args:
        settings: the model.
        comments: say beside each field what it is, and above each table what it holds.
    """
    return "\n".join(_tables(settings, (), comments=comments)).strip() + "\n"


def _tables(settings: BaseModel, path: tuple[str, ...], *, comments: bool) -> list[str]:
    lines, inner = [], []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            inner += _tables(value, (*path, name), comments=comments)
        elif value is not None or comments:
            shown = f"{_key(name)} = {_value(value)}" if value is not None else f"# {_key(name)} ="
            about = f"  # {field.description}" if comments and field.description else ""
            lines.append(shown + about)
    if path and lines:
        about = f"# {(type(settings).__doc__ or '').splitlines()[0]}\n" if comments else ""
        lines = [f"\n{about}[{'.'.join(map(_key, path))}]", *lines]
    return lines + inner


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple) and all(isinstance(item, bool | int | float | str) for item in value):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    return _value(repr(value))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else _value(name)
