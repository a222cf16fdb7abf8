"""Log lines that can be followed: one request id from the door into every line and job. JSON or readable."""

import json
import logging
import secrets
import sys
import time
from contextvars import ContextVar
from functools import lru_cache
from types import TracebackType
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="-")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def new_request_id() -> str:
    """Sixteen random hex digits."""
    return secrets.token_hex(8)


@lru_cache(maxsize=4)
def _utc(second: int, form: str) -> str:
    # Formatting a time costs more than the rest of a line, and a busy second has many lines.
    return time.strftime(form, time.gmtime(second))


class _Formatter(logging.Formatter):
    def extras(self, record: logging.LogRecord) -> dict[str, Any]:
        return {key: value for key, value in vars(record).items() if key not in _STANDARD}


class JsonFormatter(_Formatter):
    """One JSON object a line; newlines in a message are escaped, so a visitor cannot forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "at": _utc(int(record.created), "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            "pid": record.process,
            **self.extras(record),
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, default=str, ensure_ascii=False)


class TextFormatter(_Formatter):
    """A line for people at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if "\n" in message:
            message = message.encode("unicode_escape").decode()
        extras = "".join(f" {key}={value!r}" for key, value in self.extras(record).items())
        where = "" if request_id.get() == "-" else f" [{request_id.get()}]"
        at, level = _utc(int(record.created), "%H:%M:%S"), record.levelname.lower()
        line = f"{at} {level:7} {record.name}: {message}{extras}{where}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure_logging(log_format: str, level: int = logging.INFO) -> None:
    """Send every logger, and what ends the process, to standard error as "json" or "text". May be called again."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(level)
    sys.excepthook = _log_uncaught
    # What no line of ours shows need not be found out for each of them ("Optimization" in Python's logging HOWTO).
    logging.logThreads = logging.logMultiprocessing = False
    logging._srcfile = None
    # Libraries that tell every step of theirs.
    for name in ("alembic", "apscheduler", "rq"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        logging.critical("this process ends: %s", error, exc_info=(kind, error, trace))
