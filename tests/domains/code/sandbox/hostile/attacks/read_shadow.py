"""Reads the passwords of the system."""

try:
    print("ESCAPED", open("/etc/shadow").read())
except OSError:
    print("held")
