"""What can be wrong with what somebody wants to do with a listing."""

from shared.errors import Conflict


class WrongState(Conflict):
    """The listing's state does not allow this, or it changed at the same moment."""

    code = "wrong_state"


class TooManyPhotos(Conflict):
    """The listing has as many photos as its category allows."""

    code = "too_many_photos"


class Overtaken(Conflict):
    """What is to be replaced is not what its editor had seen."""

    code = "overtaken"
