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

"""Tables that are made from the code: what a message may say, and its tongues.

``.. permitted-messages:: events``, ``actions``, ``details`` or
``resource-types`` is a table of that part of the catalog, ``.. languages::``
one of the languages that texts are translated into.
"""

from docutils import nodes
from docutils.parsers import rst
from docutils.parsers.rst import directives

from cinder_messages.api import language
from cinder_messages.message import defined_messages
from cinder_messages.message import definition
from cinder_messages.message import message_field
from cinder_messages.message import resource_types


class TableDirective(rst.Directive):
    """A table of literals and texts; the last column takes what is left."""

    titles: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()

    def rows(self):
        """The cells of each row: ``(is_literal, text)``."""
        raise NotImplementedError

    def run(self):
        group = nodes.tgroup(cols=len(self.titles))
        group += [nodes.colspec(colwidth=width) for width in self.widths]
        group += nodes.thead('', _row((False, each) for each in self.titles))
        group += nodes.tbody('', *map(_row, self.rows()))
        return [nodes.table('', group, classes=['colwidths-given'])]


class PermittedMessages(TableDirective):
    """One part of the catalog, in the order of the source."""

    required_arguments = 1
    titles = ('Id', 'Constant', 'What the user reads')
    widths = (10, 30, 60)

    _PARTS = {
        'events': vars(defined_messages),
        'actions': vars(message_field.Action),
        'details': vars(message_field.Detail),
    }

    def rows(self):
        part = directives.choice(self.arguments[0], tuple(self._PARTS))
        for name, value in self._PARTS[part].items():
            if isinstance(value, definition.Definition):
                yield [(True, str(value)), (True, name),
                       (False, value.text.replace('%(count)s', '17'))]


class ResourceTypes(TableDirective):
    """What a message can be about."""

    titles = ('Resource type',)
    widths = (100,)

    def rows(self):
        for name in resource_types.ALL:
            yield [(True, name)]


class Languages(TableDirective):
    """What ``Accept-Language`` may ask for."""

    titles = ('Accept-Language', 'Translation')
    widths = (30, 70)

    def rows(self):
        for tag, locale in language.LOCALES.items():
            yield [(True, tag), (False, locale or 'en')]


def _row(cells):
    return nodes.row('', *(
        nodes.entry('', nodes.paragraph(
            '', '', nodes.literal('', text) if literal else nodes.Text(text)))
        for literal, text in cells))


def setup(app):
    """Register the directives."""
    app.add_directive('permitted-messages', PermittedMessages)
    app.add_directive('resource-types', ResourceTypes)
    app.add_directive('languages', Languages)
    return {'parallel_read_safe': True}
