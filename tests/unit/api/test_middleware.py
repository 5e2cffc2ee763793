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

"""The layers around the router, each alone."""

import logging

import fixtures

from cinder_messages.api import errors
from cinder_messages.api import middleware
from cinder_messages import context
from tests import base
from tests.unit.api import wsgi


def failing(error):
    def application(environ, start_response):
        raise error
    return application


class TestPathOf(base.TestCase):

    def test_bytes_are_utf8(self):
        self.assertEqual(
            '/\xdf', middleware.path_of({'PATH_INFO': '/\xc3\x9f'}))

    def test_other_bytes_are_refused(self):
        for path in ('/\xff', '/\u20ac'):
            refusal = self.assertRaises(
                errors.HTTPError, middleware.path_of, {'PATH_INFO': path})
            self.assertEqual(400, refusal.code)


class TestRequestLog(base.TestCase):

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))

    def test_line_says_what_was_asked_and_answered(self):
        wsgi.ask(middleware.RequestLog(
            wsgi.answering('404 Not Found', [('Content-Length', '4')])),
            '/v3/x?a=b', **{
                'openstack.request_id': 'req-1',
                middleware.CONTEXT: context.RequestContext(project_id='p'),
                middleware.VERSION: (3, 71)})
        self.assertRegex(
            self.log.output,
            r'^req-1 "GET /v3/x\?a=b" status: 404 len: 4 time: 0\.\d{6} '
            r'project: p microversion: 3\.71\n$')

    def test_line_stays_one_line(self):
        wsgi.ask(middleware.RequestLog(wsgi.answering()), '/x%0Areq-2 "GET')
        self.assertEqual(1, len(self.log.output.splitlines()))

    def test_query_can_end_neither_line_nor_field(self):
        middleware.RequestLog(wsgi.answering())(
            {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/x', 'QUERY_STRING':
             'a=%C3%A4&b~=c" status: 200\n\r\x1b[1m\x85\xff'},
            lambda *_: None)
        self.assertIn(
            '"GET /x?a=%C3%A4&b~=c%22%20status:%20200%0A%0D%1B[1m%85%FF" ',
            self.log.output)
        self.assertEqual(1, len(self.log.output.splitlines()))

    def test_no_field_holds_a_control_character(self):
        controls = [chr(number)
                    for number in (*range(0x20), *range(0x7f, 0xa0))]
        for control in (*controls, '\xad', '"', '\\', ' '):
            value = f'a{control}req-2 "GET /forged" status: 200'
            for field in ('REQUEST_METHOD', 'PATH_INFO', 'QUERY_STRING',
                          'HTTP_X_OPENSTACK_REQUEST_ID',
                          'openstack.request_id', 'HTTP_USER_AGENT',
                          'HTTP_HOST', 'REMOTE_ADDR', 'SCRIPT_NAME',
                          'project'):
                environ = {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/x', field:
                           value, middleware.CONTEXT: context.RequestContext(
                               project_id=value if field == 'project'
                               else 'p')}
                self.log = self.useFixture(
                    fixtures.FakeLogger(level=logging.INFO))
                middleware.RequestLog(wsgi.answering())(
                    environ, lambda *_: None)
                line = self.log.output.removesuffix('\n')
                self.assertTrue(line.isascii() and line.isprintable(), line)
                self.assertRegex(
                    line, r'^[^ ]+ "(?:[^ "\\]|\\.)+ [^ "]+" status: 200 '
                    r'len: - time: 0\.\d+ project: [^ ]+ microversion: -$')

    def test_line_is_bounded(self):
        middleware.RequestLog(wsgi.answering())(
            {'REQUEST_METHOD': 'X' * 9999, 'PATH_INFO': '/' * 9999,
             'QUERY_STRING': 'q' * 9999}, lambda *_: None)
        self.assertLess(len(self.log.output), 4000)

    def test_request_that_nobody_was_found_for(self):
        wsgi.ask(middleware.RequestLog(wsgi.answering()))
        self.assertIn('len: - ', self.log.output)
        self.assertIn('project: - microversion: -', self.log.output)


class TestFaults(base.TestCase):

    V3 = {middleware.VERSION: (3, 5)}

    def test_good_answer_passes_with_its_microversion(self):
        answer = wsgi.ask(middleware.Faults(
            wsgi.answering(headers=[('X-Other', 'kept')])), **self.V3)
        self.assertEqual(b'body', answer.body)
        self.assertEqual('kept', answer.headers['X-Other'])
        self.assertEqual('volume 3.5',
                         answer.headers['OpenStack-API-Version'])
        self.assertEqual('OpenStack-API-Version', answer.headers['Vary'])

    def test_error_of_a_library_becomes_a_fault(self):
        answer = wsgi.ask(middleware.Faults(wsgi.answering(
            '401 Unauthorized',
            [('Content-Type', 'text/html'),
             ('WWW-Authenticate', 'Keystone')])), **self.V3)
        self.assertEqual(401, answer.json['unauthorized']['code'])
        self.assertEqual('Keystone', answer.headers['WWW-Authenticate'])
        self.assertEqual('volume 3.5',
                         answer.headers['OpenStack-API-Version'])

    def test_exception_becomes_a_fault(self):
        self.useFixture(fixtures.FakeLogger())
        answer = wsgi.ask(middleware.Faults(failing(KeyError('x'))), **self.V3)
        self.assertEqual(500, answer.json['computeFault']['code'])

    def test_other_paths_have_no_microversion(self):
        answer = wsgi.ask(middleware.Faults(wsgi.answering('503 Away')))
        self.assertEqual(b'body', answer.body)
        self.assertNotIn('Vary', answer.headers)

    def test_head_has_no_body(self):
        answer = wsgi.ask(middleware.Faults(failing(errors.HTTPError(404))),
                          REQUEST_METHOD='HEAD')
        self.assertEqual(404, answer.status_int)
        self.assertEqual(b'', answer.body)


class TestRequestId(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.FakeLogger())

    def ask(self, **environ):
        seen = {}

        def application(environ, start_response):
            seen.update(environ)
            return wsgi.answering()(environ, start_response)

        answer = wsgi.ask(middleware.RequestLog(application), **environ)
        return answer.headers.get('x-openstack-request-id'), seen

    def test_each_request_has_another(self):
        answered, seen = self.ask()
        self.assertEqual(seen['openstack.request_id'], answered)
        self.assertNotEqual(answered, self.ask()[0])

    def test_that_of_the_caller_goes_beside_it(self):
        of_caller = 'req-00000000-0000-4000-8000-00000000000a'
        answered, seen = self.ask(HTTP_X_OPENSTACK_REQUEST_ID=of_caller)
        self.assertEqual(of_caller, seen['openstack.global_request_id'])
        self.assertNotEqual(of_caller, answered)

    def test_what_is_no_id_is_not_believed(self):
        for of_caller in ('', 'req-1', 'req-00000000-0000-4000-8000-00000000'
                          '000a\n', 'x' * 10_000):
            _, seen = self.ask(HTTP_X_OPENSTACK_REQUEST_ID=of_caller)
            self.assertNotIn('openstack.global_request_id', seen)

    def test_what_cinder_has_given_stays(self):
        answered, seen = self.ask(**{'openstack.request_id': 'req-1'})
        self.assertEqual((None, 'req-1'),
                         (answered, seen['openstack.request_id']))

    def test_cinderclient_finds_it_under_its_old_name(self):
        for environ in {}, {'openstack.request_id': 'req-1'}:
            answer = wsgi.ask(
                middleware.RequestLog(wsgi.answering()), **environ)
            self.assertRegex(answer.headers['x-compute-request-id'], '^req-')


class TestDispatcher(base.TestCase):

    def status(self, **environ):
        return wsgi.ask(middleware.Dispatcher({}, wsgi.answering(), 100),
                        **environ).status

    def test_up_to_a_length_a_request_is_answered(self):
        for length in '100', '0', '', '-1', 'many':
            self.assertEqual('200 OK', self.status(CONTENT_LENGTH=length))
        self.assertEqual('200 OK', self.status())

    def test_a_longer_one_is_refused(self):
        for length in '101', '9' * 5000:
            refusal = self.assertRaises(
                errors.HTTPError, self.status, CONTENT_LENGTH=length)
            self.assertEqual(413, refusal.code)

    def test_paths_of_public_applications(self):
        dispatcher = middleware.Dispatcher(
            {'/': wsgi.answering('300 Choose'),
             '/v3': wsgi.answering('201 Here')}, wsgi.answering())
        for path, status in (
                ('', 300), ('/', 300), ('//', 300), ('/v3', 201),
                ('//v3', 201), ('/v3/x', 200), ('/v3//x', 200),
                ('//v3///x//y', 200)):
            answer = wsgi.ask(dispatcher, PATH_INFO=path)
            self.assertEqual(status, answer.status_int, path)
        for path in '/volume', '//volume', '/V3/x', '/v3x':
            refusal = self.assertRaises(
                errors.HTTPError, wsgi.ask, dispatcher, PATH_INFO=path)
            self.assertEqual(404, refusal.code)

    def test_options_of_every_path_are_told_to_everybody(self):
        for path in '/', '/v3/messages', '/healthcheck', '/nowhere', '*':
            answer = wsgi.ask(middleware.Dispatcher({}, failing(KeyError())),
                              PATH_INFO=path, REQUEST_METHOD='OPTIONS')
            self.assertEqual((200, b''), (answer.status_int, answer.body))
            self.assertEqual({'GET', 'HEAD', 'DELETE', 'OPTIONS'},
                             answer.allow and set(answer.allow))
