import re
from collections import defaultdict

from odoo import api, models


class MailActivity(models.Model):
    """The words that the morning e-mail tells of an activity."""

    _inherit = "mail.activity"

    def _get_names_by_user(self):
        """``{(user id, activity id): name of the document}`` where its user may read the document.

        With the contact that the document is of, where its name does not tell; the contact alone where the activity
        says the name. Some queries for the names and one for the rights of each model and user.
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
                contacts = self._get_contact_names(documents, names)
                for activity in activities:
                    if activity.res_id not in names:
                        continue
                    name, contact = names[activity.res_id], contacts.get(activity.res_id)
                    if contact:
                        name = contact if activity.summary == name else f"{contact}: {name}"
                    result[user.id, activity.id] = name
        return result

    @api.model
    def _get_contact_names(self, documents, names):
        """``{document id: name of its contact}`` of those whose own name does not tell it."""
        field = documents._fields.get("partner_id")
        if not field or field.comodel_name != "res.partner" or not documents._has_field_access(field, "read"):
            return {}
        # sudo: whose the document is, which is shown to whoever may read the document
        contacts = {document.id: document.partner_id for document in documents.sudo()}
        return {
            res_id: contact.display_name
            for res_id, contact in contacts.items()
            if contact
            # as a word: short names are parts of others
            and not re.search(
                rf"(?<!\w){re.escape(contact.name or contact.display_name)}(?!\w)", names[res_id] or ""
            )
        }
