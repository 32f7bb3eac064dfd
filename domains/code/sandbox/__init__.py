"""A place for programs that nobody trusts: `open_sandbox`, and what it takes and gives."""

from .opening import open_sandbox
from .protocol import (
    Assertion,
    BadProgram,
    Exchange,
    Limits,
    NoSandbox,
    Outcome,
    Program,
    Report,
    Sandbox,
    SandboxBroken,
    SandboxError,
    Test,
    Verdict,
)

__all__ = [
    "Assertion",
    "BadProgram",
    "Exchange",
    "Limits",
    "NoSandbox",
    "Outcome",
    "Program",
    "Report",
    "Sandbox",
    "SandboxBroken",
    "SandboxError",
    "Test",
    "Verdict",
    "open_sandbox",
]
