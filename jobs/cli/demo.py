"""`python3 run.py demo`: people and listings to try the site with."""

import argparse
import os

HELP = "load demo data: people, listings and photos in real cities"
PASSWORD = "a town full of bargains"


def arguments(parser: argparse.ArgumentParser) -> None:
    """How much, and the seed that decides everything."""
    parser.add_argument("--users", type=int, default=2000, help="how many people (2000)")
    parser.add_argument("--listings", type=int, default=20_000, help="how many listings (20000)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same town (1)")
    parser.add_argument("--pictures", type=int, default=20, help="how many different photos of each kind of thing (20)")
    parser.add_argument("--no-index", action="store_true", help="leave the search index as it is")


def run(options: argparse.Namespace) -> int:
    """Load, then rebuild the search index; each part prints its own rate."""
    from jobs.cli import search
    from jobs.demo import load
    from jobs.progress import Bar
    from jobs.setup import prepare
    from shared.accounts import passwords, policy
    from shared.errors import Invalid
    from shared.gateways.blobs import blobs
    from shared.search import words_path
    from shared.search.whoosh_index import WhooshIndex

    if options.users < 1 or options.listings < 0 or options.pictures < 1:
        raise Invalid({}, "--users and --pictures need at least 1 and --listings at least 0.")
    settings = prepare(os.environ, say=print)
    mark = settings.var / "cache" / "demo-pictures.json"
    pool = load.make_pictures(blobs(settings.blob_url), mark, Bar("pictures"), options.pictures)
    policy.configure(settings)
    people = load.make_people(options.users, options.seed, passwords.hash(PASSWORD))
    bar = Bar("listings")
    load.make_listings(people, options.listings, options.seed, pool, bar)
    rate = options.listings / bar.seconds
    print(f"{options.listings:,} listings (with event and catalogue row) in {bar.seconds:.1f} s: {rate:,.0f} a second")
    if not options.no_index:
        search.rebuild(WhooshIndex(settings.var / "index", words_path(settings)))
    print(f"Log in as demo-{options.seed}-1@example.org with the password: {PASSWORD}")
    return 0
