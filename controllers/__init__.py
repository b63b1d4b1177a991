from . import excel
