"""What can go wrong with endpoints and deliveries. Messages are for the seller at the form."""

from shared.errors import Conflict


class TooMany(Conflict):
    """More endpoints, or more deliveries at once, than one seller may have."""

    code = "too_many"


class EndpointDisabled(Conflict):
    """Nothing is sent to an endpoint that is switched off."""

    code = "endpoint_disabled"

    def __init__(self) -> None:
        super().__init__("This endpoint is switched off. Switch it on first.")
