"""Short lines with numbers in many scripts, as they are found in contracts, bills and tables."""

from __future__ import annotations

import random

LINES: dict[str, tuple[str, ...]] = {
    "en": (
        "The fee of {money} is payable by {date}.",
        "On {date} the temperature in the depot fell to {signed} degrees.",
        "Clause {n}({m}) applies to orders of {signed} pieces a year.",
        "Reference {n}/{m} must be stated with every payment of {money}.",
    ),
    "ar": (
        "تبلغ قيمة العقد {money} ريال وتستحق قبل {date}.",
        "علاوة على ذلك، لا يجوز للمستأجر تأجير المكتب رقم {n}.",
        "بلغت الإنتاجية {n} وحدة خلال {m} أيام من الشهر.",
        "تطبق المادة {n} من القانون الصادر في {date}.",
        "انخفضت درجة الحرارة إلى {signed} درجات خلال الليل.",
    ),
    "fa": (
        "قرارداد شماره {n} تا تاریخ {date} معتبر است.",
        "مبلغ {money} ریال باید ظرف {m} روز پرداخت شود.",
        "کالا در تاریخ {date} به انبار شماره {n} تحویل شد.",
        "دمای هوا در شب به {signed} درجه رسید.",
    ),
    "he": (
        "לחיוב פעולות אלה לפי סעיף {n}({m}) לחוק מבקר המדינה.",
        "הסכום הוא {money} שקלים, ומועד התשלום {date}.",
        "הטמפרטורה במחסן ירדה ל {signed} מעלות.",
        "הוועדה אישרה {n} פריטים ביום {date}.",
    ),
    "ja": (
        "契約金額は{money}円とし、{n}日以内に支払うものとする。",
        "{year}年{m}月の平均気温は{signed}度であった。",
        "第{n}条の規定は{year}年から適用される。",
        "倉庫には{n}台の機械が保管されている。",
    ),
    "ko": (
        "계약 금액은 {money}원이며 {n}일 이내에 지급한다.",
        "{year}년 {m}월의 평균 기온은 {signed}도였다.",
        "제{n}조의 규정은 {year}년부터 적용된다.",
        "창고에는 기계 {n}대가 보관되어 있다.",
    ),
    "zh": (
        "服务费用为人民币{money}元，应在验收后{n}日内支付。",
        "{year}年{m}月的平均气温为{signed}度。",
        "未经书面同意，承租人不得转租第{n}层的办公室。",
        "仓库内存放了{n}台设备，编号为{year}-{m}。",
    ),
    "names": ("Noble gases", "Metalloids", "Metals", "Halogens", "Lanthanides", "Ceramics", "Polymers", "Alloys"),
    "labels": ("Name", "Company", "Badge number", "Arrival", "Contract", "Account balance", "Change", "Room"),
}
_DIGITS = {"fa": "۰۱۲۳۴۵۶۷۸۹", "ar": "٠١٢٣٤٥٦٧٨٩"}


def number_line(rng: random.Random, language: str) -> str:
    """One line. Persian has its own digits, Arabic sometimes."""
    text = rng.choice(LINES[language]).format(
        money=f"{rng.randint(110_000, 9_999_999) / 100:,.2f}",
        date=rng.choice(("{y}/{m:02}/{d:02}", "{d:02}.{m:02}.{y}", "{y}-{m:02}-{d:02}")).format(
            y=rng.randint(1390, 2031), m=rng.randint(1, 12), d=rng.randint(1, 28)
        ),
        signed=rng.choice(("-", "-", "", ">", "+")) + f"{rng.randint(1, 399) / 10:.1f}",
        n=rng.randint(12, 998),
        m=rng.randint(2, 12),
        year=rng.randint(1987, 2031),
    )
    if language == "fa" or (language == "ar" and rng.random() < 0.4):
        text = text.translate({48 + digit: character for digit, character in enumerate(_DIGITS[language])})
    return text


def signed(rng: random.Random) -> str:
    """A number as tables have it: often with a sign before or behind it."""
    number = rng.choice(
        (f"{rng.randint(2, 9999)}", f"{rng.randint(11, 9999) / 10:.1f}", f"{rng.randint(1000, 99999):,}")
    )
    before = rng.choice(("", "", "-", "−", ">", "> ", "<", "≤", "≥ ", "±", "~", "≈", "+"))
    return before + number + (rng.choice(("", "", "%", "‰", "+")) if not before else "")
