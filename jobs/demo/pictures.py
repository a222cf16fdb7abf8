"""Pictures for demo listings: simple drawn still lifes, one motif for each kind of thing, never the same twice."""

import colorsys
import io
import math
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter

SIZE = (960, 720)
Colour = tuple[int, int, int]
Motif = Callable[[ImageDraw.ImageDraw, random.Random, Colour, Colour], None]


def draw(motif: str, seed: int) -> bytes:
    """A JPEG of 960 by 720 pixels of the motif; the same seed gives the same picture."""
    rng = random.Random(f"{motif}-{seed}")
    hue = rng.random()
    main, accent = _colour(hue, 0.55, 0.75), _colour(hue + 0.45 + rng.random() * 0.2, 0.5, 0.85)
    image = _room(rng, hue)
    shadow = Image.new("L", SIZE, 0)
    ImageDraw.Draw(shadow).ellipse((180, 560, 780, 660), fill=130)
    image.paste((40, 36, 34), mask=shadow.filter(ImageFilter.GaussianBlur(26)))
    MOTIFS[motif](ImageDraw.Draw(image), rng, main, accent)
    image = image.filter(ImageFilter.GaussianBlur(0.8)).rotate(
        rng.uniform(-3, 3), resample=Image.Resampling.BILINEAR, expand=False
    )
    out = io.BytesIO()
    image.crop((24, 24, SIZE[0] - 24, SIZE[1] - 24)).save(out, "JPEG", quality=88)
    return out.getvalue()


def _colour(hue: float, saturation: float, value: float) -> Colour:
    r, g, b = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return int(r * 255), int(g * 255), int(b * 255)


def _room(rng: random.Random, hue: float) -> Image.Image:
    """A wall and a floor in soft light from one side."""
    width, height = SIZE
    wall, floor = (
        _colour(hue + 0.5, 0.12, rng.uniform(0.78, 0.92)),
        _colour(0.08, rng.uniform(0.2, 0.4), rng.uniform(0.45, 0.7)),
    )
    image = Image.new("RGB", SIZE, wall)
    horizon = rng.randint(430, 500)
    ImageDraw.Draw(image).rectangle((0, horizon, width, height), fill=floor)
    light = Image.linear_gradient("L").rotate(rng.choice((65, 115))).resize(SIZE).point(lambda v: v // 3)
    image.paste((255, 250, 240), mask=light)
    return image


def _bicycle(draw: ImageDraw.ImageDraw, _rng: random.Random, main: Colour, accent: Colour) -> None:
    for x in (300, 660):
        draw.ellipse((x - 130, 370, x + 130, 630), outline=(35, 35, 38), width=14)
        draw.ellipse((x - 14, 486, x + 14, 514), fill=(90, 90, 95))
        for spoke in range(12):
            angle = spoke * math.pi / 6
            draw.line((x, 500, x + 122 * math.cos(angle), 500 + 122 * math.sin(angle)), fill=(150, 150, 155), width=2)
    frame = [(300, 500), (400, 330), (600, 330), (470, 500), (300, 500)]
    draw.line(frame, fill=main, width=20, joint="curve")
    draw.line([(400, 330), (470, 500)], fill=main, width=18)
    draw.line([(590, 270), (660, 500)], fill=main, width=18)
    draw.rounded_rectangle((360, 262, 450, 288), 12, fill=accent)
    draw.line([(395, 288), (402, 330)], fill=(60, 60, 60), width=12)
    draw.line([(545, 250), (595, 268), (640, 258)], fill=(40, 40, 40), width=14)


def _car(draw: ImageDraw.ImageDraw, _rng: random.Random, main: Colour, _accent: Colour) -> None:
    draw.polygon(
        [(150, 480), (250, 350), (420, 300), (620, 300), (730, 400), (850, 430), (870, 520), (150, 520)], fill=main
    )
    draw.polygon([(275, 360), (425, 322), (500, 322), (500, 400), (245, 400)], fill=(185, 210, 225))
    draw.polygon([(520, 322), (610, 322), (700, 400), (520, 400)], fill=(185, 210, 225))
    draw.rounded_rectangle((135, 460, 880, 560), 40, fill=main)
    draw.ellipse((840, 450, 872, 482), fill=(250, 240, 190))
    for x in (285, 720):
        draw.ellipse((x - 75, 490, x + 75, 640), fill=(30, 30, 32))
        draw.ellipse((x - 38, 527, x + 38, 603), fill=(170, 172, 178))


def _sofa(draw: ImageDraw.ImageDraw, rng: random.Random, main: Colour, accent: Colour) -> None:
    dark = tuple(int(c * 0.8) for c in main)
    draw.rounded_rectangle((180, 300, 780, 520), 50, fill=dark)
    draw.rounded_rectangle((150, 380, 260, 600), 40, fill=main)
    draw.rounded_rectangle((700, 380, 810, 600), 40, fill=main)
    draw.rounded_rectangle((240, 440, 720, 580), 26, fill=main)
    for x in range(2):
        draw.rounded_rectangle((250 + 235 * x, 450, 475 + 235 * x, 520), 20, outline=dark, width=5)
    draw.rounded_rectangle((300 + rng.randint(0, 200), 360, 420 + rng.randint(0, 200) + 180, 450), 24, fill=accent)
    for x in (220, 720):
        draw.rectangle((x, 598, x + 22, 632), fill=(80, 60, 45))


def _table(draw: ImageDraw.ImageDraw, _rng: random.Random, main: Colour, accent: Colour) -> None:
    wood = (150, 105, 65)
    draw.polygon([(200, 400), (760, 400), (830, 460), (130, 460)], fill=wood)
    draw.rectangle((130, 460, 830, 482), fill=(120, 82, 50))
    for x in (160, 780):
        draw.rectangle((x, 482, x + 24, 640), fill=(120, 82, 50))
    draw.rounded_rectangle((430, 290, 520, 410), 18, fill=main)
    for dx, dy in ((-60, -90), (0, -120), (55, -85)):
        draw.line((475, 290, 475 + dx, 290 + dy), fill=(70, 120, 70), width=8)
        draw.ellipse((455 + dx, 260 + dy, 505 + dx, 310 + dy), fill=accent)


def _screen(draw: ImageDraw.ImageDraw, rng: random.Random, main: Colour, accent: Colour) -> None:
    draw.rounded_rectangle((200, 200, 760, 530), 14, fill=(28, 28, 30))
    draw.rectangle((218, 218, 742, 512), fill=main)
    for _ in range(5):
        x, y = rng.randint(230, 640), rng.randint(230, 450)
        draw.rounded_rectangle((x, y, x + rng.randint(40, 100), y + rng.randint(20, 60)), 8, fill=accent)
    draw.rectangle((455, 530, 505, 590), fill=(60, 60, 62))
    draw.rounded_rectangle((360, 586, 600, 610), 10, fill=(60, 60, 62))


def _phone(draw: ImageDraw.ImageDraw, _rng: random.Random, main: Colour, accent: Colour) -> None:
    draw.rounded_rectangle((370, 170, 590, 610), 34, fill=(25, 25, 28))
    draw.rounded_rectangle((382, 186, 578, 594), 24, fill=main)
    for row in range(4):
        for column in range(3):
            x, y = 402 + column * 58, 240 + row * 62
            draw.rounded_rectangle((x, y, x + 40, y + 40), 10, fill=accent if (row + column) % 2 else (245, 245, 245))
    draw.rounded_rectangle((450, 196, 510, 208), 6, fill=(25, 25, 28))


def _house(draw: ImageDraw.ImageDraw, rng: random.Random, main: Colour, accent: Colour) -> None:
    pale = tuple(min(255, 150 + c // 3) for c in main)
    draw.rectangle((230, 330, 730, 610), fill=pale)
    draw.polygon([(190, 340), (480, 150), (770, 340)], fill=accent)
    draw.rectangle((440, 460, 520, 610), fill=(95, 65, 45))
    for x in (280, 590):
        for y in (370, 490):
            draw.rectangle((x, y, x + 90, y + 80), fill=(190, 215, 235), outline=(240, 240, 240), width=7)
    for _ in range(6):
        x = rng.randint(40, 900)
        draw.ellipse((x, 560, x + 90, 640), fill=(80, 125 + rng.randint(0, 40), 75))


def _clothes(draw: ImageDraw.ImageDraw, _rng: random.Random, main: Colour, accent: Colour) -> None:
    draw.arc((455, 130, 505, 190), 180, 80, fill=(80, 80, 80), width=8)
    draw.line([(330, 240), (480, 190), (630, 240)], fill=(130, 95, 60), width=12)
    draw.polygon(
        [
            (400, 215),
            (560, 215),
            (690, 300),
            (640, 400),
            (590, 360),
            (590, 620),
            (370, 620),
            (370, 360),
            (320, 400),
            (270, 300),
        ],
        fill=main,
    )
    draw.pieslice((430, 180, 530, 260), 0, 180, fill=(230, 226, 220))
    for y in range(300, 600, 60):
        draw.line((372, y, 588, y), fill=accent, width=14)


def _books(draw: ImageDraw.ImageDraw, rng: random.Random, main: Colour, accent: Colour) -> None:
    x = 220
    while x < 730:
        width, height = rng.randint(34, 70), rng.randint(210, 320)
        colour = _colour(rng.random(), 0.5, 0.7) if rng.random() < 0.6 else rng.choice((main, accent))
        draw.rectangle((x, 610 - height, x + width, 610), fill=colour, outline=(50, 45, 40), width=3)
        draw.rectangle((x + 8, 640 - height, x + width - 8, 655 - height), fill=(240, 230, 205))
        x += width + 4


def _tool(draw: ImageDraw.ImageDraw, _rng: random.Random, main: Colour, accent: Colour) -> None:
    draw.rounded_rectangle((240, 300, 560, 420), 40, fill=main)
    draw.polygon([(330, 400), (450, 400), (420, 600), (310, 600)], fill=(50, 50, 52))
    draw.rounded_rectangle((290, 570, 450, 640), 16, fill=accent)
    draw.polygon([(560, 320), (640, 340), (640, 380), (560, 400)], fill=(70, 70, 74))
    draw.rectangle((640, 352, 780, 368), fill=(170, 172, 178))


def _toy(draw: ImageDraw.ImageDraw, rng: random.Random, main: Colour, _accent: Colour) -> None:
    for row, count in ((2, 3), (1, 2), (0, 1)):
        for column in range(count):
            x, y = 480 - count * 70 + column * 140, 200 + row * 140
            colour = _colour(rng.random(), 0.6, 0.85)
            draw.rounded_rectangle((x, y, x + 132, y + 132), 14, fill=colour, outline=main, width=6)
            draw.ellipse((x + 40, y + 40, x + 92, y + 92), fill=(250, 245, 235))


def _paw(draw: ImageDraw.ImageDraw, _rng: random.Random, main: Colour, accent: Colour) -> None:
    draw.ellipse((300, 330, 660, 640), fill=main)
    draw.ellipse((370, 180, 590, 400), fill=main)
    draw.polygon([(385, 230), (400, 120), (460, 200)], fill=main)
    draw.polygon([(575, 230), (560, 120), (500, 200)], fill=main)
    for x in (430, 510):
        draw.ellipse((x, 260, x + 26, 292), fill=(25, 25, 25))
    draw.ellipse((466, 310, 496, 332), fill=(60, 40, 40))
    draw.rounded_rectangle((390, 385, 570, 412), 12, fill=accent)


def _parcel(draw: ImageDraw.ImageDraw, _rng: random.Random, main: Colour, accent: Colour) -> None:
    draw.polygon([(280, 330), (480, 270), (690, 330), (480, 400)], fill=(205, 165, 115))
    draw.polygon([(280, 330), (480, 400), (480, 640), (280, 560)], fill=(180, 138, 90))
    draw.polygon([(690, 330), (480, 400), (480, 640), (690, 560)], fill=(160, 120, 76))
    draw.polygon([(360, 306), (410, 291), (610, 357), (560, 374)], fill=accent)
    draw.polygon([(330, 440), (420, 472), (420, 540), (330, 506)], fill=main)


MOTIFS: dict[str, Motif] = {
    "bicycle": _bicycle,
    "books": _books,
    "car": _car,
    "clothes": _clothes,
    "house": _house,
    "parcel": _parcel,
    "paw": _paw,
    "phone": _phone,
    "screen": _screen,
    "sofa": _sofa,
    "table": _table,
    "tool": _tool,
    "toy": _toy,
}
