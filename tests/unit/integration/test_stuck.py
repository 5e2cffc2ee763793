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

"""Resources whose service is down are reported, each once."""

import datetime
import types

from oslo_utils import timeutils

from cinder_messages import fixture
from cinder_messages.integration import stuck
from cinder_messages.message import message_field
from tests import base
from tests.unit.integration import fakes

VOLUME = '11111111-2222-4333-8444-000000000001'


def service(binary, host, is_up, cluster_name=None):
    return types.SimpleNamespace(binary=binary, host=host, is_up=is_up,
                                 cluster_name=cluster_name)


class TestServices(base.TestCase):

    def setUp(self):
        super().setUp()
        listed = [service('cinder-volume', 'one@lvm', True, 'c@lvm'),
                  service('cinder-volume', 'two@lvm', False, 'd@lvm'),
                  service('cinder-backup', 'three', True)]
        service_list = types.SimpleNamespace(get_all=lambda context: listed)
        self.useFixture(fakes.CinderModules({
            'cinder.objects': {'ServiceList': service_list}}))
        self.services = stuck.Services(None)

    def test_a_service_that_is_up_finishes_its_own_work(self):
        self.assertTrue(self.services.is_up('cinder-volume', 'one@lvm', None))
        self.assertTrue(self.services.is_up('cinder-backup', 'three', None))
        self.assertFalse(self.services.is_up('cinder-backup', 'one@lvm', None))

    def test_a_service_that_is_down_does_not(self):
        self.assertFalse(self.services.is_up('cinder-volume', 'two@lvm', None))

    def test_another_service_of_the_cluster_finishes_it(self):
        self.assertTrue(
            self.services.is_up('cinder-volume', 'two@lvm', 'c@lvm'))
        self.assertFalse(
            self.services.is_up('cinder-volume', 'two@lvm', 'd@lvm'))


class Database:
    """Stand in for ``cinder.db.api``."""

    def __init__(self, *volumes):
        self.volumes = volumes

    def volume_get_all(self, context, filters, **kwargs):
        [(column, states)] = filters.items()
        return [volume for volume in self.volumes
                if getattr(volume, column) in states]

    def __getattr__(self, name):
        return lambda *args, **kwargs: []


def volume(status='creating', seconds=1000, **values):
    changed = timeutils.utcnow() - datetime.timedelta(seconds=seconds)
    return types.SimpleNamespace(**{
        'id': VOLUME, 'status': status, 'migration_status': None,
        'updated_at': changed, 'created_at': changed, 'host': 'one@lvm#pool',
        'cluster_name': None, 'project_id': 'owner', **values})


class TestFinder(base.TestCase):

    def report(self, *volumes, is_up=False, times=1):
        captured = self.useFixture(fixture.MessagesFixture())
        finder = stuck.Finder(Database(*volumes))
        self.asked = []

        def answer(*args):
            self.asked.append(args)
            return is_up
        for _ in range(times):
            finder.report(None, answer, 600)
        return captured.messages

    def test_a_volume_of_a_service_that_is_down_is_reported_once(self):
        [message] = self.report(volume(), times=2)
        self.assertEqual(message_field.Detail.SERVICE_DOWN, message.detail_id)
        self.assertEqual(
            ('owner', VOLUME), (message.project_id, message.resource_uuid))
        self.assertEqual(('cinder-volume', 'one@lvm', None), self.asked[0])

    def test_nothing_is_reported_while_the_service_is_up(self):
        self.assertEqual([], self.report(volume(), is_up=True))

    def test_nothing_is_reported_before_the_time(self):
        self.assertEqual([], self.report(volume(seconds=10)))

    def test_a_volume_without_a_host_or_a_time_is_left_out(self):
        self.assertEqual([], self.report(
            volume(host=None), volume(updated_at=None, created_at=None)))

    def test_the_target_of_a_migration_is_not_reported(self):
        self.assertEqual(
            [], self.report(volume(migration_status='target:x')))

    def test_a_retype_with_a_migration_is_reported_once(self):
        self.assertEqual(1, len(self.report(
            volume('retyping', migration_status='migrating'))))
