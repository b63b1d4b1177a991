import base64
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import clean_context, split_every

from ...tools.contact_file import is_text, read_contacts, write_rejected
from ...tools.contact_photo import check_photo
from ...tools.contact_record import TooMany
from ...tools.passing_errors import is_passing
from ...tools.text import shorten

_logger = logging.getLogger(__name__)

MAX_BYTES = 50 * 1024 * 1024
MAX_CONTACTS = 50_000
# How packed files begin: ZIP (as Excel files are), gzip, bzip2, xz, 7-Zip, RAR; and Excel files of before 2007, PDF.
ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\xd0\xcf\x11\xe0",
    b"%PDF",
)
# Up to so many contacts the user waits for the result; more are imported in the background.
AT_ONCE = 300
# What the file is read with: a change makes the preview one of something else.
READ_WITH = frozenset(
    {"file", "format", "encoding", "separator", "header", "date_order", "strict", "company_id"}
)
LINES_AT_A_TIME = 1_000

FORMATS = [
    ("vcard", "vCard"),
    ("google", "Google CSV"),
    ("outlook", "Outlook CSV"),
    ("thunderbird", "Thunderbird CSV"),
    ("csv", "CSV"),
    ("ldif", "LDIF"),
]
ENCODINGS = [
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("cp1252", "Western European (Windows-1252)"),
    ("cp850", "Western European (DOS, 850)"),
    ("mac-roman", "Western European (Macintosh)"),
    ("cp1258", "Vietnamese (Windows-1258)"),
    ("tcvn3", "Vietnamese (TCVN3, ABC fonts)"),
    ("vni", "Vietnamese (VNI fonts)"),
    ("viscii", "Vietnamese (VISCII)"),
    ("cp1250", "Central European (Windows-1250)"),
    ("cp1251", "Cyrillic (Windows-1251)"),
    ("koi8-r", "Cyrillic (KOI8-R)"),
    ("cp1253", "Greek (Windows-1253)"),
    ("cp1254", "Turkish (Windows-1254)"),
    ("cp1256", "Arabic (Windows-1256)"),
    ("cp1257", "Baltic (Windows-1257)"),
    ("cp932", "Japanese (Shift-JIS)"),
    ("euc_jp", "Japanese (EUC-JP)"),
    ("iso2022_jp_ext", "Japanese (ISO-2022-JP)"),
    ("gb18030", "Simplified Chinese (GB18030)"),
    ("big5", "Traditional Chinese (Big5)"),
    ("cp949", "Korean (Windows-949)"),
    ("cp874", "Thai (Windows-874)"),
    ("latin-1", "ISO-8859-1"),
]
DUPLICATE_ACTIONS = [
    ("skip", "Skip"),
    ("fill", "Fill gaps"),
    ("update", "Update"),
    ("create", "Create"),
]


class PartnerContactImport(models.Model):
    """One file from a mail program, from its preview to the contacts, and back."""

    _name = "partner.contact.import"
    _description = "Contact Import"
    _inherit = ["partner.guarded.mixin"]
    _order = "id desc"
    _rec_name = "filename"
    _guarded_fields = (
        "state", "starter_id", "date_done", "problem", "found_format", "found_encoding", "found_separator",
        "found_header", "found_date_order",
    )  # fmt: skip

    file = fields.Binary(required=True, help="vCard, CSV of Google, Outlook or Thunderbird, or LDIF.")
    filename = fields.Char(string="File Name")
    format = fields.Selection([("auto", "Automatic"), *FORMATS], required=True, default="auto")
    encoding = fields.Selection(ENCODINGS, help="Empty: found by itself.")
    separator = fields.Selection(
        [("comma", "Comma"), ("semicolon", "Semicolon"), ("tab", "Tab"), ("pipe", "Vertical bar")],
        help="What divides the columns of a CSV file. Empty: found by itself.",
    )
    header = fields.Selection(
        [("yes", "Yes"), ("no", "No")],
        string="First Row Names the Columns",
        help="Empty: found by itself.",
    )
    date_order = fields.Selection(
        [("dmy", "Day first"), ("mdy", "Month first")],
        string="Birthdays Like 01/02/1980",
        help="How dates are read that can mean two days. Empty: as the other dates of the file show, else not at all.",
    )
    found_format = fields.Selection(FORMATS, readonly=True, copy=False)
    found_encoding = fields.Char(readonly=True, copy=False)
    found_separator = fields.Char(readonly=True, copy=False)
    found_header = fields.Boolean(readonly=True, copy=False)
    found_date_order = fields.Char(readonly=True, copy=False)
    found_text = fields.Char(
        string="Recognized As", compute="_compute_found_text", help="What the file is taken for."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Its country tells how telephone numbers without a country code are read.",
    )
    only_company = fields.Boolean(
        string="Only for This Company", help="New contacts belong to this company. Off: to all companies."
    )
    duplicate_action = fields.Selection(
        DUPLICATE_ACTIONS,
        string="Known Contacts",
        required=True,
        default="fill",
        help="What becomes of a contact that exists already (same email, same phone, or same name and company). "
        "Fill gaps: only empty fields are written. Update: the file overwrites. Create: a second contact is made.",
    )
    company_mode = fields.Selection(
        [
            ("create", "Find or create"),
            ("find", "Only find"),
            ("text", "Only as text"),
        ],
        string="Companies",
        required=True,
        default="create",
        help="The company of a person is found by tax ID, name or email domain. One that is not found is created, "
        "or stands on the contact as text.",
    )
    strict = fields.Boolean(
        string="Reject What Is Doubtful",
        help="Contacts with a birthday, email, phone or photo that cannot be read are rejected. Off: they are "
        "imported, and what was not understood stands in the note.",
    )
    category_ids = fields.Many2many("res.partner.category", string="Tags for All")
    state = fields.Selection(
        [
            ("draft", "File"),
            ("ready", "Preview"),
            ("running", "Importing"),
            ("done", "Imported"),
            ("undoing", "Undoing"),
            ("undone", "Undone"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    starter_id = fields.Many2one(
        "res.users",
        string="Started By",
        readonly=True,
        copy=False,
        help="Who imports, or takes the import back: contacts are made and changed with the rights of this user.",
    )
    line_ids = fields.One2many("partner.contact.import.line", "import_id", string="Contacts")
    column_ids = fields.One2many("partner.contact.import.column", "import_id", string="Columns")
    line_count = fields.Integer(string="Contacts in File", compute="_compute_counts")
    error_count = fields.Integer(
        string="Rejected",
        compute="_compute_counts",
        help="Contacts that cannot be imported, each with its reason.",
    )
    warning_count = fields.Integer(
        string="Doubtful",
        compute="_compute_counts",
        help="Contacts of which something goes into the note only.",
    )
    duplicate_count = fields.Integer(
        string="Known",
        compute="_compute_counts",
        help="Contacts that exist already, or stand in the file twice.",
    )
    created_count = fields.Integer(string="Created", compute="_compute_counts")
    updated_count = fields.Integer(string="Updated", compute="_compute_counts")
    skipped_count = fields.Integer(string="Skipped", compute="_compute_counts")
    open_count = fields.Integer(string="Still to Import", compute="_compute_counts")
    kept_count = fields.Integer(
        string="Not Undone",
        compute="_compute_counts",
        help="Contacts that undoing left as they are, with the reason.",
    )
    date_done = fields.Datetime(string="Imported On", readonly=True, copy=False)
    problem = fields.Char(readonly=True, copy=False, help="Why it was stopped in the background.")

    def _compute_counts(self):
        line = self.env["partner.contact.import.line"]
        counts = {contact_import.id: {} for contact_import in self}
        for contact_import, state, result, doubtful, known, number in line._read_group(
            [("import_id", "in", self.ids)],
            ["import_id", "state", "result", "is_doubtful", "is_known"],
            ["__count"],
        ):
            found = counts[contact_import.id]
            for key in ("all", state, result, doubtful and "doubtful", known and "known"):
                if key:
                    found[key] = found.get(key, 0) + number
        for contact_import in self:
            found = counts.get(contact_import.id, {})
            contact_import.line_count = found.get("all", 0)
            contact_import.error_count = found.get("error", 0)
            contact_import.warning_count = found.get("doubtful", 0)
            contact_import.duplicate_count = found.get("known", 0)
            contact_import.created_count = found.get("created", 0)
            contact_import.updated_count = found.get("updated", 0)
            contact_import.skipped_count = found.get("skipped", 0)
            contact_import.open_count = found.get("new", 0)
            contact_import.kept_count = found.get("kept", 0)

    @api.depends("found_format", "found_encoding", "found_separator", "found_header", "found_date_order")
    def _compute_found_text(self):
        formats, encodings = dict(FORMATS), dict(ENCODINGS)
        for contact_import in self:
            if not contact_import.found_format:
                contact_import.found_text = False
                continue
            parts = [
                formats[contact_import.found_format],
                encodings.get(contact_import.found_encoding, contact_import.found_encoding),
            ]
            if contact_import.found_separator:
                names = {
                    ",": self.env._("separated by commas"),
                    ";": self.env._("separated by semicolons"),
                    "\t": self.env._("separated by tabs"),
                    "|": self.env._("separated by vertical bars"),
                }
                parts.append(names.get(contact_import.found_separator, contact_import.found_separator))
                parts.append(
                    self.env._("first row names the columns")
                    if contact_import.found_header
                    else self.env._("without names of columns")
                )
            if contact_import.found_date_order:
                parts.append(
                    self.env._("birthdays with the day first")
                    if contact_import.found_date_order == "dmy"
                    else self.env._("birthdays with the month first")
                )
            contact_import.found_text = ", ".join(parts)

    def write(self, vals):
        if not self._is_guard_off():
            self._check_not_running()
        if vals.get("state") in ("running", "undoing"):
            vals = {**vals, "starter_id": self.env.uid, "problem": False}
        if "file" in vals:
            for contact_import in self:
                contact_import._check_state("draft", "ready")
                contact_import._check_untouched()
        result = super().write(vals)
        if "file" in vals:
            # those of another file
            self.column_ids.unlink()
            self.line_ids.unlink()
        if not READ_WITH.isdisjoint(vals):
            self._outdate()
        return result

    def _outdate(self):
        """Have the file read again before anything of it is imported, unless part of it is imported already."""
        outdated = self.filtered(lambda one: one.state == "ready" and not one._is_touched())
        outdated._guard_off().state = "draft"

    def _is_touched(self):
        self.ensure_one()
        # not the counts, which are read once and shown afterwards
        written = [("import_id", "=", self.id), ("result", "in", ("created", "updated"))]
        return bool(self.env["partner.contact.import.line"].search_count(written, limit=1))

    def _check_not_running(self):
        """What is imported with somebody's rights stays as that user saw it."""
        for contact_import in self:
            contact_import._check_state("draft", "ready", "done", "undone")

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        for contact_import in self:
            contact_import._check_state("draft", "ready", "done", "undone")

    def _check_state(self, *states):
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "The import of %(file)s is in the state “%(state)s”, in which this cannot be done.",
                    file=self._get_title(),
                    state=labels[self.state],
                )
            )

    def _check_untouched(self):
        """Once contacts were made or changed, undoing needs the lines that say which."""
        self.ensure_one()
        if self._is_touched():
            raise UserError(
                self.env._(
                    "Part of %s is imported already. Press “Import” for the rest; then all of it can be undone.",
                    self._get_title(),
                )
            )

    def _get_title(self):
        return self.filename or self.env._("the file")

    # ------------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------------
    def action_preview(self):
        """Read the file and show what would be imported; what was chosen by hand before is kept for the columns."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("draft", "ready")
        self._check_untouched()
        try:
            contact_file = self._read_file()
        except TooMany as error:
            raise UserError(self._get_limit_text(error)) from error
        if not contact_file.records:
            raise UserError(
                self.env._(
                    "No contacts were found in %s. Check that it is the exported address book, or choose its format "
                    "and encoding.",
                    self._get_title(),
                )
            )
        self.line_ids.unlink()
        self.column_ids.unlink()
        self._guard_off().write(
            {
                "found_format": contact_file.format,
                "found_encoding": contact_file.encoding,
                "found_separator": contact_file.separator,
                "found_header": contact_file.header,
                "found_date_order": self.date_order or contact_file.date_order,
                "state": "ready",
            }
        )
        self._guard_off().env["partner.contact.import.column"].create(
            [
                {
                    "import_id": self.id,
                    "sequence": place,
                    "name": column.name or self.env._("Column %s", place + 1),
                    "found_target": column.target,
                    "target": self.env["partner.contact.import.column"]._get_choice(column.target),
                    "sample": column.sample,
                }
                for place, column in enumerate(contact_file.columns)
            ]
        )
        for records in split_every(LINES_AT_A_TIME, contact_file.records, list):
            self._create_lines(records)
        self._find_known()
        return True

    def _get_limit_text(self, error):
        if error.what == "columns":
            return self.env._(
                "%(file)s has a line of more than %(max)s columns. Check that it is the exported address book, or "
                "choose its separator.",
                file=self._get_title(),
                max=error.limit,
            )
        return self.env._(
            "%(file)s has more than %(max)s contacts, the most that can be imported at once. Split the file.",
            file=self._get_title(),
            max=error.limit,
        )

    def _read_file(self):
        # the file of a saved record is read from the attachment as bytes
        data = base64.b64decode(self.with_context(bin_size=False).file or b"")
        if not data:
            raise UserError(self.env._("%s is empty. Choose the exported address book.", self._get_title()))
        if len(data) > MAX_BYTES:
            raise UserError(
                self.env._(
                    "%(file)s is too big: at most %(max)s megabytes can be imported at once. Split the file.",
                    file=self._get_title(),
                    max=MAX_BYTES // 1024 // 1024,
                )
            )
        if data.startswith(ARCHIVES):
            # its bytes would be read as one contact of strange letters
            raise UserError(
                self.env._(
                    "%s is an archive, an Excel file or a PDF. Unpack it, or save the table as CSV, and choose that "
                    "file.",
                    self._get_title(),
                )
            )
        if not self.encoding and not is_text(data):
            raise UserError(
                self.env._(
                    "%s is no text, but a picture or another file of a program. Choose the exported address book.",
                    self._get_title(),
                )
            )
        separators = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
        return read_contacts(
            data,
            self.filename or "",
            format=None if self.format == "auto" else self.format,
            encoding=self.encoding or None,
            separator=separators.get(self.separator),
            header={"yes": True, "no": False}.get(self.header),
            targets=[column._get_target() for column in self.column_ids.sorted("sequence")] or None,
            limit=MAX_CONTACTS,
        )

    def _create_lines(self, records):
        context = self._get_read_context()
        vals_list = []
        for record in records:
            record.shorten()
            photo_problem = check_photo(record.photo) if record.photo else ""
            if photo_problem:
                record.warnings.append((photo_problem, ""))
                record.photo = b""
            vals, _notes, warnings = self._read_values(record, context)
            problem = record.problem or ("doubtful" if self.strict and warnings else "")
            texts = [self._get_problem_text(key, shorten(value)) for key, value in warnings]
            if record.problem:
                texts = [self._get_problem_text(record.problem, "")]
            vals_list.append(
                {
                    "import_id": self.id,
                    "number": record.number,
                    "line_number": record.line,
                    "name": vals.get("name") or self.env._("Unnamed"),
                    "email": vals.get("email"),
                    "phone": vals.get("phone"),
                    "company_name": False if record.is_company else record.company,
                    "function": vals.get("function"),
                    "birthday": record.birthday,
                    "data": record.to_dict(),
                    "photo": base64.b64encode(record.photo) if record.photo else False,
                    "has_photo": bool(record.photo),
                    "state": "error" if problem else "new",
                    "is_doubtful": bool(warnings) and not problem,
                    "message": " ".join(texts),
                    "action": "create",
                }
            )
        self._guard_off().env["partner.contact.import.line"].create(vals_list)

    @api.model
    def _get_problem_text(self, key, value):
        """Return in words why a contact, or a part of it, cannot be taken."""
        env = self.env
        texts = {
            "empty": env._("It has neither a name nor a company, an email or a phone number."),
            "no_card": env._("This line stands outside of any card."),
            "unclosed_quote": env._("A quotation mark opens here and is not closed."),
            "no_contact": env._("This entry of a directory is neither a person nor a company."),
            "change": env._("This entry deletes or renames a contact in a directory."),
            "no_end": env._("The end of the card is missing."),
            "broken_lines": env._("Lines that cannot be read: %s.", value),
            "surplus_cells": env._("More cells than columns: “%s” goes into the note.", value),
            "birthday_invalid": env._("“%s” is no day of birth.", value),
            "birthday_ambiguous": env._(
                "The birthday “%s” can mean two days: choose the order of day and month.", value
            ),
            "birthday_no_century": env._("The birthday “%s” does not tell its century.", value),
            "birthday_future": env._("The birthday “%s” lies in the future.", value),
            "birthday_old": env._(
                "The year of the birthday “%s” lies too far back: only day and month are kept.", value
            ),
            "email": env._("“%s” is no email address.", value),
            "phone": env._("“%s” is no phone number.", value),
            "too_long": env._("“%s” is too long for a field: the whole text goes into the note.", value),
            "surplus_values": env._("It has more than %s values; those that follow are left out.", value),
            "photo_size": env._("The photo is too big."),
            "photo_pixels": env._("The photo has too many pixels."),
            "photo_format": env._("The photo is damaged or of an unknown kind."),
        }
        return texts.get(key, key)

    # ------------------------------------------------------------------
    # Import
    # ------------------------------------------------------------------
    def action_import(self):
        """Import what the preview shows; many contacts in the background, in batches.

        Where settings were changed since, what would happen now is shown first.
        """
        self.ensure_one()
        self.check_access("write")
        if self.state == "draft":
            was_shown = bool(self.line_ids)
            self.action_preview()
            if was_shown:
                # reading anew forgets what was chosen by hand
                return True
        self._check_state("ready")
        if not self.open_count:
            raise UserError(
                self.env._("No contact of %s can be imported: see the reasons.", self._get_title())
            )
        self._guard_off().state = "running"
        return self._go_on()

    def action_refresh(self):
        """Show how far the import is: the form reads itself anew."""
        return True

    def _go_on(self):
        """Work now if there is little to do or nobody who waits; else let the scheduler do it."""
        if request and self.line_count > AT_ONCE:
            # sudo: the scheduled action is the system's; it works with the rights of who started the import
            self.env.ref("partner_relations.ir_cron_contact_import").sudo()._trigger()
            return True
        worker = self._as_worker(self.starter_id)
        while worker._process_batch():
            # what thousands of contacts leave in the cache makes each further one take longer
            self.env.invalidate_all()
        self.invalidate_recordset()
        return True

    def _as_worker(self, user):
        """Return the import with the rights and the language of a user: whoever pressed the button, nobody else.

        What an import and its contacts say was perhaps not written by that user.
        """
        self.ensure_one()
        return self.with_user(user).with_context(
            # what a client sends to be taken for values of contacts is not that of the file
            clean_context(self._guard_off().env.context),
            allowed_company_ids=self.company_id.ids,
            lang=user.lang,
            tz=user.tz,
            tracking_disable=True,
            mail_create_nolog=True,
            mail_create_nosubscribe=True,
            mail_auto_subscribe_no_notify=True,
            mail_notrack=True,
        )

    def _process_batch(self):
        """Do the next batch; return whether there may be more."""
        return self._undo_batch() if self.state == "undoing" else self._import_batch()

    @api.model
    def _cron_process(self):
        """Go on with the imports that were started, batch by batch; what a batch has done is committed."""
        domain = Domain("state", "in", ("running", "undoing"))
        cron = self.env["ir.cron"]
        elsewhere = self.browse()
        while True:
            # one after the other, each by one worker
            contact_import = self.search(domain & Domain("id", "not in", elsewhere.ids), order="id", limit=1)
            if not contact_import:
                break
            if not contact_import.try_lock_for_update():
                elsewhere |= contact_import
                continue
            user = contact_import.starter_id
            try:
                if not user or (not user.active and not user._is_superuser()):
                    raise UserError(
                        self.env._(
                            "%s, with whose rights it was to go on, is archived.",
                            user.name or self.env._("Whoever started it"),
                        )
                    )
                with self.env.cr.savepoint():
                    contact_import._as_worker(user)._process_batch()
            except Exception as error:
                if is_passing(error):
                    raise
                contact_import._stop(error)
            remaining = self.search_count(domain)
            if not cron._commit_progress(1, remaining=remaining):
                break

    def _stop(self, error):
        """Set the import back with the reason: it must not keep back those of others. What was done stays done."""
        self.ensure_one()
        self.env.invalidate_all()
        _logger.warning("Contact import %s is stopped", self.id, exc_info=error)
        is_open = self.state == "running" and self.open_count
        self.write(
            {
                "state": "ready" if is_open else "done",
                "date_done": False if is_open else self.date_done or fields.Datetime.now(),
                "problem": " ".join(str(error.args[0] if error.args else error).split())
                or type(error).__name__,
            }
        )

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------
    def action_undo(self):
        """Take the import back, as far as nothing has been built on it since."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("done")
        self._guard_off().state = "undoing"
        return self._go_on()

    def action_download_rejected(self):
        """Download the rejected contacts as a file of the same kind, with the reasons."""
        self.ensure_one()
        self.check_access("read")
        if not self.error_count:
            raise UserError(self.env._("No contact of %s was rejected.", self._get_title()))
        return {
            "type": "ir.actions.act_url",
            "url": f"/partner_relations/contact_import/{self.id}/rejected",
            "target": "download",
        }

    def _get_rejected_file(self):
        """Return (name, bytes) of the file with the rejected contacts."""
        self.ensure_one()
        self.check_access("read")
        rejected = self.line_ids.filtered(lambda line: line.state == "error")
        reasons = {line.number: line.message or "" for line in rejected}
        name, _dot, extension = (self.filename or "contacts.csv").rpartition(".")
        # the words to translate are not found within an f-string
        suffix = self.env._("rejected")
        return f"{name or 'contacts'}-{suffix}.{extension}", write_rejected(self._read_file(), reasons)

    def action_open_lines(self):
        """Open the contacts of the file in a list of their own; the context chooses the filter."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_relations.partner_contact_import_line_action"
        )
        action["domain"] = [("import_id", "=", self.id)]
        filters = self.env.context.get("import_filter")
        action["context"] = {f"search_default_{filters}": 1} if filters else {}
        return action

    def action_open_contacts(self):
        """Open the contacts that were made or changed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Imported Contacts"),
            "res_model": "res.partner",
            "view_mode": "list,kanban,form",
            "domain": [("id", "in", self.line_ids.partner_id.ids)],
        }

    def action_apply_duplicates(self):
        """Set the action of all known contacts of the preview to the one chosen for the import."""
        for contact_import in self:
            contact_import._check_state("ready")
            known = contact_import.line_ids.filtered(lambda line: line.is_known and line.state != "done")
            known.action = contact_import.duplicate_action
        return True
