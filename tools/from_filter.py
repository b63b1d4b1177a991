"""The senders that an outgoing mail server of Odoo sends for."""


def change_sender(from_filter, old, new, keep_old=False):
    """Return the filter of a mail server after the address of its mailbox has changed.

    What else stands in the filter, other addresses and whole domains, stays. A filter that was empty while the mailbox
    had an address was meant to be: the server may send for everybody.

    :param from_filter: addresses and domains with commas between them
    :param old: the normalized address before; empty without one
    :param new: the normalized address now; empty without one
    :param keep_old: somebody else still sends from the old address by this server
    :return: the filter; False for an empty one

    >>> change_sender("old@our.example.com", "old@our.example.com", "new@our.example.com")
    'new@our.example.com'
    >>> change_sender("a@our.example.com, Old@our.example.com,b.com", "old@our.example.com", "new@x.example.com")
    'a@our.example.com,new@x.example.com,b.com'
    >>> change_sender("our.example.com", "old@our.example.com", "new@our.example.com")
    'our.example.com'
    >>> change_sender("our.example.com", "old@our.example.com", "new@x.example.com")
    'our.example.com,new@x.example.com'
    >>> change_sender("old@our.example.com", "old@our.example.com", "new@our.example.com", keep_old=True)
    'old@our.example.com,new@our.example.com'
    >>> change_sender(False, False, "new@our.example.com")
    'new@our.example.com'
    >>> change_sender(False, "old@our.example.com", "new@our.example.com")
    False
    >>> change_sender("old@our.example.com", "old@our.example.com", False)
    False
    """
    parts = [part.strip() for part in (from_filter or "").split(",") if part.strip()]
    if not parts and old:
        return False
    place = len(parts)
    if old and not keep_old:
        places = [number for number, part in enumerate(parts) if part.lower() == old]
        parts = [part for part in parts if part.lower() != old]
        place = places[0] if places else len(parts)
    if new and not {new, new.rpartition("@")[2]} & {part.lower() for part in parts}:
        parts.insert(place, new)
    return ",".join(parts) or False
