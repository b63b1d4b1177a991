from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_datetime

from ...tools.owner_periods import Period, carve, merge


class PartnerOwnerPeriod(models.Model):
    """What changes the past of a customer: merging contacts, and corrections."""

    _inherit = "partner.owner.period"

    # ------------------------------------------------------------------
    # As plain values
    # ------------------------------------------------------------------
    def _to_values(self):
        """The periods as values of ``tools/owner_periods.py``, each with its row.

        Pairs, as periods of several customers may be equal: those of contacts that were imported together are.

        :rtype: list[tuple]
        """
        return [
            (
                Period(
                    row.user_id.id,
                    row.date_from or None,
                    row.date_to or None,
                    row.company_id.id or None,
                    row.estimated,
                    row.origin,
                    row._get_known() if row.origin == "created" else None,
                ),
                row,
            )
            for row in self
        ]

    @api.model
    def _replace(self, partner, rows, periods, correction=None):
        """Let the customer have these periods in place of the rows; what does not change is not touched."""
        values = rows._to_values()
        own = [period for period, row in values if row.partner_id == partner]
        new = [period for period in periods if period not in own]
        gone = self.browse(
            row.id for period, row in values if period not in periods or row.partner_id != partner
        )
        gone.unlink()
        self.flush_model()
        now = fields.Datetime.now()
        for period in new:
            # SQL: a row says since when it is known by the moment it was entered, which the ORM would set anew
            self.env.cr.execute(
                SQL(
                    """
    INSERT INTO partner_owner_period (
        partner_id, user_id, company_id, date_from, date_to, estimated, origin, correction_id,
        create_uid, create_date, write_uid, write_date)
    VALUES (%(partner)s, %(user)s, %(company)s, %(start)s, %(end)s, %(estimated)s, %(origin)s, %(correction)s,
            %(uid)s, %(known)s, %(uid)s, %(now)s)""",
                    partner=partner.id,
                    user=period.user,
                    company=period.company,
                    start=period.start,
                    end=period.end,
                    estimated=period.estimated,
                    origin=period.origin,
                    correction=correction.id if correction and period.origin == "corrected" else None,
                    known=period.known or now,
                    uid=self.env.uid,
                    now=now,
                )
            )
        self.invalidate_model(flush=False)

    # ------------------------------------------------------------------
    # Merging
    # ------------------------------------------------------------------
    @api.model
    def _merge_partners(self, sources, target, heir):
        """Let the history of merged contacts belong to the one that remains, see ``merge``.

        :param heir: the contact among ``sources`` whose salesperson goes on with ``target``, which has none; or empty
        """
        self._flush_owners()
        # sudo: core's merge decides who may; the history follows whoever merges
        rows = self.sudo().search([("partner_id", "in", (sources | target).ids)])
        values = rows._to_values()
        kept = [period for period, row in values if row.partner_id == target]
        going_on = [period for period, row in values if row.partner_id == heir]
        merged = [period for period, row in values if row.partner_id not in target | heir]
        if merged or len(kept) < len(rows):
            kept = merge(kept, going_on, datetime.max)
            self.sudo()._replace(target, rows, merge(kept, merged, fields.Datetime.now()))

    # ------------------------------------------------------------------
    # Correcting
    # ------------------------------------------------------------------
    @api.model
    def _get_kept_from(self, partner):
        """From when on it is known who was responsible for the customer; earlier moments can be corrected."""
        # sudo: one moment, for whoever may correct the customer
        moment = self.env["partner.owner.history"].sudo()._get().date or fields.Datetime.now()
        rows = self.sudo().search(
            [("partner_id", "=", partner.id), ("estimated", "=", False), ("origin", "!=", "corrected")]
        )
        # whoever was the first may have been so from the beginning, but is known since that was entered
        entered = [row._get_known() for row in rows if row.origin == "created"]
        if entered:
            moment = min(entered)
        return min([moment, *(row.date_from for row in rows if row.date_from and row.origin != "created")])

    def _get_known(self):
        return self.create_date.replace(microsecond=0)

    @api.model
    def _correct(self, partner, user, date_from, date_to, company, reason):
        """Say who was responsible in a span before owners were kept, in place of what was estimated.

        :param partner: the customer
        :param user: who was responsible, empty for nobody
        :param date_from: moment in UTC, False for the beginning
        :param date_to: the moment at which the span ends, False for that from which on it is known
        :param company: empty for all companies
        :param reason: why, kept with the trace
        :return: the trace
        :raise AccessError: if the user is no director
        :raise UserError: if the span ends before it begins, or reaches into what is known
        """
        if not self.env.user.has_group("partner_relations.group_director"):
            raise AccessError(
                self.env._("Only a director may correct who was responsible for %s.", partner.display_name)
            )
        partner.check_access("read")
        company.check_access("read")
        if not (reason or "").strip():
            raise UserError(self.env._("Enter the “Reason” of the correction of %s.", partner.display_name))
        self._flush_owners()
        kept_from = self._get_kept_from(partner)
        date_to = date_to or kept_from
        if date_to > kept_from:
            raise UserError(
                self.env._(
                    "Who was responsible for %(customer)s is known from %(moment)s on and cannot be corrected. "
                    "Choose an end (“To”) that is not later.",
                    customer=partner.display_name,
                    moment=format_datetime(self.env, kept_from, tz=self.env.tz.zone),
                )
            )
        if date_from and date_from >= date_to:
            raise UserError(
                self.env._(
                    "The period of %(customer)s ends (“To”) before it begins (“From”): correct one of them.",
                    customer=partner.display_name,
                )
            )
        # sudo: a director may, checked above; nobody else writes periods
        rows = self.sudo().search([("partner_id", "=", partner.id)])
        correction = (
            self.env["partner.owner.correction"]
            .sudo()
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "user_id": user.id,
                    "date_from": date_from,
                    "date_to": date_to,
                    "reason": reason.strip(),
                    "before": "\n".join(
                        row._describe()
                        for row in rows.sorted(lambda row: (row.date_to or kept_from, row.id))
                        if row._meets(date_from, date_to, company)
                    ),
                }
            )
        )
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        companies = companies.search([])  # pylint: disable=no-search-all
        new = Period(user.id, date_from or None, date_to, company.id or None, False, "corrected")
        self.sudo()._replace(
            partner,
            rows,
            carve([period for period, _row in rows._to_values()], (new, (companies - company).ids)),
            correction,
        )
        return correction.sudo(False)

    def _meets(self, date_from, date_to, company):
        return (
            (not self.company_id or not company or self.company_id == company)
            and (not self.date_from or self.date_from < date_to)
            and (not self.date_to or not date_from or self.date_to > date_from)
        )

    def _describe(self):
        """The period in words, in the user's time zone."""
        moments = [
            format_datetime(self.env, moment, tz=self.env.tz.zone, dt_format="short") if moment else "…"
            for moment in (self.date_from, self.date_to)
        ]
        company = f" ({self.company_id.name})" if self.company_id else ""
        return f"{self.user_id.name}{company}: {moments[0]} – {moments[1]}"

    def action_new_correction(self):
        """Open the dialog that corrects the selected period, or one of any customer."""
        period = self[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct the Owner of a Customer"),
            "res_model": "partner.owner.correct",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_partner_id": period.partner_id.id,
                "default_user_id": period.user_id.id,
                "default_company_id": period.company_id.id,
                "default_date_from": period.date_from,
                "default_date_to": period.estimated and period.date_to,
            },
        }

    def action_correct(self):
        """Open the dialog that corrects this period."""
        return self.action_new_correction()
