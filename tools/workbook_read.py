"""Reading an Excel file that came from outside: what it says of itself is not believed."""

import io
import zipfile

import openpyxl

MAX_BYTES = 10 * 1024 * 1024
# What the file may become when it is unpacked: a list of fifty thousand rows has some thirty megabytes.
MAX_UNPACKED = 100 * 1024 * 1024
MAX_PARTS = 1_000
MAX_COLUMNS = 100


class NoWorkbook(ValueError):
    """No Excel file, or one that is damaged."""


class TooBig(ValueError):
    """More than anybody would send in earnest."""


def read_rows(data, max_rows):
    """Return the rows of the first sheet as tuples of values, at most ``max_rows`` of ``MAX_COLUMNS`` cells.

    A few bytes may be packed so that they fill any memory when they are unpacked. The sizes are asked of the
    directory of the archive first; Python unpacks no more of a part than it says there.

    :raises TooBig: for a file that is big, or becomes so
    :raises NoWorkbook: for anything that is not read

    >>> read_rows(b"no file", 10)  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    NoWorkbook: File is not a zip file
    """
    if len(data) > MAX_BYTES:
        raise TooBig(f"{len(data)} bytes")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
            raise TooBig(f"{len(parts)} parts of {unpacked} bytes")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            return list(sheet.iter_rows(values_only=True, max_row=max_rows, max_col=MAX_COLUMNS))
        finally:
            book.close()
    except TooBig:
        raise
    except Exception as error:
        # whatever a damaged or forged file provokes in the readers of archives and of XML
        raise NoWorkbook(str(error)) from error
