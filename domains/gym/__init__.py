"""Gymnasium environments as tasks: an id, options and a seed; states by copy or by checked replay."""

from ..protocol import Diverged
from .domain import Gym
from .profiles import Profile
from .rollout import Rollout
from .specification import Specification, gym_tasks

__all__ = ["Diverged", "Gym", "Profile", "Rollout", "Specification", "gym_tasks"]
