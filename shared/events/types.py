"""One frozen dataclass for each kind of event. Ids and plain values only: no secret, no address, no free text.

A field may be added, with a default and a higher `version`, so that rows of the last 30 days stay readable; what cannot
be said so is a new type. docs/events.md is made from here (`python3 run.py events page`).
"""

from dataclasses import dataclass
from typing import ClassVar

EVENT_TYPES: dict[str, type["Event"]] = {}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to rows of one owner."""

    version: ClassVar[int] = 1

    def __init_subclass__(cls) -> None:
        EVENT_TYPES[cls.__name__] = cls


@dataclass(frozen=True, slots=True)
class NewUserSignup(Event):
    """An account was made; its address is not confirmed yet."""

    user: int


@dataclass(frozen=True, slots=True)
class SignupRepeated(Event):
    """Somebody tried to sign up with the address of this account."""

    user: int


@dataclass(frozen=True, slots=True)
class ConfirmationAsked(Event):
    """A new link to confirm the address is wanted."""

    user: int


@dataclass(frozen=True, slots=True)
class AddressConfirmed(Event):
    """Whoever signed up has shown that he reads the account's mail: the account is open."""

    user: int


@dataclass(frozen=True, slots=True)
class MailCheckAsked(Event):
    """Mail to this address came back; a link is wanted there that shows that it arrives again."""

    user: int


@dataclass(frozen=True, slots=True)
class UserWarned(Event):
    """The staff gave this user a warning."""

    user: int
    warning: int


@dataclass(frozen=True, slots=True)
class PasswordResetAsked(Event):
    """A link to set a new password is wanted."""

    user: int


@dataclass(frozen=True, slots=True)
class PasswordChanged(Event):
    """The password was set anew, by a change or a reset; the other sessions are gone."""

    user: int


@dataclass(frozen=True, slots=True)
class AddressChangeAsked(Event):
    """The account wants another e-mail address; `link` is the pending change."""

    user: int
    link: int


@dataclass(frozen=True, slots=True)
class AddressChanged(Event):
    """The account has another e-mail address, by the link with this id; the former one is to be set free."""

    user: int
    link: int


@dataclass(frozen=True, slots=True)
class AccountClosed(Event):
    """The account was closed; its listings were removed with it."""

    user: int


@dataclass(frozen=True, slots=True)
class NewListingCreated(Event):
    """A listing was published for the first time. `revision` grows with every change of the listing."""

    listing: int
    revision: int
    city: int
    category: str


@dataclass(frozen=True, slots=True)
class ListingUpdated(Event):
    """A published listing changed: edited, renewed, reserved, released. `previous_city` is set when it moved."""

    listing: int
    revision: int
    city: int
    category: str
    previous_city: int | None = None


@dataclass(frozen=True, slots=True)
class ListingSold(Event):
    """The seller marked a listing as sold."""

    listing: int
    revision: int
    city: int
    category: str


@dataclass(frozen=True, slots=True)
class ListingRemoved(Event):
    """A listing left the site; `reason` is deleted, expired, closed or moderated."""

    listing: int
    revision: int
    city: int
    category: str
    reason: str


@dataclass(frozen=True, slots=True)
class ListingExpiring(Event):
    """A listing on view will end at `expires_at` (UTC seconds) unless its seller renews it."""

    listing: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class ListingLinkAsked(Event):
    """Somebody posting without an account needs the e-mailed link that publishes and manages the listing."""

    listing: int


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    """A message was written on the sender's shard, to be carried to `recipient`."""

    message: int
    recipient: int
    listing: int


@dataclass(frozen=True, slots=True)
class MessageReceived(Event):
    """A message has come in on the recipient's shard: the next in his copy of `thread`. `message` is his copy's id."""

    message: int
    thread: int
    sender: int
    listing: int


@dataclass(frozen=True, slots=True)
class ConversationAdvanced(Event):
    """The conversation's home gave messages their numbers, up to `number`, which the copy of `other` lacks yet."""

    thread: int
    other: int
    number: int


@dataclass(frozen=True, slots=True)
class ComplaintMade(Event):
    """Somebody complained about a listing, a thread or a message (`subject`) of `about`, whose shard keeps it."""

    complaint: int
    about: int
    listing: int
    subject: str


@dataclass(frozen=True, slots=True)
class AlertConfirmationAsked(Event):
    """Somebody without an account saved a search; a link to confirm it is wanted."""

    search: int


@dataclass(frozen=True, slots=True)
class AlertsGathered(Event):
    """What was found for the searches of this user since the last mail is to be mailed: the matches of this batch."""

    user: int


@dataclass(frozen=True, slots=True)
class PriceDropsGathered(Event):
    """Favourites of this user cost less, and he is to be mailed: the price drops of this batch."""

    user: int


@dataclass(frozen=True, slots=True)
class WebhookTested(Event):
    """A seller wants the sample of the event type `name` sent to an endpoint of his."""

    endpoint: int
    name: str


@dataclass(frozen=True, slots=True)
class WebhookHealthChanged(Event):
    """An endpoint is degraded, failing_24h, failing_72h, disabled or recovered, and its seller is to be told."""

    endpoint: int
    health: str
