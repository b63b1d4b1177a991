import itertools
from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL


class SupplierTerms(models.Model):
    """Terms that follow others: by renewal, and when suppliers become one."""

    _inherit = "supplier.terms"

    # ------------------------------------------------------------------
    # Renewal
    # ------------------------------------------------------------------
    def _get_following_period(self):
        """Return first and last day of the period after this one, as long as this one.

        A period of whole months stays one. Where the following one would be over by now, it begins today; so it
        does after terms with an open end.
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        if not self.date_to:
            return max(today, self.date_from + timedelta(days=1)), False
        start = self.date_to + timedelta(days=1)
        months = (start.year - self.date_from.year) * 12 + start.month - self.date_from.month
        if months and self.date_from + relativedelta(months=months) == start:
            length = relativedelta(months=months)
        else:
            length = start - self.date_from
        if start + length <= today:
            start = today
        return start, start + length - timedelta(days=1)

    def action_renew(self):
        """Copy the terms into the following period and end the old ones, if they have an open end.

        Prices, contract and its documents go along as far as they reach into the new period.
        """
        self.ensure_one()
        self.check_access("write")
        first, last = self._get_following_period()
        if not self.date_to:
            self.date_to = first - timedelta(days=1)
        default = {"date_from": first, "date_to": last, "active": True}
        if self.price_valid_until and self.price_valid_until < first:
            default["price_valid_until"] = False
        goes_on = not self.contract_date_end or self.contract_date_end >= first
        if not goes_on:
            default["contract_date_end"] = False
        renewed = self.copy(default)
        if goes_on and self.contract_document_ids:
            documents = [
                document.copy({"res_model": self._name, "res_id": renewed.id}).id
                for document in self.contract_document_ids
            ]
            renewed.contract_document_ids = [Command.set(documents)]
        self.activity_feedback(
            ["partner_relations.mail_activity_type_terms"], feedback=self.env._("Terms renewed.")
        )
        self.message_post(body=self.env._("Renewed: %(terms)s follow.", terms=renewed._get_html_link()))
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": renewed.id,
            "views": [(False, "form")],
        }

    # ------------------------------------------------------------------
    # Suppliers that become one
    # ------------------------------------------------------------------
    @api.model
    def _move_to_partner(self, sources, target):
        """Give the terms of ``sources`` to the supplier ``target``, without an overlap.

        Of two that overlap, the one that begins earlier ends the day before the other; where both begin on the
        same day, the one entered first is archived. Each has a note of it.

        :param sources: suppliers whose terms move
        :param target: the supplier (a commercial partner) that gets them
        """
        # sudo: contacts become one for all companies, whoever merges them
        everything = (
            self.sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", (sources | target).ids)], order="company_id, date_from, id")
        )
        moved = everything.filtered(lambda terms: terms.partner_id != target)
        if not moved:
            return
        for company_terms in everything.filtered("active").grouped("company_id").values():
            for terms, following in itertools.pairwise(company_terms):
                if not terms._overlaps(following):
                    continue
                values = {"date_to": following.date_from - timedelta(days=1)}
                if terms.date_from == following.date_from:
                    values = {"active": False}
                old_period = terms._get_period_text()
                terms.write(values)
                terms.message_post(
                    body=self.env._(
                        "%(merged)s became one supplier, and these terms (%(period)s) overlapped %(other)s: "
                        "they were cut.",
                        merged=", ".join((target | sources).mapped("display_name")),
                        period=old_period,
                        other=following.display_name,
                    )
                )
        moved.flush_recordset()
        # SQL: the agreed currency stays, and the company of a contact is not asked, as in core's merge
        self.env.execute_query(
            SQL(
                "UPDATE supplier_terms SET partner_id = %s WHERE id IN %s RETURNING id",
                target.id,
                tuple(moved.ids),
            )
        )
        moved.invalidate_recordset(["partner_id", "display_name"], flush=False)
        self.env.cr.execute("SET CONSTRAINTS supplier_terms_no_overlap IMMEDIATE")
