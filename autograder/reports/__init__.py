"""Results rendered for their readers, by pure functions: nothing here opens a file or asks a database.

For a student: ``text``, ``html``, ``picture``, ``page``, ``markdown``, ``autograded``. For a class: ``overview``,
``anonymous``; the page ``class_page`` with ``class_questions``, ``class_mistakes``, ``class_facts``, ``charts``,
``sortable``; and ``slides``, whose formulas are ``code_as_tex``. For a platform: ``github``, ``gradescope``,
``junit``. A ``mark`` goes into a ``sheet``: ``canvas``, ``moodle``; or into a ``table``.
"""
