.PHONY: help run test lint lock migrate demo doctor bench

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/	/'
run: ## run the site
	@python3 run.py
test: ## set up and run all tests
	@python3 run.py test
lint: ## run every static check
	@python3 run.py lint
lock: ## lock the requirements
	@python3 run.py lock
migrate: ## migrate every database
	@python3 run.py migrate
demo: ## load demo data
	@python3 run.py demo
doctor: ## check this installation
	@python3 run.py doctor
bench: ## measure; see python3 run.py bench --help
	@python3 run.py bench
