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

``.. permitted-reasons:: details`` (or ``events``), ``.. permitted-actions::``
and ``.. resource-types::`` are tables of the catalog, ``.. languages::`` one
of the languages that texts are translated into. The HTML has an anchor for
each event id, and the catalog as ``user/permitted.json``.
"""

import json
import pathlib

from docutils import nodes
from docutils.parsers import rst
from docutils.parsers.rst import directives

from cinder_messages.api import language
from cinder_messages.message import catalog
from cinder_messages.message import catalog_listing
from cinder_messages.message import resource_types

CATALOG = catalog.Catalog.builtin()


class TableDirective(rst.Directive):
    """A table of literals and texts; the last column takes what is left."""

    titles: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()

    def rows(self):
        """Yield the cells of each row: ``(is_literal, text)``."""
        raise NotImplementedError

    def run(self):
        group = nodes.tgroup(cols=len(self.titles))
        group += [nodes.colspec(colwidth=width) for width in self.widths]
        group += nodes.thead('', _row((False, each) for each in self.titles))
        group += nodes.tbody('', *map(_row, self.rows()))
        return [nodes.table('', group, classes=['colwidths-given'])]


class Actions(TableDirective):
    """The actions, in the order of the source."""

    titles = ('Id', 'Action', 'What the user reads')
    widths = (10, 40, 50)

    def rows(self):
        for one in CATALOG.actions:
            yield [(True, str(one)), (True, one.name), (False, one.text)]


class Reasons(TableDirective):
    """The details or the flat events, with an anchor for each event id."""

    required_arguments = 1
    titles = ('Id', 'Reason', 'Why', 'What you can do', 'Retry')
    widths = (8, 24, 30, 28, 10)

    def rows(self):
        part = directives.choice(self.arguments[0], ('details', 'events'))
        for one in getattr(CATALOG, part):
            yield [(True, str(one)), (True, one.reason), (False, one.text),
                   (False, one.remedy), (True, one.retry)]

    def run(self):
        [table] = super().run()
        known = getattr(CATALOG, self.arguments[0])
        rows = table.findall(lambda node: isinstance(node, nodes.row) and
                             isinstance(node.parent, nodes.tbody))
        for row, one in zip(list(rows), known):
            row[0][0].insert(0, nodes.raw('', ''.join(
                f'<a id="{event_id}"></a>' for event_id in event_ids(one)),
                format='html'))
        return [table]


def event_ids(one):
    """Return the event ids with a reason, for the links ``help``."""
    if one in CATALOG.events:
        return [str(one)]
    return [CATALOG.compose(action, one, resource_type)
            for resource_type in resource_types.ALL
            for action in CATALOG.actions]


def write_json(app, error):
    """Write the catalog beside the page, for authors of clients."""
    if error is None and app.builder.name == 'html':
        path = pathlib.Path(app.outdir, 'user', 'permitted.json')
        path.write_text(json.dumps(
            catalog_listing.to_primitive(CATALOG), indent=4) + '\n')


class ResourceTypes(TableDirective):
    """The resource types of messages."""

    titles = ('Resource type',)
    widths = (100,)

    def rows(self):
        for name in resource_types.ALL:
            yield [(True, name)]


class Languages(TableDirective):
    """The languages of ``Accept-Language``."""

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
    app.add_directive('permitted-actions', Actions)
    app.add_directive('permitted-reasons', Reasons)
    app.connect('build-finished', write_json)
    app.add_directive('resource-types', ResourceTypes)
    app.add_directive('languages', Languages)
    return {'parallel_read_safe': True}
