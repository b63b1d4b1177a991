"""The work plans of this week and the next, which a nightly job makes otherwise."""

from datetime import timedelta

# Whose plan of the next week waits for the superior already.
SUBMITTED = ("thao", "hung")


def load_work_plans(env, today, users):
    """They come after everything that is planned."""
    plans = env["partner.work.plan"]
    planners = env.ref("partner_relations.group_user").all_user_ids
    planners = planners.filtered(lambda user: user.active and not user.share and user.relations_work_plan)
    monday = plans._get_monday(today)
    plans._fill(planners, monday)
    for login in SUBMITTED:
        plan = plans.search(
            [("user_id", "=", users[login].id), ("date_from", "=", monday + timedelta(days=7))]
        )
        if plan.line_ids.filtered(lambda line: line.state != "cancelled"):
            plan.with_user(users[login]).action_submit()
