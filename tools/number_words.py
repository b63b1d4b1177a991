from odoo.tools.misc import get_lang


def format_number(env, number):
    """Return the number as the user's language writes it, with as many decimals as it has.

    In Vietnamese 33.5 is 33,5, and 1500000.0 is 1.500.000.
    """
    language = env["res.lang"].browse(get_lang(env).id)
    return language.format("%.15g", number, grouping=True)
