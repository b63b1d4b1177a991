"""What a call may write beyond what a screen offers: fields that are read only there, and other places for a record.

All of it is asked of the registry, as each role that may write, of a record of that user's own: a new model or field is
asked without a line here.
"""

import contextlib
import copy

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .rights import LOUD, OUTSIDERS, OVERRIDES, RightsCommon, TakenBack

# Read only on the screen and writable by a call, and why that is no harm: {(model, field): reason}.
WRITABLE = {
    (
        "partner.contact.log",
        "res_model",
    ): "the dialog of a document sends it; its name is shown to who may read it",
    ("partner.contact.log", "res_id"): "as its model",
    ("supplier.grade.override", "user_id"): "whoever writes becomes the author, whatever is sent",
}
# Read only on the screen and taken by a new record, and why that is no harm: {(model, field, way): reason}.
TAKEN = {
    ("partner.contact.log", "res_model", "value"): "the dialog of a document sends it",
    ("partner.contact.log", "res_model", "default"): "the dialog of a document sends it",
    ("partner.contact.log", "res_model", "personal"): "as by the dialog; without an id it points to nothing",
    ("partner.contact.log", "res_id", "value"): "as its model",
    ("partner.contact.log", "res_id", "default"): "as its model",
    ("partner.work.plan", "date_from", "value"): "the week is chosen when the plan is made",
    ("partner.work.plan", "date_from", "default"): "the week is chosen when the plan is made",
    ("partner.work.plan", "date_from", "personal"): "the week is chosen when the plan is made",
    ("partner.work.plan", "date_to", "value"): "the week is chosen when the plan is made",
}
# Relations to what is another company's, and why they are wanted: {(model, field): reason}.
ACROSS = {
    (
        "partner.campaign.cost",
        "campaign_id",
    ): "companies share campaigns, which Odoo hides from none",
    ("partner.contact.log", "campaign_id"): "as the cost of a campaign",
}
# Not made by hand at all.
UNMADE = {"supplier.scorecard": "its supplier is set by the computation"}
# In forms of new records, and not read only there: {(model, field): why a new record can be saved all the same}.
SENT = {("partner.classification", "state"): "as a draft, which is what a new run is"}
# Records that stay in their company, whoever asks.
STAYS = {
    "partner.classification": "its policy is of the company",
    "partner.classification.policy": "it has runs",
    "partner.mail.rule": "it has a log",
}


@tagged("post_install", "-at_install")
class TestRightsWrites(RightsCommon):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.here, cls.there = cls.places["colleague"], cls.places["other company"]
        # a customer of all companies, so that it is not the customer's company that keeps a record where it is
        cls.env.execute_query(
            SQL(
                "UPDATE res_partner SET company_id = NULL WHERE id = %s RETURNING id",
                cls.here.records["res.partner"],
            )
        )
        cls.kept = [
            name for name in cls.models if cls.env[name]._auto and not cls.env.registry[name]._transient
        ]

    # ------------------------------------------------------------------
    # As whom
    # ------------------------------------------------------------------
    def _get_records(self, operation="write"):
        """(role, record) of all that a role may write, while it is that user's own."""
        for role in self.users:
            if role in OUTSIDERS:
                continue
            with self._owning(role, self.kept):
                for name in self.kept:
                    record = self._as(role, name).browse(self.here.rows[name])
                    if record.has_access(operation):
                        yield role, record

    def _call(self, record, method, *args):
        """How a call ends, as a client makes it: ``None`` if it is done, else the error. Nothing of it stays.

        A record that was created in one's own company, whatever was asked for, counts as an error, too.
        """
        error = None
        try:
            with contextlib.suppress(TakenBack), mute_logger(*LOUD), self.cr.savepoint():
                # what stands in the other company already is not what keeps a record out
                with contextlib.suppress(psycopg2.Error), self.cr.savepoint():
                    self.cr.execute(
                        SQL(
                            "DELETE FROM %s WHERE id = %s",
                            SQL.identifier(record._table),
                            self.there.rows[record._name],
                        )
                    )
                self.env.invalidate_all()
                # methods may change the values that they get
                args = copy.deepcopy(list(args))
                result = call_kw(record.browse(), method, args, {"context": dict(record.env.context)})
                self.env.flush_all()
                if method == "create" and self._is_created_here(record, result):
                    error = UserError("Created in one's own company")
                raise TakenBack
        except (UserError, psycopg2.Error) as raised:
            error = raised
        self.env.invalidate_all()
        return error

    # ------------------------------------------------------------------
    # Forms
    # ------------------------------------------------------------------
    def test_forms_send_nothing_that_is_refused(self):
        """A client sends all fields of a new record that are not read only, also those that nobody sees."""
        guarded = [name for name in self.kept if hasattr(self.env[name], "_is_guarded")]
        views = self.env["ir.ui.view"].search(
            [("model", "in", guarded), ("type", "=", "form"), ("mode", "=", "primary")]
        )
        self.assertGreater(len(set(views.mapped("model"))), 20)
        sent = {
            found
            for view in views
            for found in self._find_refused(view._get_combined_arch(), self.env[view.model])
        }
        self.assertEqual(sent, set(SENT))

    def _find_refused(self, node, model):
        """(model, field) of what a form sends and ``create`` refuses, also in its lists of lines."""
        for child in node.iterchildren("*"):
            if child.tag != "field":
                yield from self._find_refused(child, model)
                continue
            field = model._fields[child.get("name")]
            if (
                hasattr(model, "_is_guarded")
                and not field.readonly
                and child.get("readonly") not in ("1", "True")
                and (model._is_guarded(field.name) or field.name in model._no_defaults)
            ):
                yield model._name, field.name
            if field.relational:
                yield from self._find_refused(child, self.env[field.comodel_name])

    # ------------------------------------------------------------------
    # Places
    # ------------------------------------------------------------------
    def test_moved_into_another_company(self):
        """Nobody moves a record into a company that is not one's own: it would take effect there."""
        company = self._create_company()
        moved, tried = [], set()
        for role, record in self._get_records():
            field = record._fields.get("company_id")
            if field is None or not field.store:
                continue
            tried.add((role, record._name))
            error = self._call(record, "write", record.ids, {"company_id": company.id})
            if not isinstance(error, AccessError) and not (
                record._name in STAYS and isinstance(error, UserError)
            ):
                moved.append((role, record._name, repr(error)))
        self.assertEqual(moved, [])
        self.assertGreater(len(tried), 40)
        self.assertTrue({("salesperson", "partner.segment"), ("buyer", "supplier.terms")} <= tried, tried)

    def test_moved_into_another_document(self):
        """Nor does a line move into a document of another company, nor a record to whom it may not be linked."""
        linked, tried, control = set(), set(), set()
        for _role, record in self._get_records():
            for field in record._fields.values():
                comodel = field.comodel_name if field.type in ("many2one", "many2many") else None
                if (
                    not field.store
                    or not comodel
                    or comodel in ("res.company", "res.users")
                    or "company_id" not in self.env[comodel]._fields
                    or not record._has_field_access(field, "write")
                ):
                    continue
                target = self._get_theirs(comodel)
                if not target:
                    continue
                key = record._name, field.name
                tried.add(key)
                if not isinstance(self._link(record, field, target), UserError):
                    linked.add(key)
                own = self.here.records.get(comodel) or self.here.rows.get(comodel)
                if own and key not in control and self._link(record, field, own) is None:
                    control.add(key)
        self.assertEqual(linked, set(ACROSS))
        self.assertGreater(len(tried), 40)
        # that it is the company that is refused: one of the own is taken
        self.assertGreater(len(control), 5, tried - control)

    def _link(self, record, field, target):
        value = target if field.type == "many2one" else [(4, target)]
        return self._call(record, "write", record.ids, {field.name: value})

    def _get_theirs(self, comodel):
        """The id of a record of another company."""
        record_id = self.there.records.get(comodel) or self.there.rows.get(comodel)
        if not record_id:
            record_id = (
                self.env[comodel].sudo().search([("company_id", "=", self.company_usd.id)], limit=1).id
            )
        # what belongs to all companies is nobody else's
        return self.env[comodel].sudo().browse(record_id).filtered("company_id").id

    def _create_company(self):
        """A company of nobody here, in which nothing stands in the way."""
        company = self.env["res.company"].create({"name": "Third Company"})
        self.env["supplier.score.policy"].search([("company_id", "=", company.id)]).active = False
        return company

    def _is_created_here(self, model, row_id):
        record = self.env[model._name].sudo().browse(row_id)
        return "company_id" in record._fields and record.company_id == self.company_eur

    def test_created_in_another_company(self):
        """Nobody creates a record in a company that is not one's own, whatever it points to."""
        company = self._create_company()
        made, tried, control = [], set(), set()
        for role in self.users:
            for name in self.kept:
                model = self._as(role, name)
                field = model._fields.get("company_id")
                if field is None or not field.store or not model.has_access("create") or name in UNMADE:
                    continue
                tried.add(name)
                values = self._get_values(role, model, self.here)
                error = self._call(model, "create", [values])
                if error and str(error) == "Created in one's own company":
                    control.add(name)
                if "company_id" in values:
                    values["company_id"] = company.id
                else:
                    values = self._get_values(role, model, self.there)
                error = self._call(model, "create", [values])
                if not isinstance(error, UserError):
                    made.append((role, name, repr(error)))
        self.assertEqual(made, [])
        self.assertGreater(len(tried), 20)
        # that it is the company that is refused: the same is created in one's own
        self.assertGreater(len(control), 10, tried - control)

    def _get_values(self, role, model, place):
        """What somebody enters: what is required, whose it is, and the company."""
        values = {}
        for field in model._fields.values():
            if not field.store or field.readonly or field.name in ("id", "parent_path"):
                continue
            value = self._get_value(model, field, place)
            if field.name == "company_id":
                value = place.company.id
            elif value is not None and field.comodel_name == "res.users":
                value = self.users[role].id
            if value is not None and (
                field.required
                or field.name == "company_id"
                or field.comodel_name in ("res.users", "res.partner")
                or field.name in OVERRIDES.get(model._name, ())
            ):
                values[field.name] = value
        return values

    # ------------------------------------------------------------------
    # Fields
    # ------------------------------------------------------------------
    def test_fields_that_are_read_only_on_the_screen(self):
        """What the definition of a field calls read only is refused to a call, or stands in the list of exceptions."""
        written, tried = set(), set()
        for _role, record in self._get_records():
            for field in record._fields.values():
                if not self._is_read_only(field):
                    continue
                tried.add((record._name, field.name))
                if (record._name, field.name) in written:
                    continue
                error = self._call(record, "write", record.ids, {field.name: self._get_forged(record, field)})
                if not isinstance(error, UserError):
                    written.add((record._name, field.name))
        self.assertEqual(written, set(WRITABLE))
        self.assertGreater(len(tried), 150)
        self.assertIn(("partner.mail.rule", "date_start"), tried)

    def test_fields_that_are_read_only_at_creation(self):
        """Nor does a new record take them, from its values, a client's context or defaults that its user has set."""
        taken, tried = set(), set()
        for name in self.kept:
            for role in self.users:
                model = self._as(role, name)
                if not model.has_access("create"):
                    continue
                values = self._get_values(role, model, self.here)
                error = self._call(model, "create", [values])
                if error and str(error) != "Created in one's own company":
                    continue
                for field in model._fields.values():
                    if self._is_read_only(field) and field.type != "many2many":
                        tried.add((name, field.name))
                        taken |= self._get_taken(model, field, values)
                break
        self.assertEqual(taken, set(TAKEN))
        self.assertGreater(len(tried), 30)

    def _get_taken(self, model, field, values):
        """How a forged value gets into a new record: as a value, as a default, or not."""
        taken = set()
        plain = self._create(model, values)[field.name]
        forged = self._get_forged(model, field)
        for way, context, more in (
            ("value", {}, {field.name: forged}),
            ("default", {f"default_{field.name}": forged}, {}),
            ("personal", {}, {}),
        ):
            with contextlib.suppress(UserError), mute_logger(*LOUD), self.cr.savepoint() as savepoint:
                if way == "personal":
                    model.env["ir.default"].set(model._name, field.name, forged, user_id=True)
                try:
                    created = self._create(model.with_context(**context), {**values, **more})[field.name]
                except psycopg2.Error as error:
                    created = error
                if created != plain:
                    taken.add((model._name, field.name, way))
                savepoint.rollback()
            if way == "personal":
                # core remembers defaults, also those that were taken back
                self.env.registry.clear_cache()
        return taken

    def _create(self, model, values):
        """What a new record would hold."""
        row = {}
        with contextlib.suppress(TakenBack), self.cr.savepoint():
            [row_id] = call_kw(model, "create", [[dict(values)]], {"context": dict(model.env.context)})
            self.env.flush_all()
            record = self.env[model._name].sudo().browse(row_id)
            names = [field.name for field in model._fields.values() if self._is_read_only(field)]
            moments = ("create_date", "write_date")
            row = {name: value for name, value in record.read(names)[0].items() if name not in moments}
            raise TakenBack
        self.env.invalidate_all()
        return row

    @staticmethod
    def _is_read_only(field):
        return (
            field.store
            and field.readonly
            and not field.inverse
            and "partner_relations" in (field._modules or ())
            # rows of another model, whose own rights say who makes them
            and field.type != "one2many"
            and field.name not in ("id", "create_uid", "create_date", "write_uid", "write_date")
        )

    def _get_forged(self, record, field):
        """Another value than that of the record."""
        if field.type in ("many2one", "many2one_reference", "many2many"):
            comodel = field.comodel_name or "res.partner"
            other = (
                self.env[comodel]
                .sudo()
                .with_context(active_test=False)
                .search([], limit=1, order="id desc")
                .id
            )
            return [(6, 0, [other] if other else [])] if field.type == "many2many" else other
        if field.type == "selection":
            current = record.sudo()[field.name]
            return [value for value in field.get_values(self.env) if value != current][-1]
        if field.type == "boolean":
            return not record.sudo()[field.name]
        return {
            "integer": 7, "float": 7.0, "monetary": 7.0, "date": "2024-02-29", "datetime": "2024-02-29 07:00:00",
            "json": {"forged": 1}, "binary": "eA==",
        }.get(field.type, "forged")  # fmt: skip
