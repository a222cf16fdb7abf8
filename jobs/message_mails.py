"""Mails that tell of messages: one for what came into a thread since the last one, until it is read."""

import logging
from functools import partial

from jobs import mailing
from shared import accounts, ids, messaging, sharding
from shared.gateways.mail import MailError
from shared.ids import owner_of
from shared.preferences import Kind
from shared.sharding import read, unit_of_work

log = logging.getLogger(__name__)


def mail_gathered() -> str:
    """The job of the timetable: mail what was gathered, and what a worker left undone."""
    return f"{sum(_mail_all_due(shard) for shard in sharding.current().names('user'))} mails about messages"


def _mail_all_due(shard: str) -> int:
    sent = 0
    while due := messaging.mails_due(shard):
        sent += sum(_mail_calmly(each) for each in due)
    return sent


def _mail_calmly(thread_id: int) -> bool:
    """One mail that cannot be sent keeps none of the others back. One that can later is due again in five minutes."""
    try:
        return mail(thread_id)
    except MailError as error:
        log.warning("no mail about thread %s: %s", thread_id, error.message)
        return False


def mail(thread_id: int) -> bool:
    """Send the mail about a thread if one is due; False when none is, or another worker has it in hand.

    Raises MailError; after a permanent one the mail counts as sent.
    """
    owner = owner_of(thread_id)
    due = unit_of_work(owner, partial(messaging.claim_mail, thread_id=thread_id))
    if due is None:
        return False
    try:
        sent = _send(owner, due)
    except MailError as error:
        if error.permanent:
            unit_of_work(owner, partial(messaging.mark_mailed, due=due))
        raise
    unit_of_work(owner, partial(messaging.mark_mailed, due=due))
    return sent


def _send(owner: int, due: messaging.Due) -> bool:
    answer_to = due.answer_to or (_own_address(due.thread.other) if due.sharing else "")
    return mailing.send(
        due.to.email,
        "messages/received",
        key=f"thread-{due.thread.id}-{due.messages[-1].number}",
        headers={"Reply-To": answer_to} if answer_to else {},
        kind=Kind.MESSAGES,
        owner=owner,
        **_content(due, answer_to),
    )


def _content(due: messaging.Due, answer_to: str) -> dict[str, object]:
    thread, has_account = due.thread, due.to.state == "active"
    return {
        "sender_name": thread.other_name,
        "title": thread.title,
        "texts": [messaging.said(each, thread.other_name) for each in due.messages],
        "more": due.more,
        "seller": thread.is_home,
        "account": has_account,
        "answer": "relay" if due.answer_to else "direct" if answer_to else "",
        "link": mailing.link(
            f"/account/messages/{ids.public(thread.id)}" if has_account else f"/l/{ids.public(thread.listing)}"
        ),
    }


def _own_address(owner: int) -> str:
    """The address that somebody let be used, while he has one."""
    with read(owner) as session:
        found = accounts.contact(session)
    return found.email if found else ""
