from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# What a planned contact is shown by, read from its own table.
LOG_COLUMNS = (
    "activity_id", "all_day", "channel", "commercial_partner_id", "company_id", "date", "event_id", "id",
    "partner_id", "res_id", "res_model", "title", "user_id",
)  # fmt: skip


class PartnerControlBoard(models.AbstractModel):
    """The rows of the board, in two statements for any number of rows, documents and kinds of documents.

    The first reads the rows with the rules of whoever looks; the second the words that stand beside them, each
    table with its own rules again, so that what somebody may not read has no name on the board either.
    """

    _inherit = "partner.control.board"

    @api.model
    def _read_logs(self, domain, limit):
        """The planned contacts of a section, as dictionaries of their columns."""
        logs = self.env["partner.contact.log"]
        query = logs._search(domain, limit=limit, order="date, id")
        # SQL: which activity an entry stands for is closed to users; nothing but its words, where they may read
        # it, leave the board
        rows = self.env.execute_query(
            query.select(*(SQL.identifier(query.table, name) for name in LOG_COLUMNS))
        )
        return [dict(zip(LOG_COLUMNS, row, strict=True)) for row in rows]

    @api.model
    def _get_log_rows(self, logs):
        """Rows of planned contacts."""
        wanted = defaultdict(set)
        for log in logs:
            wanted["res.partner"] |= {log["partner_id"], log["commercial_partner_id"]}
            wanted["res.users"].add(log["user_id"])
            wanted["calendar.event"].add(log["event_id"])
            wanted["mail.activity"].add(log["activity_id"])
            wanted[log["res_model"]].add(log["res_id"])
        words = self._read_words(wanted)
        channels = dict(self.env["partner.contact.log"]._fields["channel"]._description_selection(self.env))
        now, day_start = fields.Datetime.now(), self.env["partner.contact.log"]._day_start()
        return [
            {
                "key": f"log-{log['id']}",
                "kind": "contact",
                "id": log["id"],
                "name": log["title"]
                or words.get(("calendar.event", log["event_id"]), {}).get("name")
                or words.get(("mail.activity", log["activity_id"]), {}).get("name")
                or channels.get(log["channel"], ""),
                "partner": self._get_word(words, "res.partner", log["partner_id"]),
                "partner_id": log["partner_id"],
                "phone": self._get_word(words, "res.partner", log["partner_id"], "phone")
                or self._get_word(words, "res.partner", log["commercial_partner_id"], "phone"),
                "channel": log["channel"],
                "channel_label": channels.get(log["channel"], ""),
                "date": fields.Datetime.to_string(log["date"]),
                "all_day": bool(log["all_day"]),
                "is_overdue": log["date"] < (day_start if log["all_day"] else now),
                "user_id": log["user_id"] or False,
                "user": self._get_word(words, "res.users", log["user_id"]),
                "company_id": log["company_id"] or False,
                # the contact itself, or its company, is no other document
                "document": ""
                if log["res_model"] == "res.partner"
                and log["res_id"] in (log["partner_id"], log["commercial_partner_id"])
                else self._get_word(words, log["res_model"], log["res_id"]),
            }
            for log in logs
        ]

    @api.model
    def _get_deal_rows(self, deals):
        """Rows of deals without a next step."""
        words = self._read_words(
            {
                "res.partner": {*deals.contact_id._ids, *deals.partner_id._ids},
                "res.users": set(deals.user_id._ids),
            }
        )

        def partner(deal, what):
            # of the person, else of its company
            return self._get_word(words, "res.partner", deal.contact_id.id, what) or self._get_word(
                words, "res.partner", deal.partner_id.id, what
            )

        return [
            {
                "key": f"deal-{deal.id}",
                "kind": "deal",
                "id": deal.id,
                "name": deal.name or "",
                "partner": partner(deal, "name"),
                "partner_id": deal.contact_id.id or deal.partner_id.id,
                "phone": partner(deal, "phone"),
                "date": fields.Date.to_string(deal.date_expected) if deal.date_expected else False,
                "is_overdue": deal.is_overdue,
                "reason": deal.reason or "",
                "deal_kind": deal.kind,
                "waits_for": deal.waits_for,
                "value": deal.value,
                "currency_id": deal.currency_id.id,
                "days_without_contact": deal.days_without_contact,
                "user_id": deal.user_id.id,
                "user": self._get_word(words, "res.users", deal.user_id.id),
                "company_id": deal.company_id.id,
            }
            for deal in deals
        ]

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------
    @api.model
    def _get_word(self, words, model, res_id, what="name"):
        return (res_id and words.get((model, res_id), {}).get(what)) or ""

    @api.model
    def _read_words(self, wanted):
        """``{(model, id): {name, phone}}`` of the records of ``{model: ids}`` that the user may read.

        One statement for all models that keep their names in a column. Colleagues are named to everybody. An
        activity may be read by whom it is assigned to and by who may read its document, as in core.
        """
        parts, slow = [], []
        for model, ids in wanted.items():
            ids = sorted({one for one in ids if one})
            if not ids or not model or model not in self.env:
                continue
            records = self.env[model].with_context(active_test=False)
            if model == "mail.activity":
                parts.append(self._get_activity_words_sql(ids))
            elif model == "res.users":
                parts.append(
                    SQL(
                        """SELECT %s AS model, colleague.id, person.name, NULL AS phone, NULL::int4 AS user_id,
                                  NULL AS res_model, NULL::int4 AS res_id
                             FROM res_users AS colleague JOIN res_partner AS person ON person.id = colleague.partner_id
                            WHERE colleague.id = ANY(%s::int[])""",
                        model,
                        ids,
                    )
                )
            elif records.has_access("read"):
                part = self._get_words_sql(records, ids)
                if part:
                    parts.append(part)
                else:
                    slow.append(records.browse(ids))
        # SQL: the rules of each model are in its part, put there by its own search
        found = (
            self.env.execute_query_dict(SQL(" UNION ALL ").join(SQL("(%s)", part) for part in parts))
            if parts
            else []
        )
        words = {(row["model"], row["id"]): row for row in found}
        for records in slow:
            readable = records.exists()._filtered_access("read")
            words.update({(records._name, record.id): {"name": record.display_name} for record in readable})
        return {
            key: row
            for key, row in words.items()
            if key[0] != "mail.activity"
            or row["user_id"] == self.env.uid
            or (row["res_model"], row["res_id"]) in words
        }

    @api.model
    def _get_words_sql(self, records, ids):
        """The statement of the names of records, with the rules of the user; None without a column of names."""
        name = {"res.partner": "complete_name"}.get(records._name, records._rec_name)
        field = records._fields.get(name)
        # one that is called by its contact, say, has a number in that column
        if not (field and field.store and field.type in ("char", "text") and records._auto):
            return None
        domain = Domain("id", "in", ids)
        if records._name == "calendar.event":
            # what is private is not told to who neither organises nor attends it
            domain &= Domain(records._get_default_privacy_domain()) | Domain(
                "partner_ids.user_ids", "in", [self.env.uid]
            )
        query = records._search(domain)
        phone = (
            records._field_to_sql(query.table, "phone", query)
            if records._name == "res.partner"
            else SQL("NULL")
        )
        return query.select(
            SQL("%s AS model", records._name),
            SQL("%s AS id", SQL.identifier(query.table, "id")),
            SQL("%s AS name", records._field_to_sql(query.table, name, query)),
            SQL("%s AS phone", phone),
            SQL("NULL::int4 AS user_id"),
            SQL("NULL AS res_model"),
            SQL("NULL::int4 AS res_id"),
        )

    @api.model
    def _get_activity_words_sql(self, ids):
        activities = self.env["mail.activity"]
        activities.flush_model(["summary", "activity_type_id", "user_id", "res_model", "res_id"])
        types = self.env["mail.activity.type"]
        return SQL(
            """SELECT 'mail.activity' AS model, activity.id, COALESCE(NULLIF(activity.summary, ''), %(type)s) AS name,
                      NULL AS phone, activity.user_id, activity.res_model, activity.res_id
                 FROM mail_activity AS activity
                 LEFT JOIN mail_activity_type AS kind ON kind.id = activity.activity_type_id
                WHERE activity.id = ANY(%(ids)s::int[])""",
            type=types._field_to_sql("kind", "name"),
            ids=ids,
        )
