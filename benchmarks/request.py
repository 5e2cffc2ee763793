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

"""Compare a request in process with the least that it could take.

List 50 and show run through the application with all its middleware, in turn
with the floor: WebOb's Request and Response, a match by Routes, one SELECT by
SQLAlchemy Core on the same connection pool, and json. There is no socket and
no Keystone. Figures are medians in microseconds and the ratio. The targets are
1.1 for a list and 1.5 for show; with --opt-in, 1.5 and 1.7.

--profile prints the functions of one request by their own time.
"""

import cProfile
import io
import json
import logging
import os
import pstats
import time

from oslo_config import cfg
from oslo_log import formatters
from oslo_log import log
import routes
import sqlalchemy as sa
import webob

from benchmarks import command
from benchmarks import common
from cinder_messages.api import app
from cinder_messages.conf import opts
from cinder_messages.storage import models
from cinder_messages.storage import query

PROJECT = common.project(0)

# The version header, by whether opt-in fields are asked for.
_VERSION = ('volume 3.71', 'volume 3.71, user-messages 1.0')


class Floor:
    """A WSGI application that does the least."""

    def __init__(self, engine):
        self._engine = engine
        self._mapper = routes.Mapper(controller_scan=None, register=False)
        self._mapper.connect('list', '/v3/messages')
        self._mapper.connect('show', '/v3/messages/{id}')
        self._mapper.create_regs([])
        table = models.MESSAGES
        select = sa.select(
            table.c.id, table.c.event_id, table.c.message_level,
            table.c.created_at, table.c.expires_at, table.c.request_id,
            table.c.resource_type, table.c.resource_uuid,
            ).where(table.c.project_id == sa.bindparam('project'))
        self._list = select.order_by(
            table.c.created_at.desc(), table.c.id.desc()).limit(50)
        self._show = select.where(table.c.id == sa.bindparam('id'))

    def __call__(self, environ, start_response):
        request = webob.Request(environ)
        match, _route = self._mapper.routematch(request.path_info)
        values = {'project': PROJECT, **match}
        with self._engine.connect() as connection:
            rows = connection.execute(
                self._show if 'id' in match else self._list, values).all()
        body = json.dumps({'messages': [dict(row._mapping) for row in rows]},
                          default=str)
        answer = webob.Response(
            body=body.encode(), content_type='application/json')
        return answer(environ, start_response)


def configure():
    """Return the configuration of an API that logs as in production."""
    conf = cfg.ConfigOpts()
    opts.register_opts(conf)
    log.register_options(conf)
    conf([])
    conf.set_override('auth_strategy', 'noauth', 'api')
    logger = logging.getLogger('cinder_messages')
    logger.setLevel(logging.INFO)
    logger.propagate = False
    handler = logging.StreamHandler(open(os.devnull, 'w'))
    handler.setFormatter(formatters.ContextFormatter(config=conf))
    logger.handlers = [handler]
    return conf


def make_call(application, path, version='volume 3.71'):
    """Return a function that makes one request, each in a new environment."""
    environ = webob.Request.blank(
        path, environ={'REMOTE_ADDR': '127.0.0.1'},
        headers={
            'X-Auth-Token': f'user:{PROJECT}',
            'OpenStack-API-Version': version}).environ

    def call():
        answers = []
        body = application(
            {**environ, 'wsgi.input': io.BytesIO()},
            lambda status, headers, *args: answers.append(status))
        read = b''.join(body)
        if answers[-1][:3] != '200':
            raise SystemExit(f'{path}: {answers[-1]}: {read[:200]}')
        return read
    return call


def profile(name, call, count):
    """Print what takes the time, for one call."""
    profiler = cProfile.Profile(time.thread_time)
    profiler.enable()
    for _ in range(count):
        call()
    profiler.disable()
    stats = pstats.Stats(profiler).stats
    total = sum(own for _, _, own, _, _ in stats.values())
    print(f'{name}, microseconds of {total / count * 1e6:.0f} under the '
          'profiler, calls of each in one request')
    for (path, _line, function), (_, calls, own, whole, _) in sorted(
            stats.items(), key=lambda item: -item[1][2])[:35]:
        print(f'{own / count * 1e6:8.1f} {whole / count * 1e6:8.1f} '
              f'{calls / count:7.1f}  {"/".join(path.split("/")[-2:])} '
              f'{function}')


def measure(name, filled, args):
    application = app.loadapp(configure(), filled.store)
    floor = Floor(filled.reading)
    page = filled.store.list(query.Query(limit=1), PROJECT)
    for what, path in (('list 50', '/v3/messages?limit=50'),
                       ('show', f'/v3/messages/{page.messages[0].id}')):
        call = make_call(application, path, _VERSION[args.opt_in])
        calls = [call, make_call(floor, path.partition('?')[0])]
        for unit, clock in (('wall', time.perf_counter),
                            ('CPU', time.thread_time)):
            ours, least = common.medians(
                calls, args.rounds, args.budget, clock)
            print(f'{name:11} {what:8} {unit:4} {ours * 1e6:8.0f} '
                  f'{least * 1e6:8.0f} {ours / least:6.2f}', flush=True)
        if args.profile:
            profile(what, call, args.rounds)


def make_parser(doc, backends=tuple(common.servers.DATABASES)):
    """Make a parser with the options of benchmarks in process."""
    parser = common.make_parser(doc, backends)
    parser.add_argument('--count', type=int, default=1000,
                        help='messages in the table')
    parser.add_argument('--rounds', type=int, default=500,
                        help='requests of each kind')
    parser.add_argument('--budget', type=float, default=5,
                        help='seconds for each kind at most')
    return parser


def main():
    parser = make_parser(__doc__, ('sqlite', *common.servers.DATABASES))
    parser.add_argument('--profile', action='store_true',
                        help='also show function by function')
    parser.add_argument('--opt-in', action='store_true',
                        help='request the fields of user-messages 1.0')
    args = parser.parse_args()
    print('                           request    floor  ratio')
    for backend in command.backends_of(args):
        with common.open_database(backend, args.count, args.keep) as filled:
            measure(backend, filled, args)


if __name__ == '__main__':
    main()
