"""Invented names and price lists of the demo company: plain data, no logic.

Every company, person, address and number is invented; e-mail addresses use reserved domains only.
"""

COMPANY = {
    "name": "Công ty TNHH Nội thất Sao Việt",
    "street": "Lô B7, Khu công nghiệp Bình Minh",
    "city": "Thuận An",
    "zip": "75000",
    "phone": "+84 900 999 999",
    "email": "info@saoviet.example.com",
    "website": "https://saoviet.example.com",
    "vat": "9900000016",
}

# login: (name, job position, login of the superior, department)
STAFF = {
    "giamdoc": ("Trần Quốc Bảo", "Giám đốc kinh doanh", None, "Ban giám đốc"),
    "lan": ("Nguyễn Thị Lan", "Trưởng phòng kinh doanh", "giamdoc", "Phòng kinh doanh"),
    "minh": ("Lê Quang Minh", "Nhân viên kinh doanh miền Nam", "lan", "Phòng kinh doanh"),
    "thao": ("Phạm Phương Thảo", "Nhân viên kinh doanh miền Bắc", "lan", "Phòng kinh doanh"),
    "hung": ("Đỗ Mạnh Hùng", "Nhân viên kinh doanh miền Trung", "lan", "Phòng kinh doanh"),
    "quang": ("Vũ Đình Quang", "Nhân viên mua hàng", "giamdoc", "Phòng mua hàng"),
}

# key: (country, state XML id or None, city, zip, salesperson, currency, language)
REGIONS = {
    "hcm": ("vn", "base.state_vn_VN-SG", "TP Hồ Chí Minh", "70000", "minh", "VND", "vi_VN"),
    "dongnai": ("vn", "base.state_vn_VN-39", "Biên Hòa", "76000", "minh", "VND", "vi_VN"),
    "cantho": ("vn", "base.state_vn_VN-CT", "Cần Thơ", "94000", "minh", "VND", "vi_VN"),
    "hanoi": ("vn", "base.state_vn_VN-HN", "Hà Nội", "10000", "thao", "VND", "vi_VN"),
    "haiphong": ("vn", "base.state_vn_VN-HP", "Hải Phòng", "18000", "thao", "VND", "vi_VN"),
    "quangninh": ("vn", "base.state_vn_VN-13", "Hạ Long", "20000", "thao", "VND", "vi_VN"),
    "danang": ("vn", "base.state_vn_VN-DN", "Đà Nẵng", "50000", "hung", "VND", "vi_VN"),
    "khanhhoa": ("vn", "base.state_vn_VN-34", "Nha Trang", "65000", "hung", "VND", "vi_VN"),
    "lamdong": ("vn", "base.state_vn_VN-35", "Đà Lạt", "66000", "hung", "VND", "vi_VN"),
    "nghean": ("vn", "base.state_vn_VN-22", "Vinh", "43000", "hung", "VND", "vi_VN"),
    "japan": ("jp", None, "Osaka", "530-0001", "lan", "JPY", "en_US"),
    "germany": ("de", None, "Hamburg", "20095", "lan", "EUR", "en_US"),
    "usa": ("us", None, "Portland", "97201", "lan", "USD", "en_US"),
}
# the order in which customers are dealt to the regions: big cities more often
REGION_DEAL = (
    "hcm",
    "hanoi",
    "danang",
    "hcm",
    "dongnai",
    "hanoi",
    "khanhhoa",
    "hcm",
    "haiphong",
    "cantho",
    "hanoi",
    "lamdong",
    "hcm",
    "quangninh",
    "nghean",
    "hcm",
    "hanoi",
    "danang",
)

# kind of business: (name before the proper name, industry XML id, product categories it buys)
BUSINESSES = (
    ("Khách sạn", "base.res_partner_industry_I", ("bedroom", "living")),
    ("Cửa hàng Nội thất", "base.res_partner_industry_G", ("living", "bedroom", "dining")),
    ("Công ty CP Xây dựng", "base.res_partner_industry_F", ("bedroom", "dining", "office")),
    ("Trường Quốc tế", "base.res_partner_industry_P", ("office", "decor")),
    ("Nhà hàng", "base.res_partner_industry_I", ("dining", "outdoor")),
    ("Công ty TNHH Kiến trúc", "base.res_partner_industry_M", ("living", "decor", "office")),
    ("Bệnh viện Đa khoa", "base.res_partner_industry_Q", ("office", "bedroom")),
    ("Công ty CP Bất động sản", "base.res_partner_industry_L", ("bedroom", "living", "dining")),
    ("Cà phê", "base.res_partner_industry_I", ("dining", "outdoor")),
    ("Siêu thị Nội thất", "base.res_partner_industry_G", ("living", "office", "outdoor")),
    ("Công ty TNHH Phần mềm", "base.res_partner_industry_J", ("office",)),
)
# 40 names and 11 businesses have no common factor: the first 440 pairs are all different
PROPER_NAMES = (
    "Hướng Dương",
    "Ánh Trăng",
    "Sông Xanh",
    "Đại Phát",
    "Hoa Sen Vàng",
    "Bình An Phú",
    "Mây Trắng",
    "Thiên Thanh",
    "Ngọc Bích",
    "Gió Biển",
    "Phố Cổ",
    "Tre Việt Mới",
    "Hải Âu",
    "Tân Hưng Thịnh",
    "Rạng Đông Xanh",
    "Lộc Xuân",
    "Trúc Lâm Viên",
    "Bến Thuyền",
    "Kim Ngân Phát",
    "An Nhiên",
    "Đồi Thông",
    "Sao Mai Xanh",
    "Thạch Anh",
    "Vạn Hạnh Phúc",
    "Bạch Dương",
    "Hồng Hạc",
    "Cánh Diều",
    "Nắng Mới",
    "Phú Quý Gia",
    "Hoàng Yến",
    "Thủy Tiên",
    "Mộc Miên",
    "Đá Xanh",
    "Trường Thịnh Phú",
    "Long Vân",
    "Suối Mơ",
    "Minh Khôi",
    "Lá Cọ",
    "Thành Tâm",
    "Én Bạc",
)
EXPORT_NAMES = (
    ("Kitahama Living KK", "japan", 1),
    ("Hafenblick Möbel GmbH", "germany", 1),
    ("Cedar & Rattan Inc.", "usa", 9),
    ("Tsukimi Interior KK", "japan", 1),
    ("Nordlicht Wohnen GmbH", "germany", 1),
    ("Willamette Home LLC", "usa", 1),
    ("Aozora Hotel KK", "japan", 0),
    ("Alsterhaus Hotelbedarf GmbH", "germany", 0),
    ("Pine Harbor Patio Inc.", "usa", 4),
    ("Sakaemachi Office KK", "japan", 10),
)
STREETS = (
    "đường Hoa Phượng",
    "đường Cây Bàng",
    "phố Lụa",
    "đường Bờ Hồ",
    "phố Hoa Sữa",
    "đường Sông Trăng",
    "đường Đồi Chè",
    "phố Gốm",
    "đường Bình Minh",
    "đường Cánh Buồm",
)

# 17 family and 25 given names have no common factor: the first 425 pairs are all different
FAMILY_NAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Đinh",
    "Mai",
    "Tạ",
)
FEMALE_NAMES = (
    "Thị Mai",
    "Thu Hà",
    "Ngọc Anh",
    "Thanh Hương",
    "Bích Ngọc",
    "Kim Chi",
    "Minh Châu",
    "Thùy Dung",
    "Hồng Nhung",
    "Khánh Linh",
    "Diệu Linh",
    "Mỹ Duyên",
    "Thanh Trúc",
)
MALE_NAMES = (
    "Văn Nam",
    "Đức Anh",
    "Quốc Việt",
    "Thành Long",
    "Anh Tuấn",
    "Hữu Phước",
    "Minh Đức",
    "Xuân Trường",
    "Gia Huy",
    "Công Thành",
    "Hoàng Sơn",
    "Tiến Dũng",
)
# given and family names: five and seven, so that 35 pairs are all different
FOREIGN_PEOPLE = {
    "japan": (
        ("Haruka", "Kenji", "Yui", "Daichi", "Aoi"),
        ("Tanigawa", "Morishita", "Asakura", "Hoshino", "Kuribayashi", "Nagasawa", "Ebina"),
    ),
    "germany": (
        ("Anke", "Jörg", "Katrin", "Uwe", "Silke"),
        ("Petersen", "Wiesner", "Lohmann", "Brandt", "Hagedorn", "Ohlsen", "Kruse"),
    ),
    "usa": (
        ("Emily", "Marcus", "Dana", "Joel", "Paula"),
        ("Hartwell", "Boyd", "Whitlock", "Ferris", "Lindgren", "Castellan", "Moffatt"),
    ),
}
POSITIONS = ("Giám đốc", "Trưởng phòng mua hàng", "Kế toán trưởng", "Quản lý dự án", "Nhân viên mua hàng")
FOREIGN_POSITIONS = (
    "Managing Director",
    "Head of Purchasing",
    "Chief Accountant",
    "Project Manager",
    "Buyer",
)

# key: name; Odoo has one for all languages
CATEGORIES = {
    "living": "Phòng khách",
    "bedroom": "Phòng ngủ",
    "dining": "Phòng ăn",
    "office": "Văn phòng",
    "outdoor": "Ngoài trời",
    "decor": "Trang trí",
    "wood": "Gỗ và ván",
    "hardware": "Phụ kiện kim khí",
    "upholstery": "Vật liệu bọc nệm",
    "finish": "Sơn và bao bì",
}
# code, category, English, Vietnamese, sales price and cost in VND
PRODUCTS = (
    ("SF-01", "living", "Three-seat sofa", "Sofa ba chỗ", 18_900_000, 12_300_000),
    ("SF-02", "living", "Corner sofa", "Sofa góc", 26_500_000, 18_000_000),
    ("SF-03", "living", "Armchair", "Ghế bành", 7_200_000, 4_700_000),
    ("BT-01", "living", "Oak coffee table", "Bàn trà gỗ sồi", 4_800_000, 2_900_000),
    ("KT-01", "living", "TV cabinet", "Kệ tivi", 6_900_000, 4_500_000),
    ("KS-01", "living", "Bookshelf", "Kệ sách", 5_400_000, 3_300_000),
    ("GN-01", "bedroom", "Bed 160 cm", "Giường ngủ 1m6", 11_500_000, 7_400_000),
    ("GN-02", "bedroom", "Bed 180 cm", "Giường ngủ 1m8", 13_900_000, 9_100_000),
    ("GT-01", "bedroom", "Bunk bed", "Giường tầng", 9_800_000, 6_600_000),
    ("TQ-01", "bedroom", "Wardrobe, two doors", "Tủ quần áo hai cánh", 10_200_000, 6_700_000),
    ("TQ-02", "bedroom", "Wardrobe, four doors", "Tủ quần áo bốn cánh", 17_600_000, 12_200_000),
    ("TD-01", "bedroom", "Bedside cabinet", "Tủ đầu giường", 2_300_000, 1_350_000),
    ("BD-01", "bedroom", "Dressing table", "Bàn trang điểm", 6_100_000, 3_900_000),
    ("BA-01", "dining", "Dining table for four", "Bàn ăn bốn ghế", 8_700_000, 5_600_000),
    ("BA-02", "dining", "Dining table for eight", "Bàn ăn tám ghế", 15_400_000, 10_300_000),
    ("GA-01", "dining", "Dining chair", "Ghế ăn", 1_450_000, 880_000),
    ("TB-01", "dining", "Kitchen cabinet, one metre", "Tủ bếp (mét dài)", 5_900_000, 4_100_000),
    ("QB-01", "dining", "Bar stool", "Ghế quầy bar", 1_650_000, 990_000),
    ("BL-01", "office", "Desk 120 cm", "Bàn làm việc 1m2", 3_200_000, 2_050_000),
    ("BL-02", "office", "Manager's desk", "Bàn giám đốc", 14_200_000, 9_000_000),
    ("BH-01", "office", "Meeting table", "Bàn họp", 12_800_000, 8_400_000),
    ("GV-01", "office", "Swivel chair", "Ghế xoay", 2_400_000, 1_620_000),
    ("TH-01", "office", "Filing cabinet", "Tủ hồ sơ", 4_300_000, 2_800_000),
    ("BN-01", "outdoor", "Garden table", "Bàn sân vườn", 5_200_000, 3_500_000),
    ("GNT-1", "outdoor", "Garden chair", "Ghế sân vườn", 1_750_000, 1_120_000),
    ("XD-01", "outdoor", "Garden swing", "Xích đu sân vườn", 8_900_000, 6_300_000),
    ("GB-01", "outdoor", "Sun lounger", "Ghế hồ bơi", 4_600_000, 3_000_000),
    ("GG-01", "decor", "Wall mirror", "Gương treo tường", 1_900_000, 1_100_000),
    ("DT-01", "decor", "Rattan lamp", "Đèn mây tre", 950_000, 520_000),
    ("VN-01", "decor", "Room divider", "Vách ngăn trang trí", 3_700_000, 2_350_000),
)
# code, category, English, Vietnamese, agreed purchase price in VND
MATERIALS = (
    ("NL-01", "wood", "Oak board, m²", "Gỗ sồi xẻ (m²)", 620_000),
    ("NL-02", "wood", "Rubber-wood board, m²", "Gỗ cao su ghép (m²)", 340_000),
    ("NL-03", "wood", "MDF panel 17 mm", "Ván MDF 17 mm", 385_000),
    ("NL-04", "wood", "Plywood panel 18 mm", "Ván ép 18 mm", 460_000),
    ("NL-05", "hardware", "Soft-close hinge", "Bản lề giảm chấn", 38_000),
    ("NL-06", "hardware", "Drawer slide pair", "Ray trượt ngăn kéo (cặp)", 145_000),
    ("NL-07", "hardware", "Steel tube 25 mm", "Thép ống 25 mm", 92_000),
    ("NL-08", "hardware", "Cabinet handle", "Tay nắm tủ", 27_000),
    ("NL-09", "upholstery", "Foam block", "Mút xốp (khối)", 780_000),
    ("NL-10", "upholstery", "Upholstery fabric, metre", "Vải bọc (mét)", 165_000),
    ("NL-11", "upholstery", "Artificial leather, metre", "Giả da (mét)", 210_000),
    ("NL-12", "finish", "PU paint 20 l", "Sơn PU 20 lít", 1_950_000),
    ("NL-13", "finish", "Carton packaging set", "Bộ thùng carton", 56_000),
    ("NL-14", "finish", "Tempered glass sheet", "Kính cường lực (tấm)", 690_000),
)
# name, region, materials supplied, lead days, habit, share over the agreed price, currency
SUPPLIERS = (
    ("Công ty TNHH Gỗ Rừng Sồi", "dongnai", ("NL-01", "NL-02"), 14, "punctual", 0.0, "VND"),
    ("Công ty CP Ván Ép Bình Nguyên", "dongnai", ("NL-03", "NL-04"), 10, "punctual", 0.0, "VND"),
    ("Xưởng Gỗ Ba Miền", "nghean", ("NL-01", "NL-02"), 18, "late", 0.0, "VND"),
    ("Công ty TNHH Kim Khí Tân Thép", "hcm", ("NL-07", "NL-08"), 7, "punctual", 0.02, "VND"),
    ("Feinbeschlag Nord GmbH", "germany", ("NL-05", "NL-06"), 35, "early", 0.0, "EUR"),
    ("Công ty TNHH Phụ Kiện Bốn Mùa", "hcm", ("NL-05", "NL-08"), 9, "mixed", 0.06, "VND"),
    ("Công ty CP Mút Xốp Mềm Mại", "hcm", ("NL-09",), 8, "punctual", 0.0, "VND"),
    ("Dệt Vải Hồ Sen", "hanoi", ("NL-10", "NL-11"), 15, "late", 0.04, "VND"),
    ("Công ty TNHH Da Nhân Tạo Á Đông", "hcm", ("NL-11",), 12, "mixed", 0.0, "VND"),
    ("Công ty CP Sơn Bảy Sắc", "haiphong", ("NL-12",), 6, "early", 0.0, "VND"),
    ("Bao Bì Giấy Xanh", "hcm", ("NL-13",), 5, "punctual", 0.0, "VND"),
    ("Công ty TNHH Kính Trong", "danang", ("NL-14",), 11, "poor", 0.08, "VND"),
    ("Cascade Hardware Supply LLC", "usa", ("NL-06",), 45, "mixed", 0.0, "USD"),
    ("Hợp tác xã Mây Tre Làng Chài", "quangninh", ("NL-02",), 20, "rare", 0.0, "VND"),
    ("Công ty TNHH Vật Tư Khởi Đầu", "cantho", ("NL-13", "NL-03"), 7, "none", 0.0, "VND"),
)

# key: (name, months ago it began, budget in VND)
CAMPAIGNS = {
    "expo": ("Hội chợ Nội thất mùa xuân", 14, 120_000_000),
    "hotel": ("Chương trình khách sạn ven biển", 9, 60_000_000),
    "office": ("Văn phòng xanh", 5, 45_000_000),
    "yearend": ("Ưu đãi cuối năm", 2, 80_000_000),
}
SOURCES = (
    "Hội chợ triển lãm",
    "Khách hàng giới thiệu",
    "Tìm kiếm trên mạng",
    "Báo ngành nội thất",
    "Gọi điện trực tiếp",
)
LOST_REASONS = ("Giá cao hơn đối thủ", "Thời gian giao hàng quá dài", "Khách hàng hoãn dự án")
