from odoo import fields, models

SALES = "sales_team.group_sale_salesman"
PURCHASE = "purchase.group_purchase_user"
ACCOUNTING = "account.group_account_invoice,account.group_account_readonly"


class PartnerDocumentLinksMixin(models.AbstractModel):
    """Links to the documents that something belongs to, each for those who may read such documents."""

    _name = "partner.document.links.mixin"
    _description = "Links to Documents"
    # the field of each model
    _document_fields = {
        "crm.lead": "lead_id",
        "sale.order": "sale_order_id",
        "account.move": "account_move_id",
        "purchase.order": "purchase_order_id",
    }

    lead_id = fields.Many2one(
        "crm.lead",
        string="Opportunity",
        index="btree_not_null",
        ondelete="set null",
        groups=SALES,
        copy=False,
    )
    sale_order_id = fields.Many2one(
        "sale.order",
        string="Quotation or Order",
        index="btree_not_null",
        ondelete="set null",
        groups=SALES,
        copy=False,
        check_company=True,
    )
    account_move_id = fields.Many2one(
        "account.move",
        string="Invoice or Bill",
        index="btree_not_null",
        ondelete="set null",
        groups=ACCOUNTING,
        copy=False,
        check_company=True,
        domain="[('move_type', '!=', 'entry')]",
    )
    purchase_order_id = fields.Many2one(
        "purchase.order",
        index="btree_not_null",
        ondelete="set null",
        groups=PURCHASE,
        copy=False,
        check_company=True,
    )

    def _check_documents(self, names):
        """Who links a document has to be allowed to read it: the link would tell its name.

        Called by ``create`` and ``write`` with the names of their values: no constraint, which Odoo runs as superuser.
        """
        if self.env.su:
            return
        for name in names & set(self._document_fields.values()):
            self[name].check_access("read")

    def _get_readable_documents(self):
        """The linked documents that the user may read, by the field.

        :return: ``{field: documents}``
        :rtype: dict
        """
        return {
            name: self[name]._filtered_access("read")
            for name in self._document_fields.values()
            if self._has_field_access(self._fields[name], "read") and self[name]
        }
