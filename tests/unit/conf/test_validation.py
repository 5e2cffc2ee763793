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

"""What is said of a value that cannot be used."""

from oslo_config import cfg

from cinder_messages.conf import validation
from tests import base


class TestExplain(base.TestCase):

    def explain(self, opt, value):
        conf = cfg.ConfigOpts()
        conf.register_opt(opt)
        path = self.create_tempfiles(
            [('bad', f'[DEFAULT]\n{opt.name} = {value}\n')])[0]
        conf([], default_config_files=[path])
        error = self.assertRaises(ValueError, conf.__getitem__, opt.dest)
        return validation.explain(None, opt, error)

    def test_a_secret_is_not_repeated(self):
        text = self.explain(cfg.IntOpt('pin', secret=True), 'hush')

        self.assertNotIn('hush', text)
        self.assertIn('[DEFAULT] pin is not valid. It should be an integer.',
                      text)

    def test_what_is_allowed_is_said_of_each_type(self):
        for opt, value, allowed in (
                (cfg.IntOpt('a', max=5), '6', 'an integer, at most 5'),
                (cfg.FloatOpt('a', min=0.5), '0', 'a number, at least 0.5'),
                (cfg.PortOpt('a'), '70000', 'an integer from 0 to 65535'),
                (cfg.HostAddressOpt('a'), 'a b', 'the address of a host'),
                (cfg.IPOpt('a'), 'x', 'the address of a host'),
                (cfg.DictOpt('a'), 'x', 'a value of the type Dict')):
            self.assertIn(f'It should be {allowed}',
                          self.explain(opt, value))
