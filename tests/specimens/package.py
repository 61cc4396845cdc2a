"""What belongs to the file as a whole: custom XML, a sensitivity label, properties, a thumbnail, macros."""

from __future__ import annotations

import base64
import io
import re
import struct
import zipfile

from specimens.book import MICROSOFT, MIDNIGHT, TYPES, WORKBOOK, Book, Feature, spreadsheet

ITEM, ITEM_PROPERTIES = "customXml/item1.xml", "customXml/itemProps1.xml"
QUERIES, QUERIES_PROPERTIES = "customXml/item2.xml", "customXml/itemProps2.xml"
LABEL, PROPERTIES, THUMBNAIL = "docMetadata/LabelInfo.xml", "docProps/custom.xml", "docProps/thumbnail.wmf"
PROJECT, RIBBON = "xl/vbaProject.bin", "customUI/customUI14.xml"
XML, CUSTOM_XML = "application/xml", "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
CUSTOM_PROPERTIES = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
LABELS = "application/vnd.ms-office.classificationlabels+xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How an OLE file starts, which a project of macros is."""
SECTION = """section Section1;

shared Vendors = let Source = #table({"Vendor", "Amount"}, {{"Cloud", 420}, {"Network", 110}, {"Power", 70}}) in Source;
"""
QUERY_PARTS = {
    "Config/Package.xml": '<?xml version="1.0" encoding="utf-8"?><Package><Version>2.126.0.0</Version>'
    "<MinVersion>2.21.0.0</MinVersion><Culture>en-GB</Culture></Package>",
    TYPES: '<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="text/xml"/><Default Extension="m" '
    'ContentType="application/x-ms-m"/></Types>',
    "Formulas/Section1.m": SECTION,
}
PERMISSIONS = (
    '<?xml version="1.0" encoding="utf-8"?><PermissionList><CanEvaluateFuturePackages>false</CanEvaluateFuturePackages>'
    "<FirewallEnabled>true</FirewallEnabled></PermissionList>"
)
QUERY_METADATA = '<?xml version="1.0" encoding="utf-8"?><LocalPackageMetadataFile><Items/></LocalPackageMetadataFile>'


def custom_xml(book: Book) -> None:
    """A piece of XML that some add-in keeps in the file."""
    book.relate(WORKBOOK, "customXml", ITEM)


def queries(book: Book) -> None:
    """The queries of Power Query: a package in a blob in XML, and the XML is UTF-16."""
    blob = struct.pack("<I", 0) + b"".join(_sized(each) for each in (_query_parts(), *_query_settings(), b""))
    text = f'<DataMashup xmlns="http://schemas.microsoft.com/DataMashup">{base64.b64encode(blob).decode()}</DataMashup>'
    book.add(QUERIES, XML, f'<?xml version="1.0" encoding="utf-16"?>{text}'.encode("utf-16"))
    book.relate(WORKBOOK, "customXml", QUERIES)


def _query_parts() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, text in QUERY_PARTS.items():
            file.writestr(zipfile.ZipInfo(name, MIDNIGHT), text)
    return out.getvalue()


def _query_settings() -> tuple[bytes, bytes]:
    metadata = struct.pack("<I", 0) + _sized(QUERY_METADATA.encode()) + _sized(b"")
    return PERMISSIONS.encode(), metadata


def _sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def label(book: Book) -> None:
    """A sensitivity label, as Office of today keeps it."""
    book.relate("", f"{MICROSOFT}2020/02/relationships/classificationlabels", LABEL)


def properties(book: Book) -> None:
    """Custom properties: the label again, as Office of yesterday kept it, and one of the user's."""
    book.relate("", "custom-properties", PROPERTIES)


def thumbnail(book: Book) -> None:
    """A picture of the first page: a metafile that draws nothing."""
    head = struct.pack("<IHhhhhHI", 0x9AC6CDD7, 0, 0, 0, 960, 720, 96, 0)
    checksum = 0
    for word in struct.unpack("<10H", head):
        checksum ^= word
    body = struct.pack("<HHHIHIH", 1, 9, 0x0300, 12, 0, 3, 0) + struct.pack("<IH", 3, 0)
    book.add(THUMBNAIL, "image/x-wmf", head + struct.pack("<H", checksum) + body)
    book.relate("", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail", THUMBNAIL)


def macros(book: Book) -> None:
    """A project of macros. Its bytes are no real project: nothing of ours looks inside."""
    book.add(PROJECT, "application/vnd.ms-office.vbaProject", OLE.ljust(4096, b"\0"))
    book.relate(WORKBOOK, f"{MICROSOFT}2006/relationships/vbaProject", PROJECT)
    kind = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    book.replace(TYPES, re.escape(spreadsheet("sheet.main")), kind)
    book.replace(WORKBOOK, "<workbookPr ", '<workbookPr codeName="ThisWorkbook" ')


def ribbon(book: Book) -> None:
    """A tab of the user's own."""
    book.relate("", f"{MICROSOFT}2007/relationships/ui/extensibility", RIBBON)


FEATURES = {
    "custom XML": Feature({ITEM: XML, ITEM_PROPERTIES: CUSTOM_XML}, (WORKBOOK,), custom_xml),
    "Power Query": Feature({QUERIES: XML, QUERIES_PROPERTIES: CUSTOM_XML}, (WORKBOOK,), queries),
    "sensitivity label": Feature({LABEL: LABELS}, splice=label),
    "custom properties": Feature({PROPERTIES: CUSTOM_PROPERTIES}, splice=properties),
    "thumbnail": Feature({THUMBNAIL: "image/x-wmf"}, splice=thumbnail),
}
MACROS = {
    "macros": Feature({PROJECT: "application/vnd.ms-office.vbaProject"}, (WORKBOOK,), macros),
    "ribbon": Feature({RIBBON: XML}, splice=ribbon),
}
