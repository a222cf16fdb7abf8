"""Photos for tests, valid and hostile, made from numbers alone: the same bytes for the same arguments."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageCms

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 180, 40), (30, 40, 220), (245, 245, 245)
GPS_TEXT = b"Innsbruck 47.2692N"
ORIENTATIONS = tuple(range(1, 9))
# For each EXIF orientation, what has to be done to upright pixels before they are stored so that a viewer undoes it.
_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def scene(width: int = 1600, height: int = 1200, seed: int = 1) -> Image.Image:
    """Something as busy as a snapshot: noise of every scale, coarse louder than fine."""
    numbers = random.Random(seed)
    bands = []
    for _ in range(3):
        band, loudness, cells = Image.new("L", (width, height), 128), 0.5, 3
        while cells < max(width, height) and loudness > 0.02:
            rows = max(1, cells * height // width)
            noise = Image.frombytes("L", (cells, rows), numbers.randbytes(cells * rows))
            band = Image.blend(band, noise.resize((width, height), Image.Resampling.BICUBIC), loudness)
            loudness, cells = loudness * 0.7, cells * 2
        bands.append(band)
    return Image.merge("RGB", bands)


def quarters(width: int = 400, height: int = 300) -> Image.Image:
    """Red, green over blue, white: every flip and turn looks different."""
    picture = Image.new("RGB", (width, height), RED)
    half = (width // 2, height // 2)
    picture.paste(GREEN, (half[0], 0, width, half[1]))
    picture.paste(BLUE, (0, half[1], half[0], height))
    picture.paste(WHITE, (half[0], half[1], width, height))
    return picture


def jpeg(width: int = 1600, height: int = 1200, seed: int = 1) -> bytes:
    return encoded(scene(width, height, seed), "JPEG", quality=85)


def oriented(orientation: int, kind: str = "JPEG") -> bytes:
    """`quarters`, upright when the EXIF orientation is obeyed, with a GPS position, XMP and a comment beside it."""
    stored = quarters()
    if orientation in _STORED:
        stored = stored.transpose(_STORED[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = GPS_TEXT.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 16.0, 9.1), 3: "E", 4: (11.0, 24.0, 14.4)})
    options: dict[str, Any] = {"exif": exif.tobytes()}
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = b"<x:xmpmeta>" + GPS_TEXT + b"</x:xmpmeta>"
    if kind == "JPEG":
        options |= {"quality": 95, "subsampling": 0, "comment": GPS_TEXT}
    return encoded(stored, kind, **options)


def with_profile() -> bytes:
    """`quarters` under `swapped_profile`: shown rightly, red and blue change places."""
    return encoded(quarters(), "PNG", icc_profile=swapped_profile())


def swapped_profile() -> bytes:
    """An RGB profile whose red and blue primaries are exchanged, so that ignoring it shows at once."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for index in range(struct.unpack(">I", profile[128:132])[0]):
        start = 132 + 12 * index
        names = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
        tag = bytes(profile[start : start + 4])
        profile[start : start + 4] = names.get(tag, tag)
    return bytes(profile)


def transparent_palette() -> bytes:
    picture = Image.new("P", (200, 200), 0)
    picture.putpalette([0, 0, 0, *RED])
    picture.paste(1, (100, 0, 200, 200))
    return encoded(picture, "PNG", transparency=0)


def sixteen_bit() -> bytes:
    return encoded(Image.new("I;16", (200, 100), 0xC000), "PNG")


def cmyk() -> bytes:
    return encoded(Image.new("CMYK", (300, 200), (0, 255, 255, 0)), "JPEG")


def one_pixel() -> bytes:
    return encoded(Image.new("RGB", (1, 1), RED), "PNG")


def line(width: int = 20_000, height: int = 1) -> bytes:
    return encoded(Image.new("RGB", (width, height), RED), "PNG")


def animated(kind: str, frames: int = 10_000) -> bytes:
    """Tiny frames, red first and then green: a converter that draws them all takes minutes."""
    if kind == "WEBP":
        return _animated_webp(frames)
    first = encoded(Image.new("P", (8, 8), 0), "GIF")
    head, rest = first[:-1], first[first.index(b"\x2c") : -1]
    return head + (b"\x21\xf9\x04\0\1\0\0\0" + rest) * (frames - 1) + b";"


def _animated_webp(frames: int) -> bytes:
    two = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN)]
    file = encoded(two[0], "WEBP", save_all=True, append_images=two[1:], lossless=True)
    second = file.rindex(b"ANMF")
    body = file[12:] + file[second:] * (frames - 2)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def pixel_bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred kilobytes that unpacks to 900 million pixels."""
    row = b"\0" * (side // 8 + 1)
    squeezer = zlib.compressobj(9)
    pixels = b"".join(squeezer.compress(row * 1000) for _ in range(side // 1000)) + squeezer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = _png_chunk(b"IHDR", header) + _png_chunk(b"IDAT", pixels) + _png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def text_bomb() -> bytes:
    """A PNG whose compressed comment unpacks to 200 MB."""
    picture = one_pixel()
    squeezer = zlib.compressobj(9)
    text = b"".join(squeezer.compress(b"a" * 1_000_000) for _ in range(200)) + squeezer.flush()
    return picture[:33] + _png_chunk(b"zTXt", b"Comment\0\0" + text) + picture[33:]


def scan_bomb(side: int = 5_000, scans: int = 3_000) -> bytes:
    """A progressive JPEG that refines the same nothing thousands of times: small to send, long to decode."""
    picture = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    last_scan = picture[picture.rindex(b"\xff\xda") : -2]
    return picture[:-2] + last_scan * scans + picture[-2:]


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def in_every_form() -> dict[str, bytes]:
    """`quarters`, or its greys, in each accepted format and kind of pixel."""
    picture = quarters()
    modes = {f"PNG {mode}": encoded(picture.convert(mode), "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA")}
    return modes | {
        "JPEG": encoded(picture, "JPEG"),
        "grey JPEG": encoded(picture.convert("L"), "JPEG"),
        "progressive JPEG": encoded(picture, "JPEG", progressive=True),
        "two pictures in one JPEG": encoded(picture, "MPO", save_all=True, append_images=[scene(400, 300)]),
        "GIF": encoded(picture, "GIF"),
        "WebP": encoded(picture, "WEBP"),
        "lossless WebP": encoded(picture.convert("RGBA"), "WEBP", lossless=True),
        "AVIF": encoded(picture, "AVIF"),
        "AVIF with alpha": encoded(picture.convert("RGBA"), "AVIF"),
    }


def truncated() -> bytes:
    whole = jpeg(800, 600)
    return whole[: len(whole) * 2 // 3]


def eps() -> bytes:
    """PostScript, which some converters hand to an interpreter whatever the file is called."""
    return b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n(/etc/passwd) run showpage\n%%EOF\n"


def svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>'


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("photo.jpg", "not here")
    return target.getvalue()


def polyglot() -> bytes:
    """A valid JPEG that is also a page with a script and a zip archive."""
    return jpeg(320, 240) + b"<html><script>alert(document.cookie)</script>" + archive()


def heic() -> bytes:
    return struct.pack(">I", 24) + b"ftypheic" + b"\0\0\0\0mif1heic" + bytes(200)


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "zero bytes": ("empty", bytes),
    "text": ("not_an_image", lambda: b"hello, this is no picture at all"),
    "EPS called .jpg": ("type_not_accepted", eps),
    "SVG": ("type_not_accepted", svg),
    "zip": ("type_not_accepted", archive),
    "HEIC": ("type_not_accepted", heic),
    "TIFF": ("type_not_accepted", lambda: encoded(quarters(), "TIFF")),
    "truncated JPEG": ("damaged", truncated),
    "only a JPEG's first bytes": ("damaged", lambda: b"\xff\xd8\xff\xe0"),
    "truncated PNG": ("damaged", lambda: encoded(scene(300, 300), "PNG")[:50_000]),
    "truncated WebP": ("damaged", lambda: encoded(scene(300, 300), "WEBP")[:5_000]),
    "truncated AVIF": ("damaged", lambda: encoded(scene(300, 300), "AVIF")[:4_000]),
    "pixel bomb": ("too_many_pixels", pixel_bomb),
    "compressed comment bomb": ("damaged", text_bomb),
    "more than 10 MB": ("too_large", lambda: jpeg(64, 64) + bytes(10_000_000)),
}
