"""Base data through proteus: company, accounts, parties, places, products, bills of material.

Everything goes through Tryton's models; nothing here knows the story.
"""
from decimal import Decimal

from proteus import Model

import master

ALL_PLACES = ['supplier', 'customer', 'lost_found', 'storage', 'production']


def model(model_name, /, **values):
    return Model.get(model_name)(**values)


def only(name, *domain):
    record, = Model.get(name).find(list(domain))
    return record


class Base:
    """Looks up records by the story's short names."""

    def __init__(self):
        self.party, self.place, self.product, self.bom, self.unit = {}, {}, {}, {}, {}


def build(config):
    base = Base()
    accounts(base, config)
    for code, name in {**master.SUPPLIERS, **master.CUSTOMERS}.items():
        base.party[code] = new_party(name, code, master.contact(code, name))
    places(base)
    products(base)
    boms(base)
    complaint_types(base)
    return base


def new_party(name, code=None, contact=None):
    party = model('party.party', name=name)
    if code:
        party.code = code
    if contact:
        street, postal_code, town, email, phone = contact
        address = party.addresses[0] if party.addresses else party.addresses.new()
        address.street, address.postal_code, address.city = street, postal_code, town
        for kind, value in (('email', email), ('phone', phone)):
            if value:
                party.contact_mechanisms.new(type=kind, value=value)
    party.save()
    return party


def accounts(base, config):
    """The smallest accounting Tryton accepts; Tryton's own test tools know how to make it."""
    import datetime as dt

    from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
    from trytond.modules.account_invoice.tests.tools import create_payment_term, set_fiscalyear_invoice_sequences
    from trytond.modules.company.tests.tools import create_company, get_company
    from trytond.modules.currency.tests.tools import get_currency
    base.currency = get_currency('EUR')
    create_company(new_party(master.COMPANY), base.currency)
    base.company = get_company()
    user = Model.get('res.user')(config.user)
    user.company = base.company
    user.save()
    config._context = Model.get('res.user').get_preferences(True, {})
    year = set_fiscalyear_invoice_sequences(create_fiscalyear(base.company, dt.date(2026, 6, 30)))
    year.click('create_period')
    create_chart(base.company)
    base.term = create_payment_term()
    base.term.save()
    kinds = get_accounts(base.company)
    base.goods = model('product.category', name='Goods', accounting=True,
                       account_expense=kinds['expense'], account_revenue=kinds['revenue'])
    base.goods.save()


def places(base):
    Location = Model.get('stock.location')
    base.warehouse = {'WH': only('stock.location', ('code', '=', 'WH'))}
    base.warehouse['WH'].name = 'Main warehouse'
    base.warehouse['WH'].save()
    lost = only('stock.location', ('type', '=', 'lost_found'))
    storage = base.warehouse['WH'].storage_location
    for code, name in master.PLACES.items():
        base.place[code] = model('stock.location', name=name, code=code, type='storage', parent=storage)
        base.place[code].save()
    code, name = master.CENTRE
    zones = {}
    for zone, kind in (('input', 'storage'), ('output', 'storage'), ('storage', 'storage'),
                       ('production', 'production')):
        zones[zone] = model('stock.location', name='%s, %s' % (name, zone), code='%s-%s' % (code, zone[:3].upper()), type=kind)
        zones[zone].save()
    centre = model('stock.location', name=name, code=code, type='warehouse', lost_found_location=lost,
                   input_location=zones['input'], output_location=zones['output'], storage_location=zones['storage'],
                   production_location=zones['production'])
    centre.save()
    base.warehouse[code] = centre
    scrap = model('stock.location', name='Scrap', code='SCRAP', type='lost_found')
    scrap.save()
    base.place['SCRAP'] = scrap
    for code in ('WH', 'DC'):
        base.warehouse[code] = Location(base.warehouse[code].id)
        base.place[code] = base.warehouse[code].storage_location
    main = base.warehouse['WH']
    main.waste_locations.append(Location(scrap.id))
    main.save()
    base.warehouse['WH'] = Location(main.id)
    base.suppliers = only('stock.location', ('code', '=', 'SUP'))
    base.customers = only('stock.location', ('code', '=', 'CUS'))


def products(base):
    for symbol in ('u', 'kg', 'g', 'm'):
        base.unit[symbol] = only('product.uom', ('symbol', '=', symbol))
    categories = {}
    for code, name, unit, category, options in master.PRODUCTS:
        if category not in categories:
            categories[category] = model('product.category', name=category)
            categories[category].save()
        product(base, code, name, unit, categories[category], options)


def product(base, code, name, unit, category, options):
    Product = Model.get('product.product')
    template = model('product.template', name=name, code=code, type='goods', default_uom=base.unit[unit])
    template.list_price = Decimal(options['price'])
    template.cost_price_method = 'fixed'
    template.purchasable, template.salable = bool(options.get('buy')), bool(options.get('sell'))
    template.producible = bool(options.get('make'))
    template.account_category = base.goods
    template.categories.append(Model.get('product.category')(category.id))
    if options.get('lot') or options.get('serial'):
        template.lot_required = ALL_PLACES
    if options.get('serial'):
        template.lot_unit = base.unit['u']
    for key, field in (('best', 'shelf_life'), ('expires', 'expiration')):
        if key in options:
            setattr(template, field + '_state', 'required')
            setattr(template, field + '_time', options[key])
        elif options.get('optional_dates'):
            setattr(template, field + '_state', 'optional')
    cost = Decimal(options['price']) / 2
    template.products[0].cost_price = cost
    for k, suffix in enumerate(options.get('variants', ())):
        variant = template.products.new() if k else template.products[0]
        variant.suffix_code, variant.cost_price = suffix, cost
    template.save()
    for variant in template.products:
        base.product[variant.code] = Product(variant.id)


def boms(base):
    for name, (made, quantity, inputs, extra) in master.BOMS.items():
        bom = model('production.bom', name=name)
        for rows, lines in (([(made, quantity, None)] + extra, bom.outputs), (inputs, bom.inputs)):
            for code, amount, unit in rows:
                line = lines.new(product=base.product[code])
                line.quantity = amount
                line.uom = base.unit[unit] if unit else base.product[code].default_uom
        bom.save()
        owner = base.product[made]
        owner.boms.new(bom=bom)
        owner.save()
        base.product[made] = Model.get('product.product')(owner.id)
        base.bom[name] = bom


def complaint_types(base):
    base.complaint_type = {}
    for name, origin in (('Whole order', 'sale.sale'), ('Ordered goods', 'sale.line'),
                         ('Invoiced goods', 'account.invoice.line')):
        base.complaint_type[origin] = model('sale.complaint.type', name=name,
                                            origin=only('ir.model', ('model', '=', origin)))
        base.complaint_type[origin].save()
