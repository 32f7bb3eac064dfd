"""A run in one HTML file."""

from .contents import Contents, ShownTree, gather
from .page import FILE_NAME, report, write_report
from .section import Said, Section, Trusted, parts_section, trust_section

__all__ = [
    "FILE_NAME",
    "Contents",
    "Said",
    "Section",
    "ShownTree",
    "Trusted",
    "gather",
    "parts_section",
    "report",
    "trust_section",
    "write_report",
]
