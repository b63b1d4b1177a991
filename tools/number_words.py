from odoo.tools import float_compare
from odoo.tools.misc import formatLang, get_lang


def format_number(env, number):
    """Return the number as the user's language writes it, with as many decimals as it has.

    In Vietnamese 33.5 is 33,5, and 1500000.0 is 1.500.000.
    """
    language = env["res.lang"].browse(get_lang(env).id)
    return language.format("%.15g", number, grouping=True)


def format_price(env, price, currency):
    """Return a price with the decimals of its currency, or with those of prices where it has more than that.

    A price of 100,000 đồng has no cents; one of a screw may have more than two decimals.
    """
    is_whole = get_price_decimals(env, price, currency) is None
    return formatLang(env, price, dp=None if is_whole else "Product Price", currency_obj=currency)


def get_price_decimals(env, price, currency):
    """Return the decimals of prices if the price has more than its currency, else None."""
    digits = env["decimal.precision"].precision_get("Product Price")
    is_whole = float_compare(price, currency.round(price), precision_digits=digits) == 0
    return None if is_whole else digits


def format_percent(env, number, **options):
    """Return a number of percent as the screens' own widgets write shares, such as 18.2%, in Vietnamese 18,2%.

    :param options: of core's ``formatLang``, such as ``digits``; without any, as many decimals as there are
    """
    words = formatLang(env, number, **options) if options else format_number(env, number)
    return f"{words}%"
