from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class PartnerContactLogWords(models.Model):
    """What an entry says, read from its source with the rights of whoever looks."""

    _inherit = "partner.contact.log"

    @api.depends("title", "agreement", "message_id", "event_id", "activity_id", "channel", "direction")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_name(self):
        # sudo: only which records the entries were fed from; their words are read with the user's rights
        sources = {log.id: (log.message_id.id, log.activity_id.id) for log in self.sudo()}
        messages = self._get_readable("mail.message", [message for message, _activity in sources.values()])
        activities = self._get_readable(
            "mail.activity", [activity for _message, activity in sources.values()]
        )
        events = self.event_id._filtered_access("read")
        events = events.filtered(lambda event: not event._check_private_event_conditions()).grouped("id")
        channels = dict(self._fields["channel"]._description_selection(self.env))
        for log in self:
            name, preview = log.title, log.agreement
            message, activity = (
                records.get(source)
                for records, source in zip((messages, activities), sources[log.id], strict=True)
            )
            if message:
                preview = preview or message.preview
                name = name or message.subject or " ".join((message.preview or "").split())[:80]
            if log.event_id.id in events:
                name = name or events[log.event_id.id].name
            if activity:
                name = name or activity.summary or activity.activity_type_id.name
                preview = preview or activity.feedback
            log.preview = " ".join((preview or "").split())[:200]
            # a new entry has no words until its user writes them
            log.name = name or (channels.get(log.channel) if log.id else False)

    @api.model
    def _get_readable(self, model, ids):
        """``{id: record}`` of those that the user may read."""
        records = self.env[model].browse({record_id for record_id in ids if record_id}).exists()
        return records._filtered_access("read").grouped("id")

    def _inverse_name(self):
        for log in self:
            log.title = log.name

    def _search_name(self, operator, value):
        if operator not in ("ilike", "like", "=ilike", "=like", "in"):
            return NotImplemented
        # Sources are searched with the rights of whoever searches. A meeting that is private, also because the calendar
        # of who organises it is, is found by who organises or attends it, who alone see its words.
        told = Domain(self.env["calendar.event"]._get_default_privacy_domain()) | Domain(
            "partner_ids", "in", self.env.user.partner_id.ids
        )
        return (
            Domain("title", operator, value)
            | Domain("event_id", "any", Domain("name", operator, value) & told)
            | self._source_domain("message_id", "mail.message", Domain("subject", operator, value))
            | self._source_domain("activity_id", "mail.activity", Domain("summary", operator, value))
        )

    @api.model
    def _source_domain(self, field, model, domain):
        """Entries fed from the records of ``domain`` that the user may read."""
        self.flush_model([field])
        # SQL: ``field`` is closed to users, see its definition; of the sources only those of entries are looked at.
        fed = SQL(
            "(SELECT %(field)s FROM partner_contact_log WHERE %(field)s IS NOT NULL)",
            field=SQL.identifier(field),
        )
        records = self.env[model].with_context(active_test=False)
        query = records._search(domain & Domain("id", "in", fed))

        def to_sql(_model, alias, _query):
            return SQL("%s IN %s", SQL.identifier(alias, field), query.subselect())

        return Domain.custom(to_sql=to_sql)

    @api.depends("name")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_display_name(self):
        for log in self:
            log.display_name = log.name

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_document_name(self):
        self.document_name = False
        for model, logs in self.filtered("res_id").grouped("res_model").items():
            if model == "res.partner":
                # the contact itself, or its company, is no other document
                logs = logs.filtered(
                    lambda log: log.res_id not in (log.partner_id.id, log.commercial_partner_id.id)
                )
            if model not in self.env or not self.env[model].has_access("read"):
                continue
            documents = self.env[model].browse(set(logs.mapped("res_id"))).exists()._filtered_access("read")
            names = {document.id: document.display_name for document in documents}
            for log in logs:
                log.document_name = names.get(log.res_id)

    @api.depends("activity_id", "state")
    @api.depends_context("uid")
    def _compute_activity_ids(self):
        # sudo: only which activities stand for the plans; shown are those that the user may read
        activities = {log.id: log.activity_id.id for log in self.sudo() if log.state == "planned"}
        readable = self._get_readable("mail.activity", activities.values())
        for log in self:
            log.activity_ids = readable.get(activities.get(log.id), False)

    def _search_activity_ids(self, operator, value):
        if operator not in ("any", "in"):
            return NotImplemented
        if operator == "in" and False in value:
            return ~self._search_activity_ids("any", Domain.TRUE)
        domain = Domain(value) if operator == "any" else Domain("id", "in", value)
        return self._source_domain("activity_id", "mail.activity", domain & Domain("active", "=", True))
