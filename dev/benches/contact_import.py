"""An address book of 20,000 contacts: read, compared with what is known, and imported.

A tenth of the contacts are known already by their email, and they belong to a fortieth as many companies. Everything
is done as somebody with no more than the right to make contacts, the import in the scheduler's batches, which commit.
One round each: what is measured is minutes.
"""

import base64

DATABASES = ("full",)
OPTIONS = {"contacts": (20_000, "contacts of the file")}
LOGIN = "bench_import"

PREVIEW = "read, with duplicates looked for (CSV)"
IMPORT = "imported, in batches (CSV)"
CARDS = "read, with duplicates looked for (vCard)"
UNDO = "taken back"
LIMIT = 180


def prepare(env, _label, options):
    if env["res.users"].search_count([("login", "=", LOGIN)]):
        return
    env["res.users"].create(
        {
            "name": "Importer",
            "login": LOGIN,
            "company_id": env.company.id,
            "company_ids": [(6, 0, env.company.ids)],
            "group_ids": [(6, 0, env.ref("base.group_partner_manager").ids + env.ref("base.group_user").ids)],
        }
    )
    env["res.partner"].create(
        [
            {"name": f"Import {number}", "email": f"import{number}@bench.example"}
            for number in range(0, options["contacts"], 10)
        ]
    )
    env.cr.commit()


def measure(env, timer, options):
    user = env["res.users"].search([("login", "=", LOGIN)])
    model = env(user=user.id)["partner.contact.import"]
    total = options["contacts"]
    rows = "".join(
        f"First{number},Last{number},import{number}@bench.example,0901{number:06},Company {number % (total // 40)},"
        f"{1 + number % 28}.03.1980,1 Street,Huế\n"
        for number in range(total)
    )
    head = (
        "First Name,Last Name,E-mail Address,Business Phone,Company,Birthday,Business Street,Business City\n"
    )
    cards = "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Last{number};First{number};;;\r\nFN:First{number} Last{number}\r\n"
        f"EMAIL:import{number}@bench.example\r\nTEL;TYPE=WORK:0901{number:06}\r\n"
        f"ORG:Company {number % (total // 40)}\r\nBDAY:1980-03-{1 + number % 28:02}\r\nEND:VCARD\r\n"
        for number in range(total)
    )

    def make(text, name):
        return model.create({"file": base64.b64encode(text.encode()), "filename": name})

    by_cards = make(cards, "cards.vcf")
    timer.median(CARDS, by_cards.action_preview, rounds=1, warmup=0, undo=False)
    by_rows = make(head + rows, "rows.csv")
    timer.median(PREVIEW, by_rows.action_preview, rounds=1, warmup=0, undo=False)

    def work(state):
        by_rows._guard_off().state = state
        env["partner.contact.import"]._cron_process()

    timer.median(IMPORT, lambda: work("running"), rounds=1, warmup=0, undo=False)
    if by_rows.created_count + by_rows.updated_count != total:
        raise AssertionError(f"{by_rows.created_count} created, {by_rows.updated_count} updated of {total}")
    timer.median(UNDO, lambda: work("undoing"), rounds=1, warmup=0, undo=False)


def figures(results, options):
    measured = results["full"]
    seconds = (measured[PREVIEW] + measured[IMPORT]) / 1000
    yield (
        f"{options['contacts']:,} contacts previewed and imported, seconds",
        f"{seconds:.0f}",
        f"<= {LIMIT}",
        seconds <= LIMIT,
    )
