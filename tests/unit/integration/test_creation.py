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

"""The action of a failed creation follows the source of the volume."""

import types

from cinder_messages.integration import creation
from cinder_messages.message import message_field
from tests import base

_A = message_field.Action

ACTIONS = {
    'snapshot_id': _A.CREATE_VOLUME_FROM_SNAPSHOT,
    'source_volid': _A.CREATE_VOLUME_FROM_VOLUME,
    'image_id': _A.COPY_IMAGE_TO_VOLUME,
    'backup_id': _A.CREATE_VOLUME_FROM_BACKUP,
}


class TestCreateAction(base.TestCase):

    def action(self, **arguments):
        return creation.create_action(
            types.SimpleNamespace(arguments=arguments))

    def test_each_source_and_each_place_of_it(self):
        for name, action in ACTIONS.items():
            for arguments in (
                    {name: 'id'}, {'request_spec': {name: 'id'}},
                    {'volume': types.SimpleNamespace(**{name: 'id'})}):
                self.assertEqual(action, self.action(**arguments), name)

    def test_an_empty_volume(self):
        self.assertEqual(_A.CREATE_VOLUME_FROM_BACKEND, self.action(
            request_spec={'snapshot_id': None}, volume=None))
