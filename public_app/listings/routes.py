"""The blueprint, apart from its views, so that each verb's module can add its own."""

from flask import Blueprint

blueprint = Blueprint("listings", __name__)
