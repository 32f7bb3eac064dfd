"""The web: tasks on sites, searched in a real Chromium (`miniwob`, `web`)."""

from ..protocol import Diverged
from .album import write_album
from .chromium import find_chromium
from .counts import Counts, collected
from .domain import Web
from .errors import NoBrowser, PageFailed
from .miniwob import MiniWoBSite, miniwob, miniwob_names, miniwob_task, miniwob_tasks, miniwob_written
from .open_site import OpenSite, web, web_written
from .session import Limits
from .site import Element, Sight, Site, SnapshotSite, Verdict, Visit
from .trajectory import TRAJECTORY, web_judge

__all__ = [
    "TRAJECTORY",
    "Counts",
    "Diverged",
    "Element",
    "Limits",
    "MiniWoBSite",
    "NoBrowser",
    "OpenSite",
    "PageFailed",
    "Sight",
    "Site",
    "SnapshotSite",
    "Verdict",
    "Visit",
    "Web",
    "collected",
    "find_chromium",
    "miniwob",
    "miniwob_names",
    "miniwob_task",
    "miniwob_tasks",
    "miniwob_written",
    "web",
    "web_judge",
    "web_written",
    "write_album",
]
