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

"""Every option of ours: what it says, what it takes, what it refuses."""

from oslo_config import cfg
from oslo_config import types

from cinder_messages.conf import database
from cinder_messages.conf import opts
from cinder_messages import exception
from tests import base

# By group and option: values that are refused, and words of the refusal.
# What is not here takes any text.
REFUSED = {
    ('api', 'auth_strategy'): {'open': 'keystone, noauth'},
    ('api', 'max_limit'): {'0': 'at least 1', 'many': 'an integer'},
    ('api', 'noauth_allow_remote'): {'perhaps': 'true or false'},
    ('api', 'help_url'): {'ftp://host': 'http:// or https://'},
    ('api', 'public_endpoint'): {'ftp://host': 'http:// or https://',
                                 'host': 'http:// or https://'},
    ('messages', 'message_ttl'): {
        '0': 'from 1 to', '3153600001': 'from 1 to', '1d': 'an integer'},
    ('messages', 'message_reap_interval'): {'-2': 'at least -1'},
    ('messages', 'message_reap_batch_size'): {
        '0': 'from 1 to 100000', '100001': 'from 1 to 100000'},
    ('writer', 'rabbit_quorum_queue'): {'perhaps': 'true or false'},
    ('cinder_messages', 'rabbit_quorum_queue'): {
        'perhaps': 'true or false'},
    ('writer', 'workers'): {'0': 'at least 1', 'none': 'an integer'},
    ('cinder_messages', 'spool_max_messages'): {'0': 'at least 1'},
    ('cinder_messages', 'batch_size'): {
        '0': 'from 1 to 1000', '1001': 'from 1 to 1000'},
    ('cinder_messages', 'call_timeout'): {'0': 'at least 1'},
    ('cinder_messages', 'exit_timeout'): {'-1': 'at least 0'},
    ('cinder_messages', 'stuck_after'): {'-1': 'at least 0'},
    ('cinder_messages', 'project_rate'): {'-1': 'at least 0'},
    ('metrics', 'api_port'): {'-1': 'from 0 to', '65536': 'from 0 to 65535'},
    ('metrics', 'writer_port'): {'x': 'an integer'},
    ('metrics', 'address'): {'a b': 'the address of a host'},
    ('database', 'max_pool_size'): {'many': 'an integer'},
}

# Names that Cinder has in [DEFAULT], and what we call them.
AS_CINDER = {
    'message_ttl': ('messages', '17'),
    'message_reap_interval': ('messages', '18'),
    'message_reap_batch_size': ('messages', '19'),
    'osapi_max_limit': ('api', '20'),
    'public_endpoint': ('api', 'https://volume'),
    'resource_query_filters_file': ('api', '/etc/filters.json'),
}


# What deployments count on, and what is off unless it is asked for.
DEFAULTS = {
    'messages': {'message_ttl': 2592000, 'message_reap_interval': 86400,
                 'message_reap_batch_size': 1000, 'text_overrides_file': None},
    'api': {'auth_strategy': 'keystone', 'max_limit': 1000,
            'noauth_allow_remote': False, 'public_endpoint': None,
            'resource_query_filters_file': None},
    'writer': {'workers': 1, 'rabbit_quorum_queue': True},
    'metrics': {'api_port': 0, 'writer_port': 0, 'address': '127.0.0.1'},
    'cinder_messages': {'transport_url': None, 'batch_size': 500},
}


class TestOptions(base.TestCase):

    def test_defaults(self):
        for group, defaults in DEFAULTS.items():
            for name, value in defaults.items():
                self.assertEqual(value, self.conf[group][name],
                                 f'[{group}] {name}')

    def own(self):
        for group, options in opts.list_opts():
            for opt in options:
                yield group, opt

    def test_each_explains_itself(self):
        for group, opt in self.own():
            self.assertRegex(opt.help or '', r'^[A-Z].*\.$',
                             f'[{group}] {opt.name}')

    def test_each_number_has_a_bound(self):
        for group, opt in self.own():
            if isinstance(opt.type, types.Number):
                self.assertIsNotNone(opt.type.min, f'[{group}] {opt.name}')

    def test_what_is_not_text_is_known_to_refuse(self):
        refusing = {(group, opt.name) for group, opt in self.own()
                    if type(opt.type) is not types.String or
                    opt.type.choices}
        self.assertEqual(refusing, {key for key in REFUSED
                                    if key[0] != database.GROUP})

    def test_names_of_cinder_are_read_in_default(self):
        path = self.create_tempfiles([('cinder', '[DEFAULT]\n' + ''.join(
            f'{name} = {value}\n'
            for name, (_group, value) in AS_CINDER.items()))])[0]
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf([], default_config_files=[path])

        for name, (group, value) in AS_CINDER.items():
            self.assertEqual(
                value, str(conf[group][name.removeprefix('osapi_')]))


class TestCheck(base.TestCase):

    def refused(self, text, **environ):
        """What is said of a file, without the part that names it."""
        path = self.create_tempfiles([('bad', text)])[0]
        conf = cfg.ConfigOpts()
        opts.register_opts(conf)
        conf([], default_config_files=[path])
        error = self.assertRaises(
            exception.InvalidConfiguration, opts.validate, conf)
        return path, str(error)

    def test_a_refusal_names_file_option_value_and_what_is_allowed(self):
        for (group, name), bad in REFUSED.items():
            for value, allowed in bad.items():
                path, text = self.refused(f'[{group}]\n{name} = {value}\n')
                self.assertTrue(
                    text.startswith(f'{path}: [{group}] {name} is not valid'),
                    text)
                self.assertRegex(text, f'It should be .*{allowed}')
                self.assertEqual(1, len(text.splitlines()))

    def test_no_time_between_two_reapers_is_no_time_at_all(self):
        _path, text = self.refused('[messages]\nmessage_reap_interval = 0\n')
        self.assertIn('-1 for never', text)

    def test_two_services_cannot_have_one_port(self):
        _path, text = self.refused(
            '[metrics]\napi_port = 9000\nwriter_port = 9000\n')
        self.assertIn('a port of its own', text)

    def test_values_of_libraries_are_looked_at_too(self):
        path = self.create_tempfiles([('bad', (
            '[oslo_messaging_rabbit]\nheartbeat_rate = often\n'))])[0]
        conf = cfg.ConfigOpts()
        conf([], default_config_files=[path])

        error = self.assertRaises(
            exception.InvalidConfiguration, opts.validate_library, conf,
            [opts.MESSAGING])
        self.assertIn('[oslo_messaging_rabbit] heartbeat_rate', str(error))
