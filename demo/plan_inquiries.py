"""How the inquiries came in, and strangers who asked and did not buy: pure data."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from . import names
from .plan import SEED
from .plan_relations import phone, slug

STRANGERS = 96
# channel: index of the source in names.SOURCES, whether it was asked for
CHANNELS = {
    "web": (2, False),
    "email": (2, False),
    "phone": (3, True),
    "fair": (0, True),
    "visit": (1, True),
    "chat": (4, False),
}
# by source of the lead
CHANNEL_OF_SOURCE = ("fair", "visit", "web", "phone", "phone")
WISHES = (
    "Hỏi giá {product}",
    "Xin catalogue {product}",
    "Cần tư vấn {product} cho văn phòng mới",
    "Hỏi thời gian giao {product}",
)


@dataclass(frozen=True)
class Stranger:
    """Somebody who asked; nobody knows more than is said here."""

    name: str
    email: str | None
    phone: str | None
    wish: str
    product: int
    channel: str
    day: date
    user: str | None
    is_lost: bool


def build_strangers(today):
    """Inquiries of the past sixteen months, the youngest of this week; the oldest ones mostly lost."""
    random = Random(f"{SEED}-strangers")
    sellers = ("minh", "thao", "hung")
    result = []
    for number in range(STRANGERS):
        days = 2 + number * 480 // STRANGERS
        family = names.FAMILY_NAMES[number % len(names.FAMILY_NAMES)]
        given = (names.FEMALE_NAMES, names.MALE_NAMES)[number % 2]
        name = f"{family} {given[(number * 5) % len(given)]}"
        product = number * 7 % len(names.PRODUCTS)
        channel = list(CHANNELS)[number % len(CHANNELS)]
        has_email = channel in ("web", "email") or random.random() < 0.4
        result.append(
            Stranger(
                name,
                f"{slug(name)}.{number}@khach.example.com" if has_email else None,
                phone(None, 950_000 + number) if channel != "email" else None,
                random.choice(WISHES).format(product=names.PRODUCTS[product][3].lower()),
                product,
                channel,
                today - timedelta(days=days),
                None if days < 5 else sellers[number % len(sellers)],
                days > 60 and random.random() < 0.7,
            )
        )
    return result
