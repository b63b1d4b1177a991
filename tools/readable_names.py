"""Names of records whose ids somebody has sent: a filter, a wizard, a condition.

A list of Odoo shows the name of whatever a readable record points to. An id that a client sends points from nothing: by
counting through ids, all names of the database could be asked for.
"""


def readable_names(records):
    """Return ``{id: name}`` of the records that their user may read; archived ones are among them, others not at all.

    :param records: a recordset of a user, whatever its ids
    """
    known = records.with_context(active_test=False).exists()._filtered_access("read")
    # sudo: the name of a readable record may be made of what it points to, as in every list of Odoo
    return {record.id: record.display_name for record in known.sudo()}
