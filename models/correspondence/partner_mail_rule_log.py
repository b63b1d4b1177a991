from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

REASONS = [
    ("no_recipient", "Nobody to send to"),
    ("no_email", "No valid e-mail address"),
    ("blacklisted", "Blacklisted"),
    ("quiet_day", "Quiet day"),
    ("too_late", "Too late"),
    ("limit", "Recipient had enough mail"),
    ("not_due", "No longer due"),
    ("stopped", "Stopped"),
    ("error", "Error"),
]


class PartnerMailRuleLog(models.Model):
    """One mail of a rule: about a record, for a due date. It is there once, whatever happens.

    The unique index holds where two workers plan the same, and where a run is started again. The mail is queued in
    the transaction that sets the state, so a run that is killed has done both or neither.
    """

    _name = "partner.mail.rule.log"
    _description = "Mail Rule Log"
    _inherit = ["partner.care.mixin"]
    _order = "send_at desc, id desc"
    _rec_name = "record_name"
    _care_user_fields = ("user_id",)
    _care_partner_fields = ("partner_id", "customer_id")

    rule_id = fields.Many2one("partner.mail.rule", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", required=True, readonly=True
    )
    record_name = fields.Char(string="About", readonly=True)
    due_date = fields.Date(
        string="Due",
        required=True,
        readonly=True,
        help="The day the mail is due by its rule, before quiet days are taken into account.",
    )
    event_date = fields.Date(
        readonly=True,
        help="The date that the mail is about: the due day without the days of the rule. Whoever had a mail about it "
        "gets no second one when these days are changed.",
    )
    send_at = fields.Datetime(
        required=True,
        readonly=True,
        help="From when on it may leave, after quiet times were taken into account.",
    )
    date_latest = fields.Datetime(
        readonly=True, help="If it could not leave by then, it is too late and is not sent any more."
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("skipped", "Left Out"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="planned",
        help="Queued: with Odoo's mail queue. Sent: taken by the mail server. Left out: not sent, for the reason "
        "beside. Failed: an error that somebody has to look at.",
    )
    reason = fields.Selection(REASONS, readonly=True, help="Why it was not sent.")
    detail = fields.Char(readonly=True, help="What the error says.")
    partner_id = fields.Many2one(
        "res.partner", string="Recipient", readonly=True, index="btree_not_null", ondelete="set null"
    )
    customer_id = fields.Many2one(
        "res.partner",
        string="Customer or Supplier",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    user_id = fields.Many2one(
        "res.users", string="Our Responsible", readonly=True, index="btree_not_null", ondelete="set null"
    )
    email = fields.Char(string="E-mail", readonly=True)
    subject = fields.Char(readonly=True)
    send_day = fields.Date(
        readonly=True, help="The day it was queued, where the recipient lives: for the limit of mails a day."
    )
    date_sent = fields.Datetime(string="Sent On", readonly=True)
    mail_mail_id = fields.Many2one(
        "mail.mail", string="Mail", readonly=True, index="btree_not_null", ondelete="set null"
    )
    is_own = fields.Boolean(
        string="Mine",
        compute="_compute_is_own",
        search="_search_is_own",
        help="You are responsible, or the contact is in your care.",
    )

    _once = models.UniqueIndex(
        "(rule_id, res_model, res_id, due_date)",
        "The rule has a mail about this record for this day already.",
    )
    _due_idx = models.Index("(company_id, send_at) WHERE state = 'planned'")
    _limit_idx = models.Index("(email, send_day) WHERE send_day IS NOT NULL")
    _record_idx = models.Index("(res_model, res_id)")
    _order_idx = models.Index("(send_at DESC, id DESC)")

    @api.depends_context("uid")
    def _compute_is_own(self):
        for log in self:
            log.is_own = log._is_in_care_of((self.env.uid,))

    def _search_is_own(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._get_care_domain((self.env.uid,)) if True in value else Domain.FALSE

    # ------------------------------------------------------------------
    # Noting
    # ------------------------------------------------------------------
    @api.model
    def _note(self, rows):
        """Insert the rows that are not there yet, and return how many these were.

        A second worker that notes the same waits for the first one's transaction.

        :param list[dict] rows: all with the same keys
        """
        if not rows:
            return 0
        self.flush_model()
        now = fields.Datetime.now()
        system = {
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": now,
            "write_date": now,
        }
        names = [*rows[0], *system]
        # SQL: what is noted already is left out instead of being an error
        noted = self.env.execute_query(
            SQL(
                "INSERT INTO partner_mail_rule_log (%s) VALUES %s"
                " ON CONFLICT (rule_id, res_model, res_id, due_date) DO NOTHING RETURNING id",
                SQL(", ").join(SQL.identifier(name) for name in names),
                SQL(", ").join(
                    SQL(
                        "(%s)",
                        SQL(", ").join(SQL("%s", value) for value in [*row.values(), *system.values()]),
                    )
                    for row in rows
                ),
            )
        )
        if noted:
            self.invalidate_model(flush=False)
        return len(noted)

    def _set_outcome(self, failure_reason=None):
        """The mail server has taken the mails of these notes, or not."""
        if failure_reason is None:
            self.write(
                {"state": "sent", "date_sent": fields.Datetime.now(), "reason": False, "detail": False}
            )
        else:
            self.write({"state": "failed", "reason": "error", "detail": failure_reason[:500]})

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------
    def action_open_record(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def action_retry(self):
        """Try failed mails once more, as soon as their rules may send. The mail that failed is cancelled."""
        if not self.env.user.has_group("partner_relations.group_director"):
            raise UserError(self.env._("Only a director can have failed mails tried again."))
        self.check_access("read")
        # sudo: the log is written by the server alone, and mail.mail is the server's
        failed = self.sudo().filtered(lambda log: log.state == "failed")
        off = failed.rule_id.filtered(lambda rule: not rule.is_on)
        if off:
            raise UserError(
                self.env._("The rule “%s” is switched off. Switch it on to try again.", off[0].name)
            )
        mails = failed.mail_mail_id
        if mails.filtered(lambda mail: mail.state == "outgoing"):
            raise UserError(self.env._("The mail is in the queue again already."))
        mails.cancel()
        now = fields.Datetime.now()
        failed.write(
            {
                "state": "planned",
                "reason": False,
                "detail": False,
                "mail_mail_id": False,
                "send_day": False,
                "send_at": now,
                "date_latest": fields.Datetime.add(now, days=3),
            }
        )
        self.env.ref("partner_relations.ir_cron_mail_rules")._trigger()
        return True
