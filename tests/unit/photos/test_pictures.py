"""What is made of an uploaded file, and which files are refused."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from photos.domain import Refusal
from photos.pictures import RefusedPictureError, make_pictures
from tests.factories.photos import picture


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def refusal_of(content: bytes, content_type: str = "image/jpeg") -> Refusal:
    with pytest.raises(RefusedPictureError) as caught:
        make_pictures(content, content_type)
    return caught.value.refusal


@pytest.mark.parametrize(
    ("format_", "mode", "content_type"),
    [
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("MPO", "RGB", "image/jpeg"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "1", "image/png"),
        ("WEBP", "RGB", "image/webp"),
    ],
)
def test_each_type_becomes_webp_in_three_sizes(format_: str, mode: str, content_type: str) -> None:
    made = make_pictures(picture(2000, 1000, format_, mode), content_type)

    assert (made.width, made.height) == (1600, 800)
    assert sorted(made.files) == sorted(f"{made.digest}-{width}.webp" for width in (320, 960, 1600))
    for name, content in made.files.items():
        image = opened(content)
        width = int(name.rpartition("-")[2].removesuffix(".webp"))
        assert (image.format, image.size, image.mode) == ("WEBP", (width, width // 2), "RGB")


@pytest.mark.parametrize("transparent", [{}, {"transparency": 40_000}])
def test_greys_of_16_bits_stay_greys(transparent: dict[str, int]) -> None:
    buffer = io.BytesIO()
    Image.new("I;16", (40, 30), 40_000).save(buffer, "PNG", **transparent)
    made = make_pictures(buffer.getvalue(), "image/png")

    (content,) = made.files.values()
    assert set(opened(content).convert("L").tobytes()) <= set(range(150, 160))


@pytest.mark.parametrize(("format_", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB")])
def test_colours_are_those_of_the_file_s_own_profile(format_: str, mode: str) -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The same colours, of which the first number is green and the second red.
    profile = srgb.replace(b"rXYZ", b"----").replace(b"gXYZ", b"rXYZ").replace(b"----", b"gXYZ")
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "red").convert(mode).save(buffer, format_, icc_profile=profile)

    (content,) = make_pictures(buffer.getvalue(), f"image/{format_.lower()}").files.values()

    red, green, blue = opened(content).convert("RGB").getpixel((20, 15))  # type: ignore[misc]
    assert green > 200
    assert max(red, blue) < 60


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("profile", [b"a profile", bytes(5000)])
def test_a_damaged_profile_says_nothing(mode: str, profile: bytes) -> None:
    plain = make_pictures(picture(mode=mode), "image/jpeg").files.values()
    assert list(make_pictures(picture(mode=mode, icc_profile=profile), "image/jpeg").files.values()) == list(plain)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_of_what_says_nothing_each_type_is_taken(format_: str) -> None:
    assert make_pictures(picture(format_=format_), "application/octet-stream").width == 400


def test_a_small_picture_is_not_made_larger() -> None:
    made = make_pictures(picture(500, 700), "image/jpeg")

    assert (made.width, made.height) == (500, 700)
    assert set(made.files) == {f"{made.digest}-320.webp", f"{made.digest}-500.webp"}


def test_the_smallest_picture_is_one() -> None:
    assert set(make_pictures(picture(1, 1, "PNG"), "image/png").files.values())


def test_the_same_file_has_the_same_names() -> None:
    content = picture()
    assert make_pictures(content, "image/jpeg").files.keys() == make_pictures(content, "image/jpeg").files.keys()
    assert make_pictures(content, "image/jpeg").digest != make_pictures(picture(401, 300), "image/jpeg").digest


def test_a_picture_is_shown_as_it_was_held_and_tells_nothing_else() -> None:
    exif = Image.Exif()
    # Turned by a quarter to the right: what is at the bottom of the file belongs to the left.
    exif[0x0112] = 6
    exif[0x010F] = "A telephone of Ann's"
    exif.get_ifd(0x8825)[2] = (30.0, 16.0, 1.7)
    content = picture(400, 200, exif=exif, comment=b"Ann's garden", icc_profile=b"a profile")
    assert b"Ann" in content

    made = make_pictures(content, "image/jpeg")

    assert (made.width, made.height) == (200, 400)
    (largest,) = (file for name, file in made.files.items() if name.endswith("-200.webp"))
    image = opened(largest)
    top, bottom = image.getpixel((100, 50)), image.getpixel((100, 350))
    # Red was on the left of the file.
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > top[2]
    assert bottom[2] > bottom[0]
    assert not image.getexif()
    for file in made.files.values():
        assert not {"exif", "xmp", "icc_profile", "comment"} & opened(file).info.keys()
        assert b"Ann" not in file


def test_what_can_be_seen_through_lies_on_white() -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(buffer, "PNG")
    (file,) = make_pictures(buffer.getvalue(), "image/png").files.values()
    assert opened(file).getpixel((25, 25)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"GIF89a" + bytes(100),
        b"%PDF-1.7 what is this",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        picture()[:600],
        picture(format_="PNG")[:-30],
        picture(format_="GIF"),
        picture(format_="BMP"),
        picture(format_="TIFF"),
    ],
)
@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png", "image/webp"])
def test_what_is_no_picture_is_refused(content: bytes, content_type: str) -> None:
    assert refusal_of(content, content_type) in (Refusal.NOT_A_PICTURE, Refusal.WRONG_TYPE)


@pytest.mark.parametrize("said", ["image/jpeg", "image/webp", "image/gif", "", "text/html"])
def test_a_picture_of_another_type_than_it_says_is_refused(said: str) -> None:
    assert refusal_of(picture(format_="PNG"), said) is Refusal.WRONG_TYPE


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of some bytes whose head promises so many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(10_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_000, 50_000), (8_000, 7_000), (12_001, 10), (10, 100_000)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    assert refusal_of(png_that_says(*size), "image/png") is Refusal.TOO_MANY_PIXELS
