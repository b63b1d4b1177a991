from collections import defaultdict

from odoo import models


class MailActivity(models.Model):
    """The words that the morning e-mail tells of an activity."""

    _inherit = "mail.activity"

    def _get_names_by_user(self):
        """``{(user id, activity id): name of the document}`` where its user may read the document.

        A query for the names and one for the rights of each model and user.
        """
        result = {}
        by_model = defaultdict(lambda: defaultdict(list))
        for activity in self:
            by_model[activity.res_model][activity.user_id].append(activity)
        for model, by_user in by_model.items():
            if model not in self.env:
                continue
            for user, activities in by_user.items():
                documents = (
                    self.env[model]
                    .with_user(user)
                    .with_context(allowed_company_ids=user.company_ids.ids)
                    .browse({activity.res_id for activity in activities})
                    .exists()
                    ._filtered_access("read")
                )
                names = {document.id: document.display_name for document in documents}
                result.update(
                    ((user.id, activity.id), names[activity.res_id])
                    for activity in activities
                    if activity.res_id in names
                )
        return result
