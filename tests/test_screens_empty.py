from odoo.tests import new_test_user, tagged

from .screens import ScreensCase

DIRECTOR = (
    "partner_relations.group_director",
    "account.group_account_invoice",
    "base.group_allow_export",
    "mass_mailing.group_mass_mailing_user",
    "purchase.group_purchase_manager",
    "sales_team.group_sale_manager",
    "stock.group_stock_user",
)


@tagged("post_install", "-at_install")
class TestScreensEmpty(ScreensCase):
    """All screens of the addon on the day of the installation, before there is anything to show."""

    beside = "empty"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        director = new_test_user(
            cls.env, "screens_director", groups=",".join(DIRECTOR), tz="Asia/Ho_Chi_Minh"
        )
        cls.users = {director.login: director}

    def test_empty_screens_help(self):
        """Each opens, says what to do, and has no fault that axe calls serious or critical."""
        checked = """
            () => silent(document.createElement("div")).length ? [] : ["the judge finds no silence where there is some"]
        """
        self._judge("screens_director", f"allOf(silent, faults, {checked})", self._axe(), leaving=150)
