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

"""A tab of a volume's page with what failed, and a link to all of it."""

import typing
from urllib import parse as urlparse

from django import urls
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import tabs
from openstack_dashboard.utils import settings as dashboard_settings

from cinder_messages.client import message as client_message
from cinder_messages.client import selection as client_selection
from cinder_messages.dashboard import api
from cinder_messages.dashboard import paging
from cinder_messages.dashboard import tables


class VolumeFailuresTab(tabs.TableTab):
    """The newest messages about a volume."""

    name = _('Why It Failed')
    slug = 'failures_tab'
    table_classes = (tables.VolumeMessagesTable,)
    template_name = 'cinder_messages/_tab.html'
    preload = False

    def get_volume_failures_data(self) -> tuple[client_message.Entry, ...]:
        """Return the entries of the volume."""
        try:
            with api.horizon_errors():
                return paging.read_page(
                    api.get_service(self.request),
                    client_selection.Selection(
                        resource_uuid=self._volume_id(),
                        own_project_id=self.request.user.tenant_id),
                    dashboard_settings.get_page_size(self.request)).entries
        except Exception:
            exceptions.handle(self.request, _('Unable to list messages.'))
            return ()

    def get_context_data(self, request: typing.Any, **kwargs: typing.Any
                         ) -> dict[str, typing.Any]:
        """Return the context of the template."""
        context = super().get_context_data(request, **kwargs)
        context['all_messages_label'] = _('All messages about this volume')
        query = urlparse.urlencode({'resource': self._volume_id()})
        context['all_messages_url'] = (
            urls.reverse('horizon:project:messages:index') + '?' + query)
        return context

    def _volume_id(self) -> str:
        return self.tab_group.kwargs['volume'].id
