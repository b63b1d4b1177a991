"""Customers with a history of sales and two posted runs, for the tests of what shows them."""

from .invoicing import InvoicingCommon


class ClassifiedCommon(InvoicingCommon):
    """Two runs of ``company_eur``, to 30 September 2024 (``run1``) and to 31 March 2025 (``run2``, current).

    In the second one, by salesperson: ``big`` A X regular (user_sales), ``mid`` B Z regular (user_sub), ``small``
    C one-time (user_sales2), ``gone`` lost (user_sales), ``prospect`` potential (nobody). Every invoice has one
    chair, which costs 10 euro or 15 dollars.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.big = cls._create_company_partner("Big Customer", user_id=cls.user_sales.id)
        cls.mid = cls._create_company_partner("Middle Customer", user_id=cls.user_sub.id)
        cls.small = cls._create_company_partner("Small Customer", user_id=cls.user_sales2.id)
        cls.gone = cls._create_company_partner("Gone Customer", user_id=cls.user_sales.id)
        cls.prospect = cls._create_company_partner("Prospect")
        for month in range(12):
            year, number = divmod(month + 3, 12)
            cls._sell(cls.big, 1200, f"{2024 + year}-{number + 1:02}-15")
        cls._sell(cls.mid, 2000, "2024-04-10")
        cls._sell(cls.mid, 2000, "2025-03-10")
        cls._sell(cls.small, 500, "2025-03-31")
        cls._sell(cls.gone, 700, "2024-05-20")
        cls.run1 = cls._classify(cls.company_eur, "2024-09-30")
        cls.run2 = cls._classify(cls.company_eur, "2025-03-31")

    @classmethod
    def _sell(cls, partner, price, date, **values):
        line = {"product_id": cls.chair.id, "quantity": 1, "price_unit": price}
        return cls._create_invoice([line], partner=partner, date=date, **values)

    @classmethod
    def _classify(cls, company, date_to, post=True, kind="customer"):
        policy = cls.env["partner.classification.policy"]._get_for(company, kind)
        run = (
            cls.env["partner.classification"]
            .with_company(company)
            .create({"policy_id": policy.id, "date_to": date_to})
        )
        run.action_compute()
        if post:
            run.action_post()
        return run

    @classmethod
    def _as(cls, user, *companies):
        """The classifications as ``user`` sees them in ``companies``, those of the user without any."""
        companies = companies or user.company_ids
        context = {**cls.env.context, "allowed_company_ids": [company.id for company in companies]}
        return cls.env["partner.classification"].with_user(user).with_context(**context)
