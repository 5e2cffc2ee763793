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

"""What cinder-messages-manage message create reports, and what it refuses."""

import contextlib
import io

from oslo_config import cfg

from cinder_messages.cmd import manage
from cinder_messages.cmd import manage_messages
from cinder_messages.conf import opts
from cinder_messages import exception
from tests import base


class Reporting:
    """In place of ``message.api.API``."""

    def __init__(self):
        self.created = []
        self.timeouts = []
        self.counters = self
        self.rejected = 0

    def create(self, context, event_id, project_id, **resource):
        self.created.append((event_id, context, resource))
        return 'the-id'

    def flush(self, timeout):
        self.timeouts.append(timeout)
        return True


class TestCreate(base.TestCase):

    def setUp(self):
        super().setUp()
        self.api = Reporting()
        self.patch(manage_messages.message_api, 'API', lambda conf: self.api)

    def create(self, *argv):
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf.register_cli_opts(manage.CLI_OPTS)
        stdout = io.StringIO()
        with contextlib.redirect_stderr(io.StringIO()) as self.stderr:
            conf(('message', 'create', '--project-id', 'one', *argv),
                 project='cinder-messages', default_config_files=[],
                 default_config_dirs=[])
        with contextlib.redirect_stdout(stdout):
            self.assertEqual(0, conf.command.run(conf))
        self.assertEqual('the-id\n', stdout.getvalue())
        return self.api.created.pop()

    def test_an_action_and_a_detail_have_ids_names_and_reasons(self):
        volume = ('--resource-type', 'volume')
        for action in '007', 'EXTEND_VOLUME':
            for detail in ('010', 'DRIVER_FAILED_EXTEND',
                           'BACKEND_EXTEND_FAILED'):
                self.assertEqual(
                    'VOLUME_VOLUME_007_010', self.create(
                        '--action', action, '--detail', detail, *volume)[0])
            self.assertEqual('VOLUME_VOLUME_007_001', self.create(
                '--action', action, *volume)[0])

    def test_unknown_actions_and_details_are_named(self):
        volume = ('--resource-type', 'VOLUME')
        for argv, message in (
                (('--action', 'FLY', *volume),
                 "--action 'FLY' is unknown. cinder-messages-manage catalog"),
                # Attributes of the class that are no constants.
                (('--action', 'mro', *volume), "--action 'mro' is unknown"),
                (('--action', '__doc__', *volume), 'is unknown'),
                (('--action', '007', '--detail', '999', *volume),
                 "--detail '999' is unknown. cinder-messages-manage catalog"),
                # A reason of an event that has no action.
                (('--action', '007', '--detail', 'STORAGE_NOT_ALLOCATED',
                  *volume), 'is unknown'),
                (('--action', '007'), '--action needs --resource-type'),
                (('--action', '007', '--resource-type', 'DISK'),
                 "Resource type 'DISK' is not permitted. Permitted are: "
                 'VOLUME, '),
                (('--event-id', '000002', '--detail', '010'),
                 '--detail needs --action')):
            error = self.assertRaises(exception.Error, self.create, *argv)
            self.assertIn(message, str(error))
        self.assertEqual([], self.api.created)

    def test_ids_that_cannot_be_stored_are_refused(self):
        for option in ('--project-id', '--resource-uuid', '--request-id',
                       '--global-request-id', '--user-id'):
            for value in '', 'a b', '\xfc', 'x' * 256:
                self.assertRaises(SystemExit, self.create, '--event-id',
                                  '000002', option, value)
                self.assertIn(f'argument {option}: ', self.stderr.getvalue())

    def test_the_ids_of_the_request_are_those_of_the_context(self):
        _, context, _ = self.create(
            '--event-id', '000002', '--request-id', 'req-1',
            '--global-request-id', 'req-nova', '--user-id', 'fred')

        self.assertEqual(('req-1', 'req-nova', 'fred'), (
            context.request_id, context.global_request_id, context.user_id))

    def test_the_timeout_is_a_positive_number_of_seconds(self):
        self.create('--event-id', '000002')
        self.create('--event-id', '000002', '--timeout', '0.5')
        self.assertEqual([30, 0.5], self.api.timeouts)
        for value in '0', '-1', 'nan', 'inf', 'soon':
            self.assertRaises(SystemExit, self.create, '--event-id',
                              '000002', '--timeout', value)
            self.assertIn('is not a positive number of seconds',
                          self.stderr.getvalue())
