"""Starts the processes of the site, restarts what dies, and stops them all in order."""

from jobs.supervisor.runner import run

__all__ = ["run"]
