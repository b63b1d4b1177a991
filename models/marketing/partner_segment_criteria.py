from odoo import api, models


def _of_company(name):
    return [(f"commercial_partner_id.{name}", "in", [])]


class PartnerSegment(models.Model):
    """Conditions that are offered ready-made for a rule, in the words of marketing."""

    _inherit = "partner.segment"

    @api.model
    @api.readonly
    def get_criteria(self):
        """Return what the form offers to be added to a rule, by group.

        What needs a choice comes without one, to be chosen in the rule.

        :return: ``[{"name", "criteria": [{"key", "name", "domain"}, ...]}, ...]``
        """
        fields_of = self.env["res.partner"]
        groups = []
        for name, criteria in self._get_criteria_groups():
            shown = [
                {"key": key, "name": label, "domain": domain}
                for key, label, domain, *needed in criteria
                if all(
                    field in fields_of._fields
                    and fields_of._has_field_access(fields_of._fields[field], "read")
                    for field in needed
                )
            ]
            if shown:
                groups.append({"name": name, "criteria": shown})
        return groups

    @api.model
    def _get_criteria_groups(self):
        """Return ``[(group, [(key, label, domain, field it needs, ...), ...]), ...]``; other addons may add theirs."""
        return [
            (
                self.env._("Contact"),
                [
                    ("all", self.env._("All contacts"), []),
                    ("country", self.env._("Country"), [("country_id", "in", [])]),
                    ("state", self.env._("Region (state)"), [("state_id", "in", [])]),
                    ("function", self.env._("Job position contains"), [("function", "ilike", "")]),
                    (
                        "role",
                        self.env._("Role in decisions"),
                        ["|", ("contact_role_id", "in", []), ("contact_role_more_ids", "in", [])],
                        "contact_role_id",
                        "contact_role_more_ids",
                    ),
                    ("lang", self.env._("Language"), [("lang", "=", False)]),
                    ("tags", self.env._("Tags"), [("category_id", "in", [])]),
                    ("email", self.env._("Has an e-mail address"), [("email_normalized", "!=", False)]),
                    ("phone", self.env._("Has a phone number"), [("phone", "!=", False)]),
                    (
                        "blacklist",
                        self.env._("E-mail address not blacklisted"),
                        [("is_blacklisted", "=", False)],
                    ),
                    (
                        "completeness",
                        self.env._("Completeness at least 60%"),
                        [("contact_completeness", ">=", 60)],
                        "contact_completeness",
                    ),
                ],
            ),
            (
                self.env._("Its company"),
                [
                    (
                        "company_country",
                        self.env._("Country of the company"),
                        _of_company("country_id"),
                    ),
                    (
                        "company_state",
                        self.env._("Region of the company"),
                        _of_company("state_id"),
                    ),
                    ("industry", self.env._("Industry"), _of_company("industry_id")),
                    ("market", self.env._("Market"), [("market_id", "in", [])], "market_id"),
                    ("user", self.env._("Salesperson"), _of_company("user_id")),
                    (
                        "company_tags",
                        self.env._("Tags of the company"),
                        _of_company("category_id"),
                    ),
                ],
            ),
            (
                self.env._("Classes"),
                [
                    ("abc", self.env._("ABC class A or B"), [("abc_class", "in", ["a", "b"])], "abc_class"),
                    ("xyz", self.env._("XYZ class X or Y"), [("xyz_class", "in", ["x", "y"])], "xyz_class"),
                    (
                        "stage",
                        self.env._("Stage regular"),
                        [("relation_stage", "in", ["regular"])],
                        "relation_stage",
                    ),
                    (
                        "lost",
                        self.env._("Stage lost"),
                        [("relation_stage", "in", ["lost"])],
                        "relation_stage",
                    ),
                ],
            ),
            (
                self.env._("Contact history"),
                [
                    (
                        "contacted",
                        self.env._("Last contact within 90 days"),
                        [("last_contact_days", "<=", 90)],
                        "last_contact_days",
                    ),
                    (
                        "not_contacted",
                        self.env._("No contact for 90 days, or never"),
                        [("last_contact_days", ">", 90)],
                        "last_contact_days",
                    ),
                ],
            ),
            (
                self.env._("Purchases"),
                [
                    (
                        "bought",
                        self.env._("Bought of a product category within 12 months"),
                        [
                            (
                                "turnover_ids",
                                "any",
                                [
                                    "&",
                                    "&",
                                    ("categ_id", "child_of", []),
                                    ("months_ago", "<=", 12),
                                    ("revenue", ">", 0),
                                ],
                            )
                        ],
                        "turnover_ids",
                    ),
                    (
                        "not_bought",
                        self.env._("Bought nothing for 12 months"),
                        [("turnover_ids", "not any", ["&", ("months_ago", "<=", 12), ("revenue", ">", 0)])],
                        "turnover_ids",
                    ),
                ],
            ),
        ]
