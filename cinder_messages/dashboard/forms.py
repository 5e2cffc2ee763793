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

"""The filter above a table of messages.

It is a form of its own, sent with GET: Enter works without JavaScript, and a
filtered list has an address that can be kept.
"""

import typing

from django import forms
from django.utils.translation import gettext_lazy as _

from cinder_messages.client import moments
from cinder_messages.client import selection as client_selection

_TYPES = (
    ('', _('Any type')), ('VOLUME', _('Volume')),
    ('VOLUME_SNAPSHOT', _('Snapshot')), ('VOLUME_BACKUP', _('Backup')),
    ('VOLUME_GROUP', _('Group')),
    ('VOLUME_GROUP_SNAPSHOT', _('Group Snapshot')))
_LEVELS = (('', _('Any level')), ('ERROR', _('Error')),
           ('WARNING', _('Warning')), ('INFO', _('Information')))
_TIMES = (('', _('Any time')), ('1h', _('Last hour')), ('1d', _('Last day')),
          ('7d', _('Last week')))
_LONGEST = 255
_UUID_LENGTH = 36


class FilterForm(forms.Form):
    """The fields of the filter; an empty one selects everything."""

    type = forms.ChoiceField(choices=_TYPES, required=False)
    level = forms.ChoiceField(choices=_LEVELS, required=False)
    since = forms.ChoiceField(choices=_TIMES, required=False)
    reason = forms.CharField(max_length=_LONGEST, required=False,
                             label=_('Reason'))
    resource = forms.CharField(max_length=_LONGEST, required=False,
                               label=_('Resource ID'))
    request_id = forms.CharField(max_length=_LONGEST, required=False,
                                 label=_('Request ID'))

    def __init__(self, *args: typing.Any, **kwargs: typing.Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs['class'] = 'form-control'
            field.widget.attrs['aria-label'] = field.label or (
                field.choices[0][1] if hasattr(field, 'choices') else '')
            if field.label:
                field.widget.attrs['placeholder'] = field.label

    def values(self) -> dict[str, str]:
        """Return the fields that select something; invalid ones do not."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items()
                if value}

    def selection(self) -> dict[str, typing.Any]:
        """Return the fields of a :class:`Selection` that are filtered by."""
        values = self.values()
        since, resource = values.get('since'), values.get('resource', '')
        whole = len(resource) == _UUID_LENGTH
        reason = values.get('reason', '')
        return {
            'resource_type': values.get('type'),
            'level': values.get('level'),
            'reason': client_selection.normalize_name(reason) or None,
            'request_id': values.get('request_id'),
            'project_id': values.get('project'),
            'resource_uuid': resource if whole else None,
            'resource_text': None if whole else resource or None,
            'since': (moments.parse_since(since, moments.utcnow())
                      if since else None)}


class AdminFilterForm(FilterForm):
    """The filter of administrators."""

    project = forms.CharField(max_length=_LONGEST, required=False,
                              label=_('Project ID'))
