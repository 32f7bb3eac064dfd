"""Returns links, devices, holes, a very long name, names with newlines and of no text, a deep tree and an evil archive."""

import os
import zipfile

os.symlink("/etc/passwd", "link")
os.symlink("/", "top")
os.symlink("loop", "loop")
os.mkfifo("pipe")
os.link("target.json", "hard")
for number in range(100):
    with open(f"z-hole-{number:02}", "wb") as file:
        os.truncate(file.fileno(), 15 << 20)
with open("two\nlines", "w") as file:
    file.write("newline")
with open(b"no-text-\xff\xfe", "w") as file:
    file.write("bytes")
with open("n" * 255, "w") as file:
    file.write("long")
with open("closed", "w") as file:
    file.write("readable")
os.chmod("closed", 0)
with zipfile.ZipFile("evil.zip", "w") as archive:
    archive.writestr("../../outside", "zip")
here = os.getcwd()
for _ in range(100):
    os.mkdir("d")
    os.chdir("d")
with open("deep", "w") as file:
    file.write("deep")
os.chdir(here)
print("held")
