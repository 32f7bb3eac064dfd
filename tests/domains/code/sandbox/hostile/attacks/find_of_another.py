"""Looks for what `leave_for_another` left."""

import os

found = []
for directory, below, names in os.walk("/"):
    if directory == "/usr":
        below.clear()  # read-only, as `write_outside` finds
    found += [os.path.join(directory, name) for name in names if name == "left-behind"]
print("ESCAPED", found) if found else print("held")
