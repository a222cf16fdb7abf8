"""Webhooks: what becomes one, the mails about an endpoint's health, and what a closed account leaves behind."""

from jobs import mailing
from jobs.consumers import consumer, transactional_consumer
from shared import accounts, ids, webhooks
from shared.accounts import throttle
from shared.errors import NotFound
from shared.events import AccountClosed, Recorded, WebhookHealthChanged
from shared.queues import MAIL
from shared.sharding import OwnerSession, read

_TEMPLATES = {"disabled": "webhooks/disabled", "recovered": "webhooks/recovered"}
# What an endpoint that works every other time would tell every few seconds, all day.
_FREQUENT = ("degraded", "recovered")


@transactional_consumer(*webhooks.EVENTS)
def make_deliveries(session: OwnerSession, recorded: Recorded) -> None:
    """A delivery for each endpoint that wants to hear of it; the sender finds them by itself."""
    webhooks.publish(session, recorded)


@consumer(WebhookHealthChanged, queue=MAIL)
def mail_webhook_health(recorded: Recorded) -> None:
    """An endpoint that fails, was switched off or has recovered is told to its seller."""
    event = recorded.event
    assert isinstance(event, WebhookHealthChanged)
    if event.health in _FREQUENT and not throttle.allows("webhook_health", account=str(recorded.owner)):
        return
    with read(recorded.owner) as session:
        contact = accounts.contact(session)
        try:
            endpoint = webhooks.endpoint(session, event.endpoint)
        except NotFound:  # removed in the meantime
            return
    if contact is not None:
        mailing.send(
            contact.email,
            _TEMPLATES.get(event.health, "webhooks/failing"),
            key=f"mail_webhook_health-{recorded.id}",
            owner=recorded.owner,
            health=event.health,
            endpoint=endpoint,
            link=mailing.link(f"/account/webhooks/{ids.public(endpoint.id)}"),
        )


@transactional_consumer(AccountClosed)
def drop_webhooks(session: OwnerSession, _recorded: Recorded) -> None:
    """Nothing more is sent for an account that was closed, and nothing of what was sent is kept."""
    webhooks.forget_all(session)
