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

"""Requests for messages, and what their errors say."""

from keystoneauth1 import exceptions as auth_exceptions

from cinder_messages.client import service
from tests import base
from tests.unit.client import fakes


class TestMessageService(base.TestCase):

    def setUp(self):
        super().setUp()
        self.adapter = fakes.Adapter(map(fakes.body, range(1, 6)))
        self.service = service.MessageService(self.adapter)

    def ids(self, *args, **kwargs):
        return [each.id[-1] for each in self.service.list(*args, **kwargs)]

    def test_it_asks_for_its_versions_itself(self):
        self.ids({})
        [headers] = self.adapter.headers
        self.assertEqual('volume 3.5, user-messages 1.0',
                         headers['OpenStack-API-Version'])
        self.assertNotIn('Accept-Language', headers)

    def test_language(self):
        self.ids({})
        list(service.MessageService(self.adapter, 'de').list({}))
        self.assertEqual('de', self.adapter.headers[-1]['Accept-Language'])

    def test_the_service_tells_whether_it_is_extended(self):
        self.assertTrue(self.service.extended)
        self.assertTrue(self.service.extended)
        self.assertEqual([{'limit': 0}], self.adapter.requests)
        plain = fakes.Adapter(extended=False)
        self.assertFalse(service.MessageService(plain).extended)

    def test_a_list_follows_its_pages_by_marker(self):
        for size in (1, 2, 5, 200):
            with self.subTest(size):
                self.assertEqual(list('54321'), self.ids({}, size=size))
        self.adapter.max_limit = 2
        self.assertEqual(list('54321'), self.ids({}))
        self.assertEqual(list('21'), self.ids({}, marker='message-003'))

    def test_pages_are_requested_when_they_are_needed(self):
        next(self.service.list({}, size=1))
        self.assertEqual(1, len(self.adapter.requests))

    def test_show_and_delete(self):
        self.assertEqual('req-3', self.service.show(
            'message-003').get('request_id'))
        self.service.delete('message-003')
        self.assertEqual(list('5421'), self.ids({}))
        for method in self.service.show, self.service.delete:
            for missing in 'message-003', '..', 'a/../b', 'ä\udcff', '':
                error = self.assertRaises(
                    service.ServiceError, method, missing)
                self.assertEqual(404, error.status)
                self.assertIn('There is no message', str(error))

    def test_an_id_is_one_segment_of_the_path(self):
        paths = []
        self.adapter.get = lambda url, **kwargs: paths.append(url) or (
            fakes.fault(404, ''))
        self.assertRaises(service.ServiceError, self.service.show,
                          'a/b?c=d#e')
        self.assertEqual(['/messages/a%2Fb%3Fc%3Dd%23e'], paths)


class TestErrors(base.TestCase):

    def error(self, error):
        adapter = fakes.Adapter()
        adapter.errors.append(error)
        return self.assertRaises(
            service.ServiceError, list,
            service.MessageService(adapter).list({}))

    def test_each_is_one_line_that_says_what_happened(self):
        for status, text, expected in (
                (400, 'sort has no key', 'refused the request. sort has no'),
                (401, 'Unauthorized', 'refused the token'),
                (403, 'Policy forbids it', 'You may not do this. Policy'),
                (404, 'The resource could not be found.',
                 'has no messages: it must support API microversion 3.5'),
                (404, 'Marker x could not be found.', 'Marker x'),
                (406, 'Version 3.5 is not supported', 'has no messages'),
                (503, 'Try later\nTraceback', 'failed with 503. Try later'),
                (500, '\x1b[2J', r'\x1b[2J')):
            with self.subTest(status=status, text=text):
                error = self.error(fakes.fault(status, text))
                self.assertIn(expected, str(error))
                self.assertNotIn('\n', str(error))
                self.assertEqual(status, error.status)

    def test_answers_that_are_no_json(self):
        for response in (fakes.Response(ValueError()), fakes.Response([]),
                         fakes.Response(ValueError(), 502),
                         fakes.Response({'a': 1, 'b': 2}, 400),
                         fakes.Response({'a': None}, 400)):
            self.assertNotIn('\n', str(self.error(response)))

    def test_a_service_that_is_away(self):
        error = self.error(auth_exceptions.ConnectFailure(
            'Unable to establish connection\nto it'))
        self.assertEqual('Unable to establish connection', str(error))
        error = self.error(auth_exceptions.ConnectFailure(
            "Unable to establish connection to http://h: HTTPConnectionPool("
            "host='h', port=80): Max retries exceeded"))
        self.assertEqual('Unable to establish connection to http://h',
                         str(error))
        self.assertTrue(error.transient)

    def test_what_can_pass(self):
        for status, transient in ((None, True), (408, True), (429, True),
                                  (500, True), (503, True), (400, False),
                                  (401, False), (403, False), (404, False)):
            with self.subTest(status):
                self.assertEqual(transient, service.ServiceError(
                    'x', status).transient)
