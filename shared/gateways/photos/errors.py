"""Why a photo was refused, in words for the one who sent it."""

from shared.errors import MarketError

REASONS = {
    "empty": "The file is empty. Please choose the photo again.",
    "not_an_image": "This file is not a picture. Please send a JPEG, PNG, WebP, GIF or AVIF photo.",
    "type_not_accepted": "This kind of file is not accepted. Please send a JPEG, PNG, WebP, GIF or AVIF photo.",
    "too_large": "This file is larger than 10 MB. Please send a smaller photo.",
    "too_many_pixels": "This picture has too many pixels; 40 million are the most. Please send a smaller photo.",
    "damaged": "This photo is damaged or arrived incomplete. Please send it again.",
    "took_too_long": "This photo took too long to prepare. Please send a smaller or simpler one.",
    "busy": "Many photos are being prepared right now. Please send this one again in a minute.",
}


class PhotoRejected(MarketError):
    """A photo that cannot be used; `code` is a key of `REASONS` and only "busy" is worth an unchanged second try."""

    def __init__(self, code: str) -> None:
        super().__init__(REASONS[code], code, permanent=code != "busy")
