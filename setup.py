"""Builds the one native extension, `treewright.mcts._core`; everything else is in pyproject.toml."""

from pathlib import Path

import numpy as np
from Cython.Build import cythonize
from setuptools import Extension, setup

core = Extension(
    "treewright.mcts._core",
    ["mcts/_core.pyx"],
    include_dirs=["csrc", np.get_include()],
    depends=["mcts/_batch.pxi", *(str(path) for path in sorted(Path("csrc").rglob("*.*")))],
    define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
    language="c++",
    # No -ffast-math: visit counts must not depend on how the compiler reorders sums. -ffp-contract=off: nor on whether
    # it may fuse a multiply and an add. -fno-math-errno lets sqrt be one instruction; it changes no result.
    extra_compile_args=["-std=c++17", "-O3", "-ffp-contract=off", "-fno-math-errno", "-fvisibility=hidden"],
)

setup(ext_modules=cythonize([core], include_path=["csrc"], language_level=3))
