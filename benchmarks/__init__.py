"""What the README's figures come from; the emulator here also stands in for Anthropic in the tests."""
