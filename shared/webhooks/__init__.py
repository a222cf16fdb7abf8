"""Webhooks: sellers' own servers are told what happens to their listings, messages and complaints, until they hear.

Verbs of endpoints, replay and queries take a session of the seller and are for pages. `publish` is the consumer's,
`due` and `turn` are the sender's. Signatures are Standard Webhooks v1. Call `configure(settings)` once at boot.
"""

from shared.webhooks.addresses import check_url, denied
from shared.webhooks.endpoints import (
    AT_ONCE,
    AT_ONCE_MOST,
    DESCRIPTION_LONGEST,
    MOST_ENDPOINTS,
    PER_SECOND,
    PER_SECOND_MOST,
    create,
    disable,
    edit,
    enable,
    forget_all,
    remove,
    rotate_secret,
    try_now,
)
from shared.webhooks.errors import EndpointDisabled, TooMany
from shared.webhooks.housekeeping import forget_attempts, forget_deliveries, forget_messages
from shared.webhooks.payloads import EVENTS
from shared.webhooks.policy import configure
from shared.webhooks.publishing import publish, send_test
from shared.webhooks.queries import (
    PAGE,
    Delivery,
    Endpoint,
    PastAttempt,
    attempts,
    body,
    deliveries,
    delivery,
    endpoint,
    endpoints,
    export,
    oldest_due,
)
from shared.webhooks.replaying import MOST_REPLAYED, Range, count, replay, replay_range
from shared.webhooks.samples import sample
from shared.webhooks.sending import Answer, Attempt, due, turn
from shared.webhooks.signing import DEFAULT_OVERLAP_SECONDS, LONGEST_OVERLAP_SECONDS
from shared.webhooks.types import BY_NAME, TYPES, EventType

__all__ = [
    "AT_ONCE",
    "AT_ONCE_MOST",
    "BY_NAME",
    "DEFAULT_OVERLAP_SECONDS",
    "DESCRIPTION_LONGEST",
    "EVENTS",
    "LONGEST_OVERLAP_SECONDS",
    "MOST_ENDPOINTS",
    "MOST_REPLAYED",
    "PAGE",
    "PER_SECOND",
    "PER_SECOND_MOST",
    "TYPES",
    "Answer",
    "Attempt",
    "Delivery",
    "Endpoint",
    "EndpointDisabled",
    "EventType",
    "PastAttempt",
    "Range",
    "TooMany",
    "attempts",
    "body",
    "check_url",
    "configure",
    "count",
    "create",
    "deliveries",
    "delivery",
    "denied",
    "disable",
    "due",
    "edit",
    "enable",
    "endpoint",
    "endpoints",
    "export",
    "forget_all",
    "forget_attempts",
    "forget_deliveries",
    "forget_messages",
    "oldest_due",
    "publish",
    "remove",
    "replay",
    "replay_range",
    "rotate_secret",
    "sample",
    "send_test",
    "try_now",
    "turn",
]
