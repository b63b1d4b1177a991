from . import bonus_csv, contact_vcard, core_exports, excel
