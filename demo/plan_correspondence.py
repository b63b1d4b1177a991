"""What customers and suppliers wrote to the mailboxes of the demo company."""

# days ago, subject, words, executor (login, or nothing), what was done: "answered", "done", "open", "new", "back"
LETTERS = (
    (24, "Báo giá ghế hội trường", "Xin gửi báo giá 60 ghế hội trường, giao trước Tết.", "minh", "answered"),
    (
        21,
        "Đổi địa chỉ giao hàng",
        "Chúng tôi chuyển kho từ tháng sau, xin cập nhật địa chỉ.",
        "hung",
        "done",
    ),
    (19, "Hóa đơn tháng trước", "Xin gửi lại hóa đơn có mã số thuế mới.", "thao", "answered"),
    (17, "Bàn bị xước", "Hai mặt bàn bị xước khi giao, ảnh đính kèm.", "minh", "answered"),
    (15, "Catalogue mới", "Khi nào có catalogue năm sau?", "hung", "answered"),
    (13, "Lịch giao đợt hai", "Xin xác nhận ngày giao đợt hai.", "hung", "done"),
    (12, "Bảo hành tủ hồ sơ", "Khóa tủ bị kẹt, nhờ cử thợ đến xem.", "thao", "answered"),
    (10, "Hợp đồng nguyên tắc", "Gửi lại bản hợp đồng đã ký.", "minh", "done"),
    (9, "Mẫu vải bọc ghế", "Xin gửi ba mẫu vải màu xám.", "hung", "answered"),
    (8, "Thanh toán đợt một", "Chúng tôi đã chuyển khoản đợt một.", "hung", "done"),
    (7, "Tăng số lượng đơn hàng", "Có thể tăng thêm 10 bàn cùng giá không?", "minh", "back"),
    (6, "Giá vận chuyển Đà Nẵng", "Giá vận chuyển đến Đà Nẵng là bao nhiêu?", "thao", "open"),
    (5, "Khiếu nại giao chậm", "Đơn hàng chậm một tuần, xin giải thích.", "minh", "open"),
    (4, "Thiếu phụ kiện", "Thiếu hai bộ ốc cho kệ sách.", "hung", "open"),
    (3, "Xin hẹn xem showroom", "Thứ năm tuần sau chúng tôi đến được không?", "hung", "open"),
    (2, "Yêu cầu chứng chỉ gỗ", "Xin chứng chỉ FSC của lô gỗ sồi.", "thao", "open"),
    (1, "Mua thêm tủ tài liệu", "Cần thêm 8 tủ tài liệu cho văn phòng mới.", None, "new"),
    (1, "Hỏi về bảo hành", "Bàn làm việc được bảo hành mấy năm?", None, "new"),
    (0, "Đặt lịch lắp đặt", "Xin lắp đặt vào sáng thứ bảy.", None, "new"),
    (0, "Đề nghị hợp tác", "Công ty chúng tôi muốn làm đại lý tại Cần Thơ.", None, "new"),
)
# days ago, sender, subject, headers: what programs send is registered and is no work
PROGRAMS = (
    (6, "mai.vu@khachsan-bien.example.com", "Trả lời tự động: nghỉ phép", {"Auto-Submitted": "auto-replied"}),
    (
        4,
        "tintuc@gohiendai.example.com",
        "Bản tin ngành gỗ",
        {"List-Unsubscribe": "<mailto:out@gohiendai.example.com>"},
    ),
)
ANSWER = "Cảm ơn quý khách. Chúng tôi đã nhận được yêu cầu và xin trả lời như sau."
SIGNATURE = "<p>Phòng Chăm sóc khách hàng<br/>Nội thất Sao Việt</p>"
