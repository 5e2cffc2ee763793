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

"""The documentation; what can be is made from the code."""

import os
import pathlib
import sys

SOURCE = pathlib.Path(__file__).parent

sys.path.insert(0, os.path.abspath('../ext'))

extensions = [
    # NOTE: the first to import anything of ours, see there.
    'command_help',
    'openstackdocstheme',
    'catalog_tables',
    'oslo_config.sphinxext',
    'oslo_policy.sphinxext',
    'sphinx.ext.autodoc',
]

project = 'cinder_messages'
copyright = 'cinder_messages developers'
root_doc = 'index'
openstackdocs_auto_name = False
html_theme = 'openstackdocs'
html_theme_options = {'display_badge': False, 'sidebar_mode': 'toctree'}
html_static_path = ['_static']
html_css_files = ['pages.css']
pygments_style = 'native'

autodoc_member_order = 'bysource'
autodoc_typehints = 'none'
toc_object_entries = False

# A page of cli/ that is named for a command is its manual page, too, and the
# first sentence below its title says what that is.
man_pages = [
    (f'cli/{page.stem}', page.stem,
     page.read_text().split('\n\n')[1].rstrip('.').replace('\n', ' '),
     'cinder_messages developers', 1)
    for page in sorted(SOURCE.glob('cli/cinder-messages-*.rst'))
]
