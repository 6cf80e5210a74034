"""The labels that generated documents use, what kind of value follows each, and how one asks for it."""

from __future__ import annotations

from dataclasses import dataclass

_TABLE = """
code: invoice number; order number; customer number; reference; contract number; project code; serial number
code: account number; tax number; ticket number; policy number; case number; part number; tracking number
code: room number; employee number; permit number; batch number; vehicle number; file number; licence key; build
person: contact person; seller; author; manager; approved by; prepared by; patient; owner; supervisor; driver
person: inspector; applicant; teacher; responsible person; signed by; chair; speaker; tenant; editor
city: city; branch; place of delivery; location; office; birthplace; warehouse; destination; venue; port
company: supplier; customer; company; bank; carrier; insurer; employer; manufacturer; publisher; contractor
date: invoice date; due date; delivery date; order date; start date; end date; date of birth; valid until
date: expiry date; issue date; inspection date; deadline; next meeting; last update; payment date
amount: total; subtotal; amount due; net amount; deposit; shipping cost; discount; balance; monthly rent; salary
amount: budget; fee; fine; unit price; credit limit; total tax
count: quantity; pages; copies; seats; participants; number of items; floor; score; attempts; warnings; errors
percent: tax rate; interest rate; humidity; completion; battery; attendance
clock: start time; end time; opening time; arrival; departure; check-in
phone: phone; fax; mobile; hotline; emergency number
email: email; support address; billing email; reply to
address: address; delivery address; billing address; meeting point
status: status; payment status; order status; result; account state
product: product; item; article; model; subject; device; service
period: payment term; notice period; warranty; duration; delivery time; retention
weight: weight; length; power; file size; distance; volume
"""

_ASK_KIND = {
    "person": ("Who is the {label}?", "Who is named as {label}?"),
    "city": ("Which city is the {label} in?", "Where is the {label}?"),
    "company": ("Which company is the {label}?", "Who is the {label}?"),
    "date": ("What is the date given for {label}?", "When is the {label}?"),
    "amount": ("How much is the {label}?", "What amount is given as {label}?"),
    "count": ("How many are given for {label}?",),
    "percent": ("How high is the {label}?",),
    "clock": ("At what time is the {label}?",),
    "period": ("How long is the {label}?",),
}
_ASK_ANY = (
    "What is the {label}?",
    "What is the {label}?",
    "What is the {label}?",
    "Which {label} is given?",
    "Please give me the {label}.",
    "What does it say for {label}?",
    "Find the {label}.",
    "{label}?",
    "Read the {label}.",
    "Can you tell me the {label}?",
)
ASK_ROW = (
    "What is the {column} of {row}?",
    "Which {column} is given for {row}?",
    "{row}: what is the {column}?",
)


@dataclass(frozen=True, slots=True)
class Field:
    """A label and the kind of its value (a key of ``values.MAKERS``)."""

    label: str
    kind: str

    @property
    def asks(self) -> tuple[str, ...]:
        """Questions with ``{label}`` in them."""
        return _ASK_ANY + _ASK_KIND.get(self.kind, ())


def _parse() -> tuple[Field, ...]:
    lines = (line.split(":", 1) for line in _TABLE.strip().splitlines())
    return tuple(Field(label.strip(), kind) for kind, labels in lines for label in labels.split(";"))


FIELDS = _parse()

COLUMNS: tuple[tuple[str, str], ...] = (
    ("quantity", "count"),
    ("price", "number"),
    ("code", "code"),
    ("date", "date"),
    ("amount", "number"),
    ("status", "status"),
    ("city", "city"),
    ("points", "count"),
)
"""Columns of tables after the first, which names the row."""

ROW_HEADS: tuple[tuple[str, str], ...] = (
    ("item", "product"),
    ("name", "person"),
    ("product", "product"),
    ("branch", "city"),
    ("company", "company"),
    ("reference", "code"),
)

TITLES: tuple[str, ...] = tuple(
    line.strip()
    for line in """
    Invoice; Order confirmation; Delivery note; Notice; Application form; Report; Contract; Receipt; Reminder;
    Statement of account; Settings; Meeting minutes; Registration; Price list; Booking; Certificate; Error report;
    Work order; Inspection report; Timetable; Member list; Offer; Claim form; About this device; Annual review;
    Summary; Details; Shipping; Payment; Contact; Personal data; Terms; Overview; Schedule; Equipment; Staff
    """.replace("\n", " ").split(";")
)

SENTENCES: tuple[str, ...] = tuple(
    line.strip()
    for line in """
Please check all details and tell us about any error within ten days.
Thank you for your order and for your trust in our work.
This page was made by a computer and is valid without a signature.
All prices are given without tax unless something else is said.
Please keep this document in a safe place for later.
The goods remain our property until they are paid in full.
If you have any questions, please call us or write to us.
The lift will be out of service while the work is done.
Visitors must sign in at the front desk before they enter.
Changes to this form are only valid in writing.
The following table shows the most important figures.
We ask all members to arrive in good time.
More information can be found on the back of this page.
The main entrance stays closed on public holidays.
Please do not reply to this message.
Water and light will be switched off for some hours.
Your data is only used for the purpose named above.
The old version of this notice is no longer valid.
Please bring this letter and a proof of identity with you.
No liability is accepted for lost or damaged things.
The team thanks everyone who helped with the project.
Save your work before you close the window.
An update is ready and will be installed after the restart.
Parking is possible behind the building.
The results of the first test are shown below.
Use only the parts that are named in the list.
""".strip().splitlines()
)
