"""A run in one HTML file."""

from .contents import Contents, ShownTree, gather
from .page import FILE_NAME, report, write_report
from .section import Section, Trusted, trust_section

__all__ = [
    "FILE_NAME",
    "Contents",
    "Section",
    "ShownTree",
    "Trusted",
    "gather",
    "report",
    "trust_section",
    "write_report",
]
