"""Searches of other projects, and the plainest one, on the same server with the same prompts.

`make bench-engine-peers` installs them; those that are absent are reported as absent. Each
gets word problems as (system, user) and the lines so far, draws single lines, and has every new state scored by the
same value model, one request a state unless it asks for several at once.
"""
