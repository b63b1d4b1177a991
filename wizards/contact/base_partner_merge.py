from odoo import api, models
from odoo.tools import SQL

from ...tools.birthdays import month_day_key


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Odoo's merge of contacts carries the birthday, who was reminded of it, the contact log and work plans over."""

    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        self._relations_merge_contact_log(src_partners, dst_partner)
        self._relations_merge_reminders(src_partners, dst_partner)
        self._relations_merge_work_plans(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _relations_merge_contact_log(self, src_partners, dst_partner):
        """Leave one entry of each message and meeting that several of the merged companies took part in.

        Core moves the rest by their foreign keys; where two rows would then break a unique index, it
        deletes **all** rows of the merged partner. SQL as core's merge is, whose rights apply.
        """
        logs = self.env["partner.contact.log"]
        logs.flush_model()
        events = self.env["calendar.event"]
        events.flush_model(["res_model", "res_id"])
        ids = (src_partners | dst_partner).ids
        # What is agreed for a meeting to come stands in the one entry that goes on with it.
        self.env.execute_query(
            SQL(
                """
    UPDATE partner_contact_log AS log
       SET agreement = CASE WHEN log.id = plan.kept_id THEN plan.agreement END
      FROM (SELECT event_id,
                   (ARRAY_AGG(id ORDER BY agreement IS NULL, commercial_partner_id <> %(dst)s, id))[1] AS kept_id,
                   STRING_AGG(agreement, E'\n\n' ORDER BY commercial_partner_id <> %(dst)s, id) AS agreement
              FROM partner_contact_log
             WHERE commercial_partner_id IN %(ids)s AND event_id IS NOT NULL
             GROUP BY event_id
            HAVING COUNT(agreement) > 1 AND BOOL_AND(state <> 'done' AND outcome_id IS NULL)) AS plan
     WHERE log.event_id = plan.event_id AND log.commercial_partner_id IN %(ids)s
 RETURNING log.id""",
                dst=dst_partner.id,
                ids=tuple(ids),
            )
        )
        for source in ("message_id", "event_id"):
            doubles = SQL(
                """(SELECT id FROM (
                        SELECT id, row_number() OVER (
                                   PARTITION BY %(source)s
                                   ORDER BY agreement IS NULL, outcome_id IS NULL,
                                            commercial_partner_id <> %(dst)s, id) AS number
                          FROM partner_contact_log
                         WHERE commercial_partner_id IN %(ids)s AND %(source)s IS NOT NULL) AS numbered
                     WHERE number > 1)""",
                source=SQL.identifier(source),
                dst=dst_partner.id,
                ids=tuple(ids),
            )
            # What somebody wrote is kept as an entry of its own.
            self.env.execute_query(
                SQL(
                    """UPDATE partner_contact_log SET %(source)s = NULL
                        WHERE id IN %(doubles)s AND (agreement IS NOT NULL OR outcome_id IS NOT NULL)
                    RETURNING id""",
                    source=SQL.identifier(source),
                    doubles=doubles,
                )
            )
            self.env.execute_query(
                SQL("DELETE FROM partner_contact_log WHERE id IN %s RETURNING id", doubles)
            )
        # core leaves meetings on contacts that are gone, and the feed would find nobody there
        for table in ("partner_contact_log", "calendar_event"):
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET res_id = %s WHERE res_model = 'res.partner' AND res_id IN %s RETURNING id",
                    SQL.identifier(table),
                    dst_partner.id,
                    tuple(src_partners.ids),
                )
            )
        logs.invalidate_model(flush=False)
        events.invalidate_model(["res_id"], flush=False)

    @api.model
    def _relations_merge_reminders(self, src_partners, dst_partner):
        """Who was reminded of a merged person's birthday is not reminded of it again."""
        reminders = self.env["partner.reminder"]
        reminders.flush_model()
        # SQL as core's merge is, whose rights apply; one row is left where both were reminded of
        self.env.execute_query(
            SQL(
                """
    INSERT INTO partner_reminder
           (kind, user_id, res_model, res_id, day, create_uid, create_date, write_uid, write_date)
    SELECT kind, user_id, res_model, %s, day, create_uid, create_date, write_uid, write_date
      FROM partner_reminder
     WHERE res_model = 'res.partner' AND res_id = ANY(%s)
        ON CONFLICT (user_id, kind, res_model, res_id, day) DO NOTHING
 RETURNING id""",
                dst_partner.id,
                src_partners.ids,
            )
        )
        self.env.execute_query(
            SQL(
                "DELETE FROM partner_reminder WHERE res_model = 'res.partner' AND res_id = ANY(%s) RETURNING id",
                src_partners.ids,
            )
        )
        reminders.invalidate_model(flush=False)

    @api.model
    def _relations_merge_work_plans(self, src_partners, dst_partner):
        """The lines of work plans, of closed ones too, go on opening the contact that they are about."""
        lines = self.env["partner.work.plan.line"]
        lines.flush_model(["partner_id", "res_model", "res_id"])
        # SQL as core's merge is, whose rights apply; the contact of such a line is its document and has an index
        self.env.execute_query(
            SQL(
                """UPDATE partner_work_plan_line SET res_id = %s
                    WHERE partner_id = ANY(%s) AND res_model = 'res.partner' AND res_id = ANY(%s) RETURNING id""",
                dst_partner.id,
                src_partners.ids,
                src_partners.ids,
            )
        )
        lines.invalidate_model(["res_id", "document_name", "display_name"], flush=False)

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Carry the birthday over as one thing: the day together with whether its year is known.

        Core takes the last filled value of each column by itself, which would give a birthday without a
        year the flag of another contact.
        """
        # as in core: what the remaining contact has goes first, then the last of the others
        born = (dst_partner + src_partners[::-1]).filtered("birthdate")
        if born:
            source = born[0]
            if not source.birth_year_known:
                # the year of the same birthday is worth keeping
                day = month_day_key(source.birthdate)
                known = born.filtered(lambda p: p.birth_year_known and month_day_key(p.birthdate) == day)
                source = known[:1] or source
            (src_partners + dst_partner).write(
                {"birthdate": source.birthdate, "birth_year_known": source.birth_year_known}
            )
        return super()._update_values(src_partners, dst_partner)
