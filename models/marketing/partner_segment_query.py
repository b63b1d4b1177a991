from ast import literal_eval

from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.id_sets import in_any, in_none
from ...tools.internal import INTERNAL

# The segments that are being evaluated, the outermost first: (INTERNAL, id, id, ...)
PATH = "relations_segment_path"


class PartnerSegment(models.Model):
    """Who is in a segment: one domain on contacts, in SQL one statement with subselects."""

    _inherit = "partner.segment"

    # ------------------------------------------------------------------
    # What others call
    # ------------------------------------------------------------------
    def _get_partners(self):
        """Return the contacts in any of these segments, as a recordset of whoever asks.

        :raise UserError: if a rule cannot be evaluated; the text names the segment
        """
        ids = {partner_id for segment in self for partner_id in segment._get_partner_query().get_result_ids()}
        return self.env["res.partner"].browse(sorted(ids))

    def _get_partner_query(self, living=False):
        """Return the query of the contacts of one segment, for a subselect; unsaved changes of a form count.

        :param bool living: who matches now, also of a snapshot
        :raise UserError: if the rule cannot be evaluated
        """
        self.ensure_one()
        return self._search_set(self._get_evaluator(), self._get_partner_domain(living))

    def _search_set(self, evaluator, domain):
        try:
            query = evaluator._search(domain)
        except (ValueError, TypeError, KeyError, NotImplementedError) as error:
            raise self._get_rule_error(error) from error
        # a set: an order would only be sorted for nothing
        query.order = None
        return query

    def _get_partner_domain(self, living=False):
        """Return the domain on res.partner of one segment, to be searched by :meth:`_get_evaluator`.

        :param bool living: who matches now, also of a snapshot
        :raise UserError: if the rule is no domain, or a segment contains itself
        """
        self.ensure_one()
        more = [self._get_relation_select("include_ids")] if self.has_included else []
        if self.kind == "static" and not living:
            domain = in_any([self._get_relation_select("snapshot_ids"), *more])
        else:
            domain = self._get_rule_domain(more)
        if self.has_excluded:
            domain &= in_none([self._get_relation_select("exclude_ids")])
        if self.company_id:
            # contacts of a company are those of its branches, too; sudo: ids of companies
            domain &= Domain("company_id", "in", [*self.company_id.sudo().parent_ids.ids, False])
        # whatever a rule says of archived contacts: nobody writes to them
        return domain & Domain("active", "=", True)

    def _get_evaluator(self):
        """Return the model of contacts with the rights, companies and language that this segment is evaluated with.

        The language is the owner's. Rights and companies are those of whoever looks; the superuser, who sees everything
        and stands for the scheduler, takes those of the owner. Segments within it are evaluated with the same.
        """
        self.ensure_one()
        path = self._get_path()
        partners = self.env["res.partner"].with_context(active_test=True)
        owner = self.user_id._origin
        if not path and owner:
            # a rule may name a country or an industry, in the words that the owner sees; kept by core for each user
            partners = partners.with_context(lang=owner.with_user(owner).context_get().get("lang"))
        if not path and self.env.uid == SUPERUSER_ID:
            partners = partners.with_user(owner).with_context(
                tz=owner.tz,
                allowed_company_ids=[owner.company_id.id, *(owner.company_ids - owner.company_id).ids],
            )
        if self.company_id:
            partners = partners.with_context(allowed_company_ids=self.company_id.ids)
        return partners.with_context(**{PATH: (INTERNAL, *path, self._origin.id or 0)})

    # ------------------------------------------------------------------
    # Parts of it
    # ------------------------------------------------------------------
    def _get_path(self):
        """Return the ids of the segments within which this one is being evaluated."""
        path = self.env.context.get(PATH)
        # a client cannot send INTERNAL: who names a path only is none of us
        return path[1:] if isinstance(path, tuple) and path[0] is INTERNAL else ()

    def _get_rule_domain(self, more=()):
        """Return the domain of rule and other segments, and of those that further statements select."""
        evaluator = self._get_evaluator()
        parts = {operator: [] for operator in ("and", "or", "not")}
        for part in self.part_ids:
            if part.part_id and part.operator:
                parts[part.operator].append(part.part_id._origin._get_part_select(evaluator))
        if self.domain:
            chosen = self._apply_level(evaluator, self._parse_rule())
        elif parts["and"]:
            chosen = Domain.TRUE
        else:
            # nobody, and not everybody but those of a segment, whom nobody meant to write to
            chosen = Domain.FALSE
        chosen &= Domain.AND(in_any([select]) for select in parts["and"]) & in_none(parts["not"])
        more = [*parts["or"], *more]
        if not more:
            return chosen
        if not chosen.is_false():
            more.insert(0, self._search_set(evaluator, chosen).select())
        return in_any(more)

    def _get_part_select(self, evaluator):
        """Return the statement of this segment's ids as a part of that which ``evaluator`` is of."""
        return self.with_env(evaluator.env)._get_nested_query().select()

    def _get_nested_query(self):
        path = self._get_path()
        if self.id in path:
            self._raise_cycle(path)
        return self._get_partner_query()

    def _get_reader(self):
        """Return this segment in the language of whoever looks, in which faults are told; parts are in the owner's."""
        return self.with_context(lang=self.env.user.lang) if self._get_path() else self

    def _raise_cycle(self, path):
        ids = [*path[path.index(self.id) :], self.id]
        # sudo: the names of segments that the user put into one another
        names = [segment.name for segment in self.sudo().browse(ids)]
        raise UserError(
            self._get_reader().env._(
                "The segment “%(segment)s” would contain itself: %(path)s. Take one of them out.",
                segment=names[0],
                path=" → ".join(names),
            )
        )

    def _apply_level(self, evaluator, domain):
        """Return the domain of the contacts that the rule gives."""
        person = Domain("is_company", "=", False) & Domain("type", "=", "contact")
        match self.level:
            case "company":
                return domain & Domain("is_company", "=", True)
            case "person":
                return domain & person
            case "company_person":
                companies = Domain("commercial_partner_id", "any", domain & Domain("is_company", "=", True))
                if self.role_ids:
                    role_ids = self.role_ids._origin.ids
                    person &= Domain("contact_role_id", "in", role_ids) | Domain(
                        "contact_role_more_ids", "in", role_ids
                    )
                return companies & person
        return domain

    def _parse_rule(self):
        """Return the rule as a domain.

        :raise UserError: if it is none
        """
        try:
            domain = Domain(literal_eval(self.domain.strip()))
            domain.validate(self._get_evaluator())
        except (ValueError, TypeError, KeyError, SyntaxError, NotImplementedError) as error:
            raise self._get_rule_error(error) from error
        return domain

    def _get_rule_error(self, error):
        env = self._get_reader().env
        return UserError(
            env._(
                "The rule of the segment “%(segment)s” cannot be evaluated: %(error)s. Correct the condition or remove "
                "it.",
                segment=self.name or env._("New"),
                error=error,
            )
        )

    def _get_relation_select(self, name):
        """Return the statement of the ids in a many2many field, unsaved ones of a form included."""
        segment_id = self.id
        if not isinstance(segment_id, int):
            if name != "snapshot_ids":
                return SQL("SELECT UNNEST(%s::int[])", self[name]._origin.ids)
            segment_id = self._origin.id or 0
        field = self._fields[name]
        self.flush_model([name])
        # SQL: a subselect, where the ORM would read the ids of 200,000 contacts first and with other rights
        # than those of the evaluation
        return SQL(
            "SELECT %s FROM %s WHERE %s = %s",
            SQL.identifier(field.column2),
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
            segment_id,
        )

    # ------------------------------------------------------------------
    # Sets of segments
    # ------------------------------------------------------------------
    def _count_queries(self, queries):
        """Return {key: number of contacts} of queries by key, counted in one statement."""
        if not queries:
            return {}
        # SQL: a list of segments counts all of them at once
        counts = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL("SELECT %s, COUNT(*) FROM (%s) AS contact", number, query.select())
                for number, query in enumerate(queries.values())
            )
        )
        keys = list(queries)
        return {keys[number]: count for number, count in counts}

    def _take_snapshot(self):
        """Keep who matches now, in one statement for each segment."""
        field = self._fields["snapshot_ids"]
        relation, segment_column, partner_column = map(
            SQL.identifier, (field.relation, field.column1, field.column2)
        )
        for segment in self:
            query = segment._get_partner_query(living=True)
            # SQL: a snapshot may have hundreds of thousands of contacts, which the ORM would read and link
            self.env.cr.execute(SQL("DELETE FROM %s WHERE %s = %s", relation, segment_column, segment.id))
            select = query.select(SQL("%s", segment.id), SQL.identifier(query.table, "id"))
            self.env.flush_query(select)
            self.env.cr.execute(
                SQL("INSERT INTO %s (%s, %s) %s", relation, segment_column, partner_column, select)
            )
        self.invalidate_model(["snapshot_ids", "partner_count", "sample_ids"])
        self._guard_off().write({"snapshot_date": fields.Datetime.now(), "snapshot_user_id": self.env.uid})
