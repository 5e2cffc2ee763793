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

"""Cinder's message API in this process, as it is and as we make it."""

import contextlib

from cinder import context as cinder_context
from cinder import exception as cinder_exception
from cinder.message import api as cinder_api
from cinder import objects
import fixtures
from oslo_config import cfg

from cinder_messages.emit import emitter
from cinder_messages.integration import emission
from cinder_messages.message import catalog

PROJECT = 'tenants-project'
OWNER = 'owners-project'
RESOURCE = 'b2e5e0d2-6c1c-44b3-9d6e-0c0a6f2b1f0e'


class FakeDB:
    """What Cinder stores, and whose a resource is."""

    def __init__(self):
        self.records = []

    def message_create(self, context, values):
        self.records.append(values)

    def volume_get(self, context, volume_id):
        if volume_id != RESOURCE:
            raise cinder_exception.VolumeNotFound(volume_id=volume_id)
        return objects.Volume(id=volume_id, project_id=OWNER)


class Emission(fixtures.Fixture):
    """A service whose message API reports to us.

    :ivar api: its message API
    :ivar stored: what it has stored itself
    :ivar reported: what went to the emitter, which has found it permitted
    """

    def _setUp(self):
        self.reported = []
        self.useFixture(fixtures.MockPatchObject(
            emitter.Emitter, 'emit', self._emit))
        cfg.CONF([], project='cinder', default_config_files=[],
                 default_config_dirs=[])
        self.addCleanup(cfg.CONF.reset)
        self.addCleanup(emitter.forget, cfg.CONF)
        emission.install()
        self.addCleanup(emission.uninstall)
        # NOTE: not as Cinder makes it, for that takes a database.
        self.api = object.__new__(cinder_api.API)
        self.api.db = FakeDB()

    @property
    def stored(self):
        return self.api.db.records

    def store(self, *args, **kwargs):
        """Do what Cinder would do without us; what it stores."""
        cinder_api.API.create.replaced(self.api, *args, **kwargs)
        return self.stored.pop()

    def _emit(self, message):
        catalog.Catalog.builtin().check(message)
        self.reported.append(message)


@contextlib.contextmanager
def without(owner, name):
    """Remove an attribute for a while."""
    removed = vars(owner)[name]
    delattr(owner, name)
    try:
        yield
    finally:
        setattr(owner, name, removed)


def context(**values):
    """Of a request of a user."""
    return cinder_context.RequestContext(**{
        'user_id': 'user', 'project_id': PROJECT, 'is_admin': False,
        'overwrite': False, **values})


# What of a message Cinder stores too.
FIELDS = ('project_id', 'request_id', 'resource_type', 'resource_uuid',
          'message_level', 'event_id')


def fields_of(message):
    """The same of ours."""
    return {name: getattr(message, name) for name in FIELDS}


def fields_of_record(record):
    """The same of Cinder's."""
    return {name: record[name] for name in FIELDS}
