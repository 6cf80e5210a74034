"""Adapters: small changes to a model (LoRA, as PEFT saves them) that are applied beside its weights."""
