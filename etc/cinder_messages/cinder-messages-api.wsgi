"""The API for Apache's mod_wsgi, which wants a file."""

from cinder_messages.wsgi.api import application  # noqa: F401
