"""Settings that know their fields."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from .errors import nearest


class Strict(BaseModel):
    """A model whose fields do not change, and that names the nearest field where an unknown one is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, given: Any) -> Any:
        if isinstance(given, dict):
            for name in given:
                if name not in cls.model_fields:
                    raise ValueError(f"no field {name!r} in {cls.__name__}{nearest(name, cls.model_fields)}")
        return given
