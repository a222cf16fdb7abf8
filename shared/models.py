"""Imports every room's tables, so that mappers and migrations are complete; nothing else."""

import shared.accounts.models
import shared.alerts.models
import shared.catalog.models
import shared.complaints.models
import shared.events.models
import shared.listings.models
import shared.messaging.models
import shared.newsletters.models
import shared.preferences.models
import shared.scheduling.models
import shared.sharding.models
import shared.webhooks.models  # noqa: F401
