"""Text messages to a segment, where Odoo's SMS marketing is installed."""

from odoo.tests import tagged

from ..jobs import run_job
from .segmenting import SegmentCommon


@tagged("post_install", "-at_install", "-standard", "beside")
class TestBesideSms(SegmentCommon):
    """They go to those in the segment when they are sent, once per number, and not to blacklisted ones."""

    beside = "mass_mailing_sms"

    def test_recipients(self):
        numbers = {self.anna: 1, self.binh: 2, self.carl: 2, self.oak: 3, self.pine: 4}
        for partner, number in numbers.items():
            partner.write({"country_id": self.env.ref("base.vn").id, "phone": f"+84 28 3823 456{number}"})
        segment = self._segment([("id", "in", [partner.id for partner in numbers])])
        mailing = self.env["mailing.mailing"].create(
            {
                "subject": "News",
                "mailing_type": "sms",
                "body_plaintext": "Dear customer",
                "segment_id": segment.id,
            }
        )
        self.assertEqual(mailing.mailing_model_real, "res.partner")
        self.assertFalse(mailing.segment_address_count, "addresses are those of e-mail")
        segment.exclude_ids = self.pine
        self.env["phone.blacklist"].add("+84 28 3823 4563")
        mailing.action_launch()
        with self.enter_registry_test_mode():
            run_job(self.env, "mass_mailing.ir_cron_mass_mailing_queue")
        sent = mailing.mailing_trace_ids.filtered(lambda trace: trace.trace_status != "cancel")
        numbers = sorted(number.replace(" ", "") for number in sent.mapped("sms_number"))
        self.assertEqual(numbers, ["+842838234561", "+842838234562"])
        left_out = {trace.res_id: trace.failure_type for trace in mailing.mailing_trace_ids - sent}
        self.assertEqual(left_out[self.oak.id], "sms_blacklist")
        self.assertNotIn(self.pine.id, mailing.mailing_trace_ids.mapped("res_id"))
