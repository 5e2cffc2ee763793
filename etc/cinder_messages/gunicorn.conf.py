"""The API under gunicorn: /etc/cinder-messages/gunicorn.conf.py"""

wsgi_app = 'cinder_messages.wsgi.api:application'
bind = ':8776'

workers = 2
threads = 8
timeout = 120
# Seconds to answer what is under way when it is stopped or reloaded.
graceful_timeout = 60
# Longer than a load balancer keeps a connection that nobody uses.
keepalive = 75

# The application writes a line for each request.
accesslog = None
# A token may be long.
limit_request_field_size = 16380
limit_request_line = 8190
# Not in the home directory, which a service has none of.
control_socket_disable = True
