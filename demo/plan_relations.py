"""Contact persons, inquiries and everyday contacts: pure data, without a registry."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from . import names
from .plan import SEED, month_start

CHANNELS = ("phone", "email", "meeting", "chat", "visit")
ROLES = ("decides", "buys", "pays", "influences", "uses")
US_AREAS = (206, 208, 253, 307, 360, 406, 425, 435, 458, 503, 509, 541, 564, 801, 971)
# subject, channel, sentence kept of it
BY_HAND = (
    ("Gọi hỏi thăm tình hình bán hàng", "phone", "Khách hẹn gửi số lượng cho quý tới."),
    ("Đến xem mặt bằng công trình", "visit", "Đã đo kích thước, cần bản vẽ trước cuối tuần."),
    ("Trao đổi mẫu vải bọc qua Zalo", "chat", "Khách chọn màu xám tro."),
    ("Họp chốt tiến độ giao hàng", "meeting", "Giao làm hai đợt theo từng tầng."),
    ("Gửi thư chào bộ sưu tập mới", "letter", False),
    ("Gọi nhắc công nợ", "phone", "Kế toán hứa chuyển khoản trong tuần."),
    ("Xử lý phản ánh vết xước mặt bàn", "phone", "Sẽ đổi mặt bàn mới."),
    ("Thăm cửa hàng, kiểm tra trưng bày", "visit", False),
)
WITH_SUPPLIERS = (
    ("Giục giao lô hàng trễ hẹn", "phone", "Hẹn giao trong ba ngày tới."),
    ("Thương lượng bảng giá mới", "meeting", "Giữ giá đến hết quý."),
    ("Kiểm tra chất lượng tại xưởng", "visit", "Độ ẩm gỗ đạt yêu cầu."),
    ("Hỏi thời gian giao hàng", "chat", False),
    ("Phản ánh hàng lỗi, đề nghị đổi", "phone", "Đồng ý đổi trong lần giao sau."),
)
LETTERS = (
    ("in", "Hỏi giá lô hàng mới", "Chào anh chị, nhờ gửi báo giá cho lô hàng tháng tới giúp bên em."),
    ("out", "Báo giá lô hàng mới", "Kính gửi quý khách, Sao Việt xin gửi báo giá như đã trao đổi."),
    ("in", "Xác nhận đặt hàng", "Bên mình đồng ý với báo giá, nhờ Sao Việt lên đơn."),
    ("out", "Lịch giao hàng", "Xe sẽ đến công trình vào sáng thứ năm, nhờ quý khách bố trí người nhận."),
    ("in", "Góp ý về đóng gói", "Lần sau nhờ bọc thêm góc tủ, có hai cánh bị trầy."),
    ("out", "Cảm ơn quý khách", "Cảm ơn quý khách đã tin dùng sản phẩm của Sao Việt."),
)
MEETINGS = ("Giới thiệu bộ sưu tập", "Rà soát đơn hàng đang giao", "Ký hợp đồng khung", "Khảo sát công trình")
TODOS = (
    ("Gọi lại cho khách", "call"),
    ("Gửi báo giá sửa đổi", "email"),
    ("Chuẩn bị mẫu gỗ", "todo"),
    ("Hẹn gặp giám đốc", "meeting"),
    ("Kiểm tra công nợ", "call"),
)


@dataclass(frozen=True)
class Person:
    name: str
    position: str
    email: str | None
    phone: str | None
    birthdate: date | None
    birth_year_known: bool
    role: str
    channel: str | None


@dataclass(frozen=True)
class Lead:
    """An inquiry. ``outcome``: won, lost, open or new."""

    customer: int
    user: str
    title: str
    created: date
    closed: date | None
    outcome: str
    revenue: int
    source: int
    campaign: str | None
    deadline: date


def slug(text):
    """Lower-case ASCII of a name, for e-mail addresses: ``Công ty Đại Phát`` gives ``cong-ty-dai-phat``."""
    text = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(
        r"[^a-z0-9]+", "-", "".join(char for char in text if not unicodedata.combining(char))
    ).strip("-")


def phone(region, number):
    """A number that obviously belongs to nobody."""
    if region == "japan":
        return f"+81 3 0000 {number % 10000:04d}"
    if region == "germany":
        return f"+49 {'40 66969' if number // 1000 % 2 else '30 23125'} {number % 1000:03d}"
    if region == "usa":
        return f"+1 {US_AREAS[number // 100 % len(US_AREAS)]} 555 {100 + number % 100:04d}"
    return f"+84 900 {number // 1000:03d} {number % 1000:03d}"


def people(today, key, company, region):
    """Two or three persons of a company; a few lack an address, a number or a birthday."""
    random = Random(f"{SEED}-people-{key}")
    persons, domain = [], f"{slug(company)}.example.com"
    foreign = names.FOREIGN_PEOPLE.get(region)
    given_names = names.FEMALE_NAMES + names.MALE_NAMES
    for number in range(random.choice((2, 2, 3))):
        index = key * 3 + number
        if foreign:
            name = f"{foreign[0][index % len(foreign[0])]} {foreign[1][index % len(foreign[1])]}"
            position = names.FOREIGN_POSITIONS[(key + number * 2) % 5]
        else:
            family = names.FAMILY_NAMES[index % len(names.FAMILY_NAMES)]
            name = f"{family} {given_names[index % len(given_names)]}"
            position = names.POSITIONS[(key + number * 2) % 5]
        birthdate = None
        if random.random() < 0.7:
            birthdate = date(random.randint(1965, 1999), random.randint(1, 12), random.randint(1, 28))
        if number == 0 and key % 12 == 3:
            # somebody's birthday is always near
            near = today + timedelta(days=key // 12)
            birthdate = date(1980, near.month, min(near.day, 28) if near.month == 2 else near.day)
        persons.append(
            Person(
                name,
                position,
                email=f"{slug(name)}@{domain}" if random.random() < 0.88 else None,
                phone=phone(region, 500 + index) if random.random() < 0.85 else None,
                birthdate=birthdate,
                birth_year_known=random.random() < 0.8,
                role=ROLES[(key + number) % len(ROLES)],
                channel=random.choice(CHANNELS) if random.random() < 0.6 else None,
            )
        )
    if key == 7:
        persons[0] = Person(**{**vars(persons[0]), "birthdate": date(1988, 2, 29), "birth_year_known": True})
    return persons


def build_leads(plan):
    """Inquiries: of customers mostly won at the first order, of prospects open or lost."""
    today, leads = plan.today, []
    first_order = {}
    for sale in plan.sales:
        if sale.invoiced and sale.customer not in first_order:
            first_order[sale.customer] = sale
    starts = [(key, month_start(today, months)) for key, (_name, months, _budget) in names.CAMPAIGNS.items()]
    for customer in plan.customers:
        random = Random(f"{SEED}-lead-{customer.key}")
        sale = first_order.get(customer.key)
        if sale and customer.key % 3:
            closed = sale.ordered
            created, outcome = closed - timedelta(days=random.randint(8, 60)), "won"
        elif customer.habit in ("potential", "refunded") or customer.key % 6 == 0:
            created, closed, outcome = today - timedelta(days=random.randint(3, 75)), None, "open"
            if customer.key % 4 == 1:
                created -= timedelta(days=100)
                closed, outcome = created + timedelta(days=random.randint(20, 60)), "lost"
            elif customer.key % 4 == 2:
                outcome = "new"
        else:
            continue
        campaign = next(
            (key for key, start in starts if start <= created <= start + timedelta(days=90)), None
        )
        leads.append(
            Lead(
                customer.key,
                customer.user,
                f"Quan tâm {names.PRODUCTS[customer.products[0][0]][3].lower()}",
                created,
                closed,
                outcome,
                customer.worth,
                random.randrange(len(names.SOURCES)),
                campaign if random.random() < 0.8 else None,
                # every fourth expected date has already passed
                today
                + timedelta(days=random.randint(-12, -2) if customer.key % 4 == 0 else random.randint(5, 60)),
            )
        )
    return leads
