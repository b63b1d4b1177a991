import logging
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL, format_date

_logger = logging.getLogger(__name__)

ACTIVITY_TYPE = "partner_relations.mail_activity_type_terms"
BATCH = 200


class SupplierTerms(models.Model):
    """Activities for the buyer before terms and contracts end, one for each end."""

    _inherit = "supplier.terms"

    reminded_date_to = fields.Date(
        string="Reminded of the End",
        readonly=True,
        copy=False,
        help="The end of the terms that the buyer was reminded of already.",
    )
    reminded_contract_date_end = fields.Date(
        string="Reminded of the Contract's End",
        readonly=True,
        copy=False,
        help="The end of the contract that the buyer was reminded of already.",
    )

    @api.model
    def _cron_remind(self, batch_size=BATCH):
        """Remind the buyers of terms and contracts that end, in batches.

        A batch is committed together with the ends it was for, so nobody is reminded twice of the same end, and
        what was missed while the scheduler stood still is caught up once. Terms that another worker is at are
        left to it; what fails in one company is logged, and the others have their turn.
        """
        tasks = []
        for company in self.env["res.company"].search([], order="id"):  # pylint: disable=no-search-all
            here = self.with_company(company).with_context(allowed_company_ids=company.ids)
            today = self._get_day(company, fields.Datetime.now())
            tasks.append(
                (
                    [f"remind {company.id} {today}"],
                    f"Terms of suppliers of {company.name} that end",
                    partial(here._remind_batch, company, batch_size),
                )
            )
        self.env["ir.cron.progress"]._take_turns(tasks)

    @api.model
    def _remind_batch(self, company, batch_size):
        """Remind of the next terms of a company; return whether there may be more."""
        due = self._get_due(company, batch_size)
        locked = due.try_lock_for_update()
        locked._remind()
        return len(due) == batch_size and bool(locked)

    @api.model
    def _get_due(self, company, limit):
        """Return terms of ``company`` with an end that is near, or past, and was not reminded of.

        Not of an end that was over when the terms were entered, nor where other terms follow, or a later
        entry has the same contract.
        """
        self.flush_model()
        # SQL: each record has its own days, and is compared with the supplier's other terms
        rows = self.env.execute_query(
            SQL(
                """
    SELECT terms.id
      FROM supplier_terms AS terms
     WHERE terms.company_id = %(company)s AND terms.active
       AND (%(date_to)s OR %(contract)s)
     ORDER BY LEAST(terms.date_to, terms.contract_date_end), terms.id
     LIMIT %(limit)s""",
                company=company.id,
                date_to=self._get_due_sql("date_to", company),
                contract=self._get_due_sql("contract_date_end", company),
                limit=limit,
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _get_due_sql(self, name, company):
        """Return the condition under which the end in the field ``name`` is to be reminded of."""
        following = SQL("following.date_from > terms.date_to")
        if name == "contract_date_end":
            following = SQL(
                "following.date_from > terms.date_from AND following.contract_date_end >= terms.contract_date_end"
            )
        return SQL(
            """(terms.%(end)s - terms.reminder_days <= %(today)s
        AND terms.%(end)s >= terms.create_date::date
        AND terms.%(end)s IS DISTINCT FROM terms.%(reminded)s
        AND NOT EXISTS (SELECT FROM supplier_terms AS following
                         WHERE following.partner_id = terms.partner_id AND following.active
                           AND following.company_id = terms.company_id AND %(following)s))""",
            end=SQL.identifier(name),
            reminded=SQL.identifier(f"reminded_{name}"),
            today=SQL("%s::date", self._get_day(company, fields.Datetime.now())),
            following=following,
        )

    def _get_ends_to_remind(self):
        """Return which ends these terms are due for, as {terms: names of fields}, by the same condition."""
        self.flush_model()
        result = {}
        if not self:
            return result
        for name in ("date_to", "contract_date_end"):
            rows = self.env.execute_query(
                SQL(
                    "SELECT terms.id FROM supplier_terms AS terms WHERE terms.id IN %s AND %s",
                    tuple(self.ids),
                    self._get_due_sql(name, self.env.company),
                )
            )
            for (terms_id,) in rows:
                result.setdefault(self.browse(terms_id), []).append(name)
        return result

    def _remind(self):
        """Make the activities, and note for which ends they were made."""
        vals_list = []
        model_id = self.env["ir.model"]._get_id(self._name)
        # a type without channel, or none: that terms end is no contact
        type_id = self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE, raise_if_not_found=False)
        today = self._get_day(self.env.company, fields.Datetime.now())
        ends = self._get_ends_to_remind()
        readers = self._get_reminded_users()
        for terms, names in ends.items():
            user = readers[terms]
            if not user:
                _logger.info("Nobody can be reminded of the end of supplier terms %s.", terms.id)
            spoken = terms.with_context(lang=user.lang or self.env.lang)
            for name in names:
                if user:
                    vals_list.append(
                        {
                            "activity_type_id": type_id,
                            "res_model_id": model_id,
                            "res_id": terms.id,
                            "user_id": user.id,
                            "date_deadline": today,
                            "automated": True,
                            "summary": spoken._get_reminder_text(name, today),
                        }
                    )
        for name in ("date_to", "contract_date_end"):
            for end, group in (
                self.browse(terms.id for terms, names in ends.items() if name in names).grouped(name).items()
            ):
                group._guard_off()[f"reminded_{name}"] = end
        # quick update: no e-mail for each, the activities stand in the top bar
        return self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _get_reminder_text(self, name, today):
        end = format_date(self.env, self[name])
        if name == "contract_date_end":
            if self[name] < today:
                return self.env._("The contract ended on %s", end)
            return self.env._("The contract ends on %s", end)
        if self[name] < today:
            return self.env._("The terms ended on %s", end)
        return self.env._("The terms end on %s", end)

    def _get_reminded_users(self):
        """Return who is reminded, by terms: the supplier's buyer, else the responsible person, who may see them."""
        result = dict.fromkeys(self, self.env["res.users"])
        candidates = {terms: (terms.partner_id.buyer_id, terms.user_id, terms.create_uid) for terms in self}
        readable = {}
        for user in self.env["res.users"].concat(*(user for users in candidates.values() for user in users)):
            if user in readable or not user.active or user.share:
                continue
            theirs = self.browse(terms.id for terms, users in candidates.items() if user in users)
            as_user = theirs.with_user(user).with_context(allowed_company_ids=self.env.company.ids)
            allowed = self.env.company in user.company_ids
            readable[user] = set(as_user._filtered_access("read").ids) if allowed else set()
        for terms, users in candidates.items():
            for user in users:
                if terms.id in readable.get(user, ()):
                    result[terms] = user
                    break
        return result
