"""`python3 run.py users ...`: accounts made, looked at, warned and closed by an operator."""

import argparse
import sys
import time

HELP = "accounts: create EMAIL --password-stdin, show EMAIL, warn EMAIL, close EMAIL"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    words = parser.add_subparsers(dest="word", required=True)
    create = words.add_parser("create", help="make an account; the password is read from standard input")
    create.add_argument("email")
    create.add_argument("--confirmed", action="store_true", help="the address needs no confirmation")
    create.add_argument("--password-stdin", action="store_true", required=True)
    create.add_argument("--name", default="", help="the public name; by default what stands before the @")
    for word, help in (("show", "what is known of an account"), ("close", "close it and remove its listings")):
        words.add_parser(word, help=help).add_argument("email")
    warn = words.add_parser("warn", help="mail somebody what is wrong; the words are read from standard input")
    warn.add_argument("email")
    warn.add_argument(
        "--listing", type=int, metavar="N", help="the listing that it is about: the number in its address"
    )


def run(options: argparse.Namespace) -> int:
    """Do it on the installation that the settings name."""
    from jobs import boot

    boot.boot()
    return perform(options)


def perform(options: argparse.Namespace) -> int:
    """Do it on the fleet that is open."""
    return {"create": _create, "show": _show, "warn": _warn, "close": _close}[options.word](options)


def _create(options: argparse.Namespace) -> int:
    from shared import accounts, ids
    from shared.errors import Invalid

    password = sys.stdin.readline().rstrip("\r\n")
    name = options.name or options.email.partition("@")[0]
    make = accounts.create_confirmed if options.confirmed else accounts.sign_up
    try:
        owner = make(options.email, password, name)
    except Invalid as error:
        print("; ".join(error.fields.values()) + ".", file=sys.stderr)
        return 1
    if owner is None:
        print(f"{options.email} has an account already.", file=sys.stderr)
        return 1
    print(f"Account {ids.public(ids.compose(owner, 0))} made for {options.email}.")
    return 0


def _show(options: argparse.Namespace) -> int:
    from shared import accounts, ids
    from shared.sharding import read

    user = accounts.find_by_address(options.email)
    if user is None:
        return _unknown(options.email)
    with read(user.owner) as session:
        browsers = accounts.browsers(session)
    print(f"account  {ids.public(user.id)}")
    print(f"name     {user.name}")
    print(f"address  {user.email}")
    print(f"state    {user.state}")
    print(f"since    {time.strftime('%Y-%m-%d %H:%M', time.gmtime(user.created_at))} UTC")
    print(f"logins   {len(browsers)}")
    return 0


def _warn(options: argparse.Namespace) -> int:
    from shared import accounts, ids, listings
    from shared.errors import Invalid, NotFound
    from shared.sharding import OwnerSession, unit_of_work

    user = accounts.find_by_address(options.email)
    if user is None:
        return _unknown(options.email)
    words = sys.stdin.read()

    def warn(session: OwnerSession) -> int:
        listing = None if options.listing is None else ids.from_public(options.listing)
        if listing is not None:
            listings.listing_for_seller(session, listing, session.owner)
        return accounts.warn(session, words, "operator", listing)

    try:
        unit_of_work(user.owner, warn)
    except Invalid as error:
        print(f"{error.fields['words']}.", file=sys.stderr)
        return 1
    except (NotFound, ValueError):
        print(f"{options.email} has no such listing.", file=sys.stderr)
        return 1
    print(f"{options.email} is warned.")
    return 0


def _close(options: argparse.Namespace) -> int:
    from shared import accounts, listings
    from shared.sharding import OwnerSession, unit_of_work

    user = accounts.find_by_address(options.email)
    if user is None:
        return _unknown(options.email)

    def leave(session: OwnerSession) -> int:
        removed = listings.remove_all_of(session)
        accounts.close_account(session)
        return removed

    removed = unit_of_work(user.owner, leave)
    accounts.settle_address(user.owner)
    print(f"{options.email} is closed; {removed} listings were removed.")
    return 0


def _unknown(email: str) -> int:
    print(f"{email} has no account.", file=sys.stderr)
    return 1
