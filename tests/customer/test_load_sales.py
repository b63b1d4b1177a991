import itertools
import random
import sys
import tempfile
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from odoo.modules.module import get_module_path
from odoo.tests import tagged

from .sales_history import Document, SalesHistoryCommon
from .test_classification import ClassificationCompare, cases

DEV = Path(get_module_path("partner_relations")).resolve() / "dev"

# An installation without the commands of the developers has nothing to test here.
if DEV.is_dir():

    @tagged("post_install", "-at_install")
    class TestLoadSales(ClassificationCompare, SalesHistoryCommon):
        """A sales history loaded by ``dev/load_sales`` is classified as the plain functions say."""

        def _read(self):
            """Rows of the CDNOW sample, where it is at hand; else of a history of its kind, with many ties."""
            sys.path.insert(0, str(DEV))
            self.addCleanup(sys.path.remove, str(DEV))
            from house import sales

            path = cases() / "sales" / "cdnow_sample_tidy.csv"
            if path.is_file():
                return sales.read(path)
            rng = random.Random(1997)
            rows = ["customer,date,amount,order"]
            for order in range(2500):
                day = date(1997, 1, 1) + timedelta(days=int(rng.triangular(0, 545, 0)))
                amount = rng.choice((1149, 1199, 1477, 2954, 0, -500, rng.randrange(500, 20000)))
                rows.append(f"C{rng.randrange(800)},{day},{Decimal(amount) / 100},{order}")
            with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
                file.write("\n".join(rows))
                file.flush()
                return sales.read(Path(file.name))

        def test_end_of_a_row(self):
            """A row ends where CSV says so, not at what Unicode takes for the end of a line."""
            sys.path.insert(0, str(DEV))
            self.addCleanup(sys.path.remove, str(DEV))
            from house import sales

            with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
                file.write("customer,date,amount,order\r\nAnh\u2028Em,2026-01-05,5,1\r\n")
                file.flush()
                rows = sales.read(Path(file.name))
            self.assertEqual([(row.customer, row.amount) for row in rows], [("Anh\u2028Em", 5)])

        def test_decimal_comma(self):
            """It is read where all amounts have it and one can be read in no other way; what is not sure is refused."""
            sys.path.insert(0, str(DEV))
            self.addCleanup(sys.path.remove, str(DEV))
            from house import core, sales

            def read(*amounts):
                with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
                    file.write("customer;date;amount;order\n")
                    file.writelines(
                        f"An;2026-01-05;{amount};{order}\n" for order, amount in enumerate(amounts)
                    )
                    file.flush()
                    return [str(row.amount) for row in sales.read(Path(file.name))]

            for amounts, expected in (
                (("1.234,56", "12", "1.500", "1,234", "-0,5"), ["1234.56", "12", "1500", "1.234", "-0.5"]),
                (("1.500.000", "250.000"), ["1500000", "250000"]),
                (("1234,567", "1"), ["1234.567", "1"]),
                (("1234.50", "1.500", "12"), ["1234.50", "1.500", "12"]),
            ):
                self.assertEqual(read(*amounts), expected)
            for amounts, faulty in (
                (("1,234", "5"), ["1,234"]),
                (("1,234", "1.234"), ["1,234"]),
                (("1.234,56", "1.5"), ["1.234,56"]),
                (("1.234,56", "1,234.56"), ["1,234.56"]),
                (("1,5", "", "1.2345,6"), ["", "1.2345,6"]),
            ):
                with self.assertRaises(core.Failure) as caught:
                    read(*amounts)
                faults = caught.exception.what.split("\n")[1:]
                self.assertEqual(len(faults), len(faulty), amounts)
                for fault, amount in zip(faults, faulty, strict=True):
                    self.assertIn(f"amount: `{amount}` is no amount", fault)

        def test_classes(self):
            rows = self._read()
            from house.sales_loader import Loader

            env = self.env(context={"allowed_company_ids": self.company_eur.ids})
            loader = Loader(env, rows)
            result = loader.load()
            partners, created = loader._partners({row.customer for row in rows})
            self.assertEqual((created, result["rounded"]), (0, 0))
            orders = defaultdict(list)
            for row in rows:
                orders[row.order].append(row)
            documents = [
                Document(partners[lines[0].customer].id, lines[0].date, sum(line.amount for line in lines))
                for lines in orders.values()
            ]
            self.assertEqual(result["invoices"] + result["refunds"], len(documents))
            # as autovacuum does once they are committed: without it, each run takes as long as all else here
            self.env.cr.execute("ANALYZE account_move, account_move_line, res_partner")
            for border, deviation in itertools.product(("higher", "lower"), ("population", "sample")):
                with self.subTest(border=border, deviation=deviation):
                    policy = self._create_policy(abc_border=border, xyz_deviation=deviation, xyz_scope="all")
                    run = self._create_run(policy, date_to=date(1998, 6, 30))
                    self._compare(run, documents, policy)
