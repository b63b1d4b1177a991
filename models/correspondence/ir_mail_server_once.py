from odoo import models


class IrMailServer(models.Model):
    """The moment in which a mail leaves, see ``mail.mail.is_sent_once``."""

    _inherit = "ir.mail_server"

    def send_email(self, message, *args, **kwargs):
        mail = self.env.context.get("relations_handing_over")
        # a client's context holds no record
        if isinstance(mail, models.BaseModel):
            mail._note_handing_over()
        return super().send_email(message, *args, **kwargs)
