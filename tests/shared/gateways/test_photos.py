"""What people and attackers upload, through the real photo process."""

import io
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PIL import Image

from shared.gateways.photos import Limits, PhotoRejected, ProcessedPhoto, process
from shared.gateways.photos.processing import AT_ONCE
from tests.factories import photos

ROOT = Path(__file__).parents[3]
COLOURS = (photos.RED, photos.GREEN, photos.BLUE, photos.WHITE)


def decoded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.convert("RGB")


def quarter_colours(picture: Image.Image) -> list[tuple[int, ...]]:
    across, down = picture.width // 4, picture.height // 4
    return [picture.getpixel((x, y)) for y in (down, 3 * down) for x in (across, 3 * across)]


def near(found: tuple[int, ...], wanted: tuple[int, ...], tolerance: int = 16) -> bool:
    return all(abs(one - other) <= tolerance for one, other in zip(found, wanted, strict=True))


def sizes(photo: ProcessedPhoto, media_type: str = "image/avif") -> list[tuple[int, int]]:
    return [(variant.width, variant.height) for variant in photo.variants if variant.media_type == media_type]


@pytest.fixture(scope="module")
def snapshot() -> ProcessedPhoto:
    return process(photos.jpeg(4000, 3000))


def test_a_snapshot_becomes_four_widths_in_two_types(snapshot: ProcessedPhoto) -> None:
    expected = [(160, 120), (320, 240), (640, 480), (1280, 960)]
    assert sizes(snapshot, "image/avif") == expected
    assert sizes(snapshot, "image/jpeg") == expected
    assert (snapshot.width, snapshot.height) == (1280, 960)


def test_declared_sizes_and_types_are_those_of_the_bytes(snapshot: ProcessedPhoto) -> None:
    for variant in snapshot.variants:
        with Image.open(io.BytesIO(variant.data)) as picture:
            assert picture.size == (variant.width, variant.height)
            assert picture.get_format_mimetype() == variant.media_type
            assert picture.mode == "RGB"


def test_variants_keep_to_the_weights_a_page_can_afford(snapshot: ProcessedPhoto) -> None:
    heaviest = {160: 3_000, 320: 9_000, 640: 30_000, 1280: 100_000}
    for variant in snapshot.variants:
        allowance = heaviest[variant.width] * (1 if variant.media_type == "image/avif" else 2)
        assert len(variant.data) <= allowance


def test_fallback_is_a_progressive_jpeg(snapshot: ProcessedPhoto) -> None:
    with Image.open(io.BytesIO(snapshot.variants[-1].data)) as picture:
        assert picture.info["progressive"]


def test_same_bytes_get_the_same_names_and_other_bytes_get_others(snapshot: ProcessedPhoto) -> None:
    again = process(photos.jpeg(4000, 3000))
    assert [variant.name for variant in again.variants] == [variant.name for variant in snapshot.variants]
    assert len({variant.name for variant in snapshot.variants}) == len(snapshot.variants)


def test_manifest_lists_heights_and_names_by_width(snapshot: ProcessedPhoto) -> None:
    manifest = snapshot.manifest()
    assert list(manifest) == ["160", "320", "640", "1280"]
    assert manifest["640"]["height"] == 480
    assert manifest["640"]["avif"].endswith("-640.avif")
    assert manifest["640"]["jpg"].endswith("-640.jpg")


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((100, 80), [(100, 80)]),
        ((170, 120), [(160, 113)]),
        ((500, 400), [(160, 128), (320, 256), (500, 400)]),
        ((720, 1600), [(160, 356), (320, 711), (640, 1422)]),
        ((300, 6000), [(20, 400), (40, 800), (80, 1600), (160, 3200)]),
    ],
)
def test_no_variant_is_larger_than_its_original_or_absurdly_tall(
    size: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    assert sizes(process(photos.encoded(photos.quarters(*size), "PNG"))) == expected


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", photos.ORIENTATIONS)
def test_orientation_is_applied_and_no_metadata_is_left(orientation: int, kind: str) -> None:
    upload = photos.oriented(orientation, kind)
    assert photos.GPS_TEXT in upload
    photo = process(upload)
    assert sizes(photo) == [(160, 120), (320, 240), (400, 300)]
    for variant in photo.variants:
        with Image.open(io.BytesIO(variant.data)) as picture:
            assert not picture.getexif()
            assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(picture.info)
        assert not any(trace in variant.data for trace in (b"Innsbruck", b"Exif", b"xmpmeta", b"ICC_PROFILE"))
        colours = quarter_colours(decoded(variant.data))
        assert all(near(found, wanted) for found, wanted in zip(colours, COLOURS, strict=True)), colours


@pytest.mark.parametrize("form", photos.in_every_form())
def test_every_accepted_format_and_kind_of_pixel_becomes_a_photo(form: str) -> None:
    photo = process(photos.in_every_form()[form])
    assert sizes(photo) == [(160, 120), (320, 240), (400, 300)]
    top_left, _, _, bottom_right = quarter_colours(decoded(photo.variants[-1].data))
    assert sum(top_left) < sum(bottom_right)


def test_colours_of_another_profile_are_converted() -> None:
    red, green, blue, _white = quarter_colours(decoded(process(photos.with_profile()).variants[-1].data))
    assert red[2] > 150 > red[0]
    assert blue[0] > 150 > blue[2]
    assert near(green, photos.GREEN, 40)


def test_a_broken_colour_profile_does_not_spoil_the_photo() -> None:
    upload = photos.encoded(photos.quarters(), "JPEG", icc_profile=b"not a profile at all", quality=95)
    assert near(quarter_colours(decoded(process(upload).variants[-1].data))[0], photos.RED)


def test_transparent_parts_become_white() -> None:
    picture = decoded(process(photos.transparent_palette()).variants[-1].data)
    assert near(picture.getpixel((40, 100)), (255, 255, 255))
    assert near(picture.getpixel((160, 100)), photos.RED)


def test_sixteen_bits_a_channel_keep_their_brightness() -> None:
    picture = decoded(process(photos.sixteen_bit()).variants[-1].data)
    assert near(picture.getpixel((100, 50)), (0xC0, 0xC0, 0xC0), 4)


def test_print_colours_become_screen_colours() -> None:
    picture = decoded(process(photos.cmyk()).variants[-1].data)
    assert near(picture.getpixel((150, 100)), (255, 0, 0))


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_becomes_its_first_frame(kind: str) -> None:
    photo = process(photos.animated(kind), Limits(cpu_seconds=2))
    assert near(decoded(photo.variants[-1].data).getpixel((4, 4)), photos.RED if kind == "WEBP" else (0, 0, 0))


def test_one_pixel_and_a_line_are_photos_too() -> None:
    assert sizes(process(photos.one_pixel())) == [(1, 1)]
    assert sizes(process(photos.line())) == [(160, 1), (320, 1), (640, 1), (1280, 1)]
    assert sizes(process(photos.line(1, 20_000))) == [(1, 400)]


def test_what_hides_behind_a_photo_is_not_kept() -> None:
    for variant in process(photos.polyglot()).variants:
        assert b"script" not in variant.data
        assert b"PK\3\4" not in variant.data


@pytest.mark.parametrize("name", photos.REFUSED)
def test_a_file_that_is_no_usable_photo_is_refused_in_plain_words(name: str) -> None:
    code, make = photos.REFUSED[name]
    with pytest.raises(PhotoRejected) as refusal:
        process(make())
    assert refusal.value.code == code
    assert refusal.value.permanent
    assert "lease" in refusal.value.message


def test_a_photo_that_decodes_for_ever_is_stopped_by_its_cpu_limit() -> None:
    with pytest.raises(PhotoRejected) as refusal:
        process(photos.scan_bomb(), Limits(cpu_seconds=1))
    assert refusal.value.code == "took_too_long"


def test_a_photo_that_is_not_ready_in_time_is_ended() -> None:
    with pytest.raises(PhotoRejected) as refusal:
        process(photos.scan_bomb(), Limits(wall_seconds=0.3))
    assert refusal.value.code == "took_too_long"


def test_a_photo_that_needs_too_much_memory_is_refused() -> None:
    with pytest.raises(PhotoRejected) as refusal:
        process(photos.encoded(Image.new("RGB", (6000, 6000)), "PNG"), Limits(memory_bytes=200_000_000))
    assert refusal.value.code == "too_many_pixels"


def test_more_photos_than_slots_are_asked_to_come_back() -> None:
    outcomes: list[str] = []
    start = threading.Barrier(AT_ONCE + 3)
    upload = photos.jpeg()

    def upload_at_once() -> None:
        start.wait()
        try:
            process(upload, Limits(queue_seconds=0))
            outcomes.append("done")
        except PhotoRejected as refusal:
            outcomes.append("busy" if refusal.code == "busy" and not refusal.permanent else "wrong")

    threads = [threading.Thread(target=upload_at_once) for _ in range(start.parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) == {"done", "busy"}


def test_memory_stays_bounded_whatever_is_sent(tmp_path: Path) -> None:
    largest = Image.new("RGBA", (8000, 5000), (200, 10, 10, 100))
    for number, upload in enumerate(
        (
            photos.pixel_bomb(),
            photos.text_bomb(),
            photos.animated("WEBP"),
            photos.encoded(largest, "PNG", compress_level=1),
        )
    ):
        (tmp_path / str(number)).write_bytes(upload)
    # A fresh parent, because a child's peak counts what it shared with its parent before it became another program.
    script = """
import pathlib, resource, sys
from shared.gateways.photos import PhotoRejected, process
for file in pathlib.Path(sys.argv[1]).iterdir():
    try: process(file.read_bytes())
    except PhotoRejected: pass
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
    found = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    assert int(found.stdout) < 800_000


@pytest.mark.parametrize("attempt", ["socket.socket()", "open('/etc/passwd')", "subprocess.run(['true'])"])
def test_the_photo_process_can_reach_no_file_network_or_program(attempt: str) -> None:
    script = f"""
import socket, subprocess
from shared.gateways.photos import child
child.give_up_rights(800_000_000, 10, 1_000_000)
try: {attempt}
except OSError as error: print(error.errno)
"""
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "24"
