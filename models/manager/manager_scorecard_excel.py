from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.workbook import Column

# Lines of a chart that can be told apart, bars that are still readable, sheets that are still found.
RADAR_MANAGERS = 6
CHART_ROWS = 30
MANAGER_SHEETS = 60
EVIDENCE_ROWS = 300


class ManagerScorecard(models.Model):
    """Scorecards as an Excel file: the managers compared, and a sheet for each of them."""

    _name = "manager.scorecard"
    _inherit = ["manager.scorecard", "partner.excel.mixin"]

    def _get_excel_title(self, domain, kind):
        return self.env._("Comparison of Sales Managers")

    def _get_excel_company(self, domain, kind):
        companies = self.search(domain).company_id
        return companies if len(companies) == 1 else super()._get_excel_company(domain, kind)

    def _build_excel(self, book, domain, kind):
        cards = self.search(domain, order="date_to desc, date_from, score desc nulls last, user_id, id")
        # in the order of the score, as an empty one is none
        cards = cards.sorted(
            lambda card: (-card.date_to.toordinal(), card.score is False, -(card.score or 0))
        )
        self._write_excel_comparison(book, cards)
        self._write_excel_lines(book, cards)
        shown = cards[:MANAGER_SHEETS]
        evidence = shown._get_excel_evidence()
        for card in shown:
            card._write_excel_card(book, *evidence.get(card, (0, self.env["manager.scorecard.evidence"])))
        facts = [(self.env._("Scorecards"), len(cards), "integer")]
        if len(cards) > MANAGER_SHEETS:
            facts.append((self.env._("Sheets of managers, the best first"), MANAGER_SHEETS, "integer"))
        facts += self._get_excel_filter_facts(domain)
        facts.append((self.env._("Exported By"), self.env.user.name))
        book.parameters(facts)

    # ------------------------------------------------------------------
    # The managers compared
    # ------------------------------------------------------------------
    def _name_for_excel(self):
        """The manager, with the period where there are several."""
        self.ensure_one()
        return self.user_id.sudo().name  # sudo: the name of a person, as in every list of Odoo

    def _write_excel_comparison(self, book, cards):
        page = book.page(self.env._("Comparison"))
        page.heading(self.env._("Comparison of Sales Managers"))
        if not cards:
            page.note(self.env._("There is no scorecard."))
            return
        periods = len(set(cards.mapped("period_name")))
        name = (lambda card: card.display_name) if periods > 1 else (lambda card: card._name_for_excel())
        if periods == 1:
            page.note(cards[0].period_name)
        scored = cards.filtered(lambda card: card.score is not False)[:CHART_ROWS]
        # a column for closed ranks that are others today, and none where all are as they were
        moved = any(scored.mapped("rank_now_name"))
        block = page.block(
            [
                Column(self.env._("Manager")),
                Column(self.env._("Score"), "float", decimals=1),
                Column(self.env._("Rank"), "integer"),
                Column(self.env._("Change"), "float", decimals=1),
                *([Column(self.env._("Rank Today"))] if moved else []),
            ],
            [
                (
                    name(card),
                    card.score,
                    card.rank or None,
                    None if card.score_change is False else card.score_change,
                    *([card.rank_now_name or None] if moved else []),
                )
                for card in scored
            ],
        )
        if not scored:
            page.note(self.env._("None of them has a score."))
            return
        page.bars(self.env._("Score"), block, 0, [1], height=120 + 22 * len(scored))
        shown = scored[:RADAR_MANAGERS]
        indicators = shown.line_ids.indicator_id.sorted(lambda indicator: (indicator.sequence, indicator.id))
        points = {(line.scorecard_id, line.indicator_id): line.points for line in shown.line_ids}
        indicators = indicators.filtered(
            lambda indicator: any(points.get((card, indicator), False) is not False for card in shown)
        )
        rows = [
            (
                indicator.name,
                *(
                    None if points.get((card, indicator), False) is False else points[card, indicator]
                    for card in shown
                ),
            )
            for indicator in indicators
        ]
        title = self.env._("Points by Indicator")
        block = page.block(
            [Column(self.env._("Indicator")), *(Column(name(card), "float", decimals=1) for card in shown)],
            rows,
            title=title,
        )
        values = list(range(1, len(shown) + 1))
        if len(rows) > 2:
            page.radar(title, block, 0, values)
        page.bars(title, block, 0, values, kind="column")

    def _write_excel_lines(self, book, cards):
        """A row for each indicator of each scorecard."""
        units = dict(self.env["manager.scorecard.line"]._fields["unit"]._description_selection(self.env))
        columns = [
            Column(self.env._("Manager")),
            Column(self.env._("From"), "date"),
            Column(self.env._("To"), "date"),
            Column(self.env._("Score"), "float", decimals=1),
            Column(self.env._("Rank"), "integer"),
            Column(self.env._("Indicator")),
            Column(self.env._("Unit")),
            Column(self.env._("Value"), "float"),
            Column(self.env._("Target"), "float"),
            Column(self.env._("Points"), "float", decimals=1),
            Column(self.env._("Weight"), "float", decimals=1),
            Column(self.env._("Documents"), "integer"),
            Column(self.env._("How It Comes About")),
        ]

        def known(value):
            return None if value is False else value

        book.table(
            self.env._("Indicators"),
            columns,
            (
                (
                    card._name_for_excel(), card.date_from, card.date_to, known(card.score), card.rank or None,
                    line.indicator_id.name, units.get(line.unit), known(line.value), known(line.target),
                    known(line.points), line.weight, line.document_count, line.reason,
                )
                for card in cards
                for line in card.line_ids
            ),
        )  # fmt: skip

    # ------------------------------------------------------------------
    # One manager
    # ------------------------------------------------------------------
    def _get_excel_evidence(self):
        """How many documents each of these closed scorecards has, and the first of them in their usual order.

        :rtype: dict[manager.scorecard, tuple[int, manager.scorecard.evidence]]
        """
        evidence = self.env["manager.scorecard.evidence"]
        domain = Domain("scorecard_id", "in", self.filtered(lambda card: card.state == "closed").ids)
        evidence.flush_model()
        # ids within the rules; SQL around them, as a limit for each scorecard is no search
        query = evidence._search(domain, order=None)
        rows = self.env.execute_query(
            SQL(
                """
                SELECT scorecard_id, id, count
                  FROM (SELECT doc.scorecard_id, doc.id, COUNT(*) OVER (PARTITION BY doc.scorecard_id) AS count,
                               ROW_NUMBER() OVER (
                                   PARTITION BY doc.scorecard_id
                                   ORDER BY indicator.sequence, indicator.id, doc.date DESC, doc.id) AS number
                          FROM manager_scorecard_evidence AS doc
                     LEFT JOIN manager_indicator AS indicator ON indicator.id = doc.indicator_id
                         WHERE doc.id IN (%s)) AS numbered
                 WHERE number <= %s
              ORDER BY scorecard_id, number""",
                query.select(),
                EVIDENCE_ROWS,
            )
        )
        counts, ids = {}, {}
        for card_id, row_id, count in rows:
            counts[card_id] = count
            ids.setdefault(card_id, []).append(row_id)
        # one prefetch for all, so their documents and contacts are named at once
        every = evidence.browse([row_id for _card_id, row_id, _count in rows])
        every.mapped("document")
        return {
            card: (counts[card.id], evidence.browse(ids[card.id]).with_prefetch(every.ids))
            for card in self
            if card.id in ids
        }

    def _write_excel_card(self, book, count, rows):
        """The sheet of one manager; ``count`` is how many documents there are, of which ``rows`` are shown."""
        self.ensure_one()
        page = book.page(self._name_for_excel())
        page.heading(self.display_name)
        facts = [
            (self.env._("Score"), None if self.score is False else self.score, "float"),
            (self.env._("Rank"), self.rank_name or None),
            *([(self.env._("Rank Today"), self.rank_now_name)] if self.rank_now_name else []),
            (
                self.env._("Previous Score"),
                None if self.previous_score is False else self.previous_score,
                "float",
            ),
            (self.env._("Scheme"), self.scheme_id.name),
            (self.env._("State"), dict(self._fields["state"]._description_selection(self.env))[self.state]),
        ]
        page.facts(facts)
        page.note(self.reason)
        block = page.block(
            [
                Column(self.env._("Indicator")),
                Column(self.env._("Value")),
                Column(self.env._("Target")),
                Column(self.env._("Points"), "float", decimals=1),
                Column(self.env._("Weight"), "float", decimals=1),
                Column(self.env._("How It Comes About")),
            ],
            [
                (
                    line.indicator_id.name,
                    line._format_value("value"),
                    line._format_value("target"),
                    None if line.points is False else line.points,
                    line.weight,
                    line.reason,
                )
                for line in self.line_ids
            ],
            title=self.env._("Indicators"),
        )
        if any(line.points is not False for line in self.line_ids):
            page.bars(self.env._("Points"), block, 0, [3], height=120 + 22 * len(self.line_ids))
        if self.state != "closed":
            page.note(self.env._("The documents are kept with the scorecard when it is closed."))
            return
        if count > EVIDENCE_ROWS:
            page.note(
                self.env._("The first %(shown)s of %(count)s documents.", shown=EVIDENCE_ROWS, count=count)
            )
        page.block(
            [
                Column(self.env._("Indicator")),
                Column(self.env._("Document")),
                Column(self.env._("Contact")),
                Column(self.env._("Date"), "date"),
                Column(self.env._("Counted"), "float", decimals=2),
                Column(self.env._("Divided By"), "float", decimals=2),
            ],
            [
                (
                    row.indicator_id.name,
                    row.document,
                    row.partner_id.sudo().display_name
                    or None,  # sudo: the name, of what the own scorecard is made of
                    row.date,
                    None if row.numerator is False else row.numerator,
                    None if row.denominator is False else row.denominator,
                )
                for row in rows
            ],
            title=self.env._("Evidence"),
        )
