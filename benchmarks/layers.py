#    Licensed under the Apache License, Version 2.0 (the "License"); you may
#    not use this file except in compliance with the License. You may obtain
#    a copy of the License at
#
#         http://www.apache.org/licenses/LICENSE-2.0
#
#    Unless required by applicable law or agreed to in writing, software
#    distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
#    WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
#    License for the specific language governing permissions and limitations
#    under the License.

"""Measure the parts of a request, one by one.

The requests are list 50 and show, as in request.py. Their parts are: the log
line (a request with it less one without), the storage, the driver without
SQLAlchemy, policy, the route, the view and JSON. The rest is WebOb and the
middleware. Figures are medians of processor time in microseconds. A part that
runs alone finds its code in the processor's cache, so the sum of the parts is
less than the whole.
"""

import functools
import logging
import time

import orjson

from benchmarks import command
from benchmarks import common
from benchmarks import request
from cinder_messages.api import app
from cinder_messages.api import router
from cinder_messages.api import versions
from cinder_messages.api import views
from cinder_messages import context
from cinder_messages.message import catalog
from cinder_messages.policies import base
from cinder_messages.policies import messages as rules
from cinder_messages import policy
from cinder_messages.storage import fastpath
from cinder_messages.storage import query
from cinder_messages.storage import select

LOG = logging.getLogger('cinder_messages.api.middleware')
PARTS = ('whole', 'log', 'storage', 'driver', 'policy', 'route', 'view',
         'JSON')


def silenced(call):
    """Return the call without its log line."""
    def quiet():
        LOG.disabled = True
        call()
        LOG.disabled = False
    return quiet


def make_driver_call(filled, build, shape, values):
    """Return a call that runs the statement by the driver alone."""
    prepared = fastpath.Reader(filled.reading).prepare(build, shape)
    parameters = prepared.bind({'project': request.PROJECT, **values})
    connection = filled.reading.raw_connection().driver_connection

    def call():
        cursor = connection.cursor()
        cursor.execute(prepared.text, parameters)
        cursor.fetchall()
        cursor.close()
    return call


def make_parts(filled, conf):
    """Return the parts of both requests, by name."""
    application = app.loadapp(conf, filled.store)
    match = router.Router(app.make_controller(conf, filled.store)).match
    ask_policy = make_policy_call(conf)
    project = request.PROJECT
    asked = query.Query(limit=50)
    shape = select.page_shape(asked, True, None, filled.backend)
    page = filled.store.list(asked, project).messages
    message_id = page[0].id
    view = views.MessageView(catalog.Catalog.builtin(), 'http://host', None)
    for name, path, statement, read, show in (
            ('list 50', '/v3/messages',
             (select.page_statement, shape,
              select.page_values(asked, shape, None)),
             lambda: filled.store.list(asked, project),
             lambda: view.index(page, next_parameters={'limit': '50'})),
            ('show', f'/v3/messages/{message_id}',
             (select.get_statement, select.Shape(filled.backend, True),
              {'message_id': message_id}),
             lambda: filled.store.get(message_id, project),
             lambda: view.show(page[0]))):
        whole = request.make_call(application, f'{path}?limit=50')
        yield name, {
            'whole': whole,
            'without log': silenced(whole),
            'storage': read,
            'driver': make_driver_call(filled, *statement),
            'policy': ask_policy,
            'route': functools.partial(match, path, versions.MAX_VERSION),
            'view': show,
            'JSON': functools.partial(orjson.dumps, show()),
        }


def make_policy_call(conf):
    """Return the policy check of a request, which is cached."""
    authorizer = policy.make_authorizer(conf)
    caller = context.RequestContext(
        user_id='user', project_id=request.PROJECT,
        roles=['member', 'reader'])

    def call():
        authorizer.allows(caller, base.CONTEXT_IS_ADMIN, {})
        authorizer.allows(
            caller, rules.GET, {'project_id': request.PROJECT})
    return call


def measure(filled, args):
    for name, calls in make_parts(filled, request.configure()):
        times = dict(zip(calls, common.medians(
            list(calls.values()), args.rounds, args.budget,
            time.thread_time)))
        times['log'] = times['whole'] - times.pop('without log')
        print(f'{filled.backend:11} {name:8}', *(
            f'{times[part] * 1e6:8.0f}' for part in PARTS), flush=True)


def main():
    args = request.make_parser(__doc__).parse_args()
    print(' ' * 20, *(f'{part:>8}' for part in PARTS))
    for backend in command.backends_of(args):
        with common.open_database(backend, args.count, args.keep) as filled:
            measure(filled, args)


if __name__ == '__main__':
    main()
