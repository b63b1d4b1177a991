import logging
from collections import Counter, defaultdict
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL, html_escape

from ...tools.leavers import planned_by_active

_logger = logging.getLogger(__name__)

BATCH = 200


class PartnerEffortReminder(models.Model):
    """An activity that was made because a customer was past its rhythm.

    One row for each lapse: until the customer is contacted, nobody is reminded of it a second time, even if
    the activity was deleted. Whoever the customer was given to since then is reminded in place of the one before.
    The unique index holds where two workers run at once.
    """

    _name = "partner.effort.reminder"
    _description = "Reminder of a Customer Past Its Rhythm"
    _order = "date desc, id desc"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", string="Reminded", required=True, readonly=True, index=True, ondelete="cascade"
    )
    since_date = fields.Date(
        string="Without Contact Since",
        required=True,
        readonly=True,
        help="Day of the last contact, else of the first sale, else when the contact was created.",
    )
    date = fields.Date(string="Reminded On", required=True, readonly=True)
    activity_id = fields.Many2one(
        "mail.activity", readonly=True, index="btree_not_null", ondelete="set null", groups=fields.NO_ACCESS
    )

    _once = models.UniqueIndex(
        "(company_id, partner_id, since_date)", "This customer was reminded of already."
    )
    _day_idx = models.Index("(company_id, date, user_id)")

    # ------------------------------------------------------------------
    # Scheduled
    # ------------------------------------------------------------------
    @api.model
    def _cron_remind(self, batch_size=BATCH):
        """Make the activities of today for customers past their rhythm, in batches.

        Each batch is committed together with the rows that keep it from being made again, so a run that is
        cut off goes on where it ended. A company that another worker is at is left to it; what fails in one company
        is logged, and the others have their turn.
        """
        tasks = []
        for company in self.env["res.company"].search([], order="id"):  # pylint: disable=no-search-all
            policy = self.env["partner.effort.policy"]._get_for(company)
            if not policy.make_activities:
                continue
            # days are those of the company, not of the scheduler
            here = self.with_company(company).with_context(
                allowed_company_ids=company.ids, tz=company._get_zone()
            )
            tasks.append(
                (
                    [f"remind {company.id} {fields.Date.context_today(here)}"],
                    f"Customers of {company.name} past their rhythm",
                    partial(here._remind_batch, policy, batch_size, set()),
                )
            )
        self.env["ir.cron.progress"]._take_turns(tasks)

    @api.model
    def _remind_batch(self, policy, batch_size, unreadable):
        """Make the activities for the next customers of a company; return whether there may be more.

        :param set unreadable: ids of customers that their owner may not read, to which those found are added
        """
        if not policy.try_lock_for_update():
            return False
        # The write makes a worker that read before this batch fail and start anew, instead of
        # filling the limit of a person twice.
        policy._guard_off().date_activities = fields.Datetime.now()
        while True:
            due = self._get_due(policy, batch_size, unreadable)
            readable = self._filter_readable(due)
            self._remind(readable)
            if len(readable) == len(due):
                return len(due) == batch_size
            # Customers that their owner may not read leave the places to the next. All that such an owner has are
            # found at once: each pass reads the report of the company, and no more of them than a person gets in a day.
            known = {row["partner_id"] for row in readable}
            owner_ids = {row["owner_id"] for row in due if row["partner_id"] not in known}
            unreadable |= self._find_unreadable(policy, owner_ids)

    @api.model
    def _search_past(self, policy, *conditions):
        """Return the query of the report for all customers of a company that are past their rhythm, no plan made.

        No rights: for the whole company.
        """
        query = self.env["partner.rhythm.report"]._search(
            [
                ("company_id", "=", policy.company_id.id),
                ("is_past", "=", True),
                ("next_contact_date", "=", False),
                ("owner_id", "!=", False),
                *conditions,
            ],
            bypass_access=True,
        )
        query.order = None
        return query

    @api.model
    def _filter_readable(self, rows):
        """Those of these rows with ``partner_id`` and ``owner_id`` whose customer the owner may read."""
        owned = defaultdict(list)
        for row in rows:
            owned[row["owner_id"]].append(row["partner_id"])
        partners = self.env["res.partner"].with_context(allowed_company_ids=self.env.company.ids)
        readable = {
            owner_id: set(partners.with_user(owner_id).browse(ids)._filtered_access("read").ids)
            for owner_id, ids in owned.items()
        }
        return [row for row in rows if row["partner_id"] in readable[row["owner_id"]]]

    @api.model
    def _find_unreadable(self, policy, owner_ids):
        """The ids of all customers past their rhythm that these owners may not read."""
        report = self.env["partner.rhythm.report"]
        query = self._search_past(policy, ("owner_id", "in", list(owner_ids)))
        rows = self.env.execute_query_dict(
            query.select(
                *(
                    SQL("%s AS %s", report._field_to_sql(query.table, name, query), SQL.identifier(name))
                    for name in ("partner_id", "owner_id")
                )
            )
        )
        readable = {row["partner_id"] for row in self._filter_readable(rows)}
        hidden = [row for row in rows if row["partner_id"] not in readable]
        for owner_id, count in Counter(row["owner_id"] for row in hidden).items():
            _logger.info("No activities on %s contacts for user %s, who may not read them.", count, owner_id)
        return {row["partner_id"] for row in hidden}

    @api.model
    def _get_due(self, policy, limit, but=()):
        """Customers past their rhythm to be reminded of today, the most important of each person first.

        :param but: ids of customers that are left out
        :return: rows with ``partner_id``, ``owner_id``, ``since_date``, ``rule_id``, classes and days
        :rtype: list[dict]
        """
        activity_type = self._get_activity_type()
        report = self.env["partner.rhythm.report"]
        # SQL: the limit of each person is a rank within all customers.
        query = self._search_past(policy)
        names = (
            "partner_id", "owner_id", "since_date", "rule_id", "abc_class", "xyz_class", "stage",
            "last_contact_date", "days_since", "contact_days", "priority", "revenue", "days_overdue",
        )  # fmt: skip
        self.flush_model()
        self.env["mail.activity"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
    WITH due AS MATERIALIZED (%(due)s),
    made AS (SELECT user_id, COUNT(*) AS count FROM partner_effort_reminder
              WHERE company_id = %(company)s AND date = %(today)s GROUP BY user_id),
    ranked AS (
        SELECT due.*, row_number() OVER (
                   PARTITION BY due.owner_id
                   ORDER BY due.priority DESC, due.revenue DESC NULLS LAST, due.days_overdue DESC, due.partner_id
               ) AS number
          FROM due
         WHERE due.partner_id <> ALL(%(but)s)
           AND NOT EXISTS (SELECT FROM partner_effort_reminder AS reminder
                            WHERE reminder.company_id = %(company)s AND reminder.partner_id = due.partner_id
                              AND reminder.since_date = due.since_date AND reminder.user_id = due.owner_id)
           AND NOT EXISTS (SELECT FROM mail_activity AS activity
                            WHERE activity.res_model = 'res.partner' AND activity.res_id = due.partner_id
                              AND activity.active AND activity.activity_type_id = %(type)s AND %(present)s)
           -- who does not work in the company can do nothing there
           AND EXISTS (SELECT FROM res_company_users_rel AS works
                        WHERE works.user_id = due.owner_id AND works.cid = %(company)s))
    SELECT %(names)s
      FROM ranked LEFT JOIN made ON made.user_id = ranked.owner_id
     WHERE ranked.number + COALESCE(made.count, 0) <= %(per_person)s
     ORDER BY ranked.owner_id, ranked.number
     LIMIT %(limit)s""",
                due=query.select(
                    *(
                        SQL("%s AS %s", report._field_to_sql(query.table, name, query), SQL.identifier(name))
                        for name in names
                    )
                ),
                company=policy.company_id.id,
                today=fields.Date.context_today(self),
                but=list(but),
                type=activity_type.id or 0,
                present=planned_by_active(SQL("activity.user_id")),
                names=SQL(", ").join(SQL.identifier("ranked", name) for name in names),
                per_person=policy.activity_limit,
                limit=limit,
            )
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    @api.model
    def _get_activity_type(self):
        """The type of the activities; the one for calls where somebody deleted ours."""
        ours = self.env.ref("partner_relations.mail_activity_type_rhythm", raise_if_not_found=False)
        return (
            ours
            or self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
            or self.env["mail.activity.type"].search([("category", "=", "default")], limit=1)
        )

    @api.model
    def _remind(self, due):
        """Make the activities of ``due`` (see :meth:`_get_due`), whose owners may read them, for each lapse once."""
        if not due:
            return self.env["mail.activity"]
        self._drop_left(due)
        today = fields.Date.context_today(self)
        # SQL: where another worker has the same customer, the row is left out instead of an error.
        claimed = self.env.execute_query(
            SQL(
                """
    INSERT INTO partner_effort_reminder
           (company_id, partner_id, user_id, since_date, date, create_uid, create_date, write_uid, write_date)
    VALUES %s
        ON CONFLICT (company_id, partner_id, since_date) DO UPDATE
       SET user_id = EXCLUDED.user_id, date = EXCLUDED.date, activity_id = NULL,
           write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
     WHERE partner_effort_reminder.user_id <> EXCLUDED.user_id
 RETURNING id, partner_id""",
                SQL(", ").join(
                    SQL(
                        "(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                        self.env.company.id,
                        row["partner_id"],
                        row["owner_id"],
                        row["since_date"],
                        today,
                        self.env.uid,
                        fields.Datetime.now(),
                        self.env.uid,
                        fields.Datetime.now(),
                    )
                    for row in due
                ),
            )
        )
        self.invalidate_model(flush=False)
        reminders = {partner_id: self.browse(reminder_id) for reminder_id, partner_id in claimed}
        due = [row for row in due if row["partner_id"] in reminders]
        activity_type = self._get_activity_type()
        model_id = self.env["ir.model"]._get_id("res.partner")
        # quick update: no e-mail for each, the activities stand in the top bar
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        "activity_type_id": activity_type.id,
                        "res_model_id": model_id,
                        "res_id": row["partner_id"],
                        "user_id": row["owner_id"],
                        "date_deadline": today,
                        **self._prepare_words(row),
                    }
                    for row in due
                ]
            )
        )
        for row, activity in zip(due, activities, strict=True):
            # sudo: a field closed to users; the row is the one just made
            reminders[row["partner_id"]].sudo().activity_id = activity
        return activities

    @api.model
    def _drop_left(self, due):
        """Take back the activities of people who left on these customers, which others are reminded of now."""
        # sudo: a field closed to users, and activities that were made by this model
        reminders = self.sudo().search(
            [
                ("company_id", "=", self.env.company.id),
                ("partner_id", "in", [row["partner_id"] for row in due]),
                ("activity_id.user_id.active", "=", False),
            ]
        )
        reminders.activity_id.unlink()

    @api.model
    def _prepare_words(self, row):
        """Summary and note of an activity, in the language of who gets it."""
        owner = self.env["res.users"].browse(row["owner_id"])
        spoken = self.with_context(lang=owner.lang or self.env.user.lang)
        line = spoken.env["partner.classification.line"]
        labels = {
            name: dict(line._fields[name]._description_selection(spoken.env))
            for name in ("abc_class", "xyz_class", "stage")
        }
        words = []
        classes = "".join(labels[name][row[name]] for name in ("abc_class", "xyz_class") if row[name])
        if classes:
            words.append(spoken.env._("Class %s", classes))
        if row["stage"]:
            stage = labels["stage"][row["stage"]]
            words.append(stage.lower() if words else stage)
        values = {"classes": ", ".join(words), "days": row["days_since"], "wanted": row["contact_days"]}
        if row["last_contact_date"]:
            summary = spoken.env._(
                "%(classes)s: no contact for %(days)s days, wanted every %(wanted)s", **values
            )
        else:
            summary = spoken.env._("%(classes)s: no contact so far, wanted every %(wanted)s days", **values)
        note = spoken.env["partner.effort.rule"].browse(row["rule_id"]).note
        return {"summary": summary, "note": html_escape(note) if note else False}
