"""Marks the repository's root as the package `treewright` for tools that read the source tree; not installed."""
