"""Photos of address books: taken only if they are pictures of a reasonable size."""

import io
import warnings

from PIL import Image

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
_FORMATS = frozenset({"JPEG", "PNG", "GIF", "WEBP", "BMP"})


def is_picture_bomb(data):
    """Tell whether ``data`` is a picture of more pixels than anybody sends, by its head alone.

    >>> is_picture_bomb(b"no picture"), is_picture_bomb("text")
    (False, False)
    """
    if not isinstance(data, bytes):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                width, height = image.size
                return width * height > MAX_PIXELS
    except Image.DecompressionBombError:
        return True
    except Exception:
        # no picture, or one that is damaged: nothing will unpack it
        return False


def check_photo(data):
    """Return why the photo cannot be taken ("photo_size", "photo_pixels", "photo_format"), or "".

    The picture is not unpacked: a small file that claims a huge picture is refused by its head.

    >>> check_photo(b"no picture"), check_photo(b"x" * (MAX_BYTES + 1))
    ('photo_format', 'photo_size')
    """
    if len(data) > MAX_BYTES:
        return "photo_size"
    try:
        with warnings.catch_warnings():
            # Pillow warns of what is refused below anyway
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                width, height = image.size
                if image.format not in _FORMATS:
                    return "photo_format"
                if width * height > MAX_PIXELS:
                    return "photo_pixels"
                image.verify()
    except Image.DecompressionBombError:
        return "photo_pixels"
    except Exception:
        # Pillow raises whatever the damaged file provokes in its readers: the photo is left out, not the contact
        return "photo_format"
    return ""
