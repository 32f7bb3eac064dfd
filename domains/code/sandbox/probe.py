"""Which walls stand on this machine, which of their layers the kernel lacks, and which one would be chosen."""

from __future__ import annotations

from dataclasses import dataclass

from . import memory
from .cgroup import usable
from .inside import landlock
from .opening import HELP
from .protocol import NoSandbox
from .strengths import STRENGTHS, Options, Strength, open_strongest


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found.

    Attributes:
        standing: the strengths whose wall stands, each tried with one program, strongest first.
        refused: strength -> why not.
        chosen: the one that "auto" takes; None where none may be taken by itself.
        lacking: layers of the chosen wall that this kernel does not have.
        help: what would make a wall stand.
    """

    standing: tuple[Strength, ...]
    refused: dict[str, str]
    chosen: Strength | None
    lacking: tuple[str, ...]
    help: str = HELP


def probe() -> Probe:
    """Tries every strength."""
    standing, refused = [], {}
    for strength in STRENGTHS.values():
        try:
            open_strongest([strength], Options(workers=1, prepare=False)).close()
        except NoSandbox as error:
            refused[strength.name] = str(error)
        else:
            standing.append(strength)
    chosen = next((strength for strength in standing if strength.automatic), None)
    lacking = []
    if not landlock.version():
        lacking.append("the kernel has no Landlock: one layer less around files; mounts and namespaces hold without it")
    try:
        usable()
    except NoSandbox as error:
        lacking.append(f"{error}: memory in sum is watched every 50 ms, not bounded by the kernel")
        if not memory.supported():
            lacking.append("the kernel does not list children (CONFIG_PROC_CHILDREN): memory in sum is not watched")
    return Probe(tuple(standing), refused, chosen, tuple(lacking))
