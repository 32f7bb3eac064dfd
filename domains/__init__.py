"""Kinds of tasks: the protocol that each of them speaks, and the built-in ones in folders beside it."""

from .protocol import (
    Action,
    BadProposal,
    Domain,
    DomainError,
    Format,
    Grade,
    Observation,
    State,
    Step,
    Task,
)

__all__ = [
    "Action",
    "BadProposal",
    "Domain",
    "DomainError",
    "Format",
    "Grade",
    "Observation",
    "State",
    "Step",
    "Task",
]
