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

"""Fails the build when the reference and the routes do not agree.

Every method of every route needs a ``rest_method`` and, but for the paths
that everyone may read, every ``rest_method`` needs a route.
"""

import glob
import os
import re

from sphinx import errors

from cinder_messages.api import router

# What is answered in front of the router.
OPEN = {('GET', '/'), ('GET', '/v3/'), ('GET', '/healthcheck')}

_REST_METHOD = re.compile(r'^\.\. rest_method:: (\S+) (\S+)$', re.MULTILINE)


def documented(source):
    """Methods and paths that the pages of a directory document."""
    found = set()
    for path in glob.glob(os.path.join(source, '*.inc')):
        with open(path, encoding='utf-8') as stream:
            found.update(_REST_METHOD.findall(stream.read()))
    return found


def served():
    """Methods and paths of the routes, in the notation of the pages."""
    return {(method, route.path.replace('{id}', '{message_id}'))
            for route in router.ROUTES for method in route.actions}


def validate(app):
    """Compare routes and pages; Sphinx calls this before it reads a page."""
    found = documented(app.srcdir)
    for wrong, reason in (
            ((served() | OPEN) - found, 'is not documented'),
            (found - served() - OPEN, 'is not served')):
        if wrong:
            names = ', '.join(map(' '.join, sorted(wrong)))
            raise errors.ExtensionError(f'{names}: {reason}')


def setup(app):
    """Register the extension; Sphinx calls this."""
    app.connect('builder-inited', validate)
    return {'parallel_read_safe': True}
