"""Starts the processes of the site, restarts what dies, and stops them all in order."""

from jobs.supervisor.runner import supervise

__all__ = ["supervise"]
