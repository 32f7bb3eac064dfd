"""Searches of other projects, and the plainest one, on the same server with the same prompts.

`pip install -r bench/engine_peers/requirements.txt` installs them; those that are absent are reported as absent. Each
gets word problems as (system, user) and the lines so far, draws single lines, and has every new state scored by the
same value model, one request a state unless it asks for several at once.
"""
