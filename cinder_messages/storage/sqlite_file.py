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

"""Create the file of a SQLite database, readable by its owner only.

SQLite gives its -wal, -shm and -journal files the mode of the database file,
so creating that file with the right mode is enough. A file that exists keeps
the mode that an operator has given it.
"""

import contextlib
import os
from urllib import parse as urlparse

import sqlalchemy as sa

_MODE = 0o600


def create(database: str, is_uri: bool) -> None:
    """Create the file with mode 0600, unless it exists.

    Errors are left to SQLite, which meets them when it opens the file.

    :param database: the path or URI that is passed to ``sqlite3.connect``
    :param is_uri: it is a URI that SQLite parses
    """
    path = _path_of_uri(database) if is_uri else database
    if path and path != ':memory:':
        # NOTE: opening and closing the file here would release the locks that
        # SQLite holds on it elsewhere in this process; mknod opens nothing.
        with contextlib.suppress(OSError):
            os.mknod(path, _MODE)


def is_missing(url: sa.URL) -> bool:
    """Return whether a connection to the URL would create its file."""
    database = url.database
    if (url.get_backend_name() != 'sqlite' or not database or
            database == ':memory:' or database.startswith('file:')):
        return False
    return (not os.path.exists(database) and
            os.path.isdir(os.path.dirname(database) or '.'))


def _path_of_uri(uri: str) -> str | None:
    """Return the file that SQLite creates for a URI, None if it does not."""
    parts = urlparse.urlsplit(uri)
    mode = urlparse.parse_qs(parts.query).get('mode', ['rwc'])[-1]
    if parts.scheme != 'file' or mode != 'rwc':
        return None
    return urlparse.unquote(parts.path)
