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

"""Where links begin."""

import datetime

import orjson
import webob

from cinder_messages.api import views
from cinder_messages.message import catalog
from cinder_messages.message import model
from tests import base


class TestBaseUrl(base.TestCase):

    def _base(self, url, public_endpoint=None):
        environ = webob.Request.blank(url).environ
        return views.base_url(environ, public_endpoint)

    def test_request_is_believed_by_default(self):
        self.assertEqual('http://h:1', self._base('http://h:1/v3/messages'))

    def test_mount_point_is_part_of_it(self):
        request = webob.Request.blank('http://h/v3', environ={
            'SCRIPT_NAME': '/volume'})
        self.assertEqual('http://h/volume',
                         views.base_url(request.environ, None))

    def test_the_first_of_a_chain_of_proxies_counts(self):
        for scheme, host, expected in (
                ('http', 'a, b', 'http://a'), ('https', 'a,b', 'https://a'),
                ('https, http', 'a:443 , b:80', 'https://a'),
                ('HTTPS', '"a:8443"', 'https://a:8443'),
                ('http', '[::1]:8776, b', 'http://[::1]:8776'),
                ('http', 'a:80', 'http://a'),
                ('http', 'a:443', 'http://a:443'),
                ('gopher', 'a', 'http://a')):
            environ = {**webob.Request.blank('http://h:1').environ,
                       'wsgi.url_scheme': scheme, 'HTTP_HOST': host}
            self.assertEqual(expected, views.base_url(environ, None))

    def test_a_host_that_is_none_is_the_address_of_the_server(self):
        for host in ('', ' ', ',', ', b', 'a b', 'a/b', 'a"b', 'a@b',
                     'a:x', '::1', '\xe4', None):
            environ = {**webob.Request.blank('/').environ,
                       'SERVER_NAME': 's', 'SERVER_PORT': '8776'}
            if host is None:
                del environ['HTTP_HOST']
            else:
                environ['HTTP_HOST'] = host
            self.assertEqual('http://s:8776', views.base_url(environ, None))
        environ.update(SERVER_NAME='::1')
        self.assertEqual('http://[::1]:8776', views.base_url(environ, None))
        environ.update(SERVER_PORT='80')
        self.assertEqual('http://[::1]', views.base_url(environ, None))

    def test_a_prefix_has_one_slash_in_front_and_none_behind(self):
        for prefix, expected in (
                ('/volume/', '/volume'), ('volume', '/volume'), ('/', ''),
                ('//a//b//', '/a/b'), ('/a b"', '/a%20b%22'),
                ('/\xc3\xa4', '/%C3%A4')):
            environ = {**webob.Request.blank('http://h').environ,
                       'SCRIPT_NAME': prefix}
            self.assertEqual(f'http://h{expected}',
                             views.base_url(environ, None))

    def test_deployer_knows_better(self):
        self.assertEqual('https://x/y',
                         self._base('http://h/', 'https://x/y/'))


class Catalog:

    def text(self, event_id, locale=None, detail_id=None):
        return f'text of {event_id}'


class TestMessageView(base.TestCase):

    def setUp(self):
        super().setUp()
        self.message = model.Message(
            id='m', project_id='owner', event_id='e', user_id='u',
            created_at=datetime.datetime(2026, 1, 1))

    def test_text_is_the_one_of_the_catalog(self):
        view = views.MessageView(Catalog(), 'http://h', None)
        body = view.show(self.message)['message']
        self.assertEqual('text of e', body['user_message'])

    def test_microseconds_are_never_left_out(self):
        view = views.MessageView(Catalog(), 'http://h', None)
        for microsecond in 0, 120:
            body = view.show(self.message._replace(
                created_at=self.message.created_at.replace(
                    microsecond=microsecond)))
            self.assertEqual(
                f'2026-01-01T00:00:00.{microsecond:06}',
                orjson.loads(orjson.dumps(body))['message']['created_at'])

    def test_empty_fields_are_left_out(self):
        view = views.MessageView(Catalog(), 'http://h', None)
        self.assertEqual(
            {'id', 'event_id', 'user_message', 'message_level', 'created_at',
             'links'}, set(view.show(self.message)['message']))

    def test_ids_are_quoted_in_links(self):
        view = views.MessageView(Catalog(), 'http://h', None)
        for message_id, quoted in (('a/b', 'a%2Fb'),
                                   ('a b?#"', 'a%20b%3F%23%22')):
            body = view.index([self.message._replace(id=message_id)], None,
                              {'limit': '1'})
            self.assertEqual(
                [f'http://h/v3/messages/{quoted}'] * 2,
                [link['href'] for link in body['messages'][0]['links']])
            self.assertNotIn(message_id, body['messages_links'][0]['href'])

    def test_an_offset_beside_the_marker_is_none(self):
        view = views.MessageView(Catalog(), 'http://h', None)
        for parameters in ({'limit': '1', 'offset': '7'},
                           {'limit': '1', 'offset': '0', 'marker': 'x'}):
            body = view.index([self.message], None, parameters)
            self.assertEqual('http://h/v3/messages?limit=1&offset=0&marker=m',
                             body['messages_links'][0]['href'])

    def test_project_of_the_url_is_quoted_in_links(self):
        view = views.MessageView(Catalog(), 'http://h', 'a/b c')
        body = view.index([self.message], None, {'limit': '1'})
        self.assertEqual('http://h/v3/a%2Fb%20c/messages/m',
                         body['messages'][0]['links'][0]['href'])
        self.assertEqual('http://h/v3/a%2Fb%20c/messages?limit=1&marker=m',
                         body['messages_links'][0]['href'])


class TestOptIn(base.TestCase):

    def view(self, allows_actor=True, allows_host=True, help_url=None):
        asked = []

        def allows(answer):
            return lambda project_id: asked.append(project_id) or answer

        self.asked = asked
        return views.MessageView(
            catalog.Catalog.builtin(), 'http://h', None, None, views.OptIn(
                allows(allows_actor), allows(allows_host), help_url))

    def show(self, view, **fields):
        return view.show(model.Message(**{
            'id': 'm', 'project_id': 'owner', 'event_id': '000005',
            'created_at': datetime.datetime(2026, 1, 1),
            **fields}))['message']

    def test_empty_fields_are_left_out(self):
        self.assertEqual(
            {'id', 'event_id', 'user_message', 'message_level', 'created_at',
             'links', 'reason', 'detail', 'retry'},
            set(self.show(self.view(), user_id='', host='')))

    def test_a_count_of_zero_is_a_count(self):
        self.assertEqual(0, self.show(self.view(), count=0)['count'])

    def test_rules_are_asked_about_the_owner_of_each_message(self):
        body = self.show(self.view(), user_id='u', host='h')

        self.assertEqual(('u', 'h'), (body['user_id'], body['host']))
        self.assertEqual(['owner', 'owner'], self.asked)

    def test_what_a_rule_forbids_is_left_out(self):
        body = self.show(self.view(False, True), user_id='u', host='h')
        self.assertNotIn('user_id', body)
        self.assertIn('host', body)
        body = self.show(self.view(True, False), user_id='u', host='h')
        self.assertIn('user_id', body)
        self.assertNotIn('host', body)

    def test_the_user_in_a_report_of_an_older_emitter_is_left_out(self):
        """It can be an administrator, and the reader is the tenant."""
        body = self.show(self.view(), user_id='u', host=None)

        self.assertNotIn('user_id', body)

    def test_help_leads_to_the_event_that_is_explained(self):
        view = self.view(help_url='https://d/p')
        for stored, anchor in (('VOLUME_000002', '000002'),
                               ('VOLUME_VOLUME_001_003',
                                'VOLUME_VOLUME_001_003'),
                               ('not#known', '000001')):
            self.assertEqual(
                {'rel': 'help', 'href': f'https://d/p#{anchor}'},
                self.show(view, event_id=stored)['links'][2])
        self.assertEqual(2, len(self.show(self.view())['links']))
