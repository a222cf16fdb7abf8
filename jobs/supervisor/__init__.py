"""Starts the processes of the site, restarts what dies, and stops them all in order (`runner.run`).

Nothing is imported here: the web server reads only `server_log` and should not wait for the rest.
"""
