from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ...tools.batches import write_each
from ...tools.inquiries import INQUIRY_CHANNELS, is_inquiry
from ...tools.internal import INTERNAL
from ...tools.rare_links import RareMany2many
from .partner_classification_line import STAGES

# Leads that are decided about in one go.
FILL_AT_ONCE = 2_000
# What a default of somebody says nothing about.
NO_DEFAULTS = frozenset({"inquiry_log_id", "inquiry_stage"})


class CrmLead(models.Model):
    """A lead as the inquiry of a prospect.

    A lead of somebody unknown, of a potential or of a lost customer is an inquiry; one of a customer who buys is a
    deal. The stage at that moment is kept, so that later purchases do not change it. Who decides by hand is right.
    """

    _name = "crm.lead"
    _inherit = ["crm.lead", "partner.system.fields.mixin"]

    is_inquiry = fields.Boolean(
        string="Inquiry",
        readonly=True,
        copy=False,
        help="First contact of a prospect: of somebody unknown, of a potential or of a lost customer. Decided when the "
        "lead is made or its customer becomes known, and changeable by hand. Inquiries count in the conversion.",
    )
    inquiry_by_hand = fields.Boolean(
        string="Decided by Hand",
        readonly=True,
        copy=False,
        help="Somebody decided whether this is an inquiry; it is not decided again when the customer changes.",
    )
    inquiry_date = fields.Date(
        copy=False, help="Day of the first contact. The time to the first sale counts from here."
    )
    inquiry_stage = fields.Selection(
        STAGES,
        string="Stage at the Inquiry",
        readonly=True,
        copy=False,
        help="Stage of the customer on the day of the inquiry. Empty while the customer is not known.",
    )
    inquiry_channel = fields.Selection(INQUIRY_CHANNELS, copy=False, help="How the first contact came in.")
    # NO_ACCESS: core shows the subject of whatever entry a lead points to, also to who may not read the entry, and a
    # form lets a client point to any.
    inquiry_log_id = fields.Many2one(
        "partner.contact.log",
        string="First Contact",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
        help="Entry of the contact log that the inquiry began with.",
    )
    asked_source_id = fields.Many2one(
        "utm.source",
        string="Heard of Us Through",
        index="btree_not_null",
        ondelete="set null",
        help="What the prospect answered when asked, for advertising without links: press, radio, fairs. It is the "
        "source, too, where nothing else tells it.",
    )
    interest_product_ids = RareMany2many(
        "product.template",
        "crm_lead_interest_product_rel",
        "lead_id",
        "product_tmpl_id",
        string="Products of Interest",
        help="Products that were asked for. Their categories are kept with them.",
    )
    interest_categ_ids = RareMany2many(
        "product.category",
        "crm_lead_interest_categ_rel",
        "lead_id",
        "categ_id",
        string="Categories of Interest",
        help="Product categories that were asked for, those of the products included.",
    )

    _inquiry_date_idx = models.Index("(inquiry_date) WHERE is_inquiry")
    _inquiry_log_uniq = models.UniqueIndex(
        "(inquiry_log_id) WHERE inquiry_log_id IS NOT NULL", "This contact is an inquiry already."
    )

    # ------------------------------------------------------------------
    # Decided when the lead is made
    # ------------------------------------------------------------------
    @api.model
    def _get_fields_without_default(self):
        return super()._get_fields_without_default() | NO_DEFAULTS

    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(self._prepare_inquiry_vals(vals_list))
        leads._follow_company(vals_list)
        leads.filtered("interest_product_ids")._add_interest_categories()
        return leads

    def _follow_company(self, vals_list):
        """Decide again for new leads that core gave to another company than the current one, such as their team's."""
        # sudo: what was decided for new leads, whoever may read them
        leads = self.sudo()
        others = leads.browse()
        for lead, vals in zip(leads, vals_list, strict=True):
            company = lead.company_id
            if not company or company == self.env.company or vals.get("company_id"):
                continue
            if not vals.get("inquiry_date") and lead.inquiry_date != (day := company._get_day()):
                lead.inquiry_date = day
            if lead.partner_id and not vals.get("inquiry_stage"):
                others += lead
        others._decide_inquiries()

    def write(self, vals):
        if "is_inquiry" in vals and self.env.context.get("relations_inquiry") is not INTERNAL:
            vals = {"inquiry_by_hand": True, **vals}
        if vals.get("asked_source_id") and "source_id" not in vals:
            unknown = self.filtered(lambda lead: not lead.source_id)
            if unknown == self:
                vals = {**vals, "source_id": vals["asked_source_id"]}
            elif unknown:
                unknown.write({"source_id": vals["asked_source_id"]})
        customers = {}
        if "partner_id" in vals and "inquiry_stage" not in vals:
            customers = {lead: lead.partner_id.commercial_partner_id for lead in self}
        result = super().write(vals)
        if customers:
            # sudo: what the system decides; who gave the lead away with it may not write it any more
            leads = self.sudo()
            leads.filtered(
                lambda lead: lead.partner_id.commercial_partner_id != customers[lead.sudo(self.env.su)]
            )._decide_inquiries()
        if vals.get("interest_product_ids"):
            self.sudo()._add_interest_categories()  # sudo: as above
        return result

    @api.model
    def _prepare_inquiry_vals(self, vals_list):
        """Return the values of new leads with what makes them inquiries, so that they are written once."""
        context = self.env.context
        vals_list = [dict(vals) for vals in vals_list]
        # the day is that of the company, as in the reports, wherever its writer is
        ids = {vals.get("company_id") or self.env.company.id for vals in vals_list}
        today = {company.id: company._get_day() for company in self.env["res.company"].browse(ids)}
        asked = []
        for number, vals in enumerate(vals_list):
            vals["inquiry_date"] = (
                fields.Date.to_date(vals.get("inquiry_date"))
                or today[vals.get("company_id") or self.env.company.id]
            )
            if vals.get("asked_source_id") and not vals.get("source_id", context.get("default_source_id")):
                vals["source_id"] = vals["asked_source_id"]
            vals.setdefault("inquiry_channel", context.get("default_inquiry_channel"))
            if not vals["inquiry_channel"]:
                vals["inquiry_channel"] = self._guess_inquiry_channel(vals)
            if "is_inquiry" in vals:
                vals.setdefault("inquiry_by_hand", context.get("relations_inquiry") is not INTERNAL)
            partner_id = vals.get("partner_id", context.get("default_partner_id"))
            if partner_id and not vals.get("inquiry_stage"):
                asked.append((number, partner_id, vals.get("company_id"), vals["inquiry_date"]))
        stages = self._get_inquiry_stages(asked)
        for number, vals in enumerate(vals_list):
            stage = vals.setdefault("inquiry_stage", stages.get(number, False))
            vals.setdefault("is_inquiry", is_inquiry(stage))
        return vals_list

    @api.model
    def _guess_inquiry_channel(self, vals):
        """How a lead came in that nobody says it of: a letter to an alias, a form on the website."""
        if self.env.user._is_public():
            return "web"
        medium_id = vals.get("medium_id", self.env.context.get("default_medium_id"))
        if not medium_id:
            return False
        # kept ids: `ref` would ask the database for each lead whether the media are still there
        xmlids = self.env["ir.model.data"]
        for xmlid, channel in (("website", "web"), ("phone", "phone"), ("email", "email")):
            if medium_id == xmlids._xmlid_to_res_id(f"utm.utm_medium_{xmlid}"):
                return channel
        return False

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A letter to an alias is an inquiry by e-mail."""
        return super(CrmLead, self.with_context(default_inquiry_channel="email")).message_new(
            msg_dict, custom_values=custom_values
        )

    def _get_first_day(self):
        """The day of the inquiry; of a lead without one the day on which it was made."""
        self.ensure_one()
        return self.inquiry_date or (self.company_id or self.env.company)._get_day(self.create_date)

    def _decide_inquiries(self):
        """Decide again, for leads whose customer became known or changed, as of the day of the inquiry."""
        stages = self._get_inquiry_stages(
            [
                (
                    lead.id,
                    lead.partner_id.id,
                    lead.company_id.id,
                    lead._get_first_day(),
                )
                for lead in self
                if lead.partner_id
            ]
        )
        decided = {}
        for lead in self.with_context(relations_inquiry=INTERNAL):
            stage = stages.get(lead.id, False)
            decision = lead.is_inquiry if lead.inquiry_by_hand else is_inquiry(stage)
            decided[lead] = {"inquiry_stage": stage, "is_inquiry": decision}
        write_each(decided)

    def _add_interest_categories(self):
        for lead in self:
            missing = lead.interest_product_ids.categ_id - lead.interest_categ_ids
            if missing:
                lead.interest_categ_ids = [Command.link(category.id) for category in missing]

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------
    def action_set_inquiry(self):
        """Count these leads as inquiries."""
        self.write({"is_inquiry": True})
        return True

    def action_unset_inquiry(self):
        """Do not count these leads as inquiries: they are deals of a customer, advertising or no leads at all."""
        self.write({"is_inquiry": False})
        return True

    # ------------------------------------------------------------------
    # The stage at that moment
    # ------------------------------------------------------------------
    @api.model
    def _get_inquiry_stages(self, asked):
        """Return {key: stage} of customers on days.

        Of today it is the stage of the current classification, else what the sales before that day say.

        :param asked: [(key, id of a contact, id of a company or None, day), ...]
        """
        if not asked:
            return {}
        # sudo: the stage of the inquirer is kept on the lead, whoever may see the customer's figures
        contacts = self.env["res.partner"].sudo().browse({contact for _key, contact, _company, _day in asked})
        questions = []
        for key, contact, company_id, day in asked:
            customer = contacts.browse(contact).with_prefetch(contacts.ids).commercial_partner_id
            company = self.env["res.company"].browse(company_id or self.env.company.id)
            questions.append((key, customer.id, company.id, day, day == company._get_day()))
        known = self._get_known_stages(
            {(customer, company, is_now) for _key, customer, company, _day, is_now in questions}
        )
        stages = {key: known[customer, company, is_now] for key, customer, company, _day, is_now in questions}
        rows = [question[:4] for question in questions if not stages[question[0]]]
        if rows:
            stages.update(
                self.env.execute_query(
                    self._estimate_stages_sql(
                        SQL(
                            "SELECT * FROM (VALUES %s) AS question (key, customer, company_id, day)",
                            SQL(", ").join(SQL("(%s, %s, %s, %s::date)", *row) for row in rows),
                        )
                    )
                )
            )
        return stages

    @api.model
    def _get_known_stages(self, questions):
        """Return {question: stage, or None where it takes the sales before a day to tell it}.

        It is the stage of the current classification of the company, if that is asked for, and ``potential`` of those
        who never ordered there or got an invoice.

        SQL: it is asked for whenever an opportunity is made. Most who inquire never bought, and need not wait for the
        statement of the stages, which PostgreSQL plans for longer than it takes to read a few documents.

        :param questions: {(id of a customer, id of a company, whether its stage of now is asked for), ...}
        """
        for model, names in (
            ("account.move", ["commercial_partner_id", "company_id", "move_type", "state"]),
            ("partner.classification", ["company_id", "is_current", "kind"]),
            ("partner.classification.line", ["classification_id", "is_merged", "partner_id", "stage"]),
            ("res.partner", ["commercial_partner_id"]),
            ("sale.order", ["company_id", "partner_id", "state"]),
        ):
            self.env[model].flush_model(names)
        customers, companies, are_now = zip(*questions, strict=True)
        rows = self.env.execute_query(
            SQL(
                """
            SELECT question.customer, question.company_id, question.is_now,
                   CASE WHEN line.stage IS NOT NULL THEN line.stage
                        WHEN EXISTS (SELECT FROM account_move AS move
                                      WHERE move.commercial_partner_id = question.customer
                                        AND move.company_id = question.company_id
                                        AND move.move_type = 'out_invoice' AND move.state = 'posted') THEN NULL
                        WHEN EXISTS (SELECT FROM res_partner AS person
                                       JOIN sale_order AS sale ON sale.partner_id = person.id
                                      WHERE person.commercial_partner_id = question.customer
                                        AND sale.company_id = question.company_id AND sale.state = 'sale') THEN NULL
                        ELSE 'potential' END
              FROM unnest(%s::int[], %s::int[], %s::bool[]) AS question (customer, company_id, is_now)
              LEFT JOIN partner_classification AS run
                ON question.is_now AND run.company_id = question.company_id AND run.kind = 'customer' AND run.is_current
              LEFT JOIN partner_classification_line AS line
                ON line.classification_id = run.id AND line.partner_id = question.customer
               AND line.is_merged IS NOT TRUE""",
                list(customers),
                list(companies),
                list(are_now),
            )
        )
        return {tuple(question): stage for *question, stage in rows}

    @api.model
    def _estimate_stages_sql(self, asked):
        """Return the statement of key and stage, by the sales before a day.

        A sale is a confirmed order or a posted invoice above zero; an order and its invoice are one, so the kind with
        the greater number counts, and its days are the customer's rhythm. An invoice is none where the stages of
        customers take it for taken back: its credit notes before that day that say so reach its amount, or it has the
        payment state ``reversed``, none of a later day, and nothing but credit notes settled it.

        SQL: it is asked for one lead and for all of a database.

        :param SQL asked: statement with the columns key, customer, company_id and day
        """
        for model, names in (
            ("account.move.line", ["account_id", "move_id"]),
            ("account.partial.reconcile", ["credit_move_id", "debit_move_id", "exchange_move_id"]),
            ("sale.order", ["partner_id", "company_id", "state", "amount_untaxed", "date_order"]),
            (
                "account.move",
                [
                    "amount_untaxed_in_currency_signed",
                    "amount_untaxed_signed",
                    "commercial_partner_id",
                    "company_id",
                    "currency_id",
                    "move_type",
                    "state",
                    "invoice_date",
                    "payment_state",
                    "reversed_entry_id",
                ],
            ),
            (
                "partner.classification.policy",
                [
                    "active",
                    "company_id",
                    "kind",
                    "lost_days",
                    "lost_own_rhythm",
                    "lost_rhythm_factor",
                    "lost_rhythm_min",
                    "one_time_limit",
                    "sequence",
                ],
            ),
            ("res.partner", ["commercial_partner_id"]),
        ):
            self.env[model].flush_model(names)
        return SQL(
            """
    SELECT asked.key,
           CASE WHEN past.count = 0 THEN 'potential'
                WHEN asked.day - past.last > CASE WHEN past.count >= limits.rhythm_min
                     THEN GREATEST(limits.lost_days, limits.rhythm_factor * past.rhythm)
                     ELSE limits.lost_days END THEN 'lost'
                WHEN past.count <= limits.one_time_limit THEN 'one_time'
                ELSE 'regular' END AS stage
      FROM (%(asked)s) AS asked
      LEFT JOIN LATERAL (SELECT policy.lost_days, policy.one_time_limit, policy.lost_rhythm_factor,
                                CASE WHEN policy.lost_own_rhythm THEN policy.lost_rhythm_min END AS rhythm_min
                           FROM partner_classification_policy AS policy
                          WHERE policy.company_id = asked.company_id AND policy.kind = 'customer' AND policy.active
                          ORDER BY policy.sequence, policy.id LIMIT 1) AS policy ON TRUE
     CROSS JOIN LATERAL (SELECT COALESCE(policy.lost_days, 180) AS lost_days,
                                COALESCE(policy.one_time_limit, 1) AS one_time_limit,
                                policy.rhythm_min, policy.lost_rhythm_factor AS rhythm_factor) AS limits
     CROSS JOIN LATERAL (SELECT %(zone)s AS tz) AS zone
     CROSS JOIN LATERAL (
           SELECT COALESCE(MAX(kind.count), 0) AS count, MAX(kind.last) AS last,
                  (ARRAY_AGG(kind.rhythm ORDER BY kind.count DESC, kind.rhythm DESC NULLS LAST))[1] AS rhythm
             FROM (SELECT COUNT(*) AS count, MAX(dated.day) AS last,
                          percentile_cont(0.5) WITHIN GROUP (ORDER BY NULLIF(dated.gap, 0)) AS rhythm
                     FROM (SELECT sale.is_order, sale.day,
                                  sale.day - lag(sale.day) OVER (PARTITION BY sale.is_order ORDER BY sale.day) AS gap
                             FROM (%(sales)s) AS sale) AS dated
                    GROUP BY dated.is_order) AS kind) AS past""",
            asked=asked,
            zone=self.env["res.company"]._get_zone_sql(SQL("asked.company_id")),
            sales=self._get_earlier_sales_sql(),
        )

    @api.model
    def _get_earlier_sales_sql(self):
        """Return the statement of the days of a customer's sales before a day, for :meth:`_estimate_stages_sql`."""
        moves = self.env["account.move"]
        return SQL(
            """
           SELECT TRUE AS is_order, day.day
             FROM res_partner AS person
             JOIN sale_order AS o ON o.partner_id = person.id
            CROSS JOIN LATERAL (SELECT (o.date_order AT TIME ZONE 'UTC' AT TIME ZONE zone.tz)::date AS day) AS day
            WHERE person.commercial_partner_id = asked.customer AND o.company_id = asked.company_id
              AND o.state = 'sale' AND o.amount_untaxed > 0 AND day.day < asked.day
            UNION ALL
           SELECT FALSE, move.invoice_date
             FROM account_move AS move
            CROSS JOIN LATERAL (
                  SELECT MAX(invoice_date) AS last, %(credited)s
                    FROM account_move
                   WHERE reversed_entry_id = move.id AND state = 'posted' AND move_type = 'out_refund') AS credit
            WHERE move.commercial_partner_id = asked.customer AND move.company_id = asked.company_id
              AND move.move_type = 'out_invoice' AND move.state = 'posted'
              AND move.invoice_date < asked.day AND move.amount_untaxed_signed > 0
              AND (%(left)s <= 0) IS NOT TRUE
              AND CASE WHEN move.payment_state = 'reversed' AND COALESCE(credit.last < asked.day, TRUE)
                       THEN NOT %(by_credit)s ELSE TRUE END""",
            credited=moves._get_credit_columns_sql(SQL("invoice_date < asked.day")),
            left=moves._get_left_after_credit_sql(SQL("move"), SQL("credit")),
            by_credit=moves._get_settled_by_credit_sql(SQL("move.id")),
        )

    # ------------------------------------------------------------------
    # Merged leads
    # ------------------------------------------------------------------
    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), "asked_source_id"]

    def _merge_get_fields_specific(self):
        """Merged leads are one inquiry, made on the day of the first of them."""

        def first(name, leads):
            asked = leads.filtered("is_inquiry") or leads
            known = asked.filtered(name) or leads.filtered(name)
            return known.sorted(lambda lead: (lead._get_first_day(), lead.id))[:1][name]

        def union(name, leads):
            return [Command.set(leads[name].ids)]

        return {
            **super()._merge_get_fields_specific(),
            "is_inquiry": lambda name, leads: any(leads.mapped(name)),
            "inquiry_by_hand": lambda name, leads: any(leads.mapped(name)),
            "inquiry_date": first,
            "inquiry_stage": first,
            "inquiry_channel": first,
            "interest_product_ids": union,
            "interest_categ_ids": union,
        }

    def _merge_opportunity(self, *args, **kwargs):
        # who asked becomes known by the merge
        asked = self.filtered("is_inquiry")
        is_unknown = asked and not any(asked.mapped("inquiry_stage"))
        kept = super()._merge_opportunity(*args, **kwargs)
        if is_unknown:
            kept._decide_inquiries()
        return kept

    def _merge_dependences_history(self, opportunities):
        """Logged contacts, and lines of work plans, on the other leads go on being those of this one."""
        # sudo: lines follow their document, in whoever's plan, closed or not
        activities = self.env["mail.activity"].sudo().with_context(active_test=False)
        activities = activities.search(
            [("res_model", "=", self._name), ("res_id", "in", opportunities.ids)]
        )  # before core moves those that are open, and those that are done go with their leads
        if activities:
            lines = self.env["partner.work.plan.line"].sudo().search([("activity_id", "in", activities.ids)])
            lines.with_context(work_plan_sync=INTERNAL).write({"res_id": self.id})
        result = super()._merge_dependences_history(opportunities)
        # sudo: entries follow their document, whoever wrote them, as its messages do
        self.env["partner.contact.log"].sudo().search(
            [("res_model", "=", self._name), ("res_id", "in", opportunities.ids)]
        ).with_context(relations_feeding=INTERNAL).write({"res_id": self.id})
        return result

    # ------------------------------------------------------------------
    # Leads that were there before
    # ------------------------------------------------------------------
    @api.model
    def _restart_inquiries(self):
        """Decide for the leads made before: at once if they are few, else by the scheduler, the newest first."""
        self.flush_model(["is_inquiry"])
        # SQL: "is NULL" and "is false" are one for a domain; counts no further than the limit
        [[count]] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM (SELECT FROM crm_lead WHERE is_inquiry IS NULL LIMIT %s) AS open",
                FILL_AT_ONCE + 1,
            )
        )
        if count > FILL_AT_ONCE:
            self.env.ref("partner_relations.ir_cron_fill_inquiries")._trigger()
        else:
            self._fill_inquiries()

    @api.model
    def _cron_fill_inquiries(self, batch_size=FILL_AT_ONCE):
        """Decide for the next leads; killed in between, the next run goes on where it ended."""
        done = self._fill_inquiries(batch_size)
        self.env["ir.cron"]._commit_progress(done, remaining=int(done == batch_size))

    @api.model
    def _fill_inquiries(self, limit=None):
        """Decide for the leads made before the addon knew inquiries; what is filled already stays.

        SQL: one statement for many leads, without touching write dates. The day is that of the creation, the stage
        what the sales before it say.

        :param limit: at most that many, the newest first; None: all
        :return: number of leads filled
        """
        self.flush_model()
        company = self.env.company.id
        # the lock is the update's own, so that two workers take different leads
        [[ids]] = self.env.execute_query(
            SQL(
                """
    SELECT array_agg(id)
      FROM (SELECT id FROM crm_lead WHERE is_inquiry IS NULL ORDER BY id DESC LIMIT %s
               FOR NO KEY UPDATE SKIP LOCKED) AS lead""",
                limit,
            )
        )
        if not ids:
            return 0
        day = SQL(
            "(lead.create_date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
            self.env["res.company"]._get_zone_sql(SQL("COALESCE(lead.company_id, %s)", company)),
        )
        rows = self.env.execute_query(
            SQL(
                """
    UPDATE crm_lead AS lead
       SET inquiry_date = COALESCE(lead.inquiry_date, %(day)s),
           inquiry_stage = past.stage,
           is_inquiry = past.stage IS NULL OR past.stage IN ('potential', 'lost')
      FROM crm_lead AS known
      LEFT JOIN (%(stages)s) AS past ON past.key = known.id
     WHERE known.id = lead.id AND lead.id = ANY(%(ids)s)
    RETURNING lead.id""",
                ids=ids,
                day=day,
                stages=self._estimate_stages_sql(
                    SQL(
                        """
        SELECT lead.id AS key, person.commercial_partner_id AS customer,
               COALESCE(lead.company_id, %s) AS company_id, %s AS day
          FROM crm_lead AS lead
          JOIN res_partner AS person ON person.id = lead.partner_id
         WHERE lead.id = ANY(%s)""",
                        company,
                        day,
                        ids,
                    )
                ),
            )
        )
        self.invalidate_model(["inquiry_date", "inquiry_stage", "is_inquiry"], flush=False)
        return len(rows)
