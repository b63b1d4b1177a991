"""Stub until the branch `kind` brings the recognition."""

from .auto_reply import is_auto_reply


def classify(message, own_addresses=frozenset()):
    if message.get_content_type() == "multipart/report":
        return "bounce"
    if message.get("List-Unsubscribe") or message.get("List-Id"):
        return "newsletter"
    return "auto_reply" if is_auto_reply(message, str(message.get("Subject") or "")) else "letter"


def bounced_recipients(message):
    return []


def bounced_message_id(message):
    return None
