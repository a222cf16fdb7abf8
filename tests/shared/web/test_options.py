"""Options that are drawn once say the same as those drawn each time."""

import pytest
from flask import Flask

from shared.web.options import Options

PLAIN = [("new", "New"), ("like-new", "Like <new>")]
GROUPED = [("For & sale", [("sofa", "Sofa"), ("bed", "Bed")]), ("Pets", [("cat", "Cat")])]


@pytest.mark.parametrize("pairs", [PLAIN, GROUPED])
@pytest.mark.parametrize("value", ["", "new", "like-new", "bed", "none of these", '"><b>'])
def test_options_drawn_once_are_those_drawn_for_each_page(pairs, value):
    app = Flask(__name__, template_folder="../../../templates")
    with app.app_context():
        select = app.jinja_env.get_template("shared/_form.html").module.select

        class Form(dict):
            errors: dict[str, str] = {}

        form = Form(kind=value)
        once, each_time = (select(form, "kind", "Kind", options) for options in (Options(pairs), pairs))
    assert "".join(once.split()) == "".join(each_time.split())
    assert ("selected" in once) == (f'value="{value}"' in once and value != "")
