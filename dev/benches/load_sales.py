"""Loading a sales history: 25,000 invoices of 5,000 customers by what `dev/load_sales` runs, from the file on."""

import random
import tempfile
from datetime import date, timedelta
from pathlib import Path

from house import sales
from house.sales_loader import Loader

DATABASES = ("with",)
OPTIONS = {
    "invoices": (25_000, "invoices of the file"),
    "customers": (5_000, "customers of the file"),
}
LOADED = "read and load the file"
LIMIT_SECONDS = 60


def measure(env, timer, options):
    chance = random.Random(25)
    first = date.today() - timedelta(days=730)
    rows = ["customer,date,amount,order"]
    for order in range(options["invoices"]):
        day = first + timedelta(days=chance.randrange(730))
        rows.append(
            f"C{chance.randrange(options['customers'])},{day},{chance.randrange(500, 200_000) / 100},{order}"
        )
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write("\n".join(rows))
        file.flush()
        found = []
        timer.median(
            LOADED,
            lambda: found.append(Loader(env, sales.read(Path(file.name))).load()),
            rounds=1,
            warmup=0,
        )
    assert found[0]["invoices"] == options["invoices"], found


def figures(results, options):
    seconds = results["with"][LOADED] / 1000
    yield (
        f"{options['invoices']:,} invoices loaded, seconds",
        f"{seconds:.0f}",
        f"<= {LIMIT_SECONDS}",
        seconds <= LIMIT_SECONDS,
    )
