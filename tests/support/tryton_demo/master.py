"""Names and numbers of the invented company: products, places, parties, bills of material.  Plain data."""

COMPANY = 'Emberloom Outfitters'
SUPPLIERS = {
    'S1': 'Quillon Cells', 'S2': 'Marrowby Energy', 'S3': 'Tessarine Power',
    'S4': 'Grenwick Accumulators', 'S5': 'Halverdine Batteries', 'S6': 'Pellucid Storage',
    'S11': 'Wendlebury Circuits', 'S12': 'Threnody Fabrics', 'S13': 'Ploverstone Fixings',
    'S21': 'Oatwhistle Mill', 'S22': 'Nutfold Traders', 'S23': 'Apiary Ninefold', 'S24': 'Ladlemoor Kitchens',
}
CUSTOMERS = {'C%02d' % n: name for n, name in enumerate((
    'Kestrel Ridge Guides', 'Brindlemoss Sports', 'Fernhollow Alpine Club', 'Stonewether Rescue',
    'Larkspindle Outdoor', 'Coldharrow Huts', 'Mistral & Thorne', 'Umberfell Ski School',
    'Pinemarrow Rangers', 'Snowquill Rentals', 'Harrowglen Expeditions', 'Violet Tarn Lodge',
    'Oxbow & Ember', 'Thistledown Tours', 'Graywhistle Works', 'Frostmere Harbour Crew',
    'Bramblecairn Stores', 'Juniper Scar Trading', 'Willowdrift Camps', 'Halfmoon Service Bench'), 1)}

# Streets, places and post codes are made from these and the party's number; domains and telephone numbers are of the kinds
# that are kept for examples (RFC 2606; 01632 960xxx of the British regulator).
STREETS = ('Anvil Lane', 'Bellows Yard', 'Carder Row', 'Dyers Wharf', 'Emberfold', 'Fuller Street')
TOWNS = (('ZZ1 1AA', 'Kestrelford'), ('ZZ2 4QD', 'Nether Quill'), ('ZZ3 9LT', 'Mossgate'), ('ZZ5 7RW', 'Tarnhaven'))


def contact(code, name):
    """(street, postal code, town, e-mail, telephone) of a party.  C20 has no telephone and no e-mail, S24 an e-mail only."""
    number = int(code[1:]) + (100 if code[0] == 'S' else 0)
    street = '%d %s' % (number % 89 + 1, STREETS[number % len(STREETS)])
    postal_code, town = TOWNS[number % len(TOWNS)]
    domain = name.lower().replace(' & ', '-').replace(' ', '-') + '.example'
    email = None if code == 'C20' else 'quality@' + domain
    phone = None if code in ('C20', 'S24') else '+44 1632 960%03d' % number
    return street, postal_code, town, email, phone


# code, name, unit, category, options (make/buy/sell; lot; serial; days of life; states of the two dates)
PRODUCTS = (
    ('CELL', 'Battery cell block', 'u', 'Components', dict(buy=True, sell=True, lot=True, price='18')),
    ('BMS', 'Protection board', 'u', 'Components', dict(buy=True, lot=True, price='6')),
    ('PASTE', 'Solder paste', 'kg', 'Components', dict(buy=True, lot=True, expires=300, price='80')),
    ('SCREW', 'Screw M2 x 4', 'u', 'Components', dict(buy=True, price='0.02')),
    ('PACK', 'Battery pack', 'u', 'Modules', dict(make=True, lot=True, price='52')),
    ('HFILM', 'Heating film', 'u', 'Components', dict(buy=True, lot=True, price='9')),
    ('HM', 'Heating module', 'u', 'Modules', dict(make=True, lot=True, price='70')),
    ('CORE', 'Warming core, bare', 'u', 'Modules', dict(make=True, price='40')),
    ('CTRL', 'Control unit', 'u', 'Components', dict(buy=True, serial=True, price='35')),
    ('GLUE', 'Seam adhesive', 'kg', 'Components', dict(buy=True, lot=True, expires=540, price='60')),
    ('SHELL', 'Shell fabric', 'm', 'Components', dict(buy=True, lot=True, price='14')),
    ('ZIP', 'Zip, 70 cm', 'u', 'Components', dict(buy=True, lot=True, price='2')),
    ('HJ', 'Heated jacket', 'u', 'Heated garments', dict(make=True, sell=True, serial=True, price='289',
                                                       variants=('-M', '-L'))),
    ('HJP', 'Heated jacket Pro', 'u', 'Heated garments', dict(make=True, sell=True, serial=True, price='389')),
    ('HV', 'Heated vest', 'u', 'Heated garments', dict(make=True, sell=True, serial=True, price='189')),
    ('FOOD-OATS', 'Rolled oats', 'kg', 'Food', dict(buy=True, lot=True, best=365, expires=365, price='1')),
    ('FOOD-NUTS', 'Hazelnuts, chopped', 'kg', 'Food', dict(buy=True, lot=True, best=240, expires=240, price='9')),
    ('FOOD-HONEY', 'Honey', 'kg', 'Food', dict(buy=True, lot=True, best=720, expires=720, price='7')),
    ('FOOD-SPICE', 'Spice blend', 'kg', 'Food', dict(buy=True, lot=True, best=500, expires=500, price='24')),
    ('WRAP', 'Wrapping film', 'm', 'Packaging', dict(buy=True, price='0.05')),
    ('FOOD-MIX', 'Granola mix', 'kg', 'Food', dict(make=True, lot=True, best=60, expires=60, price='4')),
    ('FOOD-CRUMB', 'Granola crumbs', 'kg', 'Food', dict(lot=True, best=90, expires=90, price='1')),
    ('FOOD-BAR', 'Trail bar, box of 12', 'u', 'Food', dict(make=True, sell=True, lot=True, best=200, expires=200,
                                                          price='15')),
    ('FOOD-SOUP', 'Soup pouch', 'u', 'Food', dict(buy=True, sell=True, lot=True, best=1, expires=1, price='6')),
    ('FOOD-TEA', 'Mountain herb tea', 'u', 'Food', dict(buy=True, sell=True, lot=True, optional_dates=True,
                                                       price='5')),
)

# name: (product made, inputs per piece, by-products per piece); food per 100 kg of mix and per 80 boxes of bars
BOMS = {
    'PACK': ('PACK', 1, [('CELL', 2, 'u'), ('BMS', 1, 'u'), ('PASTE', 3, 'g'), ('SCREW', 4, 'u')], []),
    'HM': ('HM', 1, [('PACK', 1, 'u'), ('HFILM', 1, 'u')], []),
    'CORE': ('CORE', 1, [('CELL', 2, 'u'), ('SCREW', 2, 'u')], []),
    'HJ-M': ('HJ-M', 1, [('HM', 1, 'u'), ('SHELL', 1.8, 'm'), ('ZIP', 1, 'u')], []),
    'HJ-L': ('HJ-L', 1, [('HM', 1, 'u'), ('SHELL', 1.8, 'm'), ('ZIP', 1, 'u')], []),
    'HJP': ('HJP', 1, [('HM', 1, 'u'), ('CTRL', 1, 'u'), ('SHELL', 2.0, 'm'), ('ZIP', 2, 'u'), ('GLUE', 4, 'g')], []),
    'HV core': ('HV', 1, [('CORE', 1, 'u'), ('SHELL', 1.2, 'm'), ('ZIP', 1, 'u')], []),
    'HV pack': ('HV', 1, [('PACK', 1, 'u'), ('SHELL', 1.2, 'm'), ('ZIP', 1, 'u')], []),
    'FOOD-MIX': ('FOOD-MIX', 100, [('FOOD-OATS', 60, 'kg'), ('FOOD-NUTS', 15, 'kg'), ('FOOD-HONEY', 25000, 'g'),
                                   ('FOOD-SPICE', 250, 'g')], []),
    'FOOD-BAR': ('FOOD-BAR', 80, [('FOOD-MIX', 60, 'kg'), ('WRAP', 100, 'm')], [('FOOD-CRUMB', 1.5, 'kg')]),
}

# storage places inside the main warehouse, and the distribution centre
PLACES = {'QUAR': 'Quarantine', 'RET': 'Customer returns'}
CENTRE = ('DC', 'Distribution centre')
