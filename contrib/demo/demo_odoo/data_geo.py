# SPDX-License-Identifier: MIT
"""The world: countries, states, currencies and languages. Names and codes are ISO's."""

# code, name, currency, calling code, French name ("" for the same)
COUNTRIES = [
    ("AR", "Argentina", "ARS", 54, "Argentine"), ("AU", "Australia", "AUD", 61, "Australie"),
    ("AT", "Austria", "EUR", 43, "Autriche"), ("BE", "Belgium", "EUR", 32, "Belgique"),
    ("BR", "Brazil", "BRL", 55, "Brésil"), ("BG", "Bulgaria", "BGN", 359, "Bulgarie"),
    ("CA", "Canada", "CAD", 1, ""), ("CL", "Chile", "CLP", 56, "Chili"),
    ("CN", "China", "CNY", 86, "Chine"), ("CO", "Colombia", "COP", 57, "Colombie"),
    ("HR", "Croatia", "EUR", 385, "Croatie"), ("CY", "Cyprus", "EUR", 357, "Chypre"),
    ("CZ", "Czech Republic", "CZK", 420, "République tchèque"),
    ("CI", "Côte d'Ivoire", "XOF", 225, ""), ("DK", "Denmark", "DKK", 45, "Danemark"),
    ("EG", "Egypt", "EGP", 20, "Égypte"), ("EE", "Estonia", "EUR", 372, "Estonie"),
    ("FI", "Finland", "EUR", 358, "Finlande"), ("FR", "France", "EUR", 33, ""),
    ("DE", "Germany", "EUR", 49, "Allemagne"), ("GR", "Greece", "EUR", 30, "Grèce"),
    ("HK", "Hong Kong", "HKD", 852, ""), ("HU", "Hungary", "HUF", 36, "Hongrie"),
    ("IS", "Iceland", "ISK", 354, "Islande"), ("IN", "India", "INR", 91, "Inde"),
    ("ID", "Indonesia", "IDR", 62, "Indonésie"), ("IE", "Ireland", "EUR", 353, "Irlande"),
    ("IL", "Israel", "ILS", 972, "Israël"), ("IT", "Italy", "EUR", 39, "Italie"),
    ("JP", "Japan", "JPY", 81, "Japon"), ("KE", "Kenya", "KES", 254, ""),
    ("LV", "Latvia", "EUR", 371, "Lettonie"), ("LT", "Lithuania", "EUR", 370, "Lituanie"),
    ("LU", "Luxembourg", "EUR", 352, ""), ("MY", "Malaysia", "MYR", 60, "Malaisie"),
    ("MT", "Malta", "EUR", 356, "Malte"), ("MX", "Mexico", "MXN", 52, "Mexique"),
    ("MA", "Morocco", "MAD", 212, "Maroc"), ("NL", "Netherlands", "EUR", 31, "Pays-Bas"),
    ("NZ", "New Zealand", "NZD", 64, "Nouvelle-Zélande"), ("NG", "Nigeria", "NGN", 234, ""),
    ("NO", "Norway", "NOK", 47, "Norvège"), ("PE", "Peru", "PEN", 51, "Pérou"),
    ("PH", "Philippines", "PHP", 63, ""), ("PL", "Poland", "PLN", 48, "Pologne"),
    ("PT", "Portugal", "EUR", 351, ""), ("RO", "Romania", "RON", 40, "Roumanie"),
    ("SA", "Saudi Arabia", "SAR", 966, "Arabie saoudite"), ("SN", "Senegal", "XOF", 221, "Sénégal"),
    ("SG", "Singapore", "SGD", 65, "Singapour"), ("SK", "Slovakia", "EUR", 421, "Slovaquie"),
    ("SI", "Slovenia", "EUR", 386, "Slovénie"), ("ZA", "South Africa", "ZAR", 27, "Afrique du Sud"),
    ("KR", "South Korea", "KRW", 82, "Corée du Sud"), ("ES", "Spain", "EUR", 34, "Espagne"),
    ("SE", "Sweden", "SEK", 46, "Suède"), ("CH", "Switzerland", "CHF", 41, "Suisse"),
    ("TH", "Thailand", "THB", 66, "Thaïlande"), ("TN", "Tunisia", "TND", 216, "Tunisie"),
    ("TR", "Türkiye", "TRY", 90, "Turquie"), ("UA", "Ukraine", "UAH", 380, ""),
    ("GB", "United Kingdom", "GBP", 44, "Royaume-Uni"),
    ("US", "United States", "USD", 1, "États-Unis"), ("UY", "Uruguay", "UYU", 598, ""),
    ("VN", "Vietnam", "VND", 84, "Viêt Nam"),
]

STATES = {
    "US": [("CA", "California"), ("CO", "Colorado"), ("IL", "Illinois"), ("NY", "New York"),
           ("OR", "Oregon"), ("TX", "Texas"), ("WA", "Washington")],
    "CA": [("BC", "British Columbia"), ("ON", "Ontario"), ("QC", "Quebec")],
    "AU": [("NSW", "New South Wales"), ("QLD", "Queensland"), ("VIC", "Victoria")],
    "BR": [("RJ", "Rio de Janeiro"), ("SP", "São Paulo")],
    "IT": [("MI", "Milano"), ("RM", "Roma"), ("TO", "Torino")],
    "IN": [("KA", "Karnataka"), ("MH", "Maharashtra")],
}

# code, name, symbol, decimal places, active
CURRENCIES = [
    ("USD", "United States dollar", "$", 2, 1), ("EUR", "Euro", "€", 2, 1),
    ("GBP", "Pound sterling", "£", 2, 1), ("CHF", "Swiss franc", "CHF", 2, 0),
    ("JPY", "Japanese yen", "¥", 0, 1), ("CAD", "Canadian dollar", "$", 2, 0),
    ("AUD", "Australian dollar", "$", 2, 0), ("SEK", "Swedish krona", "kr", 2, 0),
    ("NOK", "Norwegian krone", "kr", 2, 0), ("DKK", "Danish krone", "kr", 2, 0),
    ("PLN", "Polish zloty", "zł", 2, 0), ("CZK", "Czech koruna", "Kč", 2, 0),
    ("HUF", "Hungarian forint", "Ft", 2, 0), ("RON", "Romanian leu", "lei", 2, 0),
    ("BGN", "Bulgarian lev", "лв", 2, 0), ("TRY", "Turkish lira", "₺", 2, 0),
    ("UAH", "Ukrainian hryvnia", "₴", 2, 0), ("INR", "Indian rupee", "₹", 2, 0),
    ("CNY", "Chinese yuan", "¥", 2, 0), ("HKD", "Hong Kong dollar", "$", 2, 0),
    ("KRW", "South Korean won", "₩", 0, 0), ("SGD", "Singapore dollar", "S$", 2, 0),
    ("THB", "Thai baht", "฿", 2, 0), ("IDR", "Indonesian rupiah", "Rp", 0, 0),
    ("MYR", "Malaysian ringgit", "RM", 2, 0), ("PHP", "Philippine peso", "₱", 2, 0),
    ("VND", "Vietnamese dong", "₫", 0, 0), ("NZD", "New Zealand dollar", "$", 2, 0),
    ("ZAR", "South African rand", "R", 2, 0), ("BRL", "Brazilian real", "R$", 2, 0),
    ("ARS", "Argentine peso", "$", 2, 0), ("CLP", "Chilean peso", "$", 0, 0),
    ("COP", "Colombian peso", "$", 2, 0), ("MXN", "Mexican peso", "$", 2, 0),
    ("PEN", "Peruvian sol", "S/", 2, 0), ("UYU", "Uruguayan peso", "$", 2, 0),
    ("EGP", "Egyptian pound", "LE", 2, 0), ("ILS", "Israeli new shekel", "₪", 2, 0),
    ("SAR", "Saudi riyal", "SR", 2, 0), ("KES", "Kenyan shilling", "KSh", 2, 0),
    ("NGN", "Nigerian naira", "₦", 2, 0), ("MAD", "Moroccan dirham", "DH", 2, 0),
    ("TND", "Tunisian dinar", "DT", 3, 0), ("XOF", "West African CFA franc", "CFA", 0, 0),
    ("ISK", "Icelandic króna", "kr", 0, 0),
]

LANGS = [
    ("English (US)", "en_US", "en", "en", 1, "%m/%d/%Y", "[3,0]", ".", ","),
    ("French / Français", "fr_FR", "fr", "fr", 1, "%d/%m/%Y", "[3,0]", ",", "\u00a0"),
    ("Dutch / Nederlands", "nl_NL", "nl", "nl", 0, "%d-%m-%Y", "[3,0]", ",", "."),
    ("German / Deutsch", "de_DE", "de", "de", 0, "%d.%m.%Y", "[3,0]", ",", "."),
]
