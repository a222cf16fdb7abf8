"""What both Flask apps are furnished with: templating, assets, csrf, headers, errors, forms, paging.

One concern per module; `factory.furnish` composes them. Nothing of any one room lives here.
"""
