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

"""Which requests are taken out of Cinder's pipeline, and how."""

import io

import routes

from cinder_messages.integration import message_routes
from tests import base

PROJECT = '0123-abcd'


def make_routes(regex='[0-9a-f-]+'):
    """Cinder's routes to volumes and messages, in its order."""
    mapper = routes.Mapper()
    found = {}
    for name in 'volume', 'message':
        found[name] = f'controller of {name}s'
        for prefix in '{project_id:%s}/' % regex, '':
            mapper.resource(name, f'{name}s', controller=found[name],
                            path_prefix=prefix)
    return message_routes.MessageRoutes(mapper, found['message'], regex)


class TestMessageRoutes(base.TestCase):

    def match(self, path, method='GET', routes=None, **environ):
        return (routes or make_routes()).match(
            {'PATH_INFO': path, 'REQUEST_METHOD': method, **environ})

    def test_what_is_for_messages(self):
        for path in ('/messages', '/messages/', '/messages/x', '/messages/x/y',
                     '/messages.json', '/messages.xml', '/messages/x.json',
                     '/messages/x\ny', '/messages\n', '/messages/x\n',
                     f'/{PROJECT}/messages', f'/{PROJECT}/messages\n',
                     f'/{PROJECT}/messages/x', f'/{PROJECT}/messages.json',
                     '/messages/new', '/messages/x/edit'):
            for method in 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', '':
                self.assertTrue(self.match(path, method), (method, path))

    def test_what_is_not(self):
        for path in ('', '/', '/volumes', '/volumes/messages', '/message',
                     '/messagesx', '/x/messages', f'/{PROJECT}/volumes',
                     f'//{PROJECT}/messages', '//messages', '/MESSAGES',
                     f'/{PROJECT}/volumes/messages', '/volumes/messages/x',
                     '/v3/messages', f'/{PROJECT}/{PROJECT}/messages',
                     'messages', '/messages%0a', '\n/messages'):
            self.assertFalse(self.match(path), path)
        self.assertFalse(make_routes().match({}))

    def test_cinder_decides_what_is_in_doubt(self):
        loose = make_routes('[0-9a-z-]+')
        for path, method, query, expected in (
                ('/xyz/messages', 'GET', '', True),
                ('/volumes/messages', 'GET', '', False),
                ('/volumes/messages', 'POST', '', True),
                ('/volumes/messages', 'GET', '_method=post', True),
                ('/volumes/messages', 'POST', '_method=GET', False),
                ('/volumes/messages', 'POST', 'a=_method', True),
                ('/volumes/messages', 'POST', '_method=%ff', True)):
            self.assertIs(expected, self.match(
                path, method, loose, QUERY_STRING=query), (method, query))

    def test_a_form_may_name_any_method_and_stays_unread(self):
        body = io.BytesIO(b'_method=POST')
        for content_type, expected in (
                ('application/x-www-form-urlencoded', True),
                ('Multipart/Form-Data; boundary=x', True),
                ('application/json', True), ('', True)):
            self.assertIs(expected, self.match(
                '/volumes/messages', 'POST', make_routes('[0-9a-z-]+'),
                CONTENT_TYPE=content_type, CONTENT_LENGTH='12',
                **{'wsgi.input': body}))
        self.assertEqual(0, body.tell())

    def test_other_requests_ask_no_mapper(self):
        found = message_routes.MessageRoutes(None, None, '[0-9]+')
        self.assertFalse(found.match({'PATH_INFO': f'/{PROJECT}/volumes'}))
        self.assertRaises(
            AttributeError, found.match, {'PATH_INFO': '/messages'})
