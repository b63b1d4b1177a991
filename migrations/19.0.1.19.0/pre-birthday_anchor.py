"""The form of a contact tells the next birthday beside the day of birth: what stood after its field moves elsewhere.

Odoo checks the form against the views that extend it before these are read anew. Those of others are moved as well.
"""


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        r"""
        UPDATE ir_ui_view AS view
           SET arch_db = replace(view.arch_db::text, 'name=\"next_birthday\" position=\"after\"',
                                 'name=\"preferred_channel\" position=\"before\"')::jsonb
          FROM ir_model_data AS form
         WHERE form.module = 'partner_relations' AND form.name = 'res_partner_view_form' AND form.model = 'ir.ui.view'
           AND view.inherit_id = form.res_id
           AND view.arch_db::text LIKE '%%name=\\"next_birthday\\" position=\\"after\\"%%'"""
    )
