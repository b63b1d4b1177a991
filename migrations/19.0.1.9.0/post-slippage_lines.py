"""How many lines the slippage of a scorecard is the mean of; until now as many as the lead time."""


def migrate(cr, version):
    """Fill it for scorecards that are not computed again."""
    if not version:
        return
    cr.execute(
        "UPDATE supplier_scorecard SET slippage_line_count = received_line_count WHERE slippage_line_count IS NULL"
    )
