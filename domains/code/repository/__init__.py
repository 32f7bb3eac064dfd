"""Repository tasks (`code_repository`): bugs in repositories, repaired by actions."""

from .domain import CodeRepository, Features, Workspace
from .generator import write_repairs
from .problem import RepositoryProblem
from .quixbugs import write_quix_bugs

__all__ = ["CodeRepository", "Features", "RepositoryProblem", "Workspace", "write_quix_bugs", "write_repairs"]
