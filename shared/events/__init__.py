"""The outbox: what happened, written next to the change that it tells of, in the same transaction.

`record(session, event)` is all a room calls. The relay numbers committed rows and wakes the consumers; nothing is
deleted when they are done, so a lost queue is found again from here.
"""

from shared.events.inbox import acknowledge, handled, postpone
from shared.events.models import EventRow, InboxRow
from shared.events.outbox import Recorded, UnreadableEvent, feed_end, load, read_feed, record, record_many
from shared.events.types import (
    EVENT_TYPES,
    AccountClosed,
    AddressChangeAsked,
    AddressChanged,
    AddressConfirmed,
    ComplaintMade,
    ConfirmationAsked,
    ConversationAdvanced,
    Event,
    ListingExpiring,
    ListingLinkAsked,
    ListingRemoved,
    ListingSold,
    ListingUpdated,
    MailCheckAsked,
    MessageReceived,
    MessageSent,
    NewListingCreated,
    NewUserSignup,
    PasswordChanged,
    PasswordResetAsked,
    SignupRepeated,
    UserWarned,
)

__all__ = [
    "EVENT_TYPES",
    "AccountClosed",
    "AddressChangeAsked",
    "AddressChanged",
    "AddressConfirmed",
    "ComplaintMade",
    "ConfirmationAsked",
    "ConversationAdvanced",
    "Event",
    "EventRow",
    "InboxRow",
    "ListingExpiring",
    "ListingLinkAsked",
    "ListingRemoved",
    "ListingSold",
    "ListingUpdated",
    "MailCheckAsked",
    "MessageReceived",
    "MessageSent",
    "NewListingCreated",
    "NewUserSignup",
    "PasswordChanged",
    "PasswordResetAsked",
    "Recorded",
    "SignupRepeated",
    "UnreadableEvent",
    "UserWarned",
    "acknowledge",
    "feed_end",
    "handled",
    "load",
    "postpone",
    "read_feed",
    "record",
    "record_many",
]
