"""The message that shows for a moment once an action is done."""

AFTERWARDS = {
    "reload": {"type": "ir.actions.client", "tag": "soft_reload"},
    "close": {"type": "ir.actions.act_window_close"},
}


def notify(message, kind="success", then=None):
    """Return the client action that shows a message.

    :param str message: what is told, in the language of the user
    :param str kind: ``success``, ``info``, ``warning`` or ``danger``
    :param str then: what the client does next: ``reload`` the screen, ``close`` the dialog
    """
    params = {"type": kind, "message": message}
    if then:
        params["next"] = dict(AFTERWARDS[then])
    return {"type": "ir.actions.client", "tag": "display_notification", "params": params}
