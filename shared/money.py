"""Money: ISO 4217 currencies, and amounts as people write them turned into integer minor units and back.

A price is an `int` of minor units (cents, or whole yen) beside an upper-case currency code; no float, no exchange rate.
"""

import re
from dataclasses import dataclass

from shared.errors import MarketError
from shared.text import ascii_digits

MAX_AMOUNT = 10**12
_MAX_TEXT = 40


class InvalidAmount(MarketError):
    """Text that is no amount of the currency; the message tells the person what to write."""

    code = "invalid_amount"


class UnknownCurrency(MarketError):
    """No active currency has this code."""

    code = "unknown_currency"


@dataclass(frozen=True, slots=True)
class Currency:
    """`decimals` counts the digits of the minor unit (0, 2 or 3); `symbol` is "" where only the code is clear."""

    code: str
    name: str
    symbol: str
    decimals: int


def currency(code: str) -> Currency:
    """The currency with this ISO 4217 code, in either case. Raises UnknownCurrency."""
    try:
        return CURRENCIES[code.strip().upper()]
    except KeyError:
        raise UnknownCurrency("Choose a currency from the list.") from None


def parse_amount(text: str, code: str) -> int:
    """Minor units of what a person wrote, such as "1.234,50", "1 234.5", "€ 20", "1'000" or "1,00,000".

    "." and "," may each be the decimal mark; groups may also be parted by a space or an apostrophe. A single mark
    before three digits parts thousands; only where the currency has three decimals is "." the decimal mark, and a lone
    "," is refused there, as it could be either. Raises InvalidAmount and nothing else for any text, and UnknownCurrency
    for an unknown code.
    """
    unit = currency(code)
    number = _without_unit(_plain(text), unit)
    whole, fraction = _split(number, unit)
    if len(fraction) > unit.decimals:
        raise InvalidAmount(_too_fine(unit))
    amount = int(_ungrouped(whole) + fraction.ljust(unit.decimals, "0"))
    if amount > MAX_AMOUNT:
        raise InvalidAmount(f"The highest amount is {format_amount(MAX_AMOUNT, unit.code)}.")
    return amount


def format_amount(amount: int, code: str) -> str:
    """Plain text of minor units, with "," between thousands and "." before decimals: "€1,234.50", "¥1,200", "12 CHF".

    Whole amounts lose their decimals, except where the currency has three: there "1,234" could be read in two ways.
    `parse_amount` reads it back to the same number. Raises UnknownCurrency.
    """
    unit = currency(code)
    whole, fraction = divmod(abs(amount), 10**unit.decimals)
    number = f"{whole:,}"
    if fraction or unit.decimals == 3:
        number += f".{fraction:0{unit.decimals}}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{unit.symbol}{number}" if unit.symbol else f"{sign}{number} {unit.code}"


def decimal_amount(amount: int, code: str) -> str:
    """Minor units as a bare decimal number without groups, for form fields and schema.org: "1234.50"."""
    unit = currency(code)
    whole, fraction = divmod(amount, 10**unit.decimals)
    return f"{whole}.{fraction:0{unit.decimals}}" if unit.decimals else str(whole)


_SPACES = " \u00a0\u2009\u202f"
_UNIFORM = str.maketrans({**dict.fromkeys(_SPACES, " "), "\u2019": "'", "\u02bc": "'", "\u066b": ".", "\u066c": ","})
_NUMBER = re.compile(r"[0-9](?:[0-9 ,.']*[0-9])?", re.ASCII)
# Thousands in threes, or lakhs and crores as in India: the last three digits, then twos.
_GROUPED = re.compile(r"[0-9]{1,3}([ ,.'])[0-9]{3}(?:\1[0-9]{3})*|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}", re.ASCII)
_NOT_A_NUMBER = "Write the amount in digits, for example 1250 or 1,250.50."


def _plain(text: str) -> str:
    """The text in one alphabet of digits, spaces and apostrophes, whatever keyboard wrote it."""
    if len(text) > _MAX_TEXT:
        raise InvalidAmount(_NOT_A_NUMBER)
    plain = ascii_digits(text.translate(_UNIFORM)).strip(" ")
    if not plain:
        raise InvalidAmount("Write an amount.")
    if plain[0] in "-\u2212\u2013" or (plain[0] == "(" and plain[-1] == ")"):
        raise InvalidAmount("An amount cannot be less than zero.")
    return plain


def _without_unit(text: str, unit: Currency) -> str:
    """`text` without the currency's own code or symbol before or after the number."""
    for name in filter(None, (unit.code, unit.symbol, unit.symbol.lstrip(_LETTERS))):
        if text[: len(name)].upper() == name:
            return text[len(name) :].strip(" ")
        if text[-len(name) :].upper() == name:
            return text[: -len(name)].strip(" ")
    return text


def _split(number: str, unit: Currency) -> tuple[str, str]:
    """The digits before and after the decimal mark, if there is one."""
    if not _NUMBER.fullmatch(number):
        raise InvalidAmount(f"{_NOT_A_NUMBER} The currency is {unit.name} ({unit.code}).")
    position = max(number.rfind("."), number.rfind(","))
    if position < 0 or not _is_decimal_mark(number, position, unit):
        return number, ""
    return number[:position], number[position + 1 :]


def _is_decimal_mark(number: str, position: int, unit: Currency) -> bool:
    mark, before, after = number[position], number[:position], number[position + 1 :]
    if mark in before or not after.isdecimal():
        return False
    if any(other in before for other in " ,.'") or len(after) != 3 or len(before) > 3 or before.startswith("0"):
        return True
    if unit.decimals != 3:
        return False
    if mark == ",":
        raise InvalidAmount(f"{number} could be read in two ways. Write {before}{after} or {before}.{after}.")
    return True


def _ungrouped(whole: str) -> str:
    if whole.isdecimal():
        return whole
    if not _GROUPED.fullmatch(whole):
        raise InvalidAmount(_NOT_A_NUMBER)
    return re.sub("[ ,.']", "", whole)


def _too_fine(unit: Currency) -> str:
    if not unit.decimals:
        return f"{unit.name} has no decimals. Write a whole number."
    return f"{unit.name} has {unit.decimals} decimals at most."


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# ISO 4217 list one, active currencies without funds, metals and testing codes, as of 2026; the rest have two decimals.
_NO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_TABLE = """
AED - United Arab Emirates Dirham
AFN - Afghan Afghani
ALL - Albanian Lek
AMD - Armenian Dram
AOA - Angolan Kwanza
ARS - Argentine Peso
AUD A$ Australian Dollar
AWG - Aruban Florin
AZN - Azerbaijani Manat
BAM - Bosnia-Herzegovina Convertible Mark
BBD - Barbadian Dollar
BDT - Bangladeshi Taka
BHD - Bahraini Dinar
BIF - Burundian Franc
BMD - Bermudan Dollar
BND - Brunei Dollar
BOB - Bolivian Boliviano
BRL R$ Brazilian Real
BSD - Bahamian Dollar
BTN - Bhutanese Ngultrum
BWP - Botswanan Pula
BYN - Belarusian Ruble
BZD - Belize Dollar
CAD CA$ Canadian Dollar
CDF - Congolese Franc
CHF - Swiss Franc
CLP - Chilean Peso
CNY CN¥ Chinese Yuan
COP - Colombian Peso
CRC - Costa Rican Colón
CUP - Cuban Peso
CVE - Cape Verdean Escudo
CZK - Czech Koruna
DJF - Djiboutian Franc
DKK - Danish Krone
DOP - Dominican Peso
DZD - Algerian Dinar
EGP - Egyptian Pound
ERN - Eritrean Nakfa
ETB - Ethiopian Birr
EUR € Euro
FJD - Fijian Dollar
FKP - Falkland Islands Pound
GBP £ British Pound
GEL - Georgian Lari
GHS - Ghanaian Cedi
GIP - Gibraltar Pound
GMD - Gambian Dalasi
GNF - Guinean Franc
GTQ - Guatemalan Quetzal
GYD - Guyanese Dollar
HKD HK$ Hong Kong Dollar
HNL - Honduran Lempira
HTG - Haitian Gourde
HUF - Hungarian Forint
IDR - Indonesian Rupiah
ILS ₪ Israeli New Shekel
INR ₹ Indian Rupee
IQD - Iraqi Dinar
IRR - Iranian Rial
ISK - Icelandic Króna
JMD - Jamaican Dollar
JOD - Jordanian Dinar
JPY ¥ Japanese Yen
KES - Kenyan Shilling
KGS - Kyrgyzstani Som
KHR - Cambodian Riel
KMF - Comorian Franc
KPW - North Korean Won
KRW ₩ South Korean Won
KWD - Kuwaiti Dinar
KYD - Cayman Islands Dollar
KZT - Kazakhstani Tenge
LAK - Laotian Kip
LBP - Lebanese Pound
LKR - Sri Lankan Rupee
LRD - Liberian Dollar
LSL - Lesotho Loti
LYD - Libyan Dinar
MAD - Moroccan Dirham
MDL - Moldovan Leu
MGA - Malagasy Ariary
MKD - Macedonian Denar
MMK - Myanmar Kyat
MNT - Mongolian Tugrik
MOP - Macanese Pataca
MRU - Mauritanian Ouguiya
MUR - Mauritian Rupee
MVR - Maldivian Rufiyaa
MWK - Malawian Kwacha
MXN MX$ Mexican Peso
MYR - Malaysian Ringgit
MZN - Mozambican Metical
NAD - Namibian Dollar
NGN - Nigerian Naira
NIO - Nicaraguan Córdoba
NOK - Norwegian Krone
NPR - Nepalese Rupee
NZD NZ$ New Zealand Dollar
OMR - Omani Rial
PAB - Panamanian Balboa
PEN - Peruvian Sol
PGK - Papua New Guinean Kina
PHP ₱ Philippine Peso
PKR - Pakistani Rupee
PLN - Polish Zloty
PYG - Paraguayan Guarani
QAR - Qatari Riyal
RON - Romanian Leu
RSD - Serbian Dinar
RUB - Russian Ruble
RWF - Rwandan Franc
SAR - Saudi Riyal
SBD - Solomon Islands Dollar
SCR - Seychellois Rupee
SDG - Sudanese Pound
SEK - Swedish Krona
SGD - Singapore Dollar
SHP - St. Helena Pound
SLE - Sierra Leonean Leone
SOS - Somali Shilling
SRD - Surinamese Dollar
SSP - South Sudanese Pound
STN - São Tomé & Príncipe Dobra
SVC - Salvadoran Colón
SYP - Syrian Pound
SZL - Swazi Lilangeni
THB - Thai Baht
TJS - Tajikistani Somoni
TMT - Turkmenistani Manat
TND - Tunisian Dinar
TOP - Tongan Pa'anga
TRY - Turkish Lira
TTD - Trinidad & Tobago Dollar
TWD NT$ New Taiwan Dollar
TZS - Tanzanian Shilling
UAH - Ukrainian Hryvnia
UGX - Ugandan Shilling
USD $ US Dollar
UYU - Uruguayan Peso
UZS - Uzbekistani Som
VES - Venezuelan Bolívar
VND ₫ Vietnamese Dong
VUV - Vanuatu Vatu
WST - Samoan Tala
XAF - Central African CFA Franc
XCD EC$ East Caribbean Dollar
XCG - Caribbean Guilder
XOF - West African CFA Franc
XPF - CFP Franc
YER - Yemeni Rial
ZAR - South African Rand
ZMW - Zambian Kwacha
ZWG - Zimbabwean Gold
"""


def _read(line: str) -> Currency:
    code, symbol, name = line.split(" ", 2)
    decimals = 0 if code in _NO_DECIMALS else 3 if code in _THREE_DECIMALS else 2
    return Currency(code, name, "" if symbol == "-" else symbol, decimals)


CURRENCIES = {unit.code: unit for unit in map(_read, _TABLE.strip().splitlines())}
