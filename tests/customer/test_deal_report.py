from odoo.tests import tagged

from .dealing import DealingCommon


@tagged("post_install", "-at_install")
class TestDealStates(DealingCommon):
    def test_try(self):
        lead = self._create_lead()
        quote = self._quote()
        order = self._order([(self.chair, 10, 100), (self.lamp, 4, 50), (self.advice, 2, 30)])
        self._deliver(order, 3, 1)
        for row in self._read():
            print(row.read())
        self._invoice(order)
        for row in self._read(order):
            print(row.read())
