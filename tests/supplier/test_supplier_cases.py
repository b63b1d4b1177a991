import csv
import os
import random
import statistics
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

from odoo.modules.module import get_module_path
from odoo.tests import freeze_time, tagged

from .purchasing import NOW, PurchasingCommon, Window

SHIPMENTS, SCORECARD = "scms_extract_2013_4vendors.csv", "scms_extract_2013_4vendors_scorecard.csv"


def cases():
    """Real shipments kept beside the project; without them invented ones of their kind do."""
    folder = os.environ.get("PARTNER_RELATIONS_CASES")
    folder = (
        Path(folder)
        if folder
        else Path(get_module_path("partner_relations")).resolve().parent / "shared/cases"
    )
    return folder / "suppliers"


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSupplierCases(PurchasingCommon):
    """Shipment lines loaded as orders and receipts give the figures of the reference scorecard."""

    def _shipments(self):
        """Rows of vendor, value, days of order, promise and delivery."""
        path = cases() / SHIPMENTS
        if path.is_file():
            return read(path)
        rng = random.Random(2013)
        rows = []
        for vendor in ("Vendor A", "Vendor B"):
            for _number in range(60):
                sent = date(2013, 1, 1) + timedelta(days=rng.randrange(200))
                scheduled = sent + timedelta(days=rng.randrange(30, 200))
                delivered = scheduled + timedelta(days=rng.choice((0, 0, 0, -8, -1, 1, 6, 80)))
                rows.append(
                    {
                        "vendor": vendor,
                        "value": str(rng.randrange(100, 900_000)),
                        "po_sent": str(sent),
                        "scheduled": str(scheduled),
                        "delivered": str(delivered),
                    }
                )
        return rows

    def _reference(self, rows):
        """The scorecard that came with the shipments, else the same figures of the invented ones."""
        path = cases() / SCORECARD
        if path.is_file():
            return {row["vendor"]: row for row in read(path)}
        result = {}
        for vendor in {row["vendor"] for row in rows}:
            own = [row for row in rows if row["vendor"] == vendor]
            sent, planned, came = (
                [date.fromisoformat(row[name]) for row in own]
                for name in ("po_sent", "scheduled", "delivered")
            )
            delays = [(b - a).days for a, b in zip(planned, came, strict=True)]
            leads = [(b - a).days for a, b in zip(sent, came, strict=True)]
            late = [delay for delay in delays if delay > 0]
            values = [float(row["value"]) for row in own]
            in_time = sum(value for value, delay in zip(values, delays, strict=True) if delay <= 0)
            result[vendor] = {
                "lines": len(own),
                "on_time_rate_by_value_pct": 100 * in_time / sum(values),
                "avg_delay_signed_days": statistics.mean(delays),
                "median_delay_days": statistics.median(delays),
                "max_delay_days": max(delays),
                "delay_std_pop": statistics.pstdev(delays),
                "avg_delay_late_only_days": statistics.mean(late) if late else "",
                "lead_time_lines": len(own),
                "avg_lead_time_days": statistics.mean(leads),
                "median_lead_time_days": statistics.median(leads),
                "lead_time_std_pop": statistics.pstdev(leads),
                "avg_planned_lead_days": statistics.mean(
                    (b - a).days for a, b in zip(sent, planned, strict=True)
                ),
            }
        return result

    def _load(self, rows):
        """An order of one line for each shipment, and its receipt."""
        suppliers = {
            vendor: self._create_supplier(vendor) for vendor in sorted({row["vendor"] for row in rows})
        }
        by_sent = defaultdict(list)
        for row in rows:
            by_sent[row["vendor"], row["po_sent"]].append(row)
        movements = []
        for (vendor, sent), shipments in by_sent.items():
            order = self._order(
                *[
                    {
                        "product_qty": 1,
                        "price_unit": float(row["value"]),
                        "promised": date.fromisoformat(row["scheduled"]),
                    }
                    for row in shipments
                ],
                partner=suppliers[vendor],
                confirmed=date.fromisoformat(sent),
            )
            movements += [
                (line, 1, date.fromisoformat(row["delivered"]))
                for line, row in zip(order.order_line, shipments, strict=True)
            ]
        self._move(*movements)
        return suppliers

    def test_shipments(self):
        rows = self._shipments()
        self.assertTrue(all(row["po_sent"] for row in rows))
        suppliers = self._load(rows)
        promised = [date.fromisoformat(row["scheduled"]) for row in rows]
        self._compute(window=Window(min(promised), max(promised)))
        cards = self.cards.search([("company_id", "=", self.company.id)])
        cards = {card.partner_id: card for card in cards}
        deviations = dict(
            self.report._read_group(
                [("partner_id", "in", [p.id for p in suppliers.values()])],
                ["partner_id"],
                ["slippage_days:array_agg"],
            )
        )
        reference = self._reference(rows)
        self.assertEqual(len(reference), len(suppliers))
        for vendor, expected in reference.items():
            card = cards[suppliers[vendor]]
            figures = {
                "lines": card.due_line_count,
                "lead_time_lines": card.received_line_count,
                "on_time_rate_by_value_pct": 100 * card.on_time_rate,
                "avg_delay_signed_days": card.slippage_days_mean,
                "median_delay_days": card.slippage_days_median,
                "max_delay_days": card.slippage_days_max,
                "delay_std_pop": statistics.pstdev(deviations[card.partner_id]),
                "avg_delay_late_only_days": card.late_days_mean,
                "avg_lead_time_days": card.lead_days_mean,
                "median_lead_time_days": card.lead_days_median,
                "lead_time_std_pop": card.lead_days_deviation,
                "avg_planned_lead_days": card.promised_lead_days_mean,
            }
            for name, value in figures.items():
                with self.subTest(vendor=vendor, figure=name):
                    if expected[name] == "":
                        self.assertIs(value, False)
                    else:
                        # the reference has four digits
                        self.assertAlmostEqual(
                            value, float(expected[name]), delta=0.0000501 if value else 0.0001
                        )
