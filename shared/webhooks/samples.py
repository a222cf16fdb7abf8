"""What each kind of event looks like as it is sent, for pages and the API: made up, and of the real shape."""

from shared import ids
from shared.events import Recorded, WebhookTested
from shared.webhooks.envelope import body_of
from shared.webhooks.payloads import Notice
from shared.webhooks.types import BY_NAME

# 31 January 2026, 09:30 UTC: when the listing of the samples was published.
_AT = 1_769_851_800
_OWNER, _SEQUENCE, _REVISION = 1, 7, 3


def sample(name: str) -> str:
    """The body of a made-up event of this type, byte for byte as one would be sent. KeyError for what is no type."""
    data, event = BY_NAME[name].sample, WebhookTested(endpoint=0, name=name)
    recorded = Recorded(ids.compose(_OWNER, _SEQUENCE), _OWNER, None, _AT, None, event)
    return body_of(recorded, Notice(name, _REVISION, data, {}))[0]
