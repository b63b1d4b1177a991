"""The work plans of this week and the next, which a nightly job makes otherwise."""


def load_work_plans(env, today):
    """They come after everything that is planned."""
    plans = env["partner.work.plan"]
    users = env.ref("partner_relations.group_user").all_user_ids
    users = users.filtered(lambda user: user.active and not user.share and user.relations_work_plan)
    plans._fill(users, plans._get_monday(today))
