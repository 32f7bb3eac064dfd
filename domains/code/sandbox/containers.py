"""docker, podman and gVisor: one container a process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence

from .commands import HOME, CommandSandbox, Launch, Wall, find
from .protocol import NoSandbox

INSIDE_HOME = "/treewright"
WORK = "/tmp/work"
_NOBODY = "65534:65534"
_ASK_SECONDS = 30.0


def container(engine: str, image: str, runtime: str | None = None) -> Wall:
    """The wall of a container engine.

    Args:
        engine: its program, such as "docker".
        image: an image that is there already, with a `python3` of 3.11 or later.
        runtime: another runtime of the engine, such as "runsc" for gVisor.
    """

    def command(launch: Launch) -> Sequence[str]:
        limits = launch.limits
        return [
            *(engine, "run", "--rm", "--interactive", "--pull", "never", "--name", launch.name),
            *(("--runtime", runtime) if runtime else ()),
            *("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
            *("--user", _NOBODY, "--ipc", "none", "--env", "PYTHONHASHSEED=0", "--env", "LANG=C.UTF-8"),
            *("--memory", str(limits.memory), "--memory-swap", str(limits.memory)),
            *("--pids-limit", str(limits.processes), "--ulimit", "core=0"),
            *("--tmpfs", f"/tmp:rw,nosuid,nodev,size={limits.disk},mode=1777"),
            *("--volume", f"{HOME}:{INSIDE_HOME}:ro", "--workdir", "/tmp", image, "python3", "-s", "-B"),
        ]

    return Wall(
        command,
        home=INSIDE_HOME,
        work=WORK,
        stop=lambda name: (engine, "kill", name),
        contained=True,
    )


def open_container(
    strength: str, image: str, workers: int, ask: Callable[[list[str]], str] | None = None
) -> CommandSandbox:
    """A sandbox of containers: strength "docker", "podman" or "gvisor".

    Args:
        strength: which.
        image: as in `container`.
        workers: containers at once.
        ask: runs a command of the engine and returns what it prints; for tests.

    Raises:
        NoSandbox: the engine, its service, the image or the runtime is not there.
    """
    names = ("docker", "podman") if strength == "gvisor" else (strength,)
    engine = find(*names)
    if engine is None:
        raise NoSandbox(f"the program {' or '.join(names)} is not installed")
    ask = ask or _ask
    runtime = "runsc" if strength == "gvisor" else None
    if runtime and find(runtime) is None:
        raise NoSandbox("the program runsc (gVisor) is not installed")
    ask([engine, "info"])
    ask([engine, "image", "inspect", image])
    return CommandSandbox(strength, container(engine, image, runtime), workers)


def _ask(command: list[str]) -> str:
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=_ASK_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoSandbox(f"{' '.join(command)}: {error}") from error
    if found.returncode:
        raise NoSandbox(f"{' '.join(command)}: {found.stderr.strip()[-300:] or f'exit code {found.returncode}'}")
    return found.stdout
