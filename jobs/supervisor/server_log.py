"""What of the web server's own words reaches the operator; named in log-text.json and log-json.json."""

import logging


class MeantSo(logging.Filter):
    """Passes over the advice to have fewer threads: most of ours only wait for bodies (`shared.web.bodies`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Configuration allows spawning up to ")
