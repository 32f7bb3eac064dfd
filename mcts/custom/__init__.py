"""Selection rules that a user writes as a Python function."""

from .decorator import CustomRule, rule

__all__ = ["CustomRule", "rule"]
