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

"""Horizon's settings for tests, with our panels."""

from openstack_dashboard import enabled
from openstack_dashboard.test.settings import *  # noqa: F401,F403,H303
from openstack_dashboard.test.settings import HORIZON_CONFIG
from openstack_dashboard.test.settings import INSTALLED_APPS
from openstack_dashboard.utils import settings as settings_utils

from cinder_messages.dashboard import enabled as our_enabled

settings_utils.update_dashboards(
    [enabled, our_enabled], HORIZON_CONFIG, INSTALLED_APPS)
# NOTE: Horizon's settings have already added its own applications.
INSTALLED_APPS[:] = dict.fromkeys(INSTALLED_APPS)

# One entry less than the tests of paging have.
API_RESULT_PAGE_SIZE = 2

DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3',
                         'NAME': ':memory:'}}
