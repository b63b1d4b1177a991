"""Blanket orders, how fast suppliers answer, and whose promises were moved: pure data."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from . import names
from .plan import SEED, workday

# supplier, code of the material, days from today: a blanket order at the price of the price list
BLANKETS = ((0, "NL-01", -150, 215), (4, "NL-05", -200, 165))
# supplier, grade, days it is valid, reason
GRADES_BY_HAND = (
    (3, "high", 80, "Giá cao hơn là do chúng ta duyệt thép loại mới, bảng giá mới đang được ký"),
)
# habit: days from the request to the answer
ANSWERS = {
    "early": (0.2, 1.0),
    "punctual": (0.3, 1.6),
    "mixed": (1.0, 4.0),
    "late": (2.0, 6.0),
    "poor": (11.0, 15.0),
    "rare": (2.0, 3.0),
}
REASONS = (
    "Nhà cung cấp báo thiếu nguyên liệu",
    "Máy hỏng, sản xuất chậm một tuần",
    "Xe tải hỏng dọc đường",
    "Chờ thông quan",
    "Chúng ta đề nghị lùi ngày nhận vì kho đầy",
)


@dataclass(frozen=True)
class Request:
    """When the supplier was asked for a quotation; ``answer_days`` later it answered, None: not yet."""

    asked_days: int  # days before the order date
    answer_days: float | None


@dataclass(frozen=True)
class Move:
    """The planned date of an order was moved from the promise to ``date``, on ``day``."""

    day: object
    date: object
    reason: str


def request(purchase):
    """How a purchase was asked for."""
    habit = names.SUPPLIERS[purchase.supplier][4]
    random = Random(f"{SEED}-request-{purchase.supplier}-{purchase.ordered}")
    days = round(random.uniform(*ANSWERS[habit]), 2)
    if purchase.outcome == "rfq":
        # an open request: some have an answer, some wait for it
        return Request(0, days if days < 3 else None)
    return Request(int(days) + 1 + random.randint(0, 1), days)


def move(purchase, today):
    """The move of a purchase that came late or is late; None for the others, and for half of the late ones."""
    random = Random(f"{SEED}-move-{purchase.supplier}-{purchase.ordered}")
    arrived = purchase.receipts[-1][0] if purchase.receipts else None
    day = max(purchase.ordered + timedelta(days=1), purchase.promised - timedelta(days=random.randint(1, 3)))
    reason = random.choice(REASONS)
    if day > today or purchase.outcome not in ("done", "open"):
        return None
    if purchase.outcome == "open":
        if purchase.promised >= today:
            return None
        new = workday(today + timedelta(days=random.randint(3, 10)))
        return Move(day, new, reason) if random.random() < 0.7 else None
    if (arrived - purchase.promised).days < 5 or random.random() < 0.5:
        return None
    return Move(day, arrived, reason)
