"""The process that touches untrusted pictures: bytes on stdin, a header and encoded variants on stdout.

It runs alone by `python -I child.py LIMITS`, imports nothing of the product and gives up its rights before it reads:
bounded memory, CPU and output, and no new file descriptor, hence no file, no socket and no program.
"""

# Nothing can be imported once the limits hold, so what Pillow would load late is loaded here.
# ruff: noqa: F401
import copy
import encodings.ascii
import encodings.latin_1
import encodings.utf_16
import encodings.utf_16_be
import encodings.utf_16_le
import errno
import io
import json
import os
import resource
import sys
import warnings
from typing import Any, BinaryIO

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    ImagePalette,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF")
SIGNATURES = ((0, b"\xff\xd8\xff"), (0, b"\x89PNG"), (8, b"WEBP"), (0, b"GIF8"), (4, b"ftypavif"), (4, b"ftypavis"))
# Pictures and documents that people do send, which we name rather than call "not a picture".
KNOWN_OTHERS = (
    *((4, b"ftyp"), (0, b"BM"), (0, b"II*\0"), (0, b"MM\0*"), (0, b"%!PS"), (0, b"%PDF"), (0, b"8BPS"), (0, b"PK\3\4")),
    *((0, b"<svg"), (0, b"<?xml"), (0, b"\xff\x0a"), (0, b"\0\0\1\0"), (0, b"\0\0\0\x0cjP"), (0, b"\xc5\xd0\xd3\xc6")),
)
# Width -> bytes that the AVIF should not exceed; a listing must stay light when every photo loads.
BUDGETS = {160: 3_000, 320: 9_000, 640: 30_000, 1280: 100_000}
TALLEST = 2.5
JPEG_ALLOWANCE = 2
AVIF_QUALITIES = (50, 42, 35, 28)
JPEG_QUALITIES = (70, 60, 50)
# AV1 encoder effort, 0 slowest to 10. The measurements behind 9 are in docs/adr/0020-photo-variants.md.
AVIF_SPEED = 9
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Rejected(Exception):
    """The picture cannot be accepted; the argument is the reason code that the parent puts into words."""


def give_up_rights(memory_bytes: int, cpu_seconds: int, output_bytes: int) -> None:
    os.nice(10)
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, output_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(limit, (value, value))


def render(data: bytes, max_pixels: int) -> list[tuple[dict[str, Any], bytes]]:
    """The variants of a picture, smallest first, each as its header entry and its bytes."""
    picture = opened(data, max_pixels)
    turn = orientation(picture)
    upright = picture.size if turn < 5 else picture.size[::-1]
    sizes = ladder(*upright)
    largest = sizes[max(sizes)]
    picture = plain(picture, largest if turn < 5 else largest[::-1])
    if turn in TURNS:
        picture = picture.transpose(TURNS[turn])
    variants = []
    for rung, size in sorted(sizes.items()):
        smaller = picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)
        smaller.info = {}
        for media_type, encoded in (
            ("image/avif", avif(smaller, BUDGETS[rung])),
            ("image/jpeg", jpeg(smaller, BUDGETS[rung] * JPEG_ALLOWANCE)),
        ):
            entry = {"width": size[0], "height": size[1], "media_type": media_type}
            variants.append((entry, encoded))
    return variants


def opened(data: bytes, max_pixels: int) -> Image.Image:
    """The picture with only its header read, its type and size found acceptable."""
    # Pillow refuses at twice this number while it reads the header, before we see a size.
    Image.MAX_IMAGE_PIXELS = max_pixels // 2
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Rejected(nature_of(data)) from None
    except Image.DecompressionBombError:
        raise Rejected("too_many_pixels") from None
    if picture.width * picture.height > max_pixels:
        raise Rejected("too_many_pixels")
    return picture


def nature_of(data: bytes) -> str:
    if any(data.startswith(magic, offset) for offset, magic in SIGNATURES):
        return "damaged"
    if any(data.lstrip().startswith(magic, offset) for offset, magic in KNOWN_OTHERS):
        return "type_not_accepted"
    return "not_an_image"


def orientation(picture: Image.Image) -> int:
    try:
        turn = picture.getexif().get(ORIENTATION, 1)
    except Exception:  # a camera's broken notes do not make the picture bad
        return 1
    return turn if turn in TURNS else 1


def ladder(width: int, height: int) -> dict[int, tuple[int, int]]:
    """Rung -> size. Never larger than the original, never taller than 2.5 rungs, and no two nearly alike."""
    sizes: dict[int, tuple[int, int]] = {}
    for rung in BUDGETS:
        scale = min(1, rung / width, TALLEST * rung / height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        previous = max(sizes.values(), default=(0, 0))
        if size[0] >= previous[0] * 1.25 and size[0] > previous[0]:
            sizes[rung] = size
    return sizes


def plain(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Reduced, on white where it was transparent, in sRGB, without any of the file's notes."""
    profile = picture.info.get("icc_profile")
    picture.draft("RGB" if picture.mode != "CMYK" else "CMYK", size)
    picture.load()
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        transparent = picture if picture.mode == "RGBA" else picture.convert("RGBA")
        picture = on_white(transparent.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
    else:
        if picture.mode not in ("L", "RGB", "CMYK"):
            picture = picture.convert("RGB")
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return in_srgb(picture, profile)


def on_white(picture: Image.Image) -> Image.Image:
    paper = Image.new("RGB", picture.size, (255, 255, 255))
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile, or one of another colour space than the pixels
        if converted is not None:
            return converted
    return picture.convert("RGB")


def avif(picture: Image.Image, budget: int) -> bytes:
    options = {"speed": AVIF_SPEED, "max_threads": 1, "subsampling": "4:2:0"}
    return encoded_within(budget, picture, "AVIF", AVIF_QUALITIES, options)


def jpeg(picture: Image.Image, budget: int) -> bytes:
    return encoded_within(budget, picture, "JPEG", JPEG_QUALITIES, {"progressive": True, "optimize": True})


def encoded_within(
    budget: int, picture: Image.Image, kind: str, qualities: tuple[int, ...], options: dict[str, Any]
) -> bytes:
    """The best of these qualities that fits, else the last of them."""
    encoded = b""
    for quality in qualities:
        target = io.BytesIO()
        picture.save(target, kind, quality=quality, **options)
        encoded = target.getvalue()
        if len(encoded) <= budget:
            break
    return encoded


def write_frame(target: BinaryIO, payload: bytes) -> None:
    target.write(len(payload).to_bytes(4, "big") + payload)


def answer(data: bytes, max_pixels: int) -> list[bytes]:
    """The frames to write: a JSON header and then the bytes of each variant that it lists."""
    try:
        variants = render(data, max_pixels)
    except Rejected as rejected:
        return [json.dumps({"rejected": str(rejected)}).encode()]
    except MemoryError:
        return [json.dumps({"rejected": "too_many_pixels"}).encode()]
    except Exception as error:  # whatever a decoder raises on hostile bytes, the file is what is wrong
        if getattr(error, "errno", None) == errno.EMFILE:
            raise  # but a module that should have been loaded above is our fault
        return [json.dumps({"rejected": "damaged"}).encode()]
    header = {"variants": [entry for entry, _ in variants]}
    return [json.dumps(header).encode(), *(encoded for _, encoded in variants)]


def main() -> None:
    limits = json.loads(sys.argv[1])
    warnings.simplefilter("ignore")  # printing one would open a source file
    Image.preinit()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    give_up_rights(limits["memory_bytes"], limits["cpu_seconds"], limits["output_bytes"])
    for frame in answer(sys.stdin.buffer.read(), limits["pixels"]):
        write_frame(sys.stdout.buffer, frame)


if __name__ == "__main__":
    main()
