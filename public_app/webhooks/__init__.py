"""A seller's webhooks: the endpoints, everything that was sent to them, and the page that says how to receive."""
