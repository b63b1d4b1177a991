from odoo import fields, models
from odoo.tools import SQL

from .manager_indicator import Facts


class ManagerIndicator(models.Model):
    """How fast letters of customers are answered, and how many of them in time.

    A letter is an incoming one that a person wrote, of a mailbox of the company, and not junk; from a customer, or
    from somebody who is no contact yet. It is its executor's; where nobody was made responsible, that of whoever
    answered it.

    **Response time** = working hours of the mailbox from registration to the first answer, the mean of the letters that
    were first answered in the period. **Letters in time** = letters answered or closed by their deadline ÷ letters
    whose deadline lay in the period and has passed, or that are done; letters never answered count as late.
    """

    _inherit = "manager.indicator"

    source = fields.Selection(selection_add=[("letters", "Letters")], ondelete={"letters": "cascade"})

    def _facts_letters(self, params):
        self.env["partner.letter"].flush_model()
        self.env["res.partner"].flush_model(["customer_rank", "supplier_rank"])
        rows = SQL(
            """
            SELECT COALESCE(letter.user_id, letter.answered_by_id) AS user_id, 'partner.letter' AS res_model,
                   letter.id AS res_id, letter.commercial_partner_id AS partner_id,
                   (letter.date AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS date,
                   CASE WHEN letter.date_answered >= %(start)s AND letter.date_answered < %(end)s
                        THEN letter.response_hours END AS hours,
                   CASE WHEN letter.date_deadline >= %(start)s AND letter.date_deadline < %(end)s
                        THEN CASE WHEN LEAST(letter.date_answered, letter.date_done) <= letter.date_deadline THEN 1
                                  WHEN letter.date_deadline < %(now)s THEN 0 END
                   END AS in_time
              FROM partner_letter AS letter
         LEFT JOIN res_partner AS customer ON customer.id = letter.commercial_partner_id
             WHERE letter.direction = 'in' AND letter.kind = 'letter' AND letter.is_junk IS NOT TRUE
               AND letter.company_id = %(company)s
               AND (
                    (letter.date_answered >= %(start)s AND letter.date_answered < %(end)s)
                    OR (letter.date_deadline >= %(start)s AND letter.date_deadline < %(end)s)
               )
               AND (customer.id IS NULL OR %(is_customer)s)""",
            tz=params.tz,
            start=params.start,
            end=params.end,
            now=fields.Datetime.now(),
            company=params.company.id,
            is_customer=self._get_is_customer_sql(SQL.identifier("customer")),
        )
        return Facts(
            rows,
            {
                "letter_response": (
                    SQL("fact.hours"),
                    SQL("CASE WHEN fact.hours IS NOT NULL THEN 1 END"),
                ),
                "letters_in_time": (
                    SQL("fact.in_time"),
                    SQL("CASE WHEN fact.in_time IS NOT NULL THEN 1 END"),
                ),
            },
        )
