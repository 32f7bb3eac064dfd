"""Runs by several processes, on one machine or many."""

from .job import Cluster, Models, resources, shared_out
from .runner import RayRunner

__all__ = ["Cluster", "Models", "RayRunner", "resources", "shared_out"]
