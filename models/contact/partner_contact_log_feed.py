import json

import pytz

from odoo import api, fields, models, tools
from odoo._monkeypatches.pytz import _tz_mapping as OLD_ZONES
from odoo.tools import SQL

from ...tools.internal import INTERNAL
from .mail_thread import MESSAGE_TYPES

# Threads that are no correspondence with a business partner, or have entries in another way.
EXCLUDED_MODELS = ("calendar.event", "discuss.channel", "mail.group", "mail.blacklist", "mailing.mailing")

PARTNER_FIELDS = ["commercial_partner_id", "partner_share", "user_id", "buyer_id", "company_id", "active"]


class PartnerContactLogFeed(models.Model):
    """Entries fed from Odoo's own records.

    One statement for each kind of source, used for a single message as it is posted, for the
    entries of a batch of meetings, and for years of history at installation, so that all give
    the same entries. A statement run again changes nothing.

    It is SQL because posting a message may not get noticeably slower, which a ``create`` of an
    entry would make it, and because history comes in hundreds of thousands.
    The callers have the right to the source; what of an entry shows to whom is decided by the
    record rules of the log.
    """

    _inherit = "partner.contact.log"

    # ------------------------------------------------------------------
    # What the statements share
    # ------------------------------------------------------------------
    @api.model
    def _get_excluded_models(self):
        """Models whose threads are not read; other addons may add theirs."""
        return EXCLUDED_MODELS

    @api.model
    def _feed_document(self, model, record_id):
        """Join of the document ``record_id`` (SQL) of ``model`` as ``doc``, with partner, user and company.

        Documents without such fields, and records of models that are gone, give empty columns.
        """
        names = {"partner_id": "res.partner", "user_id": "res.users", "company_id": "res.company"}
        document = self.env.get(model)
        if document is None or not document._auto or document._transient:
            # an outer join that finds nothing would keep PostgreSQL from looking contacts up: it reads them all
            return SQL(
                "CROSS JOIN (SELECT NULL::int4 AS id, NULL::int4 AS partner_id, NULL::int4 AS user_id,"
                " NULL::int4 AS company_id) AS doc"
            )
        columns = dict.fromkeys(names, SQL("NULL::int4"))
        stored = []
        for name, comodel in names.items():
            field = document._fields.get(name)
            if field and field.type == "many2one" and field.comodel_name == comodel and field.store:
                columns[name] = SQL.identifier("src", name)
                stored.append(name)
        if model == "res.partner":
            columns["partner_id"] = SQL.identifier("src", "id")
        document.flush_model(stored)
        return SQL(
            "LEFT JOIN LATERAL (SELECT src.id, %s AS partner_id, %s AS user_id, %s AS company_id"
            " FROM %s AS src WHERE src.id = %s) AS doc ON TRUE",
            columns["partner_id"],
            columns["user_id"],
            columns["company_id"],
            SQL.identifier(document._table),
            record_id,
        )

    @api.model
    def _feed_partner_condition(self):
        """Business partners: no colleague, nor one who left, none of our own companies, not the anonymous visitor."""
        return SQL(
            "p.partner_share AND p.id <> %s AND %s",
            self._get_xmlid_id("base.public_partner"),
            self._feed_outsider_condition(),
        )

    @api.model
    def _feed_outsider_condition(self):
        """The part of it that neither the contact nor its commercial entity tells."""
        return SQL(
            # core takes the contact of a user who was archived for one from outside
            "NOT EXISTS (SELECT FROM res_users AS member WHERE member.partner_id = p.id AND NOT member.share)"
            " AND p.commercial_partner_id NOT IN (SELECT partner_id FROM res_company)"
        )

    @api.model
    def _get_xmlid_id(self, xmlid):
        """The id behind ``xmlid`` from core's cache, 0 if there is none: no query for each message."""
        return self.env["ir.model.data"]._xmlid_to_res_id(xmlid) or 0

    @api.model
    def _feed_flush(self, model, field_names=None):
        self.env["res.partner"].flush_model(PARTNER_FIELDS)
        self.env["res.users"].flush_model(["partner_id", "share", "company_id"])
        self.env[model].flush_model(field_names)
        self.flush_model()

    @api.model
    def _feed_done(self):
        """Make what the statement wrote visible to computed fields and screens of this transaction."""
        # most transactions that post a message never read an entry: sixty fields then have nothing to forget
        if not self.env.transaction.field_data.keys().isdisjoint(self._get_fields_and_inverses()):
            self.invalidate_model(flush=False)
        self._invalidate_partners()

    @tools.ormcache()
    def _get_fields_and_inverses(self):
        """All fields that entries show in, those of other models that list them too."""
        own = self._fields.values()
        return frozenset(own).union(*(self.pool.field_inverses[field] for field in own))

    # ------------------------------------------------------------------
    # Messages
    # ------------------------------------------------------------------
    @api.model
    def _feed_messages(self, messages, model):
        """Add the entries of ``messages``, all on documents of ``model``.

        :param messages: SQL condition on ``m`` (mail_message)
        :return: number of entries added
        """
        self._feed_flush(
            "mail.message", ["date", "model", "res_id", "author_id", "message_type", "partner_ids"]
        )
        self.env["mail.notification"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
    INSERT INTO partner_contact_log (
        partner_id, commercial_partner_id, user_id, company_id, channel, direction, state, date, duration,
        all_day, res_model, res_id, source_model, source_id, message_id,
        create_uid, create_date, write_uid, write_date)
    SELECT DISTINCT ON (m.id, p.commercial_partner_id)
           p.id, p.commercial_partner_id,
           CASE c.direction WHEN 'out' THEN colleague.id
                ELSE COALESCE(doc.user_id, p.user_id, company.user_id, p.buyer_id, company.buyer_id) END,
           COALESCE(p.company_id, m.record_company_id, doc.company_id, colleague.company_id, %(main_company)s),
           CASE WHEN m.message_type = 'sms' THEN 'chat'
                WHEN m.message_type = 'comment' AND c.direction = 'in' THEN 'chat'
                ELSE 'email' END,
           c.direction, 'done', COALESCE(m.date, m.create_date), 0,
           FALSE, m.model, m.res_id, 'mail.message', m.id, m.id,
           %(uid)s, %(now)s, %(uid)s, %(now)s
      FROM mail_message AS m
      JOIN res_partner AS author ON author.id = m.author_id AND author.id <> %(root)s
      %(document)s
      LEFT JOIN LATERAL (
            SELECT id, company_id FROM res_users
             WHERE partner_id = m.author_id AND NOT share
             ORDER BY active DESC, id LIMIT 1) AS colleague ON TRUE
      CROSS JOIN LATERAL (
            SELECT m.author_id AS partner_id, 'in' AS direction
             WHERE author.partner_share AND colleague.id IS NULL
            UNION
            SELECT res_partner_id, 'out' FROM mail_message_res_partner_rel
             WHERE mail_message_id = m.id AND colleague.id IS NOT NULL
            UNION
            SELECT res_partner_id, 'out' FROM mail_notification
             WHERE mail_message_id = m.id AND notification_type IN ('email', 'sms')
               AND colleague.id IS NOT NULL) AS c
      JOIN res_partner AS p ON p.id = c.partner_id
      JOIN res_partner AS company ON company.id = p.commercial_partner_id
     WHERE %(messages)s
       AND m.message_type IN %(types)s
       AND m.mail_activity_type_id IS NULL
       AND %(partner)s
       -- the entry of who moved to another company stays with the former one
       AND NOT EXISTS (SELECT FROM partner_contact_log AS known
                        WHERE known.message_id = m.id AND known.partner_id = p.id)
     ORDER BY m.id, p.commercial_partner_id, (p.id = doc.partner_id) DESC NULLS LAST, p.id
        ON CONFLICT DO NOTHING
    RETURNING id""",
                uid=self.env.uid,
                now=fields.Datetime.now(),
                root=self._get_xmlid_id("base.partner_root"),
                main_company=self._get_main_company_id(),
                document=self._feed_document(model, SQL("m.res_id")),
                messages=messages,
                types=MESSAGE_TYPES,
                partner=self._feed_partner_condition(),
            )
        )
        if rows:
            self._feed_done()
        return len(rows)

    @api.model
    def _feed_message(self, message, recipients, document=None):
        """Add the entries of one message as it is posted: those that ``_feed_messages`` would add.

        What posting has read already is not asked for again, which leaves PostgreSQL a fifth of the work.

        :param list[dict] recipients: who was notified, as core's ``_notify_get_recipients`` tells
        :param document: the record the message stands on, which need not be read of the message then
        :return: number of entries added
        """
        author = message.author_id
        if (
            message.message_type not in MESSAGE_TYPES
            or not author
            or not message.model
            or message.model in self._get_excluded_models()
            or message.mail_activity_type_id
            or author.id == self._get_xmlid_id("base.partner_root")
        ):
            return 0
        if message.message_type == "sms":
            return self._feed_messages(SQL("m.id = %s", message.id), message.model)
        is_known = document and document._name == message.model
        document = self.env[message.model].browse(document.id if is_known else message.res_id)
        incoming = author.partner_share
        if incoming:
            user, partner_ids = document._fields.get("user_id") and document.user_id, author.ids
        else:
            user = self._get_author_user(author)
            notified = (row["id"] for row in recipients if row["notif"] == "email" and row["id"])
            partner_ids = list({*message.partner_ids.ids, *notified}) if user else []
        if not partner_ids or (user and user._name != "res.users"):
            return 0
        if incoming:
            source, condition = SQL("res_partner AS p"), self._feed_partner_condition()
            condition = SQL("p.id IN %s AND %s", tuple(partner_ids), condition)
        else:
            # sending has read them; of a table PostgreSQL would look at each index before it looks a contact up
            public_id = self._get_xmlid_id("base.public_partner")
            partners = [
                partner
                for partner in self.env["res.partner"].browse(partner_ids)
                if partner.partner_share and partner.id != public_id
            ]
            if not partners:
                return 0
            source, condition = self._feed_known_partners(partners), self._feed_outsider_condition()
        document_company = document._fields.get("company_id") and document.company_id
        user_id = user.id if user else None
        self._feed_flush("mail.message", [])
        rows = self.env.execute_query(
            SQL(
                """
    INSERT INTO partner_contact_log (
        partner_id, commercial_partner_id, user_id, company_id, channel, direction, state, date, duration,
        all_day, res_model, res_id, source_model, source_id, message_id,
        create_uid, create_date, write_uid, write_date)
    SELECT DISTINCT ON (p.commercial_partner_id)
           p.id, p.commercial_partner_id, %(user)s, COALESCE(p.company_id, %(company)s),
           %(channel)s, %(direction)s, 'done', %(date)s, 0,
           FALSE, %(model)s, %(res_id)s, 'mail.message', %(message)s, %(message)s,
           %(uid)s, %(now)s, %(uid)s, %(now)s
      FROM %(source)s
     WHERE %(condition)s
     ORDER BY p.commercial_partner_id, (p.id = %(document_partner)s) DESC NULLS LAST, p.id
        ON CONFLICT DO NOTHING
    RETURNING id""",
                user=SQL(
                    "COALESCE(%s::int4, p.user_id,"
                    " (SELECT COALESCE(company.user_id, p.buyer_id, company.buyer_id)"
                    " FROM res_partner AS company WHERE company.id = p.commercial_partner_id))",
                    user_id,
                )
                if incoming
                else user_id,
                company=message.record_company_id.id
                or (document_company and document_company.id)
                or (not incoming and user.company_id.id)
                or self._get_main_company_id(),
                channel="chat" if incoming and message.message_type == "comment" else "email",
                direction="in" if incoming else "out",
                date=message.date or message.create_date,
                model=message.model,
                res_id=document.id or None,
                message=message.id,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                source=source,
                condition=condition,
                document_partner=self._get_document_partner_id(document),
            )
        )
        if rows:
            self._feed_done()
        elif incoming and self._get_author_user(author):
            # a colleague who left, looked up here so that a customer's message costs no query more
            return self._feed_messages(SQL("m.id = %s", message.id), message.model)
        return len(rows)

    @api.model
    def _feed_known_partners(self, partners):
        """Rows of contacts that were read already, with the columns that a message asks for."""
        rows = SQL(", ").join(
            SQL(
                "(%s, %s, %s::int4)",
                partner.id,
                partner.commercial_partner_id.id,
                partner.company_id.id or None,
            )
            for partner in partners
        )
        return SQL("(VALUES %s) AS p (id, commercial_partner_id, company_id)", rows)

    @api.model
    def _get_author_user(self, author):
        """The internal user who writes as ``author``; an active one before one who left."""
        if author == self.env.user.partner_id and not self.env.user.share:
            return self.env.user
        users = author.with_context(active_test=False).user_ids.filtered(lambda user: not user.share)
        return users.sorted(lambda user: (not user.active, user.id))[:1]

    @api.model
    def _get_document_partner_id(self, document):
        if document._name == "res.partner":
            return document.id or None
        field = document._fields.get("partner_id")
        return document.partner_id.id or None if field and field.comodel_name == "res.partner" else None

    @api.model
    def _get_main_company_id(self):
        """The company of entries whose source belongs to none."""
        return self.env.company.id

    # ------------------------------------------------------------------
    # Meetings
    # ------------------------------------------------------------------
    @api.model
    def _feed_events(self, events, model, *, is_new=False, keep_done=True, absent=()):
        """Add and bring up to date the entries of meetings, all on documents of ``model`` (or none: False).

        A meeting is with every customer among its attendees and with the partner that its document has, or had
        when it took place. It is planned until it ends, then done; archived or declined by all of a customer it is
        cancelled. What a user closed by hand stays closed, and what took place stays done where the meeting is
        archived afterwards.

        :param events: SQL condition on ``e`` (calendar_event)
        :param bool is_new: they were made just now. Nobody was met yet and nobody was taken off, and an activity they
            are given feeds them itself: a statement that PostgreSQL plans in half the time
        :param bool keep_done: leave what took place with whom it was, whatever became of its document; else it
            was with the partner that the document has now
        :param absent: ids of partners who were taken off the attendees: they were not there
        :return: number of entries added or changed
        """
        self._feed_flush("calendar.event")
        self.env["mail.activity"].flush_model()
        self.env["calendar.attendee"].flush_model()
        now = fields.Datetime.now()
        # an entry of what took place
        met = SQL(
            "%s AND met.state = 'done' AND (e.stop <= %s OR met.closed_by_id IS NOT NULL)"
            " AND met.partner_id <> ALL(%s)",
            keep_done,
            now,
            list(absent),
        )
        gone = SQL(
            """    gone AS (
        DELETE FROM partner_contact_log AS log
         USING calendar_event AS e
         WHERE log.event_id = e.id AND %(events)s
           AND log.agreement IS NULL AND log.outcome_id IS NULL AND log.source_model = 'calendar.event'
           AND NOT EXISTS (SELECT FROM people
                            WHERE people.event_id = e.id
                              AND people.commercial_partner_id = log.commercial_partner_id)
        RETURNING log.id),""",
            events=events,
        )
        if is_new:
            met, gone = SQL("FALSE"), SQL()
        attached = not is_new and self._attach_activities(events)
        rows = self.env.execute_query(
            SQL(
                """
    WITH people AS (
        SELECT DISTINCT ON (e.id, customer.id)
               e.id AS event_id, p.id AS partner_id, customer.id AS commercial_partner_id,
               p.company_id AS partner_company_id, doc.company_id AS document_company_id,
               bool_and(c.declined) OVER (PARTITION BY e.id, customer.id) AS declined
          FROM calendar_event AS e
          %(document)s
          CROSS JOIN LATERAL (
                -- who moved to another company was there for the former one
                SELECT rel.res_partner_id AS partner_id,
                       (SELECT met.commercial_partner_id FROM partner_contact_log AS met
                         WHERE met.event_id = e.id AND met.partner_id = rel.res_partner_id AND %(met)s
                         ORDER BY met.id LIMIT 1) AS customer_id,
                       att.state = 'declined' AS declined, 0 AS rank
                  FROM calendar_event_res_partner_rel AS rel
                  LEFT JOIN calendar_attendee AS att
                    ON att.event_id = e.id AND att.partner_id = rel.res_partner_id
                 WHERE rel.calendar_event_id = e.id
                UNION ALL
                -- with whom it was, though not as attendees: whom its document had
                SELECT met.partner_id, met.commercial_partner_id, NULL, 1
                  FROM partner_contact_log AS met
                 WHERE met.event_id = e.id AND %(met)s
                   AND NOT EXISTS (SELECT FROM calendar_event_res_partner_rel AS rel
                                    WHERE rel.calendar_event_id = e.id AND rel.res_partner_id = met.partner_id)
                UNION ALL
                SELECT doc.partner_id, NULL, NULL, 2) AS c
          JOIN res_partner AS p ON p.id = c.partner_id
          CROSS JOIN LATERAL (SELECT COALESCE(c.customer_id, p.commercial_partner_id) AS id) AS customer
         WHERE %(events)s AND (c.rank = 1 OR (%(partner)s))
           -- whom the document got afterwards was not there
           AND (c.rank < 2
                OR NOT EXISTS (SELECT FROM partner_contact_log AS met WHERE met.event_id = e.id AND %(met)s)
                OR EXISTS (SELECT FROM partner_contact_log AS known
                            WHERE known.event_id = e.id AND known.commercial_partner_id = customer.id))
         ORDER BY e.id, customer.id, c.rank, p.id),
    %(gone)s
    upsert AS (
        INSERT INTO partner_contact_log AS log (
            partner_id, commercial_partner_id, user_id, company_id, channel, direction, state, date,
            date_planned, duration, all_day, res_model, res_id, source_model, source_id, event_id, activity_id,
            create_uid, create_date, write_uid, write_date)
        SELECT people.partner_id, people.commercial_partner_id, e.user_id,
               company.id, 'meeting', 'out',
               CASE WHEN NOT e.active OR people.declined THEN 'cancelled'
                    WHEN e.stop <= %(now)s AND COALESCE(company.relations_auto_close_meetings, TRUE)
                    THEN 'done'
                    ELSE 'planned' END,
               e.start, e.start, GREATEST(EXTRACT(EPOCH FROM e.stop - e.start) / 3600, 0), COALESCE(e.allday, FALSE),
               e.res_model, NULLIF(e.res_id, 0), 'calendar.event', e.id, e.id,
               (SELECT a.id FROM mail_activity AS a WHERE a.calendar_event_id = e.id ORDER BY a.id LIMIT 1),
               %(uid)s, %(now)s, %(uid)s, %(now)s
          FROM people
          JOIN calendar_event AS e ON e.id = people.event_id
          LEFT JOIN res_users AS organizer ON organizer.id = e.user_id
          JOIN res_company AS company
            ON company.id = COALESCE(people.partner_company_id, people.document_company_id,
                                     organizer.company_id, %(main_company)s)
         -- a meeting that was archived before it had an entry, such as the day from which core makes a recurrence
         -- that leaves that day out, was never planned
         WHERE e.active OR EXISTS (SELECT FROM partner_contact_log AS known
                                    WHERE known.event_id = e.id
                                      AND known.commercial_partner_id = people.commercial_partner_id
                                      AND NOT (known.state = 'done'
                                               AND (e.stop <= %(now)s OR known.closed_by_id IS NOT NULL)))
            ON CONFLICT (event_id, commercial_partner_id) WHERE event_id IS NOT NULL DO UPDATE
           SET user_id = EXCLUDED.user_id, company_id = EXCLUDED.company_id,
               -- a contact of a series that was changed afterwards keeps its day, until its own meeting is moved
               date = CASE WHEN log.closed_by_id IS NOT NULL
                             OR (log.state, log.date_planned) = (EXCLUDED.state, EXCLUDED.date_planned)
                           THEN log.date ELSE EXCLUDED.date END,
               date_planned = EXCLUDED.date_planned, duration = EXCLUDED.duration,
               all_day = EXCLUDED.all_day, activity_id = COALESCE(log.activity_id, EXCLUDED.activity_id),
               state = CASE WHEN EXCLUDED.state = 'cancelled' THEN EXCLUDED.state
                            WHEN log.closed_by_id IS NOT NULL AND log.state = 'done' THEN log.state
                            ELSE EXCLUDED.state END,
               write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
         WHERE (log.user_id, log.company_id, log.date_planned, log.duration, log.all_day, log.activity_id, log.state)
            IS DISTINCT FROM (EXCLUDED.user_id, EXCLUDED.company_id, EXCLUDED.date_planned, EXCLUDED.duration,
                              EXCLUDED.all_day, EXCLUDED.activity_id, EXCLUDED.state)
        RETURNING log.id)
    SELECT id FROM upsert %(and_gone)s""",
                uid=self.env.uid,
                now=now,
                main_company=self._get_main_company_id(),
                document=self._feed_document(model, SQL("e.res_id")),
                events=events,
                met=met,
                partner=self._feed_partner_condition(),
                gone=gone,
                and_gone=SQL("UNION ALL SELECT id FROM gone") if gone else SQL(),
            )
        )
        if rows or attached:
            self._feed_done()
        return len(rows)

    @api.model
    def _attach_activities(self, events):
        """Let the entries of activities that now have a meeting become the meetings'.

        :param events: SQL condition on ``e`` (calendar_event)
        """
        return self.env.execute_query(
            SQL(
                """
    UPDATE partner_contact_log AS log
       SET event_id = e.id,
           source_model = CASE WHEN log.source_model IS NULL THEN NULL ELSE 'calendar.event' END,
           source_id = CASE WHEN log.source_model IS NULL THEN NULL ELSE e.id END
      FROM mail_activity AS a
      JOIN calendar_event AS e ON e.id = a.calendar_event_id
     WHERE log.activity_id = a.id AND log.event_id IS NULL AND %(events)s
       AND NOT EXISTS (SELECT FROM partner_contact_log AS other
                        WHERE other.event_id = e.id
                          AND other.commercial_partner_id = log.commercial_partner_id)
    RETURNING log.id""",
                events=events,
            )
        )

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------
    @api.model
    def _feed_activities(self, activities, model):
        """Add and bring up to date the entries of activities, all on documents of ``model``.

        An open activity is planned, an archived one done. An activity with a meeting is the
        meeting's entry. Types without a contact channel are no contacts. An entry whose activity became none, or
        whose document has no partner any more, is done if the activity is, else cancelled.

        :param activities: SQL condition on ``a`` (mail_activity)
        :return: number of entries added or changed
        """
        self._feed_flush("mail.activity")
        # The hour of a plan survives that its activity is moved to another day, or given to a colleague.
        moved = SQL(
            "(EXCLUDED.activity_day - COALESCE(log.activity_day, EXCLUDED.activity_day)) * INTERVAL '1 day'"
        )
        zone = SQL(
            "CROSS JOIN LATERAL (SELECT COALESCE(%s::jsonb ->> a.user_tz, NULLIF(a.user_tz, ''), 'UTC') AS name) AS tz",
            json.dumps(self._get_unknown_zones()),
        )
        done_at = SQL(
            "CASE WHEN a.date_done >= %(now)s::date THEN %(now)s"
            " ELSE (a.date_done + TIME '12:00') AT TIME ZONE tz.name AT TIME ZONE 'UTC' END",
            now=fields.Datetime.now(),
        )
        rows = self.env.execute_query(
            SQL(
                """
    WITH closed AS (
    UPDATE partner_contact_log AS log
       SET state = CASE WHEN a.active THEN 'cancelled' ELSE 'done' END,
           date = CASE WHEN a.active THEN log.date ELSE %(done_at)s END,
           all_day = log.all_day AND a.active,
           closed_by_id = CASE WHEN NOT a.active THEN a.write_uid END,
           write_uid = %(uid)s, write_date = %(now)s
      FROM mail_activity AS a
      LEFT JOIN mail_activity_type AS t ON t.id = a.activity_type_id
      %(document)s
      %(zone)s
     WHERE log.activity_id = a.id AND log.event_id IS NULL AND log.state = 'planned'
       AND log.source_model = 'mail.activity' AND %(activities)s AND a.calendar_event_id IS NULL
       AND (t.contact_channel IS NULL
            OR NOT EXISTS (SELECT FROM res_partner AS p WHERE p.id = doc.partner_id AND %(partner)s))
    RETURNING log.id),
    upsert AS (
    INSERT INTO partner_contact_log AS log (
        partner_id, commercial_partner_id, user_id, company_id, channel, direction, state, date,
        date_planned, duration, all_day, res_model, res_id, source_model, source_id, activity_id, activity_day,
        closed_by_id,
        create_uid, create_date, write_uid, write_date)
    SELECT p.id, p.commercial_partner_id, a.user_id,
           COALESCE(p.company_id, doc.company_id, u.company_id, %(main_company)s),
           COALESCE(t.contact_channel, mine.channel), 'out', CASE WHEN a.active THEN 'planned' ELSE 'done' END,
           CASE WHEN a.active THEN due.at ELSE %(done_at)s END,
           due.at, 0, a.active, a.res_model, a.res_id, 'mail.activity', a.id, a.id, a.date_deadline,
           CASE WHEN a.active THEN NULL ELSE a.write_uid END,
           %(uid)s, %(now)s, %(uid)s, %(now)s
      FROM mail_activity AS a
      LEFT JOIN mail_activity_type AS t ON t.id = a.activity_type_id
      -- planned by hand: the entry says with whom
      LEFT JOIN partner_contact_log AS mine
        ON mine.activity_id = a.id AND mine.event_id IS NULL AND mine.source_model IS NULL
      %(document)s
      JOIN res_partner AS p ON p.id = COALESCE(mine.partner_id, doc.partner_id)
      LEFT JOIN res_users AS u ON u.id = a.user_id
      %(zone)s
      CROSS JOIN LATERAL (
            SELECT (a.date_deadline + TIME '12:00') AT TIME ZONE tz.name AT TIME ZONE 'UTC' AS at) AS due
     WHERE %(activities)s AND a.calendar_event_id IS NULL
       AND (mine.id IS NOT NULL OR (t.contact_channel IS NOT NULL AND %(partner)s))
        ON CONFLICT (activity_id) WHERE activity_id IS NOT NULL AND event_id IS NULL DO UPDATE
       SET user_id = EXCLUDED.user_id, state = EXCLUDED.state,
           -- with whom a contact was does not follow its document once it is done
           partner_id = CASE WHEN log.source_model IS NULL OR log.state = 'done' THEN log.partner_id
                             ELSE EXCLUDED.partner_id END,
           commercial_partner_id = CASE WHEN log.source_model IS NULL OR log.state = 'done'
                                             OR log.partner_id = EXCLUDED.partner_id
                                        THEN log.commercial_partner_id ELSE EXCLUDED.commercial_partner_id END,
           channel = CASE WHEN log.source_model IS NULL THEN log.channel ELSE EXCLUDED.channel END,
           res_model = EXCLUDED.res_model, res_id = EXCLUDED.res_id, activity_day = EXCLUDED.activity_day,
           closed_by_id = CASE WHEN EXCLUDED.state = 'done' THEN COALESCE(log.closed_by_id, EXCLUDED.closed_by_id) END,
           all_day = log.all_day AND EXCLUDED.state = 'planned',
           -- a moved day keeps the hour that was planned; the same day changes nothing
           date = CASE WHEN EXCLUDED.state = 'done' THEN
                            CASE WHEN log.state = 'done' THEN log.date ELSE EXCLUDED.date END
                       WHEN log.state <> 'planned' THEN COALESCE(log.date_planned, EXCLUDED.date_planned)
                       WHEN log.all_day THEN EXCLUDED.date
                       ELSE log.date + %(moved)s END,
           date_planned = CASE WHEN EXCLUDED.state = 'done' THEN log.date_planned
                               WHEN log.all_day THEN EXCLUDED.date_planned
                               ELSE log.date + %(moved)s END,
           write_uid = EXCLUDED.write_uid, write_date = EXCLUDED.write_date
    RETURNING log.id)
    SELECT id FROM closed UNION ALL SELECT id FROM upsert""",
                uid=self.env.uid,
                now=fields.Datetime.now(),
                main_company=self._get_main_company_id(),
                document=self._feed_document(model, SQL("a.res_id")),
                activities=activities,
                zone=zone,
                done_at=done_at,
                moved=moved,
                partner=self._feed_partner_condition(),
            )
        )
        if rows:
            self._feed_done()
        return len(rows)

    @api.model
    def _get_unknown_zones(self):
        """Time zones that the database or Python does not know, such as old names, by the zone to take instead.

        Core takes such names for their new ones where the system has dropped them; PostgreSQL refuses them. Asked once
        in a process, as PostgreSQL looks through all files of zones.
        """
        if (instead := getattr(self.pool, "relations_unknown_zones", None)) is not None:
            return instead
        # SQL: what PostgreSQL knows, and which names are in use, whoever may see the contacts
        known = {name for (name,) in self.env.execute_query(SQL("SELECT name FROM pg_timezone_names"))}
        used = self.env.execute_query(
            SQL(
                """
    SELECT tz FROM res_partner WHERE tz > ''
    UNION SELECT tz FROM resource_calendar
    UNION SELECT tz FROM resource_resource"""
            )
        )
        instead = {}
        for name in {*pytz.all_timezones, *(name for (name,) in used if name)}:
            if name in known and name in pytz.all_timezones_set:
                continue
            try:
                zone = pytz.timezone(name).zone
            except pytz.UnknownTimeZoneError:
                zone = "UTC"
            instead[name] = next((each for each in (zone, OLD_ZONES.get(name)) if each in known), "UTC")
        self.pool.relations_unknown_zones = instead
        return instead

    @api.model
    def _get_known_zone(self, name):
        """The name of a time zone, or of the one to take instead, that Python and the database know."""
        # for UTC nobody need look through the files of zones
        return name if name == "UTC" else self._get_unknown_zones().get(name, name)

    @api.model
    def _merge_sent_emails(self, activities=None):
        """An e-mail sent in the day before its activity was marked as done is the activity's contact.

        :param activities: SQL condition on ``act`` (the activity's entry); all entries if not given
        :return: number of entries that became one with another
        """
        self.flush_model()
        pairs = self.env.execute_query(
            SQL(
                """
    SELECT DISTINCT ON (msg.id) act.id, msg.id, msg.message_id, msg.date
      FROM partner_contact_log AS act
      JOIN partner_contact_log AS msg
        ON msg.commercial_partner_id = act.commercial_partner_id AND msg.user_id = act.user_id
       AND msg.source_model = 'mail.message' AND msg.direction = 'out' AND msg.channel = 'email'
       AND msg.activity_id IS NULL AND msg.agreement IS NULL AND msg.outcome_id IS NULL
       AND msg.date BETWEEN act.date - INTERVAL '24 hours' AND act.date
     WHERE act.activity_id IS NOT NULL AND act.message_id IS NULL AND act.event_id IS NULL
       AND act.channel = 'email' AND act.state = 'done' AND %s
     ORDER BY msg.id, act.id""",
                activities or SQL("TRUE"),
            )
        )
        merged = {}
        for activity_log, message_log, message, date in sorted(pairs, key=lambda pair: pair[3], reverse=True):
            merged.setdefault(activity_log, (message_log, message, date))
        feeding = self.with_context(relations_feeding=INTERNAL)
        feeding.browse(message_log for message_log, _message, _date in merged.values()).unlink()
        for activity_log, (_message_log, message, date) in merged.items():
            feeding.browse(activity_log).write({"message_id": message, "date": date, "all_day": False})
        return len(merged)
