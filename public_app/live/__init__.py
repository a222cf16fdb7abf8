"""Messages that appear in an open page by themselves: server-sent events, made by a process of their own.

The public site passes them on (`views`); the process that makes them is `streaming`. A proxy in front of the site may
ask that process itself.
"""
