# SPDX-License-Identifier: MIT
"""Word lists that made-up companies, people, streets and products are put together from."""

FIRST = """Ada Alma Anton Astrid Basil Beatriz Bruno Carla Cedric Chiara Clément Cora Damian
Daria Edith Elias Émile Esra Farid Fiona Gábor Greta Hana Hugo Ida Inès Ivan Jana Jonas
Kaya Kenji Laila Leon Lucía Mads Maya Milo Nadia Nils Noor Olga Oscar Paloma Piotr Quinn
Rania René Rosa Samir Selma Søren Tamsin Tomás Uma Viktor Wanda Xavier Yara Zoé""".split()

LAST = """Abbott Albers Almeida Andersen Baird Barros Bennet Bergström Caldwell Castel Conti
Cramer Dahl Delacroix Dvořák Eklund Esposito Farrow Ferrand Fischer Gallo Garnier Grant
Haddad Halloran Hartmann Ibarra Ito Jansen Jourdain Kaplan Keller Kovač Lambert Lindqvist
López Marchetti Mercier Moreau Müller Navarro Nowak Okafor Olsen Papadakis Peeters Quesada
Ramos Reuter Rossi Sato Schäfer Silva Tanaka Tremblay Ueda Vasquez Verhoeven Wójcik Yilmaz
Zeman""".split()

COMPANY_A = """Amber Atlas Azure Beacon Birch Blue Bright Cedar Clear Cobalt Copper Coral
Crystal Delta East Élan Evergreen Falcon First Golden Granite Green Harbor Highland Indigo
Iron Ivory Juniper Lakeside Linden Lunar Maple Meridian Mosaic Noble North Oak Onyx Orchid
Pacific Pearl Pine Polar Prairie Quartz Rapid Red River Sable Sierra Silver Solar Stone
Summit Terra Tidal Umber Velvet Violet West""".split()

COMPANY_B = """Anchor Bay Bridge Brook Canyon Cliff Coast Corner Creek Crest Dale Field Forge
Fountain Garden Gate Grove Haven Hill Horizon Island Kiln Lantern Leaf Line Loom Meadow Mill
Mountain Orchard Path Peak Pier Plain Point Port Ridge Road Rock Sail Shore Sky Spring Square
Station Stream Tower Trail Vale Valley View Village Wave Wharf Wind Wood Works Yard""".split()

COMPANY_C = ["Trading", "Industries", "& Sons", "Logistics", "Furniture", "Foods", "Systems",
             "Consulting", "GmbH", "SA", "Ltd", "Cooperative", "Studio", "Partners"]

STREETS = """Abbey Acacia Bakery Bridge Canal Castle Chapel Cherry Church Elm Factory Fountain
Garden Granary Harbour High Hill Lake Lime Market Meadow Mill Museum Park Pepper Poplar Quay
Rose School Station Temple Tower Valley Vine Water Willow""".split()

STREET_KINDS = ["Street", "Avenue", "Lane", "Road", "Square", "Boulevard", "Row"]

CITIES = """Ashford Bellmare Brackwater Calder Castelnau Clearhaven Dunmore Eastport Elmsdorf
Fairview Ferrol Glenbrook Grimsted Halden Hartwick Innsbach Kelso Lachlan Larkspur Lindholm
Marston Merville Montclair Newhaven Norrby Oakdale Ostermark Pinewood Port-Réal Quillan
Ravenna Rosario Saint-Aubin Sandvik Stonebridge Sundby Torrealta Ulrichshain Valmont Verdell
Westerly Wexley Yarrow Zelhof""".split()

JOBS = ["Accountant", "Buyer", "Consultant", "Director", "Engineer", "Foreman", "Office Manager",
        "Operations Lead", "Sales Manager", "Store Manager", "Technician", "Warehouse Clerk"]

TAGS = ["Consulting", "Desk Manufacturers", "Employees", "Gold", "Newsletter", "Office Supplies",
        "Prospect", "Retailer", "Services", "Silver", "Vendor", "VIP"]

TAG_PARENTS = {"Desk Manufacturers": "Vendor", "Office Supplies": "Vendor", "Silver": "VIP",
               "Gold": "VIP"}

INDUSTRIES = ["Agriculture", "Construction", "Education", "Energy supply", "Food",
              "Health and Social", "IT and Communication", "Manufacturing", "Real Estate",
              "Transportation"]

TITLES = [("Doctor", "Dr."), ("Madam", "Mrs."), ("Miss", "Miss"), ("Mister", "Mr."),
          ("Professor", "Prof.")]

ADJECTIVES = ["Acoustic", "Compact", "Corner", "Customisable", "Ergonomic", "Folding", "Large",
              "Oak", "Recycled", "Steel", "Walnut", "White"]

NOUNS = ["Bench", "Bookshelf", "Cabinet", "Chair", "Coat Stand", "Desk", "Drawer", "Filing Box",
         "Lamp", "Monitor Arm", "Partition", "Pedal Bin", "Stool", "Table", "Whiteboard"]

NOTES = [
    "Prefers to be called in the morning.",
    "Orders every quarter; ask about the framework contract before quoting.",
    "Delivery through the back gate: the ramp takes pallets up to 800 kg.",
    "Paid late twice last year, on time since.",
    "Met at the trade fair. Interested in recycled materials & bulk prices.",
]
