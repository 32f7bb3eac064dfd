"""Code: programs written against tests (`code`, `code_blocks`, `code_lines`), repositories (`code_repository`)."""

from .functions import CodeFunctions, code_blocks, code_lines
from .human_eval import human_eval_file
from .problem import Problem
from .programs import canonical
from .records import HiddenTests
from .repository import CodeRepository, RepositoryProblem, write_quix_bugs, write_repairs
from .tasks import Loaded, read_tasks

__all__ = [
    "CodeFunctions",
    "CodeRepository",
    "HiddenTests",
    "Loaded",
    "Problem",
    "RepositoryProblem",
    "canonical",
    "code_blocks",
    "code_lines",
    "human_eval_file",
    "read_tasks",
    "write_quix_bugs",
    "write_repairs",
]
