"""Fill an empty Tryton database with the story, only through proteus, and write down what was planned.

usage: populate.py TRYTOND_CONF DATABASE STORY_JSON
"""
import collections
import datetime as dt
import json
import os
import sys
import time
import warnings

import clock
import master
import plan as planning
from story_food import food
from story_garments import garments


def planned():
    plan = planning.Plan()
    garments(plan)
    food(plan)
    return plan


def story(plan):
    complaints = collections.Counter(s.args['end'] for s in plan.steps if s.kind == 'complain')
    return {'company': master.COMPANY, 'as_of': str(planning.AS_OF), 'suppliers': master.SUPPLIERS,
            'customers': master.CUSTOMERS,
            'places': {'WH': 'main warehouse', **master.PLACES, master.CENTRE[0]: master.CENTRE[1]},
            'complaints_by_state': dict(sorted(complaints.items())), **plan.facts}


def main():
    warnings.filterwarnings('ignore')
    conf, database, target = sys.argv[1:4]
    os.environ['DB_NAME'] = database                    # Tryton's own test tools ask for it
    plan = planned()
    from trytond.config import config as settings
    settings.update_etc(conf)
    story_clock = clock.install(dt.date(2026, 1, 5))
    from proteus import config as proteus_config
    config = proteus_config.set_trytond('sqlite:///' + database, config_file=conf)
    import company
    import erp
    started = time.time()
    driver = erp.Erp(config, company.build(config), plan.lots)
    print('%6.1f s  base data' % (time.time() - started), flush=True)
    for done, step in enumerate(plan.in_order(), 1):
        story_clock.go_to(step.day)
        try:
            getattr(driver, step.kind)(step.day, **step.args)
        except Exception:
            print('failed at', step, file=sys.stderr)
            raise
        if done % 25 == 0:
            print('%6.1f s  %s  %d of %d steps' % (time.time() - started, step.day, done, len(plan.steps)), flush=True)
    with open(target, 'w', encoding='utf-8') as out:
        json.dump(story(plan), out, ensure_ascii=False, indent=1)
        out.write('\n')


if __name__ == '__main__':
    main()
