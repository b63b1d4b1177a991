from . import bonus_csv, contact_vcard, excel
