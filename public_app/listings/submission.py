"""A form that is sent twice, by an impatient finger or over a bad line, has its effect once."""

from shared.web.forms import Form


def one_time_token(form: Form) -> str:
    """The form's token; "" with an error noted when it is missing or malformed."""
    token = form.one_time_token()
    if not token:
        form.reject({"": "This form is out of date. Please send it once more."})
    return token
