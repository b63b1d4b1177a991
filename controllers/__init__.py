from . import bonus_csv, excel
