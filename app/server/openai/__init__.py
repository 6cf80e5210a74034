"""The endpoints in OpenAI's form: models, chat, responses and files."""
