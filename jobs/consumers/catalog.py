"""Keeps the catalogue: every change of a listing on view is shown in its city, whatever order the news come in."""

from jobs.consumers import consumer
from shared import catalog
from shared.events import ListingRemoved, ListingSold, ListingUpdated, NewListingCreated, Recorded


@consumer(NewListingCreated, ListingUpdated, ListingSold, ListingRemoved)
def keep_catalogue(recorded: Recorded) -> None:
    """Show the listing in its city as it stands now, or take it out."""
    event = recorded.event
    assert isinstance(event, NewListingCreated | ListingUpdated | ListingSold | ListingRemoved)
    previous = event.previous_city if isinstance(event, ListingUpdated) else None
    catalog.refresh(event.listing, event.revision, event.city, previous)
