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

"""Which answer an error becomes, and what it does not say."""

import logging

import fixtures

from cinder_messages.api import errors
from cinder_messages import exception
from cinder_messages import i18n
from tests import base

ENVIRON = {'openstack.request_id': 'req-1'}


class TestFromException(base.TestCase):

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.DEBUG))

    def test_our_exceptions_have_their_status_and_text(self):
        for error, code, name in (
                (exception.MessageNotFound(message_id='m'), 404,
                 'itemNotFound'),
                (exception.MarkerNotFound(marker='m'), 404, 'itemNotFound'),
                (exception.InvalidParameter(reason='r'), 400, 'badRequest'),
                (exception.InvalidMessage(reason='r'), 400, 'badRequest'),
                (exception.NotAuthorized(action='a'), 403, 'forbidden'),
                (errors.HTTPError(406, i18n.Text('no')), 406,
                 'notAcceptable')):
            with self.subTest(error=error):
                answer = errors.from_exception(error, ENVIRON)
                self.assertEqual(
                    {name: {'code': code, 'message': str(error)}},
                    answer.json)
                self.assertEqual(code, answer.status_int)
                self.assertEqual('application/json', answer.content_type)
        self.assertEqual('', self.log.output)

    def test_unexpected_says_nothing_of_its_cause_but_to_the_log(self):
        answer = errors.from_exception(
            RuntimeError('password in /etc/x'), ENVIRON)
        self.assertEqual(500, answer.status_int)
        self.assertEqual(['computeFault'], list(answer.json))
        self.assertNotIn('password', answer.text)
        self.assertIn('req-1', self.log.output)
        self.assertIn('password in /etc/x', self.log.output)

    def test_database_that_is_away_is_tried_again_later(self):
        answer = errors.from_exception(
            exception.DatabaseUnavailable(reason='10.0.0.5 refused'), ENVIRON)
        self.assertEqual(503, answer.status_int)
        self.assertEqual(['serviceUnavailable'], list(answer.json))
        self.assertEqual(errors.RETRY_AFTER, answer.headers['Retry-After'])
        self.assertNotIn('10.0.0.5', answer.text)
        self.assertIn('req-1', self.log.output)
        self.assertIn('10.0.0.5', self.log.output)


class TestFromStatus(base.TestCase):

    def test_in_the_language_of_the_request(self):
        answer = errors.from_status('401 Unauthorized', [], {
            **ENVIRON, 'HTTP_ACCEPT_LANGUAGE': 'de'})
        self.assertEqual('Diese Anfrage erfordert eine Authentifizierung.',
                         answer.json['unauthorized']['message'])
        self.assertEqual('de', answer.headers['Content-Language'])

    def test_headers_are_kept_but_for_those_of_the_body(self):
        answer = errors.from_status('401 Unauthorized', [
            ('Content-Type', 'text/html'), ('Content-Length', '1000'),
            ('WWW-Authenticate', 'Keystone uri="x"')], ENVIRON)
        self.assertEqual(['unauthorized'], list(answer.json))
        self.assertEqual('application/json', answer.headers['Content-Type'])
        self.assertEqual(len(answer.body), answer.content_length)
        self.assertEqual('Keystone uri="x"',
                         answer.headers['WWW-Authenticate'])

    def test_status_without_a_name_of_its_own(self):
        answer = errors.from_status('418 Whatever', [], ENVIRON)
        self.assertEqual(418, answer.json['computeFault']['code'])
