"""Stub until the branch `kind` brings threading."""

import re

_ID = re.compile(r"<[^<>\s]+>")
_PREFIX = re.compile(r"^\s*(re|aw|sv|tr|fw|fwd|wg|trả lời)(\[\d+\])?\s*:\s*", re.IGNORECASE)


def clean_message_ids(header):
    return _ID.findall(header or "")


def base_subject(subject):
    subject = " ".join((subject or "").split())
    while _PREFIX.match(subject):
        subject = _PREFIX.sub("", subject, count=1)
    return subject
