"""Opens a sandbox: the strongest that stands, or the one that is asked for; never none by itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches

from .packages import binds
from .protocol import NoSandbox, Sandbox
from .strengths import STRENGTHS, Options, open_strongest
from .unsafe import open_unsafe

HELP = (
    "User namespaces must be allowed (kernel.unprivileged_userns_clone=1, user.max_user_namespaces above 0, on Ubuntu "
    "kernel.apparmor_restrict_unprivileged_userns=0), or a container engine be there (strength='docker' or 'podman'). "
    "`treewright doctor` says more. Without any wall, with programs that may do whatever you may: --unsafe-no-sandbox."
)


def open_sandbox(
    strength: str = "auto",
    *,
    workers: int | None = None,
    packages: Sequence[str] = (),
    image: str = Options().image,
    unsafe_no_sandbox: bool = False,
) -> Sandbox:
    """Opens a sandbox and tries it out with one program.

    Args:
        strength: a name of `STRENGTHS`, or "auto" for the strongest that stands here.
        workers: programs at once; as many as there are processors by default.
        packages: installed distributions that programs may import, with what they require.
        image: the container image of the strengths that take one; it must be there already.
        unsafe_no_sandbox: open one without any wall instead.

    Raises:
        NoSandbox: no such strength, or its wall does not stand here, or none does.
    """
    workers = workers or len(os.sched_getaffinity(0))
    if unsafe_no_sandbox:
        return open_unsafe(workers)
    options = Options(workers, binds(packages), image)
    if strength == "auto":
        candidates = [found for found in STRENGTHS.values() if found.automatic]
    elif strength in STRENGTHS:
        candidates = [STRENGTHS[strength]]
    else:
        close = get_close_matches(strength, STRENGTHS, n=1)
        guess = f"; did you mean {close[0]!r}?" if close else "."
        raise NoSandbox(f"no strength {strength!r}{guess} Available: auto, {', '.join(STRENGTHS)}")
    try:
        return open_strongest(candidates, options)
    except NoSandbox as error:
        asked = "no sandbox" if strength == "auto" else f"the strength {strength!r} cannot be used"
        raise NoSandbox(f"{asked}: {error}\n{HELP}") from None
