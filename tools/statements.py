"""What statements of reports want of PostgreSQL."""

JIT = "partner_relations.jit"


def switch_jit_off(cr):
    """Switch PostgreSQL's compiling off for the transaction: it takes longer than reading does. Asked once."""
    if not is_jit_off(cr):
        cr.execute("SET LOCAL jit = off")


def is_jit_off(cr):
    """Return whether it was switched off already, and note that it is."""
    done = cr.precommit.data.setdefault(JIT, [])
    done.append(True)
    return len(done) > 1
