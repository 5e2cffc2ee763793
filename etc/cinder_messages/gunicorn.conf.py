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
