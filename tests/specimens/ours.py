"""What the user put on our own sheets: comments, controls and print settings on Inputs; bars and notes on Results."""

from __future__ import annotations

from specimens.book import DRAWING, MICROSOFT, WORKBOOK, Book, Feature, excel, spreadsheet

VML, CONTROL, CHECK = "xl/drawings/vmlDrawing1.vml", "xl/drawings/drawing42.xml", "xl/ctrlProps/ctrlProp1.xml"
COMMENTS, PERSONS, PRINTER = "xl/comments1.xml", "xl/persons/person.xml", "xl/printerSettings/printerSettings1.bin"
THREADS = "xl/threadedComments/threadedComment1.xml"
VML_DRAWING = "application/vnd.openxmlformats-officedocument.vmlDrawing"
PRINTER_SETTINGS = "application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"


def bars_and_icons(book: Book) -> None:
    """Rules of the kind that lives in the sheet's extensions: a bar, icons and a rule that look at another sheet."""
    book.place(book.sheet("Results"), book.fragment("data_bar"))
    book.extend(book.sheet("Results"), book.fragment("bars_and_icons"))


def sparklines(book: Book) -> None:
    """A small line beside the cost of the scenarios."""
    book.extend(book.sheet("Results"), book.fragment("sparklines"))


def text_box(book: Book) -> None:
    """A remark among our charts."""
    book.append(book.target(book.sheet("Results"), "/drawing"), "xdr:wsDr", book.fragment("text_box"))


def comments(book: Book) -> None:
    """A classic note on one input, a thread of comments on another, and the shapes of both."""
    inputs = book.sheet("Inputs")
    shapes = book.relate(inputs, "vmlDrawing", VML)
    book.place(inputs, f'<legacyDrawing r:id="{shapes}"/>')
    book.relate(inputs, "comments", COMMENTS)


def threads(book: Book) -> None:
    """Comments of today, beside their twins for an older Excel."""
    book.relate(book.sheet("Inputs"), f"{MICROSOFT}2017/10/relationships/threadedComment", THREADS)
    book.relate(WORKBOOK, f"{MICROSOFT}2017/10/relationships/person", PERSONS)


def form_control(book: Book) -> None:
    """A checkbox over the cells, linked to a cell on the user's sheet."""
    inputs = book.sheet("Inputs")
    book.place(inputs, f'<drawing r:id="{book.relate(inputs, "drawing", CONTROL)}"/>')
    book.place(inputs, book.fragment("controls", control=book.relate(inputs, "ctrlProp", CHECK)))


def protected_ranges(book: Book) -> None:
    """Ranges of a protected sheet that stay open, with a password or without."""
    book.place(book.sheet("Inputs"), book.fragment("protected_ranges"))


def printer(book: Book) -> None:
    """What a printer's driver wanted to remember."""
    inputs = book.sheet("Inputs")
    book.add(PRINTER, PRINTER_SETTINGS, "Board printer".encode("utf-16-le").ljust(64, b"\0") + bytes(range(256)))
    settings = book.relate(inputs, "printerSettings", PRINTER)
    book.replace(inputs, r"(<pageSetup [^>]*)/>", rf'\1 r:id="{settings}"/>')


FEATURES = {
    "data bars and icon sets": Feature(changes=("Results", "Board notes"), splice=bars_and_icons),
    "sparklines": Feature(changes=("Results", "Board notes"), splice=sparklines),
    "text box among our charts": Feature(changes=("xl/drawings/drawing1.xml",), splice=text_box),
    "classic comments": Feature({COMMENTS: spreadsheet("comments"), VML: VML_DRAWING}, ("Inputs",), comments),
    "threaded comments": Feature(
        {THREADS: excel("threadedcomments"), PERSONS: excel("person")}, ("Inputs", WORKBOOK), threads
    ),
    "form control": Feature({CHECK: excel("controlproperties"), CONTROL: DRAWING}, ("Inputs",), form_control),
    "protected ranges": Feature(changes=("Inputs",), splice=protected_ranges),
    "printer settings": Feature({PRINTER: PRINTER_SETTINGS}, ("Inputs",), printer),
}
