"""Orders that fail, for the tests of failures and of closed orders."""

from io import BytesIO

from openpyxl import load_workbook

from ...tools.sums import known
from .dealing import DealingCommon


class FailingCommon(DealingCommon):
    """``DealingCommon`` with salespeople who sell, stock, and the reasons of the starter set."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the users of the tests work in one of the two companies
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=cls.company_eur.ids))
        salesman = cls.env.ref("sales_team.group_sale_salesman")
        for user in (cls.user_sales, cls.user_sales2, cls.user_sub, cls.user_supervisor):
            user.group_ids += salesman + cls.env.ref("base.group_allow_export")
        cls.user_director.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.user_director.group_ids += cls.env.ref("base.group_allow_export")
        cls.user_seller = cls._create_user("failure_seller", "sales_team.group_sale_salesman")
        reasons = "partner_relations.failure_reason_"
        cls.price = cls.env.ref(f"{reasons}price")
        cls.out_of_stock = cls.env.ref(f"{reasons}out_of_stock")
        cls.supplier_late = cls.env.ref(f"{reasons}supplier_late")
        cls.not_paid = cls.env.ref(f"{reasons}not_paid")
        cls.by_mistake = cls.env.ref(f"{reasons}by_mistake")
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company_eur.id)], limit=1)
        cls.failures = cls.env["partner.order.failure"]
        cls.failure_report = cls.env["partner.order.failure.report"].with_company(cls.company_eur)
        cls.closed_report = cls.env["partner.closed.order.report"].with_company(cls.company_eur)

    def _failure(self, order, kind=None, state="active"):
        domain = [("order_id", "=", order.id), ("state", "=", state)]
        if kind:
            domain.append(("kind", "=", kind))
        return self.failures.search(domain)

    def _dialog(self, orders, reason, user=None, is_short=False, **values):
        """Answer the dialog as it opens in the client; returns what its button does."""
        model = self.env["partner.order.failure.dialog"].with_user(user or self.user_sales)
        model = model.with_context(default_order_ids=orders.ids, default_is_short=is_short)
        lines = values.pop("lines", {})
        defaults = model.default_get([*model._fields])
        dialog = model.create({**defaults, "reason_id": reason.id, **values})
        for line in dialog.line_ids:
            line.write(lines.get(line.order_line_id, {}))
        self.last_dialog = dialog
        return dialog.action_apply()

    def _stock(self, product, quantity, location=None):
        self.env["stock.quant"]._update_available_quantity(
            product, location or self.warehouse.lot_stock_id, quantity
        )

    def _rows(self, domain=(), report=None):
        self.env.flush_all()
        report = self.failure_report if report is None else report
        report.invalidate_model()
        return report.search(list(domain))

    def _rate(self, domain=(), groupby=(), report=None):
        """{group: (failed value, value of the cohort, rate)} or the tuple, if not grouped."""
        self.env.flush_all()
        report = self.failure_report if report is None else report
        groups = report._read_group(
            list(domain), list(groupby), ["failed_value:sum", "base_value:sum", "rate:avg"]
        )
        if not groupby:
            return tuple(map(known, groups[0]))
        return {
            (group[0] if len(groupby) == 1 else group[: len(groupby)]): tuple(map(known, group[-3:]))
            for group in groups
        }

    def _excel(self, report, domain, user):
        """The file as the user gets it."""
        self.env.flush_all()
        action = report.with_user(user).with_context(active_domain=domain).action_export_excel()
        export = self.env["partner.export"].browse(int(action["url"].rsplit("/", 1)[1]))
        file = BytesIO()
        export.with_user(user)._write_excel(file)
        return load_workbook(BytesIO(file.getvalue()))
